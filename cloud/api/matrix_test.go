package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// matrix says who may do what, in the order of the columns below; "." is let in, 1 is 401, 3 is 403.
func matrix() map[string]string {
	return map[string]string{
		//                                       nobody booth agent supervisor operator administrator
		"GET /healthz":                         ". . . . . .",
		"GET /readyz":                          ". . . . . .",
		"GET /metrics":                         "1 1 3 3 . .",
		"GET /api/v1/openapi.json":             ". . . . . .",
		"POST /api/v1/session":                 ". . . . . .",
		"GET /api/v1/session":                  "1 1 . . . .",
		"DELETE /api/v1/session":               ". . . . . .",
		"GET /api/v1/bookings":                 "1 1 3 3 . .",
		"GET /api/v1/inventory":                "1 1 3 3 . .",
		"GET /api/v1/users":                    "1 1 3 3 3 .",
		"POST /api/v1/users":                   "1 1 3 3 3 .",
		"PATCH /api/v1/users/{id}":             "1 1 3 3 3 .",
		"DELETE /api/v1/users/{id}":            "1 1 3 3 3 .",
		"POST /api/v1/tools/attraction.times":  "1 . . . 3 3",
		"POST /api/v1/tools/attraction.book":   "1 . . . 3 3",
		"POST /api/v1/tools/hospital.times":    "1 . . . 3 3",
		"POST /api/v1/tools/hospital.register": "1 . . . 3 3",
		"POST /api/v1/tools/booking.get":       "1 . . . 3 3",
		"POST /api/v1/tools/booking.cancel":    "1 . . . 3 3",
		"GET /api/v1/booth":                    "1 . 1 1 1 1",
		"PUT /api/v1/contacts/{id}":            "1 . 1 1 1 1",
		"GET /api/v1/contacts/{id}/line":       "1 . 1 1 1 1",
		"GET /api/v1/contacts":                 "1 1 . . 3 3",
		"GET /api/v1/contacts/{id}":            "1 1 . . 3 3",
		"GET /api/v1/desk":                     "1 1 . . 3 3",
		"GET /api/v1/calls":                    "1 1 3 . . .",
		"GET /api/v1/calls/{id}":               "1 1 3 . . .",
	}
}

// Every route and every role: a route that is not in the table fails, as one does that lets somebody in whom the table keeps out.
func TestEveryRouteEveryRole(t *testing.T) {
	b := newBench(t)
	roles := []string{"nobody", "booth", "agent", "supervisor", "operator", "admin"}
	entry := map[string]with{"nobody": func(*http.Request) {}, "booth": asBooth}
	for _, r := range roles[2:] {
		entry[r] = cookie(b.login(r))
	}
	table, seen := matrix(), 0
	err := chi.Walk(b.api.Routes(), func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		row, ok := table[method+" "+path]
		if !ok {
			t.Errorf("%s %s: who may do this?", method, path)
			return nil
		}
		seen++
		for i, want := range strings.Fields(row) {
			if path == httpapi.PathSession && method == http.MethodDelete && i > 1 {
				continue // a logout would end the sessions of this test
			}
			body := ""
			if method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
				body = "{}"
			}
			code := b.send(method, strings.ReplaceAll(path, "{id}", id.New()), body, entry[roles[i]]).Code
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
	if err != nil || seen != len(table) {
		t.Errorf("%d routes, %d rows, %v", seen, len(table), err)
	}
}

// What a page of another site may make a browser do: nothing.
func TestSocketsOfOtherSites(t *testing.T) {
	b := newBench(t)
	agent := cookie(b.login("agent"))
	for origin, want := range map[string]int{"": 101, "http://evil.example": 403, "null": 403, "http://evil.example:80@127.0.0.1": 403} {
		if _, got := b.dial(httpapi.PathDesk, agent, header("Origin", origin)); got != want {
			t.Errorf("Origin %q: %d, want %d", origin, got, want)
		}
	}
}

// An agent books for the citizen with the same tools; the record says who did it, and a cookie does not help a wrong token.
func TestAgentUsesTools(t *testing.T) {
	b := newBench(t)
	agent := cookie(b.login("agent"))
	noToken := func(r *http.Request) { r.Header.Del("Authorization") }
	booked := read[struct {
		Number, Code, Place, Date, Session, From, To, Status string
		Tickets                                              int
	}](t, b.tool("attraction.book", `{"place":"yu-garden","date":"2026-11-21","session":"morning","tickets":2}`, noToken, agent))
	page := read[httpapi.BookingPage](t, b.send(http.MethodGet, httpapi.PathBookings, "", cookie(b.login("admin"))))
	if len(page.Bookings) != 1 || page.Bookings[0].Number != booked.Number || page.Bookings[0].Booth != "desk:agent" {
		t.Errorf("%+v", page)
	}
	refused(t, b.tool("attraction.times", `{"place":"yu-garden","date":"2026-11-21"}`, header("Authorization", "Bearer x"), agent),
		401, httpapi.Unauthenticated, "")
	refused(t, b.tool("attraction.times", `{"place":"yu-garden","date":"2026-11-21"}`, noToken, agent, header("Origin", "https://evil.example")),
		403, "denied", "Origin")
}
