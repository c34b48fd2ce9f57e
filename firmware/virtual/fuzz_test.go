package virtual_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/firmware/virtual"
	"github.com/laoyou/laoyou/firmware/virtual/virtualtest"
)

// FuzzInputs throws bodies at every door: whatever comes, the answer is one of the documented.
func FuzzInputs(f *testing.F) {
	for _, s := range []string{
		`{"state":"off"}`, `{"keys":"1","gap_ms":0}`, `{"text":"hi","lang":"en"}`, `{"action":"x"}`, `{"held_ms":1200}`, `{"up":true}`,
		`{`, `{"state":{"a":[1,2,{}]}}`, `{"":""}`, `{"\u0073tate":"off"}`, "\xff", `{"held_ms":1e400}`, `{"a":1,"a":2}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Contains(body, "gap_ms") && len(body) > 40 {
			t.Skip("would only wait")
		}
		booth := virtualtest.NewBooth()
		h := virtual.New(virtual.Deps{Booth: booth, Events: booth, Sound: virtualtest.NewSound(), Loopback: true})
		defer h.Close()
		for _, path := range []string{"hook", "say", "touch", "sos", "link", "audio"} {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/sim/v1/"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			if path == "audio" {
				r.Header.Set("Content-Type", "audio/wav")
			}
			h.ServeHTTP(w, r)
			switch w.Code {
			case 200, 400, 409, 413:
			default:
				t.Errorf("%s %q: %d %s", path, body, w.Code, w.Body)
			}
		}
	})
}
