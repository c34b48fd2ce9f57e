// Package link is a booth's one line to its fleet: an MQTT connection that comes back by itself, an outbox that loses nothing and an
// inbox that knows what has already been done. It may import internal packages, package fleet and fleet/mqttapi; nobody but cmd joins it
// to the rest of the firmware.
//
// What leaves the booth. Events and samples of telemetry go into the outbox, on disk, before Event returns; they leave it only when the
// fleet has acknowledged them on dn/ak, because a broker's PUBACK means nothing. A row's sequence number is its place among all rows that
// ever left, counted when it is sent, so rows that had to be dropped before leave no gap that the fleet would wait for. Heartbeats are
// never stored.
//
// What the outbox may hold: 64 MiB, or what was gathered in 7 days of running. Beyond that rows go in this order: samples are thinned to
// one in ten; then samples, oldest first; then events, oldest first. Calls, emergencies, faults and the report of what was dropped are
// never dropped, nor is a row that may have been sent. What was dropped is counted and told by an event.
//
// When the disk is full or slow, nothing waits longer than its deadline: rows stay in memory, at most 1,000 in the same order of mercy, and
// are written when the disk takes them again.
//
// When. A lost connection is tried again within the spread that the fleet sets, at random; then with full jitter below 4, 8, 16 … 300 s. A
// citizen in the booth (Hurry) cuts the wait short.
package link

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// Errors of a link.
var (
	ErrOffline  = errors.New("the booth is offline")
	ErrNoLine   = errors.New("the booth belongs to no fleet yet")
	ErrNotSaved = errors.New("kept in memory only: the disk does not take it")
	ErrTooBig   = errors.New("event is too big")
)

// Line is where to connect, and as whom. It is asked for before every connection, so a new certificate is used from the next one on.
type Line struct {
	Key    fleet.Key
	Broker string      // mqtts://host:port; mqtt:// is for tests
	TLS    *tls.Config // certificate and roots; the link sets Time, ServerName, the session cache and TLS 1.3
}

// Pace is how often things are said. Zero fields take the defaults.
type Pace struct {
	Heartbeat time.Duration // 60 s
	Telemetry time.Duration // 60 s; negative: none
	Spread    time.Duration // first retry after a loss comes within it; 10 s, negative: at once
}

// Deps are what a link works with. Store and Line must be given; of the functions, those that are nil are left out.
type Deps struct {
	Store     Store
	Line      func() (Line, error)      // ErrNoLine while the booth is not claimed
	Birth     func() mqttapi.Birth      // Firmware, Config, Board, Serial; the link fills in the rest
	Pulse     func() mqttapi.Heartbeat  // the link fills in SeqLast and Pending
	Sample    func() map[string]float64 // the link adds SeriesPending and SeriesRTT
	Reported  func() mqttapi.Applied    // said after every birth and when Report is called
	OnCommand func(context.Context, mqttapi.Envelope, mqttapi.Command)
	OnConfig  func(context.Context, mqttapi.Envelope, mqttapi.Config)
	OnState   func(State) // connection made or lost; must not block
	Pace      func() Pace
	Clock     func() time.Time // wall clock; nil: time.Now
	Built     time.Time        // of the program: no earlier time is believed
	Rand      func() float64   // in [0,1); nil: math/rand/v2
	Dial      func(ctx context.Context, network, addr string) (net.Conn, error)
	Log       *slog.Logger
}

// State is how the link is. Its zero value is a link that was never online.
type State struct {
	Online  bool
	Since   time.Time // of Online, by the wall clock
	Epoch   int64     // of the connection
	Pending int64     // rows that wait for an acknowledgment, in memory and on disk
	Memory  int       // of those, in memory because the disk does not take them
	Dropped int64     // rows that had to go, since the outbox was made
	RTT     time.Duration
	Error   string // why it is not online
}

// Link is one booth's line. Its methods may be called from any goroutine, before Run and after it.
type Link struct {
	deps  Deps
	boot  string
	clock *clock
	ring  ring
	wake  chan struct{} // something to send
	hurry chan struct{} // skip the wait

	loading sync.Mutex
	loaded  bool

	mu       sync.Mutex
	head     Head
	reserved int64 // epochs up to this one are on disk as used
	session  *session
	state    State
	cut      chan struct{} // closed when the test door restores the line; nil: not cut
	agedAt   int64         // s of running time at which old rows are looked for again
	doubted  bool          // the wall clock, by the last handshake
	refused  quota
	sessions sessionCache
}

// New returns a link at rest.
func New(d Deps) *Link {
	if d.Clock == nil {
		d.Clock = time.Now
	}
	if d.Rand == nil {
		d.Rand = rand.Float64
	}
	if d.Dial == nil {
		d.Dial = (&net.Dialer{Timeout: connectTimeout}).DialContext
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Link{
		deps: d, boot: id.New(), clock: newClock(d.Clock, d.Built),
		wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
	}
}

// Boot is the id of this run of the program.
func (l *Link) Boot() string { return l.boot }

// Now is the best guess at the fleet's time: what it last said, counted on; before it said anything, the wall clock, but never earlier than
// what is known to have passed. Expiry and "not before" are in this time, so a clock that jumps starts nothing early.
func (l *Link) Now() time.Time { return l.clock.fleetTime() }

// State is how the link is now.
func (l *Link) State() State {
	waiting := l.ring.len()
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.state
	s.Memory, s.Pending, s.Dropped = waiting, l.head.Rows+int64(waiting), l.head.Dropped
	return s
}

// Hurry skips the wait before the next attempt: a citizen is there, or the booth has just been claimed.
func (l *Link) Hurry() { poke(l.hurry) }

// Report says the reported config now, if online.
func (l *Link) Report() {
	if s := l.online(); s != nil {
		s.reportDue.Store(true)
		poke(l.wake)
	}
}

// Cut is the test door's switch: while cut, there is no connection and none is tried.
func (l *Link) Cut(off bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case off && l.cut == nil:
		l.cut = make(chan struct{})
		if l.session != nil {
			l.session.fail(errCut)
		}
	case !off && l.cut != nil:
		close(l.cut)
		l.cut = nil
		poke(l.hurry)
	}
}

func (l *Link) online() *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

func (l *Link) pace() Pace {
	var p Pace
	if l.deps.Pace != nil {
		p = l.deps.Pace()
	}
	orElse := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
	}
	orElse(&p.Heartbeat, time.Minute)
	orElse(&p.Telemetry, time.Minute)
	orElse(&p.Spread, 10*time.Second)
	return p
}

// poke wakes whoever waits on c, now or next; many pokes are one.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
