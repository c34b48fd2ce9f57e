package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// core is the least of one: a login, two calls.
func core(t *testing.T) string {
	t.Helper()
	const cookie = "laoyou_session"
	one := httpapi.CallRecord{
		ID: "01JD3Z0000000000000000000A", Kind: "queue", From: "dev", To: "queue", StartedMS: 1000, AnsweredMS: 1200, EndedMS: 9000, Cause: "normal",
		Legs: []httpapi.CallLeg{{ID: "a", Direction: "in", Peer: "dev", Codec: "PCMU", Messages: []httpapi.CallMessage{{AtMS: 1000, Line: "INVITE sip:queue@x"}}}},
	}
	two := one
	two.ID = "01JD3Z0000000000000000000B"
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+httpapi.PathSession, func(w http.ResponseWriter, r *http.Request) {
		var in httpapi.Login
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.User != "admin" || in.Password != "tea" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"error":{"kind":"unauthenticated","message":"wrong user or password"}}`))
			return
		}
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: "s"})
		_, _ = w.Write([]byte(`{}`))
	})
	guard := func(v func(r *http.Request) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if c, err := r.Cookie(cookie); err != nil || c.Value != "s" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_ = json.NewEncoder(w).Encode(v(r))
		}
	}
	mux.HandleFunc("GET "+httpapi.PathCalls, guard(func(*http.Request) any { return httpapi.CallPage{Calls: []httpapi.CallRecord{two, one}} }))
	mux.HandleFunc("GET "+httpapi.PathCallRecord, guard(func(r *http.Request) any {
		if r.PathValue("id") == two.ID {
			return two
		}
		return one
	}))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestCalls(t *testing.T) {
	dir, url := t.TempDir(), core(t)
	if err := os.WriteFile(filepath.Join(dir, "first-run.json"), []byte(`{"admin":{"user":"admin","password":"tea"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		env  map[string]string
		code int
		want []string // in the output, in this order
	}{
		{"list", []string{"list", "--core", url}, map[string]string{"LAOYOU_DATA": dir}, 0, []string{"ID ", "000B", "000A", "queue", "0.2 s", "8.0 s", "PCMU", "normal"}},
		{"list as JSON", []string{"list", "--core", url, "--json", "--data", dir}, nil, 0, []string{`"calls"`, "000B"}},
		{"show", []string{"--core", url, "show", "01JD3Z0000000000000000000A"}, map[string]string{"LAOYOU_ADMIN_PASSWORD": "tea"}, 0, []string{"000A", "cloudd", "INVITE queue"}},
		{"show by its end", []string{"--core", url, "show", "0b", "--data", dir}, nil, 0, []string{"000B", "INVITE queue"}},
		{"show one of two", []string{"--core", url, "show", "Z", "--data", dir}, nil, 2, []string{"none of the last"}},
		{"wrong password", []string{"--core", url, "list", "--password", "coffee"}, nil, 1, []string{"wrong user or password"}},
		{"wrong password of another", []string{"--core", url, "list", "--user", "mei"}, map[string]string{"LAOYOU_PASSWORD": "tea"}, 1, []string{"wrong user"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			code := calls(tt.args, shell{env: func(k string) string { return tt.env[k] }, stdout: &out, stderr: &out})
			if code != tt.code {
				t.Errorf("exit %d: %s", code, out.String())
			}
			rest := out.String()
			for _, w := range tt.want {
				_, after, ok := strings.Cut(rest, w)
				if !ok {
					t.Fatalf("%q is not in %q of\n%s", w, rest, out.String())
				}
				rest = after
			}
		})
	}
}
