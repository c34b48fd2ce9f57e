package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var (
	kills = flag.Int("kills", 2, "how often TestNothingIsLost kills cloudd")
	herdN = flag.Int("herd", 40, "booths of TestNothingIsLost")
)

func (c *core) config() Config {
	cfg := defaults()
	cfg.Data, cfg.Booths, cfg.Heartbeat, cfg.Telemetry, cfg.Spread = c.data, 40, 5*time.Second, 10*time.Second, 2*time.Second
	return cfg
}

// simulate runs a simulation; during is called once all booths are online.
func (c *core) simulate(cfg Config, during func(ctx context.Context)) result {
	c.t.Helper()
	s := &simulation{cfg: cfg, log: slog.New(slog.DiscardHandler), progress: &bytes.Buffer{}}
	ctx, cancel := context.WithCancel(c.t.Context())
	defer cancel()
	over := make(chan struct{})
	s.there = func() {
		go func() {
			defer close(over)
			during(ctx)
		}()
	}
	r, err := s.run(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	cancel()
	<-over
	var text bytes.Buffer
	if err := r.print(&text, true); err != nil {
		c.t.Fatal(err)
	}
	c.t.Log(strings.TrimSpace(text.String()))
	return r
}

// TestNothingIsLost kills the core again and again while booths talk; they come back, and nobody holds one to be offline.
func TestNothingIsLost(t *testing.T) {
	c := startCore(t)
	cfg := c.config()
	cfg.Booths, cfg.Events, cfg.Commands = *herdN, 60, 5
	cfg.For = time.Duration(*kills+1) * 8 * time.Second
	dice := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable
	slowest := time.Duration(0)
	r := c.simulate(cfg, func(ctx context.Context) {
		for range *kills {
			pause(ctx, time.Duration(2000+dice.IntN(6000))*time.Millisecond)
			if ctx.Err() != nil {
				return
			}
			c.kill()
			slowest = max(slowest, c.start())
		}
	})
	t.Logf("slowest start %v", slowest.Round(time.Millisecond))
	if r.Online != cfg.Booths || r.Lost != 0 || r.Duplicated != 0 || r.CommandsTwice != 0 || r.CommandsOpen != 0 {
		t.Errorf("%+v", r)
	}
	if r.OfflineAlarms != 0 {
		t.Errorf("%d booths were said to be offline, none was", r.OfflineAlarms)
	}
	if r.EventsSent < int64(cfg.Booths) || r.CommandsDone == 0 {
		t.Errorf("hardly anything happened: %+v", r)
	}
}

// Booths whose programs fall and whose connections break, seen or unseen, have said everything in the end, once.
func TestBoothsFallAndComeBack(t *testing.T) {
	c := startCore(t)
	cfg := c.config()
	cfg.Booths, cfg.Events, cfg.Commands, cfg.For = 20, 60, 5, 12*time.Second
	cfg.Faults = []string{"swallow:20", "drop:60", "crash:60"}
	if r := c.simulate(cfg, func(context.Context) {}); r.Online != 20 || r.Lost != 0 || r.Duplicated != 0 || r.CommandsTwice != 0 || r.CommandsOpen != 0 {
		t.Errorf("%+v", r)
	}
}

func TestTheSameBoothsComeBack(t *testing.T) {
	c := startCore(t)
	cfg := c.config()
	cfg.Booths, cfg.For = 3, time.Second
	for range 2 {
		if r := c.simulate(cfg, func(context.Context) {}); r.Online != 3 || r.Lost != 0 {
			t.Errorf("%+v", r)
		}
	}
	cfg.Dir = t.TempDir()
	s := &simulation{cfg: cfg, log: slog.New(slog.DiscardHandler), progress: &bytes.Buffer{}}
	if _, err := s.run(t.Context()); err == nil || !strings.Contains(err.Error(), "another --prefix") {
		t.Errorf("booths whose identities are elsewhere: %v", err)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	for _, args := range [][]string{{"--booths=0"}, {"--for=0s"}, {"--faults=fire:3"}, {"--faults=drop"}, {"--events=-1"}, {"more"}} {
		if code := run(args); code != 2 {
			t.Errorf("%v: exit code %d", args, code)
		}
	}
}

func TestPrintedResult(t *testing.T) {
	var text bytes.Buffer
	if err := (result{Online: 7, EventsSent: 9}).print(&text, true); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"online", "events_sent", "lost", "duplicated", "commands_done", "p99_command_ms"} {
		if _, ok := got[key]; !ok {
			t.Errorf("%s is missing in %s", key, text.String())
		}
	}
}
