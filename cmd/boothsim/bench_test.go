package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	benchBooths = flag.Int("bench.booths", 2000, "booths of BenchmarkFleet")
	benchFor    = flag.Duration("bench.for", time.Minute, "steady time of BenchmarkFleet")
)

// cpu is the processor time that cloudd has used.
func (c *core) cpu() time.Duration {
	c.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, errUser := strconv.ParseInt(fields[11], 10, 64)
	system, errSystem := strconv.ParseInt(fields[12], 10, 64)
	if errUser != nil || errSystem != nil {
		c.t.Fatalf("stat: %s", text)
	}
	const tick = 10 * time.Millisecond // USER_HZ
	return time.Duration(user+system) * tick
}

// resident is cloudd's memory in MB.
func (c *core) resident() float64 {
	c.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", c.cmd.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	pages, err := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	if err != nil {
		c.t.Fatal(err)
	}
	return pages * float64(os.Getpagesize()) / 1e6
}

func loadAverage(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		b.Fatal(err)
	}
	load, err := strconv.ParseFloat(strings.Fields(string(text))[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return load
}

// BenchmarkFleet has a fleet of booths on this machine's cores, theirs included: how long they take to be back after the core was started
// again, what the core costs while they live as booths do, and how fast a command comes through.
func BenchmarkFleet(b *testing.B) {
	for b.Loop() {
		benchFleet(b)
	}
}

func benchFleet(b *testing.B) {
	b.ReportMetric(loadAverage(b), "load")
	c := startCore(b)
	cfg := c.config()
	cfg.Booths, cfg.Heartbeat, cfg.Telemetry, cfg.Spread = *benchBooths, time.Minute, time.Minute, 10*time.Second
	cfg.Events, cfg.Commands, cfg.Settle = 1, 2, 5*time.Minute
	s := &simulation{cfg: cfg, log: slog.New(slog.DiscardHandler), progress: os.Stderr}
	cfg.For = 2**benchFor + 2*time.Minute
	s.cfg.For = cfg.For
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	measured := make(chan struct{})
	s.there = func() { go func() { defer close(measured); s.measure(ctx, b, c) }() }
	r, err := s.run(ctx)
	if err != nil {
		b.Fatal(err)
	}
	<-measured
	if r.Online != cfg.Booths || r.Lost != 0 || r.Duplicated != 0 || r.CommandsTwice != 0 {
		b.Errorf("%+v", r)
	}
	b.ReportMetric(r.P99CommandMS, "p99-with-restart-ms")
	b.ReportMetric(float64(r.OfflineAlarms), "false-alarms")
	b.ReportMetric(float64(r.OnlineAfterMS)/1000, "first-online-s")
}

// measure first lets them live, then starts the core again.
func (s *simulation) measure(ctx context.Context, b *testing.B, c *core) {
	pause(ctx, *benchFor/4) // those who came have said hello
	before := c.cpu()
	pause(ctx, *benchFor)
	b.ReportMetric(100*(c.cpu()-before).Seconds()/benchFor.Seconds(), "cpu-%")
	b.ReportMetric(c.resident(), "rss-MB")
	var steady result // of commands before the restart
	steady.commands(s.op)
	b.ReportMetric(steady.P50CommandMS, "p50-command-ms")
	b.ReportMetric(steady.P99CommandMS, "p99-command-ms")
	b.ReportMetric(float64(steady.CommandsDone), "commands")
	c.stop()
	ready := c.start()
	b.ReportMetric(ready.Seconds(), "start-s")
	begin := time.Now()
	s.await(ctx, "after a restart", func() bool { return s.herd.Online() == s.cfg.Booths })
	b.ReportMetric(time.Since(begin).Seconds(), "back-online-s")
	s.finish()
}
