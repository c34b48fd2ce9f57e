package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/firmware/facts"
	"github.com/laoyou/laoyou/firmware/health"
	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/remote"
	"github.com/laoyou/laoyou/firmware/twin"
	"github.com/laoyou/laoyou/firmware/upkeep"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/config"
)

// errRestart ends the program because the fleet wants it to begin anew; whoever supervises it starts it again.
var errRestart = errors.New("restarting, as the fleet wants")

// member is the booth as a member of its fleet: identity, line, twin, commands, facts.
type member struct {
	b      *booth
	log    *slog.Logger
	enrol  *enrol.Enroller
	file   *link.File
	box    *link.Box
	link   *link.Link
	twin   atomic.Pointer[twin.Twin] // nil before the booth has an identity
	remote *remote.Remote
	teller *facts.Teller
	meter  *health.Meter
	end    context.CancelCauseFunc
}

// newMember prepares the membership, nil for a booth that stands alone: because it is told to, or because it has a token for the core of
// its own and nobody gave it one for the fleet.
func newMember(ctx context.Context, cfg Config, b *booth, log *slog.Logger) (*member, error) {
	if cfg.Fleet.Mode != fleetOn {
		return nil, nil
	}
	m := &member{b: b, log: log, meter: health.New(cfg.Data)}
	m.enrol = enrol.New(enrol.Deps{
		Dir: filepath.Join(cfg.Data, "booth", "identity"), Core: func() string { return cfg.Cloud.URL }, Token: oneTimeToken(cfg),
		Board: cfg.Board.Profile, Firmware: version, Show: m.show, Renewed: m.renewed,
		Ask: func(ctx context.Context, q mqttapi.Request) (mqttapi.Reply, error) { return m.link.Ask(ctx, q) },
		Now: func() time.Time { return m.link.Now() }, Log: log,
	})
	_, err := os.Readlink(filepath.Join(cfg.Data, "booth", "identity", "current"))
	if b.token.get() != "" && cfg.Fleet.TokenFile == "" && err != nil {
		log.Info("not in a fleet: the booth has its own token for the core; give it fleet.token_file to join")
		return nil, nil
	}
	if err := os.MkdirAll(filepath.Join(cfg.Data, "booth"), 0o700); err != nil {
		return nil, &config.UsageError{Msg: fmt.Sprintf("data: %v", err)}
	}
	if m.file, err = link.Open(ctx, filepath.Join(cfg.Data, "booth", "link.db")); err != nil {
		return nil, err
	}
	if m.box, err = m.file.Box(ctx, "booth"); err != nil {
		return nil, errors.Join(err, m.file.Close())
	}
	m.link = link.New(link.Deps{
		Store: m.box, Line: m.line, Birth: m.birth, Pulse: m.pulse, Sample: m.sample, Pace: m.pace, Built: built(), Log: log,
		Reported:  func() mqttapi.Applied { return m.twin.Load().Reported() },
		OnConfig:  func(ctx context.Context, e mqttapi.Envelope, c mqttapi.Config) { m.twin.Load().Desired(ctx, e, c) },
		OnCommand: func(ctx context.Context, e mqttapi.Envelope, c mqttapi.Command) { m.remote.Command(ctx, e, c) },
		OnState:   m.state,
	})
	m.remote = remote.New(remote.Deps{Inbox: m.box, Say: m.link.Result, Doers: upkeep.Doers(m.reach(cfg)), Now: m.link.Now, Log: log})
	m.measure()
	m.teller = facts.New(facts.Deps{Journal: b.journal, Tell: m.link.Event, Log: log})
	return m, nil
}

// measure shows the line's state to whoever watches this booth from beside it.
func (m *member) measure() {
	for name, g := range map[string]struct {
		help string
		of   func(link.State) float64
	}{
		"online":       {"1 while in touch with the fleet", func(s link.State) float64 { return float64(map[bool]int{true: 1}[s.Online]) }},
		"pending_rows": {"rows of the outbox that wait for an acknowledgment", func(s link.State) float64 { return float64(s.Pending) }},
		"memory_rows":  {"of those, in memory because the disk does not take them", func(s link.State) float64 { return float64(s.Memory) }},
		"dropped_rows": {"rows that had to go, since the outbox was made", func(s link.State) float64 { return float64(s.Dropped) }},
	} {
		prometheus.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "laoyou_link_" + name, Help: g.help},
			func() float64 { return g.of(m.link.State()) }))
	}
}

// oneTimeToken reads the file each time: who started us may write it later.
func oneTimeToken(cfg Config) func() string {
	return func() string {
		if cfg.Fleet.TokenFile == "" {
			return ""
		}
		text, err := os.ReadFile(cfg.Fleet.TokenFile)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(text))
	}
}

// built is when this program was built, as far as it knows: no earlier time is believed.
func built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			if at, err := time.Parse(time.RFC3339, s.Value); err == nil {
				return at
			}
		}
	}
	return time.Time{}
}

// run keeps the membership until ctx is done. Before the booth has an identity there is nothing but the wish for one.
func (m *member) run(ctx context.Context, end context.CancelCauseFunc) error {
	m.end = end
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return m.enrol.Run(ctx) })
	parts.Go(func() error {
		if !m.joined(ctx) {
			return nil
		}
		if err := m.settle(ctx); err != nil {
			return err
		}
		parts.Go(func() error { return m.link.Run(ctx) })
		parts.Go(func() error { return m.remote.Run(ctx) })
		parts.Go(func() error { return m.teller.Run(ctx) })
		parts.Go(func() error { m.watch(ctx); return nil })
		boot := mqttapi.Event{Type: mqttapi.EventBoot, Data: map[string]any{"fw": version, "board": m.b.cfg.Board.Profile}}
		if err := m.link.Event(ctx, boot); err != nil && ctx.Err() == nil {
			m.log.WarnContext(ctx, "event not stored", "type", boot.Type, "error", err)
		}
		return nil
	})
	return errors.Join(parts.Wait(), m.file.Close())
}

// patience is how long a claim code may be on its way before the screen says that the fleet cannot be reached.
const patience = 10 * time.Second

// joined waits for an identity.
func (m *member) joined(ctx context.Context) bool {
	lonely := m.b.token.get() == ""
	if _, err := m.enrol.Identity(); err != nil && lonely && m.b.cfg.Fleet.TokenFile == "" {
		m.b.setup.claim(&present.Claim{})
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-late.C:
			if lonely && m.b.setup.waits() {
				m.b.setup.claim(&present.Claim{Problem: true})
			}
		case <-m.enrol.Ready():
			m.b.setup.claim(nil)
			return true
		}
	}
}

// show puts a claim on the screen of a booth that cannot do without.
func (m *member) show(c *fleet.Claim) {
	if m.b.token.get() != "" {
		return
	}
	if c == nil {
		m.b.setup.claim(&present.Claim{})
		return
	}
	m.b.setup.claim(&present.Claim{Code: c.Code, URL: c.URL})
}

// renewed takes a new identity into use: from the next connection on.
func (m *member) renewed() {
	i, err := m.enrol.Identity()
	if err != nil {
		return
	}
	m.b.setup.named(i.Booth, i.PlaceZh, i.PlaceEn)
	if m.b.token.get() == "" || m.b.fromFleet {
		m.b.fromFleet = true
		m.b.token.set(i.Token)
	}
	if m.link != nil {
		m.link.Hurry()
	}
}

// settle puts the last settings of the fleet into force before anything is said.
func (m *member) settle(ctx context.Context) error {
	own := m.b.setup.settings(m.b.cfg)
	if err := twin.Check(own); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	t := twin.New(twin.Deps{
		Store: m.box, Defaults: own, Changed: func() { m.link.Report() }, Log: m.log, Appliers: m.b.appliers(),
		Applied: func(ctx context.Context, e mqttapi.Event) {
			if err := m.link.Event(ctx, e); err != nil {
				m.log.WarnContext(ctx, "event not stored", "type", e.Type, "error", err)
			}
		},
	})
	m.twin.Store(t)
	if err := t.Start(ctx); err != nil {
		m.log.ErrorContext(ctx, "the fleet's settings are not in force", "error", err)
	}
	return nil
}

func (m *member) line() (link.Line, error) {
	i, err := m.enrol.Identity()
	if err != nil {
		return link.Line{}, link.ErrNoLine
	}
	l := link.Line{Key: i.Key(), Broker: i.Broker, TLS: i.TLS()}
	if m.b.cfg.Fleet.Broker != "" {
		l.Broker = m.b.cfg.Fleet.Broker
	}
	return l, nil
}

func (m *member) birth() mqttapi.Birth {
	b := mqttapi.Birth{Firmware: version, Config: m.twin.Load().Version(), Board: m.b.cfg.Board.Profile}
	if i, err := m.enrol.Identity(); err == nil {
		b.Serial = i.Serial()
	}
	return b
}

func (m *member) pulse() mqttapi.Heartbeat {
	r := m.meter.Read()
	return mqttapi.Heartbeat{CPU: r.CPU, MemMB: r.MemMB, DiskMB: r.DiskMB, TempC: r.TempC, SIP: m.b.line.state(), Visit: m.visiting()}
}

func (m *member) sample() map[string]float64 {
	r, n := m.meter.Read(), m.teller.Counts()
	return map[string]float64{
		mqttapi.SeriesCPU: r.CPU, mqttapi.SeriesMem: float64(r.MemMB), mqttapi.SeriesDisk: float64(r.DiskMB), mqttapi.SeriesTemp: r.TempC,
		mqttapi.SeriesVisits: float64(n.Visits), mqttapi.SeriesCalls: float64(n.Calls),
	}
}

func (m *member) pace() link.Pace {
	c := m.b.cfg.Fleet
	p := link.Pace{Heartbeat: c.Heartbeat, Telemetry: c.Telemetry, Spread: c.Spread}
	if t := m.twin.Load(); t != nil {
		s := t.Settings()
		p = link.Pace{Heartbeat: seconds(*s.HeartbeatS), Telemetry: seconds(*s.TelemetryS), Spread: seconds(*s.SpreadS)}
	}
	if p.Spread == 0 {
		p.Spread = -1 // at once, in the link's words
	}
	return p
}

func (m *member) state(s link.State) {
	if s.Online {
		m.log.Info("in touch with the fleet", "epoch", s.Epoch)
		return
	}
	m.log.Warn("out of touch with the fleet", "error", s.Error)
}

func (m *member) visiting() bool {
	v, _ := m.b.front.View()
	return v.Visit != ""
}

// watch tells the remote control whether a citizen is there, and the line that it is wanted.
func (m *member) watch(ctx context.Context) {
	before := false
	for {
		v, changed := m.b.front.View()
		if now := v.Visit != ""; now != before {
			before = now
			m.remote.Visiting(now)
			if now {
				m.link.Hurry()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// cut is the test door's switch.
func (m *member) cut(off bool) {
	if m != nil {
		m.link.Cut(off)
	}
}
