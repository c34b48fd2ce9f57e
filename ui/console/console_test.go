package console

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func desk(t *testing.T) http.Handler {
	t.Helper()
	h, err := newDesk("/desk/", fstest.MapFS{
		"index.html":         {Data: []byte(`<script nonce="__CSP_NONCE__" src="./assets/app-1a2b.js"></script>`)},
		"fleet.html":         {Data: []byte(`<script nonce="__CSP_NONCE__" src="./assets/app-1a2b.js"></script>`)},
		"assets/app-1a2b.js": {Data: []byte(`go()`)},
		"icon.svg":           {Data: []byte(`<svg/>`)},
		".gitkeep":           {},
	}, Options{Places: []Place{{ID: "yu-garden", Name: map[string]string{"zh": "豫园", "en": "Yu Garden"}}}, Zone: "Asia/Shanghai"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(t *testing.T, h http.Handler, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPaths(t *testing.T) {
	for _, tt := range []struct {
		method, path string
		status       int
		kind, cache  string
	}{
		{"GET", "/desk/", 200, "text/html; charset=utf-8", "no-store"},
		{"GET", "/desk/history/01JD", 200, "text/html; charset=utf-8", "no-store"},
		{"HEAD", "/desk/", 200, "text/html; charset=utf-8", "no-store"},
		{"GET", "/desk/assets/app-1a2b.js", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"GET", "/desk/assets/app-gone.js", 404, "text/plain; charset=utf-8", ""},
		{"GET", "/desk/icon.svg", 200, "image/svg+xml", "no-cache"},
		{"GET", "/desk/city.json", 200, "application/json; charset=utf-8", "no-cache"},
		{"GET", "/desk/.gitkeep", 200, "text/html; charset=utf-8", "no-store"},
		{"GET", "/desk/../../etc/passwd", 200, "text/html; charset=utf-8", "no-store"},
		{"POST", "/desk/", 405, "text/plain; charset=utf-8", ""},
		{"GET", "/desk", 301, "text/html; charset=utf-8", ""},
	} {
		r := get(t, desk(t), tt.method, tt.path)
		if r.StatusCode != tt.status || r.Header.Get("Content-Type") != tt.kind || r.Header.Get("Cache-Control") != tt.cache {
			t.Errorf("%s %s: %d %q %q", tt.method, tt.path, r.StatusCode, r.Header.Get("Content-Type"), r.Header.Get("Cache-Control"))
		}
	}
}

func TestEveryPageHasItsOwnNonce(t *testing.T) {
	h := desk(t)
	seen := map[string]bool{}
	for range 3 {
		r := get(t, h, "GET", "/desk/")
		in := regexp.MustCompile(`nonce="([^"]{20,})"`).FindStringSubmatch(body(t, r))
		if in == nil {
			t.Fatal("no nonce in the page")
		}
		policy := r.Header.Get("Content-Security-Policy")
		if strings.Count(policy, "'nonce-"+in[1]+"'") != 2 || strings.Contains(policy, "unsafe") {
			t.Errorf("policy %q does not fit nonce %s", policy, in[1])
		}
		seen[in[1]] = true
	}
	if len(seen) != 3 {
		t.Errorf("nonces repeat: %v", seen)
	}
}

// TestBothAppsShareTheirAssets: each page names the assets below its own path, and neither is a file of the other.
func TestBothAppsShareTheirAssets(t *testing.T) {
	root := fstest.MapFS{
		"index.html":    {Data: []byte(`desk <script src="./assets/app.js"></script>`)},
		"fleet.html":    {Data: []byte(`fleet <script src="./assets/app.js"></script>`)},
		"assets/app.js": {Data: []byte(`go()`)},
	}
	fleet, err := newHandler("/fleet/", root, "fleet.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"/fleet/", "/fleet/booths/dev/twin", "/fleet/claim?code=ABCD2345", "/fleet/index.html"} {
		if got := body(t, get(t, fleet, "GET", p)); got != `fleet <script src="/fleet/assets/app.js"></script>` {
			t.Errorf("%s: %s", p, got)
		}
	}
	if got := body(t, get(t, fleet, "GET", "/fleet/assets/app.js")); got != "go()" {
		t.Errorf("asset: %s", got)
	}
	desk, err := newDesk("/desk/", root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := body(t, get(t, desk, "GET", "/desk/fleet.html")); got != `desk <script src="/desk/assets/app.js"></script>` {
		t.Errorf("desk: %s", got)
	}
	if _, err := NewFleet("/fleet/"); err != nil {
		t.Error(err)
	}
}

func TestNotModified(t *testing.T) {
	h := desk(t)
	tag := get(t, h, "GET", "/desk/icon.svg").Header.Get("ETag")
	for header, want := range map[string]int{tag: 304, "W/" + tag: 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200} {
		if got := get(t, h, "GET", "/desk/icon.svg", "If-None-Match", header).StatusCode; got != want {
			t.Errorf("If-None-Match %s: %d", header, got)
		}
	}
}

func TestCity(t *testing.T) {
	const want = `{"places":[{"id":"yu-garden","name":{"en":"Yu Garden","zh":"豫园"}}],"zone":"Asia/Shanghai"}`
	if got := body(t, get(t, desk(t), "GET", "/desk/city.json")); got != want {
		t.Errorf("got %s", got)
	}
	h, err := New("/desk/", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := body(t, get(t, h, "GET", "/desk/city.json")); got != `{"places":[],"zone":""}` {
		t.Errorf("got %s", got)
	}
}

func TestNotBuilt(t *testing.T) {
	h, err := newDesk("/desk/", fstest.MapFS{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := get(t, h, "GET", "/desk/")
	if r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body(t, r), "make build") {
		t.Errorf("got %d", r.StatusCode)
	}
}
