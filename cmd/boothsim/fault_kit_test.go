package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/firmware/herd"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// How long and how true to life the tests of faults are: by default short enough for every day.
var (
	long         = flag.Bool("long", false, "tests of faults take the times of real booths and real outages: minutes instead of seconds")
	restarts     = flag.Int("restarts", 2, "how often TestCoreRestarts stops the core and starts it again")
	restartEvery = flag.Duration("restart-every", 6*time.Second, "pause between two of them")
	lossFor      = flag.Duration("loss-for", 20*time.Second, "how long TestLossyLine loses packets")
)

// either is a when -long is given, else b.
func either[T any](a, b T) T {
	if *long {
		return a
	}
	return b
}

// patience bounds what has to happen, on a busy machine.
const patience = 60 * time.Second

// scene is a simulation that a test interferes with.
type scene struct {
	*simulation
	t   testing.TB
	ctx context.Context
}

// play runs a simulation; during is called, on the test's goroutine, once all booths are online, and afterwards everything has to be said
// and is compared.
func (c *core) play(cfg Config, during func(s *scene)) result {
	c.t.Helper()
	cfg.Commands, cfg.For = 0, time.Millisecond
	log := &guarded{}
	c.t.Cleanup(func() {
		if text := log.String(); c.t.Failed() {
			c.t.Logf("the booths said last:\n%s", text[max(0, len(text)-20_000):])
		}
	})
	s := &scene{
		simulation: &simulation{cfg: cfg, log: slog.New(slog.NewTextHandler(log, nil)), progress: &bytes.Buffer{}}, t: c.t, ctx: c.t.Context(),
	}
	s.there = func() {
		during(s)
		s.ended()
	}
	r, err := s.run(s.ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.print(&text, true); err != nil {
		c.t.Fatal(err)
	}
	c.t.Log(strings.TrimSpace(text.String()))
	return r
}

// whole checks that nothing was lost or done twice, and that all booths are back.
func (r result) whole(t testing.TB) {
	t.Helper()
	if r.Online != r.Booths || r.Lost != 0 || r.Duplicated != 0 || r.CommandsTwice != 0 || r.CommandsOpen != 0 || r.EventsSent < int64(r.Booths) {
		t.Errorf("%+v", r)
	}
}

// until waits for something to become true, at most as long as is said.
func (s *scene) until(most time.Duration, what string, ok func() bool) {
	s.t.Helper()
	until(s.t, most, what, ok)
}

func until(t testing.TB, most time.Duration, what string, ok func() bool) {
	t.Helper()
	late := time.Now().Add(most)
	for tick := time.NewTicker(100 * time.Millisecond); !ok(); <-tick.C {
		if time.Now().After(late) {
			t.Fatalf("not within %v: %s", most, what)
		}
	}
}

// live lets things go on for a while, during which always must hold.
func (s *scene) live(d time.Duration, always func() error) {
	s.t.Helper()
	over := time.Now().Add(d)
	for tick := time.NewTicker(100 * time.Millisecond); time.Now().Before(over); <-tick.C {
		if err := always(); err != nil {
			s.t.Fatal(err)
		}
	}
}

// rows are the booths as the fleet sees them.
func (s *scene) rows() []httpapi.Booth {
	s.t.Helper()
	var page httpapi.Booths
	q := url.Values{"group": {group}, "limit": {"200"}}
	s.ask(http.MethodGet, httpapi.PathBooths+"?"+q.Encode(), nil, &page)
	return page.Booths
}

func (s *scene) row(booth string) (b httpapi.Booth) {
	s.t.Helper()
	s.ask(http.MethodGet, path(httpapi.PathBooth, booth), nil, &b)
	return b
}

// all reports whether the fleet holds every booth to be so.
func (s *scene) all(p fleet.Presence) bool {
	for _, b := range s.rows() {
		if b.Presence != p {
			return false
		}
	}
	return true
}

func (s *scene) ask(method, path string, in, out any) {
	s.t.Helper()
	if err := s.op.staff.Do(s.ctx, method, path, in, out); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func path(p, booth string) string { return strings.Replace(p, "{id}", url.PathEscape(booth), 1) }

// order gives every booth a command.
func (s *scene) order() {
	s.t.Helper()
	for _, b := range s.herd.Booths() {
		if err := s.op.command(s.ctx, b.ID()); err != nil {
			s.t.Fatal(err)
		}
	}
}

// numbers are those of a booth's events as the fleet lists them, newest first.
func (s *scene) numbers(booth string) (n []int64) {
	s.t.Helper()
	for _, e := range s.events(booth, herd.EventSim) {
		var data struct{ N int64 }
		if err := json.Unmarshal(e.Data, &data); err != nil {
			s.t.Fatal(err)
		}
		n = append(n, data.N)
	}
	if len(n) == 0 {
		s.t.Fatalf("%s: no events", booth)
	}
	return n
}

// inOrder checks that a list goes back in time without a step forward.
func (s *scene) inOrder(booth string, n []int64) {
	s.t.Helper()
	if !slices.IsSortedFunc(n, func(a, b int64) int { return cmp.Compare(b, a) }) {
		s.t.Errorf("%s: events are listed out of order: %v", booth, n)
	}
}

// events are all of a booth that have a type, newest first.
func (s *scene) events(booth string, kind mqttapi.EventType) (all []httpapi.Event) {
	s.t.Helper()
	for cursor := ""; ; {
		var page httpapi.Events
		q := url.Values{"type": {string(kind)}, "limit": {"500"}, "cursor": {cursor}}
		s.ask(http.MethodGet, path(httpapi.PathEvents, booth)+"?"+q.Encode(), nil, &page)
		all = append(all, page.Events...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// ended waits until all commands have ended, even those of which the news came while nobody listened.
func (s *scene) ended() {
	s.t.Helper()
	s.until(2*patience, "all commands ended", func() bool {
		if s.op.open() > 0 {
			s.op.look(s.ctx)
		}
		return s.op.open() == 0
	})
}

// identity is one that an earlier simulation left on disk.
func identity(t testing.TB, dir, booth string) *enrol.Identity {
	t.Helper()
	e := enrol.New(enrol.Deps{Dir: filepath.Join(dir, "identities", booth)})
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	i, err := e.Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// smallDisk mounts a disk of so many MiB, or skips the test.
func smallDisk(t testing.TB, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("needs root to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

var errAlarm = errors.New("a booth is said to be offline, and none is")

// calm holds while no booth was called offline.
func (s *scene) calm() error {
	s.op.mu.Lock()
	defer s.op.mu.Unlock()
	if s.op.gone > 0 {
		return errAlarm
	}
	return nil
}
