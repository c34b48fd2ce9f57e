package api_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/enrol/enroltest"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/issuer"
)

var errDisk = errors.New("the disk is gone")

// world is all that stands behind the interface, with one booth "b1"; broken makes all of it fail.
type world struct {
	mu       sync.Mutex
	broken   bool
	commands map[string]httpapi.Command
	version  int64
	standing fleet.Standing
	acts     []audit.Act
	query    api.BoothQuery
	news     chan httpapi.Live
	watching chan string // the booth, for each subscription
	left     chan bool   // for each end of one
}

func newWorld() *world {
	return &world{
		commands: map[string]httpapi.Command{}, standing: fleet.InService, news: make(chan httpapi.Live, 10),
		watching: make(chan string, 100), left: make(chan bool, 100),
	}
}

// look locks and says what is wrong with a booth.
func (w *world) look(k fleet.Key) error {
	switch {
	case w.broken:
		return errDisk
	case k.Booth != "b1":
		return fleet.ErrNoBooth
	}
	return nil
}

func (w *world) Booths(_ context.Context, _ string, q api.BoothQuery) (httpapi.Booths, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.query = q
	if q.Cursor == "bad" {
		return httpapi.Booths{}, fleet.ErrCursor
	}
	return httpapi.Booths{Total: 1}, w.look(fleet.Key{Booth: "b1"})
}

func (w *world) Summary(context.Context, string) (httpapi.Summary, error) {
	return httpapi.Summary{Total: 1}, w.look(fleet.Key{Booth: "b1"})
}

func (w *world) Points(context.Context, string) (httpapi.Points, error) {
	return httpapi.Points{}, w.look(fleet.Key{Booth: "b1"})
}

func (w *world) Booth(_ context.Context, k fleet.Key) (httpapi.Booth, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.HasPrefix(k.Booth, "new") && !w.broken {
		return httpapi.Booth{ID: k.Booth, Standing: fleet.InService}, nil
	}
	return httpapi.Booth{ID: k.Booth, Standing: w.standing}, w.look(k)
}

func (w *world) Patch(ctx context.Context, k fleet.Key, _ string, p httpapi.BoothPatch) (httpapi.Booth, error) {
	b, err := w.Booth(ctx, k)
	if p.Name != nil {
		b.Name = *p.Name
	}
	return b, err
}

func (w *world) Twin(_ context.Context, k fleet.Key) (httpapi.Twin, error) {
	return httpapi.Twin{Version: w.version, Desired: json.RawMessage("{}"), Reported: json.RawMessage("null")}, w.look(k)
}

func (w *world) History(_ context.Context, k fleet.Key, _ api.Page) (httpapi.TwinVersions, error) {
	return httpapi.TwinVersions{}, w.look(k)
}

func (w *world) Commands(_ context.Context, k fleet.Key, _ api.Page) (httpapi.Commands, error) {
	return httpapi.Commands{}, w.look(k)
}

func (w *world) Command(_ context.Context, k fleet.Key, id string) (httpapi.Command, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.commands[id]
	if err := w.look(k); err != nil || ok {
		return c, err
	}
	return c, fleet.ErrNoCommand
}

func (w *world) Series(_ context.Context, k fleet.Key, _ []string, _, _ time.Time) (httpapi.SeriesSet, error) {
	return httpapi.SeriesSet{Last: map[string]float64{}}, w.look(k)
}

func (w *world) Events(_ context.Context, k fleet.Key, _ string, _ api.Page) (httpapi.Events, error) {
	return httpapi.Events{}, w.look(k)
}

// hub acts on the world: its commands stay queued, but for a tone, which is sent at once.
type hub struct{ *world }

func (h hub) Command(_ context.Context, k fleet.Key, actor string, n httpapi.NewCommand) (httpapi.Command, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.look(k); err != nil {
		return httpapi.Command{}, err
	}
	if old, ok := h.commands[n.ID]; ok {
		if old.Cmd != n.Cmd {
			return old, fleet.ErrState
		}
		return old, nil
	}
	if n.Cmd == "dance" {
		return httpapi.Command{}, &fleet.FieldError{Field: "cmd", Msg: "is no command"}
	}
	c := httpapi.Command{ID: n.ID, Booth: k.Booth, Cmd: n.Cmd, Args: n.Args, State: "queued", Actor: actor, Result: json.RawMessage("null")}
	if n.Cmd == fleet.CommandTone {
		c.State = "sent"
	}
	h.commands[n.ID] = c
	return c, nil
}

func (h hub) Cancel(_ context.Context, k fleet.Key, _, id string) (httpapi.Command, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.look(k); err != nil {
		return httpapi.Command{}, err
	}
	c, ok := h.commands[id]
	switch {
	case !ok:
		return c, fleet.ErrNoCommand
	case c.State != "queued":
		return c, fleet.ErrState
	}
	c.State = "cancelled"
	h.commands[id] = c
	return c, nil
}

func (h hub) SetDesired(_ context.Context, k fleet.Key, actor string, c httpapi.TwinChange) (httpapi.Twin, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.look(k); err != nil {
		return httpapi.Twin{}, err
	}
	if c.IfVersion != h.version {
		return httpapi.Twin{}, fleet.ErrVersion
	}
	h.version++
	return httpapi.Twin{Version: h.version, Desired: c.Config, Reported: json.RawMessage("null"), Actor: actor}, nil
}

func (h hub) SetStanding(_ context.Context, k fleet.Key, _ string, c httpapi.StandingChange) (httpapi.Booth, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.look(k); err != nil {
		return httpapi.Booth{}, err
	}
	if h.standing == fleet.Retired {
		return httpapi.Booth{}, fleet.ErrState
	}
	h.standing = c.Standing
	return httpapi.Booth{ID: k.Booth, Standing: c.Standing, Reason: c.Reason}, nil
}

func (h hub) Subscribe(_, booth string) (<-chan httpapi.Live, func()) {
	h.watching <- booth
	return h.news, func() { h.left <- true }
}

// book is the audit record.
type book struct{ *world }

func (b book) Record(_ context.Context, _ string, a audit.Act) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		return errDisk
	}
	b.acts = append(b.acts, a)
	return nil
}

func (b book) Entries(_ context.Context, _, _, _ string, p api.Page) (httpapi.Audit, error) {
	if p.Cursor == "bad" {
		return httpapi.Audit{}, fleet.ErrCursor
	}
	return httpapi.Audit{}, b.look(fleet.Key{Booth: "b1"})
}

// doors knows everybody by a bearer token that is their role.
type doors struct{ *world }

func (d doors) Authorize(r *http.Request) (api.Actor, error) {
	role, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	d.mu.Lock()
	defer d.mu.Unlock()
	may, known := map[string]api.Right{"agent": api.Nothing, "supervisor": api.Read, "operator": api.Act}[role]
	switch {
	case role == "lost":
		return api.Actor{}, errDisk
	case !known:
		return api.Actor{}, api.ErrNobody
	}
	return api.Actor{Name: "desk:" + role, May: may}, nil
}

// joining fails when the world does.
type joining struct {
	*enrol.Service
	*world
}

func (j joining) Claim(ctx context.Context, actor, code, booth string, p enrol.Place) (fleet.Key, error) {
	if j.broken {
		return fleet.Key{}, errDisk
	}
	return j.Service.Claim(ctx, actor, code, booth, p)
}

func (j joining) Invite(ctx context.Context, actor, booth string, p enrol.Place, life time.Duration) (string, time.Time, error) {
	if j.broken {
		return "", time.Time{}, errDisk
	}
	return j.Service.Invite(ctx, actor, booth, p, life)
}

func (j joining) Enrol(ctx context.Context, from string, e fleet.Enrolment, at enrol.Contact) (*fleet.Claim, *fleet.Identity, error) {
	if j.broken {
		return nil, nil, errDisk
	}
	return j.Service.Enrol(ctx, from, e, at)
}

func (j joining) Enrolled(ctx context.Context, claim, secret string, at enrol.Contact) (*fleet.Identity, error) {
	if j.broken {
		return nil, errDisk
	}
	return j.Service.Enrolled(ctx, claim, secret, at)
}

// seen is an operation and the status that it gave.
type seen struct {
	operation string
	status    int
}

type bench struct {
	t     *testing.T
	world *world
	api   *api.Server
	seen  map[seen]bool
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, world: newWorld(), seen: map[seen]bool{}}
	store := enroltest.NewStore()
	authority, err := issuer.Open(issuer.Deps{Data: t.TempDir(), Tenant: "default", Store: store})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	service := enrol.New(enrol.Deps{Store: store, Signer: authority, Tenant: "default", Realm: "laoyou", Zone: "Asia/Shanghai", Log: log})
	w := b.world
	b.api, err = api.New(api.Deps{
		Booths: w, Twins: w, Commands: w, Facts: w, Hub: hub{w}, Audit: book{w}, Enrol: joining{service, w}, Who: doors{w},
		Uploads: api.NewUploads(t.TempDir(), []byte("secret"), ""), Tenant: "default", Metrics: prometheus.NewRegistry(), Version: "test", Log: log,
		At: func(r *http.Request) enrol.Contact {
			return enrol.Contact{Broker: "mqtts://" + r.Host + ":8883", Claim: "http://" + r.Host + "/fleet/claim?code="}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// with changes a request before it is sent.
type with func(*http.Request)

func header(name, value string) with { return func(r *http.Request) { r.Header.Set(name, value) } }

func as(role string) with { return header("Authorization", "Bearer "+role) }

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
	if c := chi.NewRouteContext(); b.api.Routes().Match(c, method, r.URL.Path) {
		path = c.RoutePattern()
	}
	b.seen[seen{method + " " + path, w.Code}] = true
	if w.Code >= 400 {
		b.checkFailure(method+" "+path, w)
	}
	return w
}

// checkFailure holds for every refusal: JSON, a known kind, and the status of that kind.
func (b *bench) checkFailure(what string, w *httptest.ResponseRecorder) {
	b.t.Helper()
	var e httpapi.FailureBody
	d := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil || e.Error == nil {
		b.t.Errorf("%s: %d with the body %q: %v", what, w.Code, w.Body, err)
		return
	}
	if e.Error.Kind.Status() != w.Code || e.Error.Kind == httpapi.Internal {
		b.t.Errorf("%s: kind %s under status %d", what, e.Error.Kind, w.Code)
	}
}

// read decodes an answer strictly.
func read[T any](t testing.TB, w *httptest.ResponseRecorder) T {
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

func refused(t *testing.T, w *httptest.ResponseRecorder, kind httpapi.Kind, field string) {
	t.Helper()
	if w.Code < 400 {
		t.Errorf("got %d %s, want %s", w.Code, w.Body, kind)
		return
	}
	if e := read[httpapi.FailureBody](t, w).Error; e.Kind != kind || e.Field != field {
		t.Errorf("got %v, want %s %s", e, kind, field)
	}
}

func request(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
