package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/api"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/services"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/sqlite"
)

const boothToken = "a booth token that is long enough for a test"

// otherToken is another booth's.
const otherToken = "the token of another booth, long enough as well"

// booths has two booths.
type booths struct{}

func (booths) Booth(token string) (string, bool) {
	if token == otherToken {
		return "b2", true
	}
	return "b1", token == boothToken
}

const clinic = "sixth--orthopedics--expert"

// town sells one place, and has one clinic.
type town struct{}

func (town) Place(id string) (services.Place, bool) {
	for _, p := range (town{}).Places() {
		if p.ID == id {
			return p, true
		}
	}
	return services.Place{}, false
}

func (town) Places() []services.Place {
	day := []services.Hours{
		{Session: tool.Morning, From: "09:00", To: "12:00", Capacity: 5}, {Session: tool.Afternoon, From: "13:00", To: "16:00", Capacity: 5},
	}
	few := []services.Hours{{Session: tool.Morning, From: "08:00", To: "11:30", Capacity: 1}}
	return []services.Place{
		{ID: "yu-garden", ClosedWeekdays: []time.Weekday{time.Monday}, Sessions: day},
		{ID: clinic, Clinic: true, FeeYuan: 50, ClosedWeekdays: []time.Weekday{time.Sunday}, Sessions: few},
	}
}

// seen is an operation and the status that it gave.
type seen struct {
	operation string // "GET /healthz"
	status    int
}

// bench is the whole interface on a real database, with a clock that the test turns. It notes every operation's statuses.
type bench struct {
	t    *testing.T
	db   *sqlite.DB
	deps api.Deps
	api  *api.Server
	now  time.Time
	log  logText
	seen map[seen]bool
	sip  string // where the voice line is
}

// newBench starts on Friday 20 November 2026, 10:30 in Shanghai.
func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "laoyou.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bench{t: t, db: db, now: time.Date(2026, 11, 20, 2, 30, 0, 0, time.UTC), seen: map[seen]bool{}, sip: "127.0.0.1:5060"}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return b.now }
	accounts := store.NewAuth(db)
	for name, role := range map[string]auth.Role{
		"admin": auth.Administrator, "agent": auth.Agent, "supervisor": auth.Supervisor, "operator": auth.Operator,
	} {
		if err := accounts.SaveUser(t.Context(), auth.User{Tenant: "default", Name: name, Hash: auth.Hash("tea"), Roles: []auth.Role{role}}); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.NewTextHandler(&b.log, nil))
	city := services.New(services.Deps{Store: store.NewServices(db), Catalogue: town{}, Tenant: "default", Zone: zone, Now: clock, Log: log})
	b.deps = api.Deps{
		Tools: city, Booths: booths{}, Overview: city, Logins: auth.New(accounts, "default", time.Hour, clock),
		Staff: auth.NewStaff(accounts, "default"), Tenant: "default", Voice: b.voice(log), SIP: func() string { return b.sip },
		Ready: db.Ping, Metrics: prometheus.NewRegistry(), Version: "test", Log: log,
	}
	b.api, err = api.New(b.deps)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// with changes a request before it is sent.
type with func(*http.Request)

func header(name, value string) with { return func(r *http.Request) { r.Header.Set(name, value) } }

func local(r *http.Request) { r.RemoteAddr = "127.0.0.1:4242" }

func cookie(token string) with {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "laoyou_session", Value: token}) }
}

func (b *bench) send(method, path, body string, changes ...with) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, change := range changes {
		change(r)
	}
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	b.note(method, r.URL.Path, w.Code)
	if w.Code >= 400 {
		b.checkError(method+" "+path, w)
	}
	return w
}

// note remembers that an operation gave a status, under the path of the document.
func (b *bench) note(method, path string, status int) {
	if c := chi.NewRouteContext(); b.api.Routes().Match(c, method, path) {
		path = c.RoutePattern()
	}
	b.seen[seen{method + " " + path, status}] = true
}

// checkError holds for every refusal: JSON, a known kind, and the status of that kind.
func (b *bench) checkError(what string, w *httptest.ResponseRecorder) {
	b.t.Helper()
	var e httpapi.ErrorBody
	d := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil || e.Error == nil {
		b.t.Errorf("%s: %d with the body %q: %v", what, w.Code, w.Body, err)
		return
	}
	if httpapi.Status(e.Error.Kind) != w.Code || e.Error.Kind == httpapi.Internal {
		b.t.Errorf("%s: kind %s under status %d", what, e.Error.Kind, w.Code)
	}
}

// tool calls a tool as the booth.
func (b *bench) tool(name tool.Name, args any, changes ...with) *httptest.ResponseRecorder {
	b.t.Helper()
	body, ok := args.(string)
	if !ok {
		text, err := json.Marshal(args)
		if err != nil {
			b.t.Fatal(err)
		}
		body = string(text)
	}
	changes = append([]with{header("Authorization", "Bearer "+boothToken), header("Idempotency-Key", id.New())}, changes...)
	return b.send(http.MethodPost, httpapi.PathTools+string(name), body, changes...)
}

func (b *bench) book(tickets int) tool.Booking {
	b.t.Helper()
	w := b.tool(tool.AttractionBook, tool.BookArgs{Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning, Tickets: tickets})
	return read[tool.Booking](b.t, w)
}

// login returns the session token of a user with the password "tea".
func (b *bench) login(user string) string {
	b.t.Helper()
	w := b.send(http.MethodPost, httpapi.PathSession, `{"user":"`+user+`","password":"tea"}`)
	for _, c := range w.Result().Cookies() { //nolint:bodyclose // a recorder's body needs no close
		if c.Name == "laoyou_session" {
			return c.Value
		}
	}
	b.t.Fatalf("no session: %d %s", w.Code, w.Body)
	return ""
}

// read decodes an answer strictly.
func read[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%d: %v", w.Code, err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("something follows the answer: %v", err)
	}
	return v
}

func refused(t *testing.T, w *httptest.ResponseRecorder, status int, kind tool.ErrorKind, field string) {
	t.Helper()
	if w.Code < 400 {
		t.Errorf("got %d %s, want %d", w.Code, w.Body, status)
		return
	}
	e := read[httpapi.ErrorBody](t, w).Error
	if w.Code != status || e.Kind != kind || e.Field != field {
		t.Errorf("got %d %v, want %d %s %s", w.Code, e, status, kind, field)
	}
}
