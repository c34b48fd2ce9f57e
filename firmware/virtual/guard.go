package virtual

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// cookieName holds the token once the page has been opened with it.
const cookieName = "laoyou_booth"

// guard keeps foreign pages and hosts out. The door moves a booth without any login, so what protects it is that only this machine's
// own programs and the page itself may use it: Host must name the loopback (a foreign name that resolves to 127.0.0.1 is DNS
// rebinding), Origin must be absent or ours, and a browser that says it asks for another site is believed.
func (h *Handler) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		if err := h.admit(w, r); err != nil {
			h.refuse(w, r, err)
			return
		}
		if r.URL.Query().Has("token") && !h.Loopback && strings.HasPrefix(r.URL.Path, "/booth") {
			http.Redirect(w, r, "/booth/", http.StatusFound) // the token goes out of the address bar, the cookie has it
			return
		}
		next.ServeHTTP(w, r)
	})
}

func secure(head http.Header) {
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
	head.Set("Content-Security-Policy", policy("style-src 'self'"))
}

// policy is the Content-Security-Policy: everything from here, no inline script, WebAssembly allowed.
func policy(style string) string {
	return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; " + style + "; img-src 'self' data: blob:; " +
		"media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}

func (h *Handler) admit(w http.ResponseWriter, r *http.Request) error {
	if h.Loopback && !loopbackHost(r.Host) {
		return forbidden("host", "must be 127.0.0.1, localhost or [::1]")
	}
	if origin := r.Header.Get("Origin"); origin != "" && !sameOrigin(origin, r) {
		return forbidden("origin", "must be absent or the same")
	}
	// A foreign page may link to the booth, but not embed it, load from it or post to it.
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		if r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
			return forbidden("origin", "must be absent or the same")
		}
	}
	if h.Loopback {
		return nil
	}
	return h.admitToken(w, r)
}

// admitToken wants the token as a Bearer header, as ?token= (which sets the cookie), or as the cookie.
func (h *Handler) admitToken(w http.ResponseWriter, r *http.Request) error {
	if h.Token == "" {
		return forbidden("token", "a booth that is not bound to loopback needs a token in its configuration")
	}
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && h.rightToken(bearer) {
		return nil
	}
	if h.rightToken(r.URL.Query().Get("token")) {
		// Not Secure: the virtual booth speaks plain HTTP. SameSite keeps other sites from riding on it.
		http.SetCookie(w, &http.Cookie{
			Name: cookieName, Value: h.Token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		})
		return nil
	}
	if c, err := r.Cookie(cookieName); err == nil && h.rightToken(c.Value) {
		return nil
	}
	return &refusal{http.StatusUnauthorized, "token", "is missing or wrong"}
}

func (h *Handler) rightToken(s string) bool {
	return subtle.ConstantTimeCompare([]byte(s), []byte(h.Token)) == 1
}

func loopbackHost(host string) bool {
	name := host
	if n, _, err := net.SplitHostPort(host); err == nil {
		name = n
	}
	switch strings.ToLower(name) {
	case "127.0.0.1", "localhost", "::1", "[::1]":
		return true
	}
	return false
}

func sameOrigin(origin string, r *http.Request) bool {
	u, err := url.Parse(origin)
	if err != nil || u.User != nil || u.Path != "" || u.RawQuery != "" {
		return false
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return u.Scheme == scheme && strings.EqualFold(u.Host, r.Host)
}
