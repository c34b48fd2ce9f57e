package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/firmware/herd"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// A booth whose disk was copied, and both disks run: neither can be trusted any more, and nobody else notices.
func TestClonedBooth(t *testing.T) {
	t.Parallel()
	c := startCore(t)
	cfg := c.troubled(3)
	c.play(cfg, func(*scene) {}).whole(t)
	dir, copied := filepath.Join(c.data, "boothsim"), t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	op, err := newOperator(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{simulation: &simulation{cfg: cfg, op: op}, t: t, ctx: t.Context()}
	ids := []string{"sim-00001", "sim-00002", "sim-00003"}
	begin := time.Now()
	honest, clone := s.release(dir, ids...), s.release(copied, ids[0])
	s.until(2*patience, "quarantined", func() bool { return s.row(ids[0]).Standing == fleet.Quarantined })
	took := time.Since(begin)
	t.Logf("quarantined after %v", took.Round(100*time.Millisecond))
	if took > 30*time.Second {
		t.Errorf("quarantined after %v", took)
	}
	twin := []*herd.Booth{honest.Booths()[0], clone.Booths()[0]}
	s.until(patience, "both cut off", func() bool { return !twin[0].State().Online && !twin[1].State().Online })
	s.until(patience, "the others are online", func() bool { return honest.Online() == 2 })
	if b := s.row(ids[0]); !strings.Contains(b.Reason, "two devices") {
		t.Errorf("reason %q", b.Reason)
	}
	if len(s.events(ids[0], "clone")) == 0 {
		t.Error("no event tells of it")
	}
	var audit httpapi.Audit
	if s.ask(http.MethodGet, httpapi.PathAudit+"?booth="+ids[0]+"&actor=fleet", nil, &audit); len(audit.Entries) == 0 || audit.Entries[0].Action != "quarantine" {
		t.Errorf("%+v", audit)
	}
	s.live(either(time.Minute, 5*time.Second), func() error { // they try again and again, and stay out
		if b := s.row(ids[0]); b.Standing != fleet.Quarantined || twin[0].State().Online && twin[1].State().Online {
			t.Fatalf("%+v, %+v, %+v", b, twin[0].State(), twin[1].State())
		}
		return nil
	})
	if honest.Online() != 2 {
		t.Error("the others are not online any more")
	}
}

// release lets booths live whose disks are in dir.
func (s *scene) release(dir string, booths ...string) *herd.Herd {
	s.t.Helper()
	var who []*enrol.Identity
	for _, b := range booths {
		who = append(who, identity(s.t, dir, b))
	}
	h, err := herd.New(s.ctx, herd.Config{
		Identities: who, Dir: dir, Run: id.New(), Heartbeat: 5 * time.Second, Telemetry: 5 * time.Second, Spread: 2 * time.Second,
		EventEvery: time.Second, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	})
	return h
}
