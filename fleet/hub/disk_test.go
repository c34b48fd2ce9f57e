package hub_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet/httpapi"
)

// smallDisk mounts a disk of 2 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("needs root to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestAFullDiskLosesNothing(t *testing.T) {
	dir := smallDisk(t)
	k := newKitOn(t, openStore(t, filepath.Join(dir, "fleet.db")), time.Now, "a", "b")
	k.run()
	k.commit(k.birth("a", 1, "boot"))
	filler := filepath.Join(dir, "filler")
	seq := int64(0)
	for round := range 3 {
		fill(t, filler)
		failed := false
		for range 5000 {
			acks, err := k.hub.Commit(context.Background(), append(
				k.ledgerRows("a", seq+1, seq+20), k.ledgerRows("b", seq+1, seq+20)...))
			if err != nil {
				if acks != nil {
					t.Fatalf("acknowledged %+v with %v", acks, err)
				}
				failed = true
				break
			}
			seq += 20
			fill(t, filler) // what the database gave back
		}
		if !failed {
			t.Fatal("the disk never became full")
		}
		// What operators do fails too, and says so; what they read is answered.
		if _, err := k.hub.SetDesired(context.Background(), key("a"), "desk:op", httpapi.TwinChange{
			IfVersion: int64(round), Config: raw(map[string]any{"brightness": 50}),
		}); err == nil {
			t.Log("there was room for a config")
		} else if _, err := k.store.Booth(context.Background(), key("a")); err != nil {
			t.Errorf("read on a full disk: %v", err)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		acks := k.commit(append(k.ledgerRows("a", seq+1, seq+20), k.ledgerRows("b", seq+1, seq+20)...)...)
		seq += 20
		if upto(acks, "ob-a") != seq || upto(acks, "ob-b") != seq {
			t.Fatalf("after the disk had room again: %+v, want %d", acks, seq)
		}
		if tw, err := k.store.Twin(context.Background(), key("a")); err != nil || tw.Version == int64(round) {
			if _, err := k.hub.SetDesired(context.Background(), key("a"), "desk:op", httpapi.TwinChange{
				IfVersion: int64(round), Config: raw(map[string]any{"brightness": 50}),
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, b := range []string{"a", "b"} {
		l := &ledger{said: map[string]int64{b: seq}, names: []string{b}}
		l.check(t, k.store)
	}
}

// fill takes all the room that is left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}
