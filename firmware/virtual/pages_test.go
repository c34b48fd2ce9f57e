package virtual_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestPagesAreRevalidated(t *testing.T) {
	h := newHouse(t)
	status, head, body := h.do(t, "GET", "/booth/main.js", nil)
	if status != 200 || head.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(head.Get("Content-Type"), "text/javascript") || len(body) == 0 {
		t.Errorf("%d %v", status, head)
	}
	if status, _, body := h.do(t, "GET", "/booth/main.js", nil, "If-None-Match: "+head.Get("ETag")); status != 304 || len(body) != 0 {
		t.Errorf("%d with %d bytes, want 304", status, len(body))
	}
}

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	h := newHouse(t)
	_, head, page := h.do(t, "GET", "/booth/", nil)
	csp := head.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe-inline") || !strings.Contains(csp, "'wasm-unsafe-eval'") {
		t.Errorf("policy %q", csp)
	}
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllSubmatch(page, -1) {
		path := "/booth/" + string(link[1])
		if status, _, _ := h.do(t, "GET", path, nil); status != 200 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if found := regexp.MustCompile(`<[^>]+ (style|onclick|onload)=|<style|<script>`).Find(page); found != nil {
		t.Errorf("inline code that the policy forbids: %s", found)
	}
}

func TestKioskComesPacked(t *testing.T) {
	h := newHouse(t)
	status, head, packed := h.do(t, "GET", "/booth/kiosk/kiosk.wasm", nil, "Accept-Encoding: gzip")
	if status == 404 {
		t.Skip("the kiosk is not built: cmd/kiosk-wasm/build.sh firmware/virtual/dist")
	}
	if head.Get("Content-Encoding") != "gzip" || head.Get("Content-Type") != "application/wasm" || !strings.Contains(head.Get("Vary"), "Accept-Encoding") {
		t.Fatalf("%d %v", status, head)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, raw := h.do(t, "GET", "/booth/kiosk/kiosk.wasm", nil, "Accept-Encoding: identity"); !bytes.Equal(raw, want) {
		t.Errorf("unpacked it has %d bytes, want %d", len(raw), len(want))
	}
}
