package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/fleet"
)

// EmbeddedConfig is what the embedded engine needs.
type EmbeddedConfig struct {
	Listen string      // host:port
	TLS    *tls.Config // with the server's certificate and ClientCAs; TLS 1.3 and a client certificate are demanded whatever it says
	Admit  Admit       // asked at every connect, also of a resumed TLS session
	Limits Limits
	// Receive gets what booths say, wills included, in order for each booth. While it waits, so does that booth and nobody else.
	Receive func(Message)
	Log     *slog.Logger
	Metrics prometheus.Registerer // may be nil
}

// Embedded is an MQTT engine in this process (mochi). It keeps nothing: sessions are clean and retained states live in memory.
type Embedded struct {
	cfg     EmbeddedConfig
	server  *mqtt.Server
	metrics *metrics
	strange *strangers
	conns   *connections
	ready   chan struct{}
	running atomic.Bool
	ending  atomic.Bool // from then on no will is believed and no message taken: everybody goes because we go
	addr    atomic.Pointer[net.Addr]
}

// NewEmbedded makes the engine. It can Run once.
func NewEmbedded(cfg EmbeddedConfig) (*Embedded, error) {
	if cfg.TLS == nil || cfg.TLS.ClientCAs == nil {
		return nil, errors.New("broker: TLS with the authority of the clients is needed")
	}
	if cfg.Admit == nil || cfg.Receive == nil {
		return nil, errors.New("broker: Admit and Receive are needed")
	}
	cfg.Limits.defaults()
	cfg.TLS = cfg.TLS.Clone()
	cfg.TLS.MinVersion = tls.VersionTLS13
	cfg.TLS.ClientAuth = tls.RequireAndVerifyClientCert
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	e := &Embedded{
		cfg: cfg, ready: make(chan struct{}), strange: newStrangers(cfg.Limits.Strangers, cfg.Limits.StrangersPerIP), conns: newConnections(),
	}
	e.metrics = newMetrics(cfg.Metrics, func() float64 { return float64(e.Connected()) }, func() float64 { return float64(e.strange.count()) })
	e.server = mqtt.New(&mqtt.Options{
		Capabilities:           capabilities(cfg.Limits),
		InlineClient:           true,
		SysTopicResendInterval: 3600,                          // nobody may read $SYS
		Logger:                 slog.New(slog.DiscardHandler), // it would log payloads
	})
	return e, e.server.AddHook(&hook{e: e}, nil)
}

func capabilities(l Limits) *mqtt.Capabilities {
	c := mqtt.NewDefaultServerCapabilities()
	c.MaximumClients = int64(l.Clients)
	c.MaximumMessageExpiryInterval = 0 // else retained states vanish after a day
	c.MaximumClientWritesPending = int32(l.Pending)
	c.MaximumInflight = uint16(l.Inflight)
	c.MaximumPacketSize = uint32(l.PacketSize)
	c.MaximumSessionExpiryInterval = 0
	c.MaximumQos = 1
	c.TopicAliasMaximum = 0
	c.SharedSubAvailable = 0
	c.SubIDAvailable = 0
	c.MinimumProtocolVersion = 4
	return c
}

// Run serves until ctx ends. It fails when it cannot listen.
func (e *Embedded) Run(ctx context.Context) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", e.cfg.Listen)
	if err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	addr := ln.Addr()
	e.addr.Store(&addr)
	if err := e.server.AddListener(newListener(e, ln)); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	if err := e.server.Serve(); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	e.running.Store(true)
	close(e.ready)
	e.cfg.Log.Info("broker listens", "address", addr.String())
	<-ctx.Done()
	e.ending.Store(true)
	e.running.Store(false)
	if err := e.server.Close(); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	return nil
}

// Ready is closed when the engine listens.
func (e *Embedded) Ready() <-chan struct{} { return e.ready }

// Addr is where it listens, once it is ready.
func (e *Embedded) Addr() net.Addr {
	if a := e.addr.Load(); a != nil {
		return *a
	}
	return nil
}

// Publish sends to whoever is subscribed; it never waits for a peer.
func (e *Embedded) Publish(_ context.Context, topic string, payload []byte) error {
	if !e.running.Load() {
		return ErrNotReady
	}
	if err := e.server.Publish(topic, payload, false, 1); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// Kick closes the booth's connection.
func (e *Embedded) Kick(_ context.Context, key fleet.Key) error {
	if c := e.conns.of(key); c != nil {
		c.endFor(endedKick)
	}
	return nil
}

// Connected counts the booths that are connected.
func (e *Embedded) Connected() int { return e.conns.count() }

// Caps says what it does: everything.
func (e *Embedded) Caps() Caps {
	return Caps{
		Kick: true, Counts: true, OwnID: true, Tenants: true, OwnWill: true, RetainOnly: true, QuietTakeover: true, QuietBounce: true,
	}
}

// connections knows the newest connection of each booth.
type connections struct {
	seed maphash.Seed
	// turns let the sessions of one booth come and go one after the other: mochi looks a client up, ends it and replaces it in steps, and
	// two that come at once, or one that comes while another goes, would leave a connected booth that nothing reaches.
	turns [256]sync.Mutex

	mu    sync.Mutex
	byKey map[fleet.Key]*conn
}

func newConnections() *connections {
	return &connections{seed: maphash.MakeSeed(), byKey: map[fleet.Key]*conn{}}
}

func (s *connections) turn(clientID string) *sync.Mutex {
	return &s.turns[maphash.String(s.seed, clientID)%uint64(len(s.turns))]
}

func (s *connections) of(key fleet.Key) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byKey[key]
}

// put makes c the booth's connection and returns the one before.
func (s *connections) put(c *conn) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.byKey[c.peer.Key]
	s.byKey[c.peer.Key] = c
	return before
}

func (s *connections) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey[c.peer.Key] == c {
		delete(s.byKey, c.peer.Key)
	}
}

func (s *connections) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byKey)
}
