package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/issuer"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

// wire is a Bus that remembers what went down.
type wire struct {
	mu     sync.Mutex
	sent   []sent
	kicked []fleet.Key
	more   chan struct{}
	broken error
}

type sent struct {
	topic mqttapi.Topic
	env   mqttapi.Envelope
}

func newWire() *wire { return &wire{more: make(chan struct{}, 1)} }

func (w *wire) Publish(_ context.Context, topic string, payload []byte) error {
	t, ok := mqttapi.ParseTopic(topic)
	if !ok {
		return fmt.Errorf("topic %q", topic)
	}
	e, err := mqttapi.Decode(t, payload)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return w.broken
	}
	w.sent = append(w.sent, sent{t, e})
	w.note()
	return nil
}

func (w *wire) Kick(_ context.Context, k fleet.Key) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kicked = append(w.kicked, k)
	w.note()
	return nil
}

// breaks makes the line take nothing more, until it is nil again.
func (w *wire) breaks(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = err
}

func (w *wire) note() {
	select {
	case w.more <- struct{}{}:
	default:
	}
}

func (w *wire) on(leaf mqttapi.Leaf) []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []sent
	for _, s := range w.sent {
		if s.topic.Leaf == leaf {
			found = append(found, s)
		}
	}
	return found
}

func (w *wire) kicks() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.kicked)
}

// kit is a hub on a database of its own.
type kit struct {
	t     testing.TB
	store *sqlite.Store
	hub   *hub.Hub
	bus   *wire
	now   func() time.Time
}

func openStore(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newKit(t testing.TB, booths ...string) *kit {
	t.Helper()
	return newKitOn(t, openStore(t, filepath.Join(t.TempDir(), "fleet.db")), time.Now, booths...)
}

func newKitOn(t testing.TB, store *sqlite.Store, now func() time.Time, booths ...string) *kit {
	t.Helper()
	k := &kit{t: t, store: store, bus: newWire(), now: now}
	for _, b := range booths {
		k.join(b)
	}
	k.hub = k.newHub()
	return k
}

func (k *kit) newHub() *hub.Hub {
	return hub.New(hub.Deps{
		Store: k.store, Registry: k.store, Twins: k.store, Commands: k.store, Bus: k.bus, Now: k.now, Log: slog.New(slog.DiscardHandler),
	})
}

// run runs the hub until the test ends.
func (k *kit) run() {
	k.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.hub.Run(ctx) }()
	k.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			k.t.Error(err)
		}
	})
}

func key(booth string) fleet.Key { return fleet.Key{Tenant: fleet.DefaultTenant, Booth: booth} }

func (k *kit) join(booth string) {
	k.t.Helper()
	joinStore(k.t, k.store, booth)
}

func joinStore(t testing.TB, store *sqlite.Store, booth string) {
	t.Helper()
	now := time.Now()
	w := enrol.Waiting{
		ID: id.New(), Tenant: fleet.DefaultTenant, CodeHash: id.New(), SecretHash: "s", PublicKey: "key of " + booth, Created: now, Expires: now.Add(time.Hour),
	}
	if err := store.AddWaiting(context.Background(), w, 1<<30); err != nil {
		t.Fatal(err)
	}
	w.Booth = booth
	if err := store.Join(context.Background(), enrol.Join{
		Waiting: w, Key: key(booth), Actor: "desk:op", At: now, Place: enrol.Place{Name: "Booth " + booth},
		Line: enrol.LineSecrets{TokenSHA256: "token of " + booth},
		Cert: issuer.Certificate{Serial: id.New(), Key: key(booth), PublicKey: w.PublicKey, Issued: now, Expires: now.Add(time.Hour)},
	}); err != nil {
		t.Fatal(err)
	}
}

func raw(body any) json.RawMessage {
	doc, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return doc
}

// said is a record of a booth.
func (k *kit) said(booth string, leaf mqttapi.Leaf, kind mqttapi.Kind, body any, with ...func(*mqttapi.Envelope)) ingest.Record {
	now := k.now()
	e := mqttapi.Envelope{V: 1, ID: id.New(), Kind: kind, TS: now.UnixMilli(), Body: raw(body)}
	for _, w := range with {
		w(&e)
	}
	return ingest.Record{Key: key(booth), Leaf: leaf, Envelope: e, At: now}
}

func (k *kit) birth(booth string, epoch int64, boot string) ingest.Record {
	return k.said(booth, mqttapi.State, mqttapi.KindBirth, mqttapi.Birth{On: true, Epoch: epoch, Boot: boot, Firmware: "1.0", Outbox: "ob"})
}

func row(outbox string, seq int64) func(*mqttapi.Envelope) {
	return func(e *mqttapi.Envelope) { e.Outbox, e.Seq = outbox, seq }
}

func gap(n int64) func(*mqttapi.Envelope) { return func(e *mqttapi.Envelope) { e.Gap = n } }

func (k *kit) event(booth, outbox string, seq int64, with ...func(*mqttapi.Envelope)) ingest.Record {
	return k.said(booth, mqttapi.Events, mqttapi.KindEvent, mqttapi.Event{Type: "test", Data: map[string]any{"seq": seq}},
		append([]func(*mqttapi.Envelope){row(outbox, seq)}, with...)...)
}

func (k *kit) result(booth, cmd string, r mqttapi.Result) ingest.Record {
	return k.said(booth, mqttapi.Results, mqttapi.KindResult, r, func(e *mqttapi.Envelope) { e.CID = cmd })
}

func (k *kit) commit(batch ...ingest.Record) []ingest.Ack {
	k.t.Helper()
	acks, err := k.hub.Commit(context.Background(), batch)
	if err != nil {
		k.t.Fatal(err)
	}
	return acks
}

// until waits for a condition that others bring about.
func (k *kit) until(what string, holds func() bool) {
	k.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-k.bus.more:
		case <-tick.C:
		case <-deadline:
			k.t.Fatalf("waited in vain: %s", what)
		}
	}
}

func upto(acks []ingest.Ack, outbox string) int64 {
	for _, a := range acks {
		if a.Ack.Outbox == outbox {
			return a.Ack.Upto
		}
	}
	return -1
}
