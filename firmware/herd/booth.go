package herd

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/sim"
	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/remote"
	"github.com/laoyou/laoyou/firmware/twin"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Booth is one of the herd. Its methods may be called from any goroutine.
type Booth struct {
	cfg   Config
	who   *enrol.Identity
	box   *link.Box
	gate  *gate
	dice  *rand.Rand // of the booth's own goroutine
	board *sim.Board
	quiet atomic.Bool
	ahead atomic.Int64 // ns of its wall clock before the right time

	mu     sync.Mutex
	made   int64          // events, numbered from 1
	unsure map[int64]bool // those of which the booth does not know whether they are on its disk
	link   *link.Link
	crash  context.CancelFunc
	done   map[string]int // how often each command was carried out
}

func newBooth(cfg Config, who *enrol.Identity, box *link.Box, dice *rand.Rand) *Booth {
	return &Booth{cfg: cfg, who: who, box: box, gate: newGate(cfg.Dial), dice: dice, board: sim.New(sim.Config{Mute: true}), done: map[string]int{}, unsure: map[int64]bool{}}
}

// ID is the booth's id.
func (b *Booth) ID() string { return b.who.Booth }

// Sent is how many events are on its disk for certain.
func (b *Booth) Sent() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.made - int64(len(b.unsure))
}

// Compare says what became of the events, of which got holds the numbers that arrived: how many of those that may not be lost are
// missing, and how many came more than once.
func (b *Booth) Compare(got []int64) (lost, twice int) {
	seen := make(map[int64]bool, len(got))
	for _, n := range got {
		if seen[n] {
			twice++
		}
		seen[n] = true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := int64(1); n <= b.made; n++ {
		if !seen[n] && !b.unsure[n] {
			lost++
		}
	}
	return lost, twice
}

// State is its line's.
func (b *Booth) State() link.State {
	b.mu.Lock()
	l := b.link
	b.mu.Unlock()
	if l == nil {
		return link.State{}
	}
	return l.State()
}

// Twice counts commands that were carried out more than once although they must not be.
func (b *Booth) Twice() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, times := range b.done {
		if times > 1 {
			n++
		}
	}
	return n
}

// Drop closes the booth's connection as a mast that goes down would.
func (b *Booth) Drop() { b.gate.drop() }

// Swallow loses what the booth sends, while it believes that it is sent.
func (b *Booth) Swallow(on bool) { b.gate.swallow.Store(on) }

// Jump sets the booth's wall clock forward, or with a negative d back. A restart does not put it right.
func (b *Booth) Jump(d time.Duration) { b.ahead.Add(int64(d)) }

// wall is what the booth's clock shows.
func (b *Booth) wall() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

// Crash ends the booth's program at once and starts it again: what was not on disk is gone, and nobody says goodbye.
func (b *Booth) Crash() {
	b.gate.drop() // before the program could say anything
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.crash != nil {
		b.crash()
	}
}

// run lives until ctx ends, through all crashes.
func (b *Booth) run(ctx context.Context) error {
	defer b.board.Close()
	for ctx.Err() == nil {
		if err := b.live(ctx); err != nil {
			return err
		}
	}
	return nil
}

// live is one run of the booth's program.
func (b *Booth) live(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l, t, r := b.parts(cancel)
	b.mu.Lock()
	b.link, b.crash = l, cancel
	b.mu.Unlock()
	if err := t.Start(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return l.Run(ctx) })
	parts.Go(func() error { return r.Run(ctx) })
	parts.Go(func() error { b.happen(ctx, l); return nil })
	return parts.Wait()
}

func (b *Booth) parts(restart func()) (*link.Link, *twin.Twin, *remote.Remote) {
	var l *link.Link
	var r *remote.Remote
	t := twin.New(twin.Deps{Store: b.box, Defaults: b.own(), Changed: func() { l.Report() }, Log: b.cfg.Log})
	l = link.New(link.Deps{
		Store: b.box, Dial: b.gate.connect, Clock: b.wall, Log: b.cfg.Log, Built: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Line: func() (link.Line, error) {
			return link.Line{Key: b.who.Key(), Broker: b.who.Broker, TLS: b.who.TLS()}, nil
		},
		Birth: func() mqttapi.Birth {
			return mqttapi.Birth{Firmware: "sim", Config: t.Version(), Board: "sim", Serial: b.who.Serial()}
		},
		Pulse: func() mqttapi.Heartbeat {
			return mqttapi.Heartbeat{CPU: 4, MemMB: 60, DiskMB: 9000, TempC: 41, SIP: mqttapi.LineUp}
		},
		Sample: func() map[string]float64 { return map[string]float64{mqttapi.SeriesCPU: 4, mqttapi.SeriesTemp: 41} },
		Pace: func() link.Pace {
			return link.Pace{Heartbeat: b.cfg.Heartbeat, Telemetry: b.cfg.Telemetry, Spread: b.cfg.Spread}
		},
		Reported:  t.Reported,
		OnConfig:  t.Desired,
		OnCommand: func(ctx context.Context, e mqttapi.Envelope, c mqttapi.Command) { r.Command(ctx, e, c) },
	})
	r = remote.New(remote.Deps{Inbox: b.box, Say: l.Result, Doers: b.doers(restart), Now: l.Now, Log: b.cfg.Log})
	return l, t, r
}

// own are the settings that a simulated booth begins with.
func (b *Booth) own() fleet.Settings {
	text := func(s string) *string { return &s }
	number := func(n int) *int { return &n }
	whole := func(d time.Duration) *int { return number(max(5, int(d/time.Second))) }
	off := false
	return fleet.Settings{
		NameZh: text("模拟亭 " + b.who.Booth), NameEn: text("Simulated " + b.who.Booth), AddressZh: text(""), AddressEn: text(""),
		NoticeZh: text(""), NoticeEn: text(""), IdleS: number(60), VolumeStep: number(0), Brightness: number(100),
		HeartbeatS: whole(b.cfg.Heartbeat), TelemetryS: whole(b.cfg.Telemetry), SpreadS: number(max(0, int(b.cfg.Spread/time.Second))),
		LogLevel: text("info"), OutOfOrder: &off,
	}
}

// doers work on the board in memory. What they do is counted by the command's own number, which its arguments carry.
func (b *Booth) doers(restart func()) map[fleet.CommandName]remote.Doer {
	lamp := func(_ context.Context, args json.RawMessage, _ func(any)) (any, error) {
		b.carriedOut(args)
		if err := b.board.SetLamp(device.LampReady, true); err != nil {
			return nil, err
		}
		return map[string]string{"booth": b.who.Booth}, nil
	}
	return map[fleet.CommandName]remote.Doer{
		fleet.CommandTone: lamp, fleet.CommandMessage: lamp, fleet.CommandSelfTest: lamp,
		fleet.CommandRestart: func(context.Context, json.RawMessage, func(any)) (any, error) { restart(); return nil, nil },
	}
}

func (b *Booth) carriedOut(args json.RawMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done[string(args)]++
}

// happen makes events, spread as those of many people are.
func (b *Booth) happen(ctx context.Context, l *link.Link) {
	if b.cfg.EventEvery <= 0 {
		return
	}
	for {
		t := time.NewTimer(time.Duration(b.dice.ExpFloat64() * float64(b.cfg.EventEvery)))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		if b.quiet.Load() {
			continue
		}
		n := b.next()
		if err := l.Event(ctx, mqttapi.Event{Type: EventSim, Data: map[string]any{"run": b.cfg.Run, "n": n}}); err == nil {
			b.sure(n)
		}
	}
}

// next numbers an event; until sure is said, nobody can know whether it is on disk.
func (b *Booth) next() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made++
	b.unsure[b.made] = true
	return b.made
}

// sure: from here on it may not be lost.
func (b *Booth) sure(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.unsure, n)
}
