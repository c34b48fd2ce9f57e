// Package console serves the agents' desk and the operators' pages, two web apps of one build, from its own bytes. They are built by npm
// into dist (make build does it); without that step the package still compiles and says what is missing. It knows nothing of ours: what a
// page needs to know is handed in as plain data, everything else it asks the core for by HTTP.
//
// cmd/cloudd mounts New("/desk/", options) where agents work, and where the fleet is run NewFleet("/fleet/"), each on its path with and
// without the slash. The fleet's pages ask /api/v1/session and /api/v1/fleet/*, both of the same origin.
package console

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// noncePlaceholder is what the build leaves where the page's nonce belongs (vite.config.ts, html.cspNonce).
const noncePlaceholder = "__CSP_NONCE__"

// Place is an attraction that the desk can book. The desk asks attraction.times for its sessions.
type Place struct {
	ID   string            `json:"id"`
	Name map[string]string `json:"name"` // by language: zh, en
}

// Options is what the desk has to be told at start. The fleet's pages need nothing.
type Options struct {
	Places []Place
	Zone   string // IANA name of the city's time zone: a booking's day is a day there
}

// file is one asset, ready to be sent.
type file struct {
	kind, etag string
	body       []byte
}

type handler struct {
	base  string
	page  []byte // index.html, its nonces still open; nil when the app was not built
	files map[string]file
}

// New returns the desk mounted under base, "/desk/". Every path below it that is no file is the page itself: the app routes by itself.
func New(base string, o Options) (http.Handler, error) {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return newDesk(base, root, o)
}

// NewFleet returns the operators' pages mounted under base, "/fleet/".
func NewFleet(base string) (http.Handler, error) {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return newHandler(base, root, "fleet.html")
}

func newDesk(base string, root fs.FS, o Options) (*handler, error) {
	h, err := newHandler(base, root, "index.html")
	if err != nil {
		return nil, err
	}
	if o.Places == nil {
		o.Places = []Place{}
	}
	facts, err := json.Marshal(map[string]any{"places": o.Places, "zone": o.Zone})
	if err != nil {
		return nil, fmt.Errorf("desk's facts: %w", err)
	}
	h.files["city.json"] = newFile("city.json", facts)
	return h, nil
}

// newHandler serves the app whose page is the named file, with the assets of the whole build: both apps share most of them.
func newHandler(base string, root fs.FS, page string) (*handler, error) {
	h := &handler{base: base, files: map[string]file{}}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") || (path.Ext(name) == ".html" && name != page) {
			return err
		}
		body, err := fs.ReadFile(root, name)
		if name == page {
			// The build does not know where it is mounted, and the policy forbids the page a <base>.
			h.page = bytes.ReplaceAll(body, []byte(`"./assets/`), []byte(`"`+base+"assets/"))
			return err
		}
		h.files[name] = newFile(name, body)
		return err
	})
	return h, err
}

func newFile(name string, body []byte) file {
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) { // what a machine's own table may get wrong
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".json":
		kind = "application/json; charset=utf-8"
	case ".woff2":
		kind = "font/woff2"
	}
	sum := sha256.Sum256(body)
	return file{kind: kind, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, body: body}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, h.base)
	if !ok {
		http.Redirect(w, r, h.base, http.StatusMovedPermanently) // the path without its slash
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	if f, ok := h.files[name]; ok {
		h.asset(w, r, name, f)
		return
	}
	// A page that is open over an update asks for assets that are gone: the page instead of a script would be a riddle.
	if strings.HasPrefix(name, "assets/") {
		http.NotFound(w, r)
		return
	}
	h.index(w, r)
}

func (h *handler) asset(w http.ResponseWriter, r *http.Request, name string, f file) {
	head := w.Header()
	head.Set("Content-Type", f.kind)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("ETag", f.etag)
	head.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") { // their names carry their hash
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if match(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, r, f.body)
}

// index sends the page with a nonce of its own: no style and no script runs that we did not write.
func (h *handler) index(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Frame-Options", "DENY")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cache-Control", "no-store")
	head.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'nonce-"+nonce+"'; style-src 'self' 'nonce-"+nonce+
		"'; img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	if h.page == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		send(w, r, []byte("<!doctype html><title>Laoyou</title><p>This page was not built into the program. Run: make build\n"))
		return
	}
	send(w, r, bytes.ReplaceAll(h.page, []byte(noncePlaceholder), []byte(nonce)))
}

func send(w http.ResponseWriter, r *http.Request, body []byte) {
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a client that has gone is the only cause of an error
	}
}

// match reports whether an If-None-Match header names the tag (RFC 9110 §13.1.2: weak comparison).
func match(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}
