package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// matrix says who may do what, in the order of the columns below; "." is let in, 1 is 401, 3 is 403.
func matrix() map[string]string {
	return map[string]string{
		//                                         nobody agent supervisor operator
		"GET /api/v1/fleet/booths":                        "1 3 . .",
		"GET /api/v1/fleet/summary":                       "1 3 . .",
		"GET /api/v1/fleet/map":                           "1 3 . .",
		"GET /api/v1/fleet/booths/{id}":                   "1 3 . .",
		"PATCH /api/v1/fleet/booths/{id}":                 "1 3 3 .",
		"POST /api/v1/fleet/booths/{id}/standing":         "1 3 3 .",
		"GET /api/v1/fleet/booths/{id}/twin":              "1 3 . .",
		"PUT /api/v1/fleet/booths/{id}/twin":              "1 3 3 .",
		"GET /api/v1/fleet/booths/{id}/twin/history":      "1 3 . .",
		"GET /api/v1/fleet/booths/{id}/commands":          "1 3 . .",
		"POST /api/v1/fleet/booths/{id}/commands":         "1 3 3 .",
		"GET /api/v1/fleet/booths/{id}/commands/{cmd}":    "1 3 . .",
		"DELETE /api/v1/fleet/booths/{id}/commands/{cmd}": "1 3 3 .",
		"GET /api/v1/fleet/booths/{id}/logs/{cmd}":        "1 3 . .",
		"GET /api/v1/fleet/booths/{id}/series":            "1 3 . .",
		"GET /api/v1/fleet/booths/{id}/events":            "1 3 . .",
		"GET /api/v1/fleet/live":                          "1 3 . .",
		"POST /api/v1/fleet/claims":                       "1 3 3 .",
		"POST /api/v1/fleet/tokens":                       "1 3 3 .",
		"GET /api/v1/fleet/audit":                         "1 3 . .",
		"GET /api/v1/fleet/openapi.json":                  ". . . .",
		"PUT /api/v1/fleet/uploads/{cmd}":                 "1 1 1 1", // the token of a command only
		"POST /api/v1/enrol":                              ". . . .",
		"GET /api/v1/enrol/{claim}":                       ". . . .", // 404 without the secret
	}
}

// Every route and every role: a route that is not in the table fails, as one does that lets somebody in whom the table keeps out.
func TestEveryRouteEveryRole(t *testing.T) {
	b := newBench(t)
	b.api.Close() // live news end at once
	roles := []string{"nobody", "agent", "supervisor", "operator"}
	table, routes := matrix(), 0
	err := chi.Walk(b.api.Routes(), func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		row, ok := table[method+" "+path]
		if !ok {
			t.Errorf("%s %s: who may do this?", method, path)
			return nil
		}
		routes++
		for i, want := range strings.Fields(row) {
			body := ""
			if method != http.MethodGet && method != http.MethodDelete {
				body = "{}"
			}
			real := strings.NewReplacer("{id}", "b1", "{cmd}", id.New(), "{claim}", id.New()).Replace(path)
			code := b.send(method, real, body, as(roles[i])).Code
			got := map[int]string{401: "1", 403: "3"}[code]
			if got == "" {
				got = "."
			}
			if got != want {
				t.Errorf("%s %s as %s: %d, the table says %s", method, path, roles[i], code, want)
			}
		}
		return nil
	})
	if err != nil || routes != len(table) {
		t.Errorf("%d routes, %d rows, %v", routes, len(table), err)
	}
}

// What a page of another site may make a browser do: nothing.
func TestOtherSites(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{httpapi.PathClaim, "/api/v1/enrol", "/api/v1/fleet/booths/b1/commands"} {
		for _, origin := range []string{"https://evil.example", "null"} {
			refused(t, b.send(http.MethodPost, path, "{}", as("operator"), header("Origin", origin)), httpapi.Denied, "Origin")
		}
	}
	w := b.send(http.MethodGet, httpapi.PathSummary, "", as("operator"))
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	w = b.send(http.MethodPost, httpapi.PathSummary, "{}", as("operator"))
	if w.Code != 405 || w.Header().Get("Allow") != "GET" {
		t.Errorf("%d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	refused(t, b.send(http.MethodGet, "/api/v1/fleet/nothing", ""), httpapi.NotFound, "")
}
