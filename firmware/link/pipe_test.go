package link_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/fleet"
)

func key() fleet.Key { return fleet.Key{Tenant: "default", Booth: "b-1"} }

// pipes is a real broker on pipes in memory, so that a test in a synctest bubble lives through days in no time.
type pipes struct {
	t     testing.TB
	fleet *linktest.Fleet

	mu     sync.Mutex
	server *mochi.Server
	accept chan net.Conn
	conns  []*hole
	down   bool
	dials  []time.Time
}

type allowAll struct{ mochi.HookBase }

func (*allowAll) ID() string { return "allow" }
func (*allowAll) Provides(b byte) bool {
	return b == mochi.OnConnectAuthenticate || b == mochi.OnACLCheck
}
func (*allowAll) OnConnectAuthenticate(*mochi.Client, packets.Packet) bool { return true }
func (*allowAll) OnACLCheck(*mochi.Client, string, bool) bool              { return true }

// hole is a connection that can be made to swallow all that is written, in either direction.
type hole struct {
	net.Conn
	mu    sync.Mutex
	holed bool
}

func (h *hole) Write(p []byte) (int, error) {
	h.mu.Lock()
	holed := h.holed
	h.mu.Unlock()
	if holed {
		return len(p), nil
	}
	return h.Conn.Write(p)
}

func newPipes(t testing.TB) *pipes {
	p := &pipes{t: t}
	p.fleet = linktest.NewFleet(func(topic string, payload []byte) error {
		p.mu.Lock()
		s := p.server
		p.mu.Unlock()
		if s == nil {
			return errors.New("broker is down")
		}
		return s.Publish(topic, payload, false, 1)
	}, time.Now)
	p.start()
	return p
}

func (p *pipes) start() {
	p.t.Helper()
	s := mochi.New(&mochi.Options{InlineClient: true, SysTopicResendInterval: 3600, Logger: slog.New(slog.DiscardHandler)})
	s.Options.Capabilities.MaximumMessageExpiryInterval = 0
	if err := s.AddHook(new(allowAll), nil); err != nil {
		p.t.Fatal(err)
	}
	accept := make(chan net.Conn)
	if err := s.AddListener(listeners.NewNet("pipes", &pipeListener{accept: accept, closed: make(chan struct{})})); err != nil {
		p.t.Fatal(err)
	}
	if err := s.Serve(); err != nil {
		p.t.Fatal(err)
	}
	err := s.Subscribe("pb/v1/#", 1, func(_ *mochi.Client, _ packets.Subscription, m packets.Packet) {
		p.fleet.Receive(m.TopicName, m.Payload)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.server, p.accept, p.down = s, accept, false
	p.mu.Unlock()
}

// stop ends the broker and its connections at once.
func (p *pipes) stop() {
	p.mu.Lock()
	s, conns := p.server, p.conns
	p.server, p.conns, p.down = nil, nil, true
	p.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	if s != nil {
		if err := s.Close(); err != nil {
			p.t.Error(err)
		}
	}
}

// swallow makes all connections there are black holes, for what the booth says, for what it is told, or for both.
func (p *pipes) swallow(up, down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, c := range p.conns {
		c.mu.Lock()
		c.holed = n%2 == 0 && up || n%2 == 1 && down
		c.mu.Unlock()
	}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	a, b := &hole{Conn: ours}, &hole{Conn: theirs}
	p.mu.Lock()
	p.dials = append(p.dials, time.Now())
	accept, down := p.accept, p.down
	if !down {
		p.conns = append(p.conns, a, b)
	}
	p.mu.Unlock()
	if down {
		return nil, errors.New("connection refused")
	}
	select {
	case accept <- b:
		return a, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) dialled() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Time(nil), p.dials...)
}

func line() (link.Line, error) { return link.Line{Key: key(), Broker: "mqtt://pipe:1883"}, nil }

type pipeListener struct {
	accept chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, io.EOF
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// run starts a link; the returned function ends it and waits.
func run(t testing.TB, l *link.Link) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
