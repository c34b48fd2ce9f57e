// Package herd runs many honest booths in one program: each has its own identity, line, outbox, twin, commands and a board in memory, all
// made of the code that a real booth runs. Faults are wished for by whoever runs the herd. It may import firmware packages, device/sim,
// package fleet and fleet/mqttapi.
package herd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Config says how a herd lives.
type Config struct {
	Identities []*enrol.Identity
	Dir        string        // of the outboxes; booths share files
	Heartbeat  time.Duration //
	Telemetry  time.Duration // negative: none
	Spread     time.Duration // of the first reconnect; negative: at once
	EventEvery time.Duration // of each booth, on average, exponentially spread; 0: none
	Run        string        // marks the events of this run, in a fleet that has seen others
	Seed       uint64
	Dial       func(ctx context.Context, network, addr string) (net.Conn, error) // nil: the network
	Log        *slog.Logger
}

// boothsPerFile share one SQLite file, and with it their commits: a disk has only so many of them a second.
const boothsPerFile = 500

// Herd is the booths.
type Herd struct {
	cfg    Config
	booths []*Booth
	files  []*link.File
}

// New opens the outboxes.
func New(ctx context.Context, cfg Config) (_ *Herd, err error) {
	h := &Herd{cfg: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	for i, who := range cfg.Identities {
		if i%boothsPerFile == 0 {
			file, err := link.Open(ctx, fmt.Sprintf("%s/outbox-%03d.db", cfg.Dir, i/boothsPerFile))
			if err != nil {
				return nil, err
			}
			h.files = append(h.files, file)
		}
		box, err := h.files[len(h.files)-1].Box(ctx, who.Booth)
		if err != nil {
			return nil, err
		}
		h.booths = append(h.booths, newBooth(cfg, who, box, rand.New(rand.NewPCG(cfg.Seed, uint64(i))))) //nolint:gosec // a simulation is to be repeatable
	}
	return h, nil
}

func (h *Herd) close() error {
	var errs []error
	for _, f := range h.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Run lets all booths live until ctx ends. It may be called once.
func (h *Herd) Run(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	for _, b := range h.booths {
		all.Go(func() error { return b.run(ctx) })
	}
	return errors.Join(all.Wait(), h.close())
}

// Booths are all of them.
func (h *Herd) Booths() []*Booth { return h.booths }

// Online is how many are in touch with the fleet, as they see it.
func (h *Herd) Online() int {
	n := 0
	for _, b := range h.booths {
		if b.State().Online {
			n++
		}
	}
	return n
}

// Pending is how many rows wait in all outboxes.
func (h *Herd) Pending() int64 {
	var n int64
	for _, b := range h.booths {
		n += b.State().Pending
	}
	return n
}

// Quiet stops the making of events; what waits still goes out.
func (h *Herd) Quiet() {
	for _, b := range h.booths {
		b.quiet.Store(true)
	}
}

// Sent is how many events were stored by all booths.
func (h *Herd) Sent() int64 {
	var n int64
	for _, b := range h.booths {
		n += b.Sent()
	}
	return n
}

// EventSim is the type of the events that a herd makes: data.run is the herd's run, data.n
// numbers those of one booth from 1, without a gap.
const EventSim mqttapi.EventType = "sim.tick"

// gate holds connections of one booth, to cut or swallow them.
type gate struct {
	dial    func(ctx context.Context, network, addr string) (net.Conn, error)
	swallow atomic.Bool

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func newGate(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *gate {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 20 * time.Second}).DialContext
	}
	return &gate{dial: dial, conns: map[net.Conn]struct{}{}}
}

func (g *gate) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := g.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	held := &heldConn{Conn: c, gate: g}
	g.mu.Lock()
	g.conns[held] = struct{}{}
	g.mu.Unlock()
	return held, nil
}

// drop closes every connection without a word.
func (g *gate) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		held := c.(*heldConn)
		held.dropped.Store(true)
		_ = held.Conn.Close()
	}
}

// heldConn is one connection; while its gate swallows, what is written is lost and the writer does not know.
type heldConn struct {
	net.Conn
	gate    *gate
	dropped atomic.Bool
}

// Read fails as a lost connection does: of one that was closed at this end an MQTT client believes that it did so itself, and waits.
func (c *heldConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && c.dropped.Load() {
		err = syscall.ECONNRESET
	}
	return n, err
}

func (c *heldConn) Write(p []byte) (int, error) {
	if c.gate.swallow.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// SetLinger passes on how the connection is to end.
func (c *heldConn) SetLinger(sec int) error {
	if l, ok := c.Conn.(interface{ SetLinger(sec int) error }); ok {
		return l.SetLinger(sec)
	}
	return nil
}

func (c *heldConn) Close() error {
	c.gate.mu.Lock()
	delete(c.gate.conns, c)
	c.gate.mu.Unlock()
	return c.Conn.Close()
}
