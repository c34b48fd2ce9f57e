package hub_test

import (
	"context"
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
)

var kills = flag.Int("kills", 20, "how often the process that commits is killed")

// childEnv holds the database of a child process that commits what it is sent.
const childEnv = "LAOYOU_TEST_FLEET_DB"

// TestChild is not a test: it is the process that is killed. It commits the batches that come in and says what it would acknowledge.
func TestChild(t *testing.T) {
	path := os.Getenv(childEnv)
	if path == "" {
		t.Skip("runs as a child of TestKilledWhileItCommits")
	}
	k := newKitOn(t, openStore(t, path), time.Now)
	k.run()
	in, out := gob.NewDecoder(os.NewFile(3, "in")), gob.NewEncoder(os.NewFile(4, "out"))
	for {
		var batch []ingest.Record
		if err := in.Decode(&batch); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		acks, err := k.hub.Commit(context.Background(), batch)
		if err != nil {
			t.Fatal(err)
		}
		if err := out.Encode(acks); err != nil {
			t.Fatal(err)
		}
	}
}

// ledger is what booths know: what they have said, and what was acknowledged.
type ledger struct {
	k      *kit
	names  []string
	acked  map[string]int64
	said   map[string]int64 // newest row that was ever sent
	epoch  int64
	batch  int
	random *rand.Rand
}

const window = 32

// next is a batch: every booth sends from its oldest unacknowledged row on, facts and telemetry mixed, some rows twice.
func (l *ledger) next() []ingest.Record {
	var batch []ingest.Record
	for _, n := range l.names {
		if l.random.IntN(3) == 0 {
			continue
		}
		from := l.acked[n] + 1
		to := from + l.random.Int64N(window)
		for _, r := range l.k.ledgerRows(n, from, to) {
			batch = append(batch, r)
			if l.random.IntN(8) == 0 {
				batch = append(batch, r)
			}
		}
		l.said[n] = max(l.said[n], to)
	}
	return batch
}

// round runs a child and kills it after a while, most likely in the middle of a transaction.
func (l *ledger) round(t *testing.T, path string, killAfter time.Duration) {
	t.Helper()
	toChild, in := pipe(t)
	out, fromChild := pipe(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	cmd.ExtraFiles = []*os.File{toChild, fromChild}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = toChild.Close(), fromChild.Close()
	defer func() { _, _ = in.Close(), out.Close() }()

	enc, dec := gob.NewEncoder(in), gob.NewDecoder(out)
	l.epoch++
	batch := make([]ingest.Record, 0, len(l.names))
	for _, n := range l.names {
		batch = append(batch, l.k.birth(n, l.epoch, fmt.Sprint("boot", l.epoch)))
	}
	var timer *time.Timer
	for {
		if err := enc.Encode(append(batch, l.next()...)); err != nil {
			break
		}
		batch = nil
		var acks []ingest.Ack
		if err := dec.Decode(&acks); err != nil {
			break
		}
		l.batch++
		for _, a := range acks {
			if l.acked[a.Key.Booth] > a.Ack.Upto {
				t.Errorf("%s: acknowledged %d after %d", a.Key.Booth, a.Ack.Upto, l.acked[a.Key.Booth])
			}
			l.acked[a.Key.Booth] = a.Ack.Upto
		}
		if timer == nil { // it runs: from now on it may die any time
			timer = time.AfterFunc(killAfter, func() { _ = cmd.Process.Kill() })
		}
	}
	if timer == nil {
		t.Error("the child never committed")
		_ = cmd.Process.Kill()
	}
	_ = cmd.Wait()
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

func TestKilledWhileItCommits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fleet.db")
	store := openStore(t, path)
	l := &ledger{acked: map[string]int64{}, said: map[string]int64{}, random: rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))}
	for i := range 20 {
		n := fmt.Sprintf("b%02d", i)
		joinStore(t, store, n)
		l.names = append(l.names, n)
	}
	l.k = &kit{t: t, now: time.Now}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for range *kills {
		l.round(t, path, time.Duration(l.random.IntN(60_000))*time.Microsecond)
	}
	store = openStore(t, path)
	l.drain(t, store)
	l.check(t, store)
	t.Logf("%d kills, %d batches", *kills, l.batch)
}

// drain sends all that was not acknowledged once more, as booths do when they connect again, so that the ledger can be compared exactly.
func (l *ledger) drain(t *testing.T, store *sqlite.Store) {
	t.Helper()
	k := newKitOn(t, store, time.Now)
	l.k = k
	for _, n := range l.names {
		for _, e := range l.k.ledgerRows(n, l.acked[n]+1, l.said[n]) {
			l.acked[n] = max(l.acked[n], upto(k.commit(e), "ob-"+n))
		}
		if l.acked[n] != l.said[n] {
			t.Errorf("%s: acknowledged up to %d of %d", n, l.acked[n], l.said[n])
		}
	}
}

// check compares the database with the ledger: nothing is missing, nothing is there twice, nothing was invented.
func (l *ledger) check(t *testing.T, store *sqlite.Store) {
	t.Helper()
	k := &kit{t: t, store: store, now: time.Now}
	for _, n := range l.names {
		all := events(t, k, n)
		seq := l.said[n]
		for _, e := range all { // newest first
			if seq%5 == 0 {
				seq--
			}
			if want := fmt.Sprintf(`{"seq":%d}`, seq); string(e.Data) != want {
				t.Errorf("%s: found %s, want %s", n, e.Data, want)
				break
			}
			seq--
		}
		if seq != 0 {
			t.Errorf("%s: ends at row %d", n, seq)
		}
		set, err := store.Series(context.Background(), key(n), []string{"rows"}, time.Unix(0, 0), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		samples := int64(0)
		for _, p := range set.Series[0].Points {
			samples += int64(p.N)
		}
		if samples != l.said[n]/5 {
			t.Errorf("%s: %d samples, want %d", n, samples, l.said[n]/5)
		}
	}
	if err := store.VerifyAudit(context.Background(), fleet.DefaultTenant); err != nil {
		t.Error(err)
	}
}

// ledgerRows are rows of a booth's outbox: every fifth is telemetry.
func (k *kit) ledgerRows(n string, from, to int64) []ingest.Record {
	var list []ingest.Record
	for seq := from; seq <= to; seq++ {
		if seq%5 == 0 {
			list = append(list, k.said(n, mqttapi.Telemetry, mqttapi.KindTelemetry, mqttapi.Sample{Values: map[string]float64{"rows": 1}}, row("ob-"+n, seq)))
		} else {
			list = append(list, k.event(n, "ob-"+n, seq))
		}
	}
	return list
}
