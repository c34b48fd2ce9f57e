package api_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/api"
	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/contact/contacttest"
	"github.com/laoyou/laoyou/cloud/desk"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

// logText is a log that several goroutines write.
type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type laterContacts struct{ *contact.Service }

// voice runs contacts, a matcher and desks until the test ends; no citizen can call, no sound can flow.
func (b *bench) voice(log *slog.Logger) *api.Voice {
	b.t.Helper()
	var contacts laterContacts
	var hub *desk.Hub
	queue := acd.New(acd.Deps{Rules: acd.DefaultRules(), NewID: id.New, Out: func(e acd.Effect) {
		hub.FromQueue(e)
		contacts.FromQueue(e)
	}, Show: func(s acd.Snapshot) {
		contacts.Positions(s)
		hub.Show(s)
	}})
	hub = desk.New(desk.Deps{
		Contacts: &contacts, Queue: queue, Log: log, Peers: func(string) (desk.Peer, error) { return nil, errors.New("no sound here") },
	})
	contacts.Service = contact.NewService(contact.Deps{
		Store: store.NewContacts(b.db), Queue: queue, Desk: hub, Caller: &contacttest.Booths{}, Tenant: "default", Log: log,
	})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{queue.Run, contacts.Run, hub.Run} {
		wg.Go(func() { _ = run(ctx) })
	}
	b.t.Cleanup(func() { cancel(); wg.Wait() })
	return &api.Voice{Contacts: contacts.Service, Desk: hub, Calls: calls{store.NewCalls(b.db)}}
}

// knownCall is a call that there is.
const knownCall = "01JD3X2Q7GZ4N1R8S5T6V7W8X9"

type storedCalls = store.Calls

type calls struct{ *storedCalls }

func (c calls) Call(ctx context.Context, tenant, id string) (call.Call, error) {
	if id == knownCall {
		return call.Call{Tenant: tenant, ID: id, Kind: call.Queue}, nil
	}
	return c.storedCalls.Call(ctx, tenant, id)
}

// dial opens a WebSocket over a real connection. The connection is nil when it was refused.
func (b *bench) dial(path string, changes ...with) (*websocket.Conn, int) {
	b.t.Helper()
	server := httptest.NewServer(b.api)
	b.t.Cleanup(server.Close)
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil)
	for _, change := range changes {
		change(r)
	}
	conn, resp, err := websocket.Dial(b.t.Context(), server.URL+path, &websocket.DialOptions{HTTPHeader: r.Header, Host: r.Header.Get("X-Host")})
	if resp == nil {
		b.t.Fatal(err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	if (err == nil) != (resp.StatusCode == http.StatusSwitchingProtocols) {
		b.t.Errorf("%s: %d, %v", path, resp.StatusCode, err)
	}
	b.note(http.MethodGet, strings.Split(path, "?")[0], resp.StatusCode)
	if err == nil {
		b.t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, resp.StatusCode
}
