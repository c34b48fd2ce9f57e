package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/api"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

func TestStory(t *testing.T) {
	b := newBench(t)
	booked := b.book(2)
	times := read[tool.TimesResult](t, b.tool(tool.AttractionTimes, tool.TimesArgs{Place: "yu-garden", Date: "2026-11-21"}))
	if len(times.Sessions) != 2 || times.Sessions[0].Left != 3 {
		t.Errorf("times %+v", times)
	}
	ref := tool.RefArgs{Number: booked.Number, Code: booked.Code}
	if got := read[tool.Booking](t, b.tool(tool.BookingGet, ref)); got != booked {
		t.Errorf("got %+v", got)
	}
	if got := read[tool.Booking](t, b.tool(tool.BookingCancel, ref)); got.Status != tool.Cancelled {
		t.Errorf("cancelled %+v", got)
	}
}

func TestSameKeyBooksOnce(t *testing.T) {
	b := newBench(t)
	key := header("Idempotency-Key", id.New())
	args := tool.BookArgs{Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning, Tickets: 1}
	first := read[tool.Booking](t, b.tool(tool.AttractionBook, args, key))
	if again := read[tool.Booking](t, b.tool(tool.AttractionBook, args, key)); again != first {
		t.Errorf("got %+v and %+v", first, again)
	}
	args.Tickets = 2
	refused(t, b.tool(tool.AttractionBook, args, key), 400, tool.Invalid, "key")
}

func TestBadInput(t *testing.T) {
	good := `{"place":"yu-garden","date":"2026-11-21","session":"morning","tickets":2}`
	b := newBench(t)
	admin := cookie(b.login("admin"))
	replace := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, c := range []struct {
		name   string
		body   string
		change with
		status int
		kind   tool.ErrorKind
		field  string
	}{
		{"empty", "", header("Content-Type", "application/json"), 400, tool.Invalid, ""},
		{"not JSON", "place=yu-garden", nil, 400, tool.Invalid, ""},
		{"a list", "[" + good + "]", nil, 400, tool.Invalid, ""},
		{"null", "null", nil, 400, tool.Invalid, "place"},
		{"two values", good + good, nil, 400, tool.Invalid, ""},
		{"cut", good[:20], nil, 400, tool.Invalid, ""},
		{"unknown field", replace("tickets", "seats"), nil, 400, tool.Invalid, "seats"},
		{"wrong type", replace("2}", `"two"}`), nil, 400, tool.Invalid, "tickets"},
		{"fraction", replace("2}", `2.5}`), nil, 400, tool.Invalid, "tickets"},
		{"too large a number", replace("2}", `99999999999999999999}`), nil, 400, tool.Invalid, "tickets"},
		{"no tickets", replace("2}", `0}`), nil, 400, tool.Invalid, "tickets"},
		{"500 tickets", replace("2}", `500}`), nil, 400, tool.Invalid, "tickets"},
		{"31 February", replace("2026-11-21", "2027-02-31"), nil, 400, tool.Invalid, "date"},
		{"yesterday", replace("2026-11-21", "2026-11-19"), nil, 400, tool.Invalid, "date"},
		{"emoji", replace("yu-garden", "🏮"), nil, 400, tool.Invalid, "place"},
		{"10 kB of text", replace("yu-garden", strings.Repeat("园", 3400)), nil, 400, tool.Invalid, "place"},
		{"SQL", replace("yu-garden", `' OR 1=1 --`), nil, 400, tool.Invalid, "place"},
		{"oversize", replace("yu-garden", strings.Repeat("a", httpapi.MaxBody)), nil, 413, httpapi.TooLarge, ""},
		{"form", good, header("Content-Type", "application/x-www-form-urlencoded"), 415, httpapi.UnsupportedMedia, "Content-Type"},
		{"plain text", good, header("Content-Type", "text/plain"), 415, httpapi.UnsupportedMedia, "Content-Type"},
		{"no type", good, header("Content-Type", ""), 415, httpapi.UnsupportedMedia, "Content-Type"},
		{"no key", good, header("Idempotency-Key", ""), 400, tool.Invalid, "key"},
		{"bad key", good, header("Idempotency-Key", "1"), 400, tool.Invalid, "key"},
		{"no token", good, header("Authorization", ""), 401, httpapi.Unauthenticated, ""},
		{"wrong token", good, header("Authorization", "Bearer x"), 401, httpapi.Unauthenticated, ""},
		{"token of another scheme", good, header("Authorization", "Basic "+boothToken), 401, httpapi.Unauthenticated, ""},
		{"foreign origin", good, header("Origin", "https://evil.example"), 403, tool.Denied, "Origin"},
		{"foreign page", good, header("Sec-Fetch-Site", "cross-site"), 403, tool.Denied, "Origin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.t = t
			changes := []with{}
			if c.change != nil {
				changes = append(changes, c.change)
			}
			refused(t, b.tool(tool.AttractionBook, c.body, changes...), c.status, c.kind, c.field)
			page := read[httpapi.BookingPage](t, b.send(http.MethodGet, httpapi.PathBookings, "", admin))
			if len(page.Bookings) != 0 {
				t.Errorf("something was booked: %+v", page)
			}
		})
	}
}

func TestWrongDoor(t *testing.T) {
	b := newBench(t)
	refused(t, b.send(http.MethodGet, "/nope", ""), 404, tool.NotFound, "")
	refused(t, b.tool("rm.rf", "{}"), 404, tool.NotFound, "")
	w := b.send(http.MethodPut, httpapi.PathSession, "{}")
	if got := fmt.Sprint(w.Header().Values("Allow")); got != "[GET POST DELETE]" {
		t.Errorf("Allow %s", got)
	}
	refused(t, w, 405, httpapi.MethodNotAllowed, "")
	refused(t, b.send("BREW", "/healthz", ""), 405, httpapi.MethodNotAllowed, "")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

func TestSession(t *testing.T) {
	b := newBench(t)
	w := b.send(http.MethodPost, httpapi.PathSession, `{"user":"admin","password":"tea"}`)
	set := w.Header().Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(set, want) {
			t.Errorf("cookie %q lacks %s", set, want)
		}
	}
	if got := read[httpapi.Session](t, w); got.User != "admin" || fmt.Sprint(got.Roles) != "[administrator]" {
		t.Errorf("session %+v", got)
	}
	token := b.login("agent")
	refused(t, b.send(http.MethodGet, httpapi.PathBookings, "", cookie(token)), 403, tool.Denied, "")
	if w := b.send(http.MethodDelete, httpapi.PathSession, "", cookie(token)); w.Code != 204 || w.Body.Len() != 0 {
		t.Errorf("logout: %d %s", w.Code, w.Body)
	}
	refused(t, b.send(http.MethodGet, httpapi.PathSession, "", cookie(token)), 401, httpapi.Unauthenticated, "")
	refused(t, b.send(http.MethodDelete, httpapi.PathSession, "", header("Origin", "https://evil.example")), 403, tool.Denied, "Origin")
	if w := b.send(http.MethodDelete, httpapi.PathSession, "", header("Origin", "http://example.com")); w.Code != 204 {
		t.Errorf("own origin: %d", w.Code) // httptest's requests go to example.com
	}
}

func TestBookingsPages(t *testing.T) {
	b := newBench(t)
	var want []string
	for range 5 {
		want = append([]string{b.book(1).Number}, want...)
	}
	admin := cookie(b.login("admin"))
	var got []string
	for cursor := ""; ; {
		w := b.send(http.MethodGet, httpapi.PathBookings+"?limit=2&cursor="+cursor, "", admin)
		if strings.Contains(w.Body.String(), "code") {
			t.Error("a code is shown to staff")
		}
		page := read[httpapi.BookingPage](t, w)
		for _, i := range page.Bookings {
			got = append(got, i.Number)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for query, field := range map[string]string{"limit=0": "limit", "limit=x": "limit", "limit=1000": "limit", "cursor=%27": "cursor"} {
		refused(t, b.send(http.MethodGet, httpapi.PathBookings+"?"+query, "", admin), 400, tool.Invalid, field)
	}
}

func TestMetrics(t *testing.T) {
	b := newBench(t)
	booked := b.book(1)
	b.send(http.MethodGet, "/a-path-a-stranger-chose", "")
	text := b.send(http.MethodGet, httpapi.PathMetrics, "", local).Body.String()
	for _, want := range []string{
		`laoyou_bookings_total{outcome="ok",tool="attraction.book"} 1`,
		`laoyou_http_request_seconds_count{method="POST",route="/api/v1/tools/attraction.book",status="200"} 1`,
		`laoyou_http_request_seconds_count{method="GET",route="unknown",status="404"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, "stranger") || strings.Contains(text, booked.Number) {
		t.Error("metrics tell too much")
	}
	refused(t, b.send(http.MethodGet, httpapi.PathMetrics, "", local, header("X-Forwarded-For", "203.0.113.9")), 401, httpapi.Unauthenticated, "")
}

// What the log must never hold: numbers, codes, passwords, tokens, addresses.
func TestLogIsFreeOfPersonalData(t *testing.T) {
	b := newBench(t)
	booked := b.book(1)
	b.tool(tool.BookingGet, tool.RefArgs{Number: booked.Number, Code: booked.Code})
	token := b.login("admin")
	b.send(http.MethodGet, httpapi.PathBookings+"?cursor="+booked.Number, "", cookie(token))
	b.send(http.MethodGet, "/"+booked.Number, "")
	if !strings.Contains(b.log.String(), "route=/api/v1/tools/booking.get") {
		t.Errorf("requests are not logged: %s", b.log.String())
	}
	for what, secret := range map[string]string{
		"number": booked.Number, "code": "=" + booked.Code, "password": "tea", "session": token, "token": boothToken, "address": "192.0.2.1",
	} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log holds the %s", what)
		}
	}
}

func TestLockOut(t *testing.T) {
	b := newBench(t)
	for range 5 {
		refused(t, b.send(http.MethodPost, httpapi.PathSession, `{"user":"admin","password":"x"}`), 401, httpapi.Unauthenticated, "")
	}
	refused(t, b.send(http.MethodPost, httpapi.PathSession, `{"user":"admin","password":"tea"}`), 429, tool.TooMany, "")
	b.now = b.now.Add(16 * time.Minute)
	b.login("admin")
}

// A process offers what its roles say, in routes and document alike.
func TestRoles(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		name string
		deps func(*api.Deps)
		path string
	}{
		{"without services", func(d *api.Deps) { d.Tools = nil }, httpapi.PathTools + string(tool.BookingGet)},
		{"without api", func(d *api.Deps) { d.Overview = nil }, httpapi.PathBookings},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := b.deps
			d.Metrics = prometheus.NewRegistry()
			c.deps(&d)
			part, err := api.New(d)
			if err != nil {
				t.Fatal(err)
			}
			whole := b.api
			b.api = part
			defer func() { b.api = whole }()
			if _, there := document(t, b).Paths[c.path]; there {
				t.Errorf("%s is documented", c.path)
			}
			refused(t, b.send(http.MethodPost, c.path, "{}"), 404, tool.NotFound, "")
		})
	}
}

// defective stands for a defect of ours behind the door.
type defective struct{ panics bool }

func (d defective) Do(_ context.Context, _ string, c tool.Call) tool.Result {
	if d.panics {
		panic("a defect") //nolint:forbidigo // what is tested
	}
	return tool.Result{Name: c.Name}
}

func TestDefectIsOneAnswer(t *testing.T) {
	b := newBench(t)
	for _, tools := range []defective{{panics: true}, {panics: false}} {
		d := b.deps
		d.Metrics, d.Tools = prometheus.NewRegistry(), tools
		server, err := api.New(d)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, httpapi.PathTools+string(tool.AttractionTimes),
			strings.NewReader(`{"place":"yu-garden","date":"2026-11-21"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+boothToken)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if strings.Contains(w.Body.String(), "a defect\"") {
			t.Error("the cause leaked")
		}
		refused(t, w, 500, httpapi.Internal, "")
	}
	if !strings.Contains(b.log.String(), "handler panicked") {
		t.Error("a panic leaves no trace in the log")
	}
}
