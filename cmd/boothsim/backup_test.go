package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A fleet that is put back from a backup has forgotten what it acknowledged. Its booths no longer hold those rows; they say so, and what
// they hold is stored again.
func TestCoreFromABackup(t *testing.T) {
	c := startCore(t)
	cfg := c.config()
	cfg.Booths, cfg.Events, cfg.Commands, cfg.For = 3, 120, 0, 5*time.Second
	c.simulate(cfg, func(context.Context) {})
	c.stop()
	db := filepath.Join(c.data, "cloud", "fleet.db")
	backup, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	c.start()
	c.simulate(cfg, func(context.Context) {})
	c.stop()
	if err := os.WriteFile(db, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, extra := range []string{db + "-wal", db + "-shm"} {
		_ = os.Remove(extra)
	}
	c.start()
	if r := c.simulate(cfg, func(context.Context) {}); r.Online != 3 || r.Lost != 0 || r.Duplicated != 0 || r.EventsSent == 0 {
		t.Errorf("%+v", r)
	}
}
