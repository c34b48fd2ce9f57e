package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/firmware/herd"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/internal/id"
)

// group is the group of simulated booths in the registry.
const group = "boothsim"

// simulation is one run.
type simulation struct {
	cfg      Config
	log      *slog.Logger
	progress io.Writer
	op       *operator
	herd     *herd.Herd
	result   result
	there    func() // told when all booths are online; nil: nobody wants to know
	finish   func() // ends their life before its time
}

func (s *simulation) run(ctx context.Context) (result, error) {
	dir := s.cfg.Dir
	if dir == "" {
		dir = filepath.Join(s.cfg.Data, "boothsim")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return result{}, err
	}
	var err error
	if s.op, err = newOperator(ctx, s.cfg); err != nil {
		return result{}, err
	}
	who, err := s.enrolAll(ctx, dir)
	if err != nil {
		return result{}, err
	}
	run := id.New()
	s.herd, err = herd.New(ctx, s.herdConfig(dir, run, who))
	if err != nil {
		return result{}, err
	}
	life, end := context.WithCancel(ctx)
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- s.herd.Run(life) }()
	go s.op.watch(life)
	if err := s.live(life); err != nil {
		end()
		return result{}, errors.Join(err, <-ended)
	}
	err = s.compare(life, run)
	end()
	return s.result, errors.Join(err, <-ended)
}

func (s *simulation) herdConfig(dir, run string, who []*enrol.Identity) herd.Config {
	c := herd.Config{
		Identities: who, Dir: dir, Run: run, Heartbeat: s.cfg.Heartbeat, Telemetry: s.cfg.Telemetry, Spread: s.cfg.Spread,
		Seed: s.cfg.Seed, Log: s.log,
	}
	if c.Telemetry == 0 {
		c.Telemetry = -1
	}
	if c.Spread == 0 {
		c.Spread = -1
	}
	if s.cfg.Events > 0 {
		c.EventEvery = time.Duration(float64(time.Minute) / s.cfg.Events)
	}
	return c
}

// enrolments that are under way at once.
const atOnce = 16

// enrolAll gives every booth the identity it has on disk, or a new one from the fleet.
func (s *simulation) enrolAll(ctx context.Context, dir string) ([]*enrol.Identity, error) {
	who := make([]*enrol.Identity, s.cfg.Booths)
	var there atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce + 1)
	watch, stop := context.WithCancel(ctx)
	g.Go(func() error {
		s.show(watch, func() string { return fmt.Sprintf("identities: %d of %d", there.Load(), s.cfg.Booths) })
		return nil
	})
	for i := range who {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() (err error) {
			who[i], err = s.enrolOne(ctx, filepath.Join(dir, "identities"), i)
			if there.Add(1) == int64(len(who)) {
				stop()
			}
			return err
		})
	}
	err := g.Wait()
	stop()
	return who, err
}

func (s *simulation) enrolOne(ctx context.Context, dir string, i int) (*enrol.Identity, error) {
	booth := fmt.Sprintf("%s-%05d", s.cfg.Prefix, i+1)
	var token string
	var refused error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e := enrol.New(enrol.Deps{
		Dir: filepath.Join(dir, booth), Core: func() string { return s.op.core }, Board: "sim", Firmware: "sim", Log: s.log,
		Token: func() string { return token }, Renewed: cancel,
		Show: func(c *fleet.Claim) {
			if c != nil {
				refused = fmt.Errorf("booth %s: the fleet did not take the one-time token", booth)
				cancel()
			}
		},
	})
	switch err := e.Load(); {
	case err == nil:
		return e.Identity()
	case !errors.Is(err, enrol.ErrNone):
		return nil, err
	}
	var err error
	if token, err = s.op.letIn(ctx, booth, i); err != nil {
		return nil, fmt.Errorf("booth %s: %w (its identity is not in %s: use that of the run that made it, or another --prefix)", booth, err, dir)
	}
	if err := e.Run(ctx); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	return e.Identity()
}

// live waits until all are online, lets them live, and waits until all is said.
func (s *simulation) live(ctx context.Context) error {
	begin := time.Now()
	all := func() bool { return s.herd.Online() == s.cfg.Booths }
	if !s.await(ctx, "online", all) && ctx.Err() == nil {
		s.say("only %d of %d booths came online within %s", s.herd.Online(), s.cfg.Booths, s.cfg.Settle)
	}
	s.result.OnlineAfterMS = time.Since(begin).Milliseconds()
	busy, stop := context.WithTimeout(ctx, s.cfg.For)
	s.finish = stop
	defer stop()
	if s.there != nil {
		s.there()
	}
	var work sync.WaitGroup
	work.Go(func() { s.commands(busy) })
	faults, _ := parseFaults(s.cfg.Faults) // checked when the settings were read
	for _, f := range faults {
		work.Go(func() { s.faults(busy, f) })
	}
	s.show(busy, func() string {
		return fmt.Sprintf("online %d of %d, events %d, waiting %d, commands open %d", s.herd.Online(), s.cfg.Booths, s.herd.Sent(), s.herd.Pending(), s.op.open())
	})
	work.Wait()
	s.herd.Quiet()
	if ctx.Err() != nil {
		return errStopped
	}
	look, enough := context.WithCancel(ctx)
	defer enough()
	go s.op.keepLooking(look)
	s.await(ctx, "the rest", func() bool { return all() && s.herd.Pending() == 0 && s.op.open() == 0 })
	return nil
}

// commands go to booths by chance, evenly over time.
func (s *simulation) commands(ctx context.Context) {
	if s.cfg.Commands <= 0 {
		return
	}
	dice := rand.New(rand.NewPCG(s.cfg.Seed, 1<<32)) //nolint:gosec // a simulation is to be repeatable
	tick := time.NewTicker(time.Duration(float64(time.Second) / s.cfg.Commands))
	defer tick.Stop()
	booths := s.herd.Booths()
	var under sync.WaitGroup
	defer under.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b := booths[dice.IntN(len(booths))]
			under.Go(func() {
				if err := s.op.command(context.WithoutCancel(ctx), b.ID()); err != nil {
					s.log.Warn("command refused", "booth", b.ID(), "error", err)
				}
			})
		}
	}
}

// compare asks the fleet what it has.
func (s *simulation) compare(ctx context.Context, run string) error {
	booths := s.herd.Booths()
	online, err := s.op.online(ctx, group)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, b := range booths {
		g.Go(func() error {
			got, err := s.op.events(ctx, b.ID(), run, string(herd.EventSim))
			if err != nil {
				return err
			}
			lost, twice := b.Compare(got)
			mu.Lock()
			defer mu.Unlock()
			s.result.Lost, s.result.Duplicated = s.result.Lost+lost, s.result.Duplicated+twice
			s.result.CommandsTwice += b.Twice()
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	s.result.Booths, s.result.Online, s.result.EventsSent = s.cfg.Booths, online, s.herd.Sent()
	s.result.commands(s.op)
	return nil
}

// await waits for ok, at most the settling time, and reports whether it came.
func (s *simulation) await(ctx context.Context, what string, ok func() bool) bool {
	limit, cancel := context.WithTimeout(ctx, s.cfg.Settle)
	defer cancel()
	shown := time.Now()
	for !ok() {
		if limit.Err() != nil {
			return false
		}
		if time.Since(shown) > time.Second {
			s.say("%s: online %d of %d, waiting %d, commands open %d", what, s.herd.Online(), s.cfg.Booths, s.herd.Pending(), s.op.open())
			shown = time.Now()
		}
		pause(limit, 20*time.Millisecond)
	}
	return true
}

// show says how far it is, every two seconds until ctx ends.
func (s *simulation) show(ctx context.Context, text func() string) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.say("%s", text())
		}
	}
}

func (s *simulation) say(format string, args ...any) {
	fmt.Fprintf(s.progress, "boothsim: "+format+"\n", args...)
}

// result is what a run prints.
type result struct {
	Online        int            `json:"online"` // as the fleet sees it, at the end
	EventsSent    int64          `json:"events_sent"`
	Lost          int            `json:"lost"`
	Duplicated    int            `json:"duplicated"`
	CommandsDone  int            `json:"commands_done"`
	P99CommandMS  float64        `json:"p99_command_ms"`
	P50CommandMS  float64        `json:"p50_command_ms"`
	CommandsOpen  int            `json:"commands_open"`
	CommandsTwice int            `json:"commands_twice"`
	CommandsOther map[string]int `json:"commands_other"` // failed, expired, …
	OfflineAlarms int            `json:"offline_alarms"` // how often the fleet held a booth to be offline
	Booths        int            `json:"booths"`
	OnlineAfterMS int64          `json:"online_after_ms"`
}

func (r *result) commands(o *operator) {
	o.mu.Lock()
	defer o.mu.Unlock()
	slices.Sort(o.took)
	at := func(q float64) float64 {
		if len(o.took) == 0 {
			return 0
		}
		return float64(o.took[int(q*float64(len(o.took)-1))].Microseconds()) / 1000
	}
	r.OfflineAlarms = o.gone
	r.CommandsDone, r.CommandsOpen, r.CommandsOther = len(o.took), len(o.sent), o.bad
	r.P50CommandMS, r.P99CommandMS = at(0.5), at(0.99)
}
