package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// filler takes all the room that a disk has left, again and again: databases give some back now and then.
type filler struct {
	t    testing.TB
	path string
}

func (f filler) fill() {
	f.t.Helper()
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, size := range []int{256 << 10, 4 << 10} {
		for block := make([]byte, size); ; {
			if _, err := file.Write(block); err != nil {
				break
			}
		}
	}
}

func (f filler) free() {
	f.t.Helper()
	if err := os.Remove(f.path); err != nil {
		f.t.Fatal(err)
	}
}

// talkative is a herd that fills disks.
func (c *core) talkative() Config {
	cfg := c.config()
	cfg.Booths, cfg.Events = 8, 600
	return cfg
}

// The core's disk is full: nothing that comes is acknowledged, so it stays where it is; operators still see the fleet; with room again all
// of it is stored.
func TestDiskOfTheCoreIsFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "24m")
	c := startCore(t, func(c *core) { c.data = filepath.Join(disk, "data") })
	cfg := c.talkative()
	cfg.Dir = t.TempDir()
	r := c.play(cfg, func(s *scene) {
		f := filler{t, filepath.Join(disk, "filler")}
		for round := range either(5, 2) {
			before := s.herd.Pending()
			s.until(2*patience, "booths keep what the core does not take", func() bool {
				f.fill()
				return s.herd.Pending() > before+400
			})
			s.live(either(time.Minute, 2*time.Second), func() error { f.fill(); return nil })
			var sum httpapi.Summary
			if s.ask(http.MethodGet, httpapi.PathSummary, nil, &sum); sum.Total != s.cfg.Booths {
				t.Errorf("read on a full disk: %+v", sum)
			}
			t.Logf("round %d: %d rows wait", round, s.herd.Pending())
			f.free()
			s.until(2*patience, "all is stored", func() bool { return s.herd.Pending() < 100 })
		}
		s.until(patience, "all online", func() bool { return s.all(fleet.Online) })
	})
	r.whole(t)
}

// A booth's disk is full: what it cannot write stays in memory, its line comes back all the same, and with room again nothing is missing,
// not even what was never on disk.
func TestDiskOfTheBoothIsFull(t *testing.T) {
	t.Parallel()
	c := startCore(t)
	cfg := c.talkative()
	cfg.Booths, cfg.Dir = 4, smallDisk(t, "6m")
	r := c.play(cfg, func(s *scene) {
		f := filler{t, filepath.Join(cfg.Dir, "filler")}
		memory := func() (n int) {
			for _, b := range s.herd.Booths() {
				n += b.State().Memory
			}
			return n
		}
		s.until(2*patience, "rows stay in memory", func() bool {
			f.fill()
			return memory() > 100
		})
		for _, b := range s.herd.Booths() {
			b.Drop()
		}
		s.until(patience, "they know it", func() bool { return s.herd.Online() < s.cfg.Booths })
		s.until(2*patience, "online with a full disk", func() bool { f.fill(); return s.herd.Online() == s.cfg.Booths })
		if memory() == 0 {
			t.Error("the disk was not full any more")
		}
		f.free()
		s.until(2*patience, "memory is written down", func() bool { return memory() == 0 })
		s.herd.Quiet()
		s.until(2*patience, "all is said", func() bool { return s.herd.Pending() == 0 })
		for _, b := range s.herd.Booths() {
			n := s.numbers(b.ID())
			if dropped := b.State().Dropped; dropped != 0 || n[0] != int64(len(n)) {
				t.Errorf("%s: %d events, newest %d, dropped %d rows", b.ID(), len(n), n[0], dropped)
			}
			s.inOrder(b.ID(), n)
		}
	})
	r.whole(t)
}
