package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

func events(t testing.TB, k *kit, booth string) []httpapi.Event {
	t.Helper()
	var all []httpapi.Event
	page := api.Page{Limit: 1000}
	for {
		got, err := k.store.Events(context.Background(), key(booth), "", page)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got.Events...)
		if page.Cursor = got.Next; page.Cursor == "" {
			return all
		}
	}
}

func TestRowsAreStoredOnceAndAcknowledgedWithoutHoles(t *testing.T) {
	k := newKit(t, "a")
	for i, step := range []struct {
		say    []ingest.Record
		upto   int64 // -1: no acknowledgment
		stored int
	}{
		{[]ingest.Record{k.event("a", "ob", 1), k.event("a", "ob", 2)}, 2, 2},
		{[]ingest.Record{k.event("a", "ob", 2)}, 2, 2},                                             // again
		{[]ingest.Record{k.event("a", "ob", 4)}, 2, 3},                                             // a hole: stored, not acknowledged
		{[]ingest.Record{k.event("a", "ob", 4)}, 2, 3},                                             // and once only
		{[]ingest.Record{k.event("a", "ob", 3)}, 4, 4},                                             // the hole is filled
		{[]ingest.Record{k.event("a", "ob", 9, gap(3))}, 4, 5},                                     // 5 is missing still, 6 to 8 are gone
		{[]ingest.Record{k.event("a", "ob", 9, gap(4))}, 9, 5},                                     // now 5 is gone too
		{[]ingest.Record{k.event("a", "ob2", 5000)}, -1, 6},                                        // unknown outbox, in the middle
		{[]ingest.Record{k.event("a", "ob2", 5000, gap(4999))}, 5000, 6},                           // all before are gone
		{[]ingest.Record{k.event("a", "ob2", 5002), k.event("a", "ob2", 5001)}, 5002, 8},           // overtaken on the way
		{[]ingest.Record{k.event("nobody", "ob", 1)}, -1, 8},                                       // not of the fleet
		{[]ingest.Record{k.said("a", mqttapi.Events, mqttapi.KindEvent, 1, row("ob", 10))}, 10, 9}, // makes no sense: kept as a refusal
	} {
		box := step.say[0].Envelope.Outbox
		if got := upto(k.commit(step.say...), box); got != step.upto {
			t.Fatalf("step %d: acknowledged up to %d, want %d", i, got, step.upto)
		}
		if got := len(events(t, k, "a")); got != step.stored {
			t.Fatalf("step %d: %d events stored, want %d", i, got, step.stored)
		}
	}
	all := events(t, k, "a")
	if all[0].Data == nil || all[len(all)-1].Type != "test" {
		t.Fatalf("events: %+v", all)
	}
}

func TestABoothThatIsBornGetsWhatItMissed(t *testing.T) {
	k := newKit(t, "a")
	k.run()
	ctx := context.Background()
	if _, err := k.hub.SetDesired(ctx, key("a"), "desk:op", httpapi.TwinChange{Config: json.RawMessage(`{"brightness":40}`)}); err != nil {
		t.Fatal(err)
	}
	c, err := k.hub.Command(ctx, key("a"), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandTone})
	if err != nil || c.State != "queued" {
		t.Fatalf("%+v, %v", c, err)
	}
	k.commit(k.birth("a", 1, "boot1"))
	k.until("desired config and command", func() bool {
		return len(k.bus.on(mqttapi.DesiredConfig)) == 1 && len(k.bus.on(mqttapi.Commands)) == 1
	})
	if got := k.bus.on(mqttapi.Commands)[0].env; got.ID != c.ID || got.Actor != "desk:op" || got.Exp != c.Expires {
		t.Errorf("command on the line: %+v", got)
	}
	k.until("sent", func() bool { return k.state("a", c.ID) == "sent" })
	k.commit(k.result("a", c.ID, mqttapi.Result{State: mqttapi.Accepted, Step: 1}), k.result("a", c.ID, mqttapi.Result{State: mqttapi.Running, Step: 2}))

	// Born again before it was done: the command comes again, and the booth answers with what it knows.
	k.commit(k.birth("a", 2, "boot2"))
	k.until("command again", func() bool { return len(k.bus.on(mqttapi.Commands)) == 2 })
	k.commit(k.result("a", c.ID, mqttapi.Result{State: mqttapi.Failed, Step: 3, Error: "interrupted"}))
	k.commit(k.result("a", c.ID, mqttapi.Result{State: mqttapi.Done, Step: 4}), k.result("a", c.ID, mqttapi.Result{State: mqttapi.Running, Step: 2}))
	got, err := k.store.Command(ctx, key("a"), c.ID)
	if err != nil || got.State != "failed" || got.Error != "interrupted" || len(got.Steps) != 5 {
		t.Fatalf("%+v, %v", got, err)
	}
	// The config it has is the newest: nothing to send.
	k.commit(k.said("a", mqttapi.Reported, mqttapi.KindConfig, mqttapi.Applied{Version: 1, Applied: json.RawMessage(`{"brightness":40,"idle_s":60}`)}))
	b := k.birth("a", 3, "boot3")
	b.Envelope.Body = raw(mqttapi.Birth{On: true, Epoch: 3, Boot: "boot3", Config: 1})
	n := len(k.bus.on(mqttapi.DesiredConfig))
	k.commit(b, k.said("a", mqttapi.Requests, mqttapi.KindRequest, mqttapi.Request{Ask: mqttapi.AskTime}))
	k.until("answer", func() bool { return len(k.bus.on(mqttapi.Replies)) == 1 })
	if got := len(k.bus.on(mqttapi.DesiredConfig)); got != n {
		t.Errorf("desired config was sent %d times, want %d", got, n)
	}
	if row, err := k.store.Booth(ctx, key("a")); err != nil || row.Drift != 0 || row.Presence != fleet.Online || row.Pending != 0 {
		t.Errorf("%+v, %v", row, err)
	}
}

func (k *kit) state(booth, cmd string) string {
	k.t.Helper()
	c, err := k.store.Command(context.Background(), key(booth), cmd)
	if err != nil {
		k.t.Fatal(err)
	}
	return c.State
}

func TestTwoDevicesWithOneIdentityAreCutOff(t *testing.T) {
	for name, tt := range map[string]struct {
		second func(k *kit, first ingest.Record) ingest.Record
		clone  bool
	}{
		"the same epoch of another boot": {func(k *kit, _ ingest.Record) ingest.Record { return k.birth("a", 7, "other") }, true},
		"an older epoch of another boot": {func(k *kit, _ ingest.Record) ingest.Record { return k.birth("a", 3, "other") }, true},
		"the same epoch said anew":       {func(k *kit, _ ingest.Record) ingest.Record { return k.birth("a", 7, "boot") }, true},
		"the same message again":         {func(_ *kit, first ingest.Record) ingest.Record { return first }, false},
		"overtaken by a later one":       {func(k *kit, _ ingest.Record) ingest.Record { return k.birth("a", 6, "boot") }, false},
		"a new connection":               {func(k *kit, _ ingest.Record) ingest.Record { return k.birth("a", 8, "boot") }, false},
		"a new boot":                     {func(k *kit, _ ingest.Record) ingest.Record { return k.birth("a", 8, "other") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t, "a")
			k.run()
			first := k.birth("a", 7, "boot")
			k.commit(first)
			k.commit(tt.second(k, first))
			b, err := k.store.Booth(context.Background(), key("a"))
			if err != nil {
				t.Fatal(err)
			}
			if got := b.Standing == fleet.Quarantined; got != tt.clone {
				t.Fatalf("standing is %s", b.Standing)
			}
			if !tt.clone {
				return
			}
			k.until("cut off", func() bool { return k.bus.kicks() == 1 })
			if acks := k.commit(k.event("a", "ob", 1), k.birth("a", 9, "boot")); len(acks) != 0 {
				t.Errorf("a quarantined booth was acknowledged: %+v", acks)
			}
			log, err := k.store.Entries(context.Background(), fleet.DefaultTenant, "a", "fleet", api.Page{})
			if err != nil || len(log.Entries) != 1 || log.Entries[0].Action != "quarantine" {
				t.Errorf("%+v, %v", log, err)
			}
			if all := events(t, k, "a"); len(all) != 1 || all[0].Type != "clone" {
				t.Errorf("%+v", all)
			}
			// Let in again, it may count from anywhere.
			if _, err := k.hub.SetStanding(context.Background(), key("a"), "desk:op", httpapi.StandingChange{Standing: fleet.InService}); err != nil {
				t.Fatal(err)
			}
			k.commit(k.birth("a", 2, "third"))
			if b, err := k.store.Booth(context.Background(), key("a")); err != nil || b.Standing != fleet.InService || b.Epoch != 2 {
				t.Errorf("%+v, %v", b, err)
			}
		})
	}
}

func TestStandingDecidesWhoIsHeard(t *testing.T) {
	k := newKit(t, "a")
	ctx := context.Background()
	k.commit(k.birth("a", 1, "boot"))
	if _, err := k.hub.SetStanding(ctx, key("a"), "desk:op", httpapi.StandingChange{Standing: "odd"}); err == nil {
		t.Error("an unknown standing was set")
	}
	b, err := k.hub.SetStanding(ctx, key("a"), "desk:op", httpapi.StandingChange{Standing: fleet.Retired, Reason: "vandalised"})
	if err != nil || b.Reason != "vandalised" || k.bus.kicks() != 1 {
		t.Fatalf("%+v, %v", b, err)
	}
	if acks := k.commit(k.event("a", "ob", 1)); len(acks) != 0 || len(events(t, k, "a")) != 0 {
		t.Error("a retired booth was heard")
	}
	if _, err := k.hub.SetStanding(ctx, key("a"), "desk:op", httpapi.StandingChange{Standing: fleet.InService}); !errors.Is(err, fleet.ErrState) {
		t.Errorf("released: %v", err)
	}
	if _, err := k.hub.Command(ctx, key("a"), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandTone}); !errors.Is(err, fleet.ErrState) {
		t.Errorf("command: %v", err)
	}
	if _, err := k.hub.SetStanding(ctx, key("b"), "desk:op", httpapi.StandingChange{Standing: fleet.Retired}); !errors.Is(err, fleet.ErrNoBooth) {
		t.Errorf("nobody: %v", err)
	}
	k.join("a") // claimed anew
	if acks := k.commit(k.event("a", "ob", 1)); upto(acks, "ob") != 1 {
		t.Errorf("claimed anew: %+v", acks)
	}
	if err := k.store.VerifyAudit(ctx, fleet.DefaultTenant); err != nil {
		t.Error(err)
	}
}

func TestWhatABoothSaysOfTime(t *testing.T) {
	now := time.Now()
	k := newKitOn(t, openStore(t, filepath.Join(t.TempDir(), "fleet.db")), func() time.Time { return now }, "a")
	day := (24 * time.Hour).Milliseconds()
	b := k.birth("a", 1, "boot")
	b.Envelope.TS, b.Envelope.Mono = now.UnixMilli()+day, 60_000 // its clock is a day ahead
	at := func(ts, mono int64, boot string) func(*mqttapi.Envelope) {
		return func(e *mqttapi.Envelope) { e.TS, e.Mono, e.Boot = ts, mono, boot }
	}
	k.commit(b,
		k.event("a", "ob", 1, at(now.UnixMilli()+day-5000, 55_000, "boot")), // 5 s before birth
		k.event("a", "ob", 2, at(now.UnixMilli()-4000, 56_000, "boot")),     // its wall clock was set right meanwhile
		k.event("a", "ob", 3, at(now.UnixMilli()+day-9000, 1, "earlier")),   // of an earlier boot, the clock as wrong
		k.event("a", "ob", 4, at(0, 0, "earlier")),                          // nonsense: when it came
	)
	row, err := k.store.Booth(context.Background(), key("a"))
	if err != nil || row.SkewMS != day {
		t.Fatalf("skew %d, %v", row.SkewMS, err)
	}
	all := events(t, k, "a")
	for i, ago := range []int64{0, 9000, 4000, 5000} { // newest row first
		if got := now.UnixMilli() - all[i].At; got != ago {
			t.Errorf("event %d: %d ms ago, want %d", i, got, ago)
		}
	}
}

func TestTelemetryIsRolledUp(t *testing.T) {
	k := newKit(t, "a")
	base := time.Now().Truncate(5 * time.Minute).Add(-time.Hour)
	sample := func(seq int64, at time.Time, values map[string]float64) ingest.Record {
		return k.said("a", mqttapi.Telemetry, mqttapi.KindTelemetry, mqttapi.Sample{Values: values}, row("ob", seq),
			func(e *mqttapi.Envelope) { e.TS = at.UnixMilli() })
	}
	k.commit(sample(1, base, map[string]float64{"cpu_pct": 10, "Bad Name": 1}), sample(2, base.Add(time.Minute), map[string]float64{"cpu_pct": 30}))
	k.commit(sample(3, base.Add(2*time.Minute), map[string]float64{"cpu_pct": 20, "mem_mb": 5}), sample(3, base, map[string]float64{"cpu_pct": 99}))
	k.commit(sample(4, base.Add(6*time.Minute), map[string]float64{"cpu_pct": 7}))
	k.commit(sample(5, base.Add(4*time.Minute), map[string]float64{"mem_mb": 6})) // late
	set, err := k.store.Series(context.Background(), key("a"), []string{"cpu_pct", "mem_mb"}, base, base.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := httpapi.SeriesPoint{At: base.UnixMilli(), Min: 10, Max: 30, Mean: 20, N: 3}
	if cpu := set.Series[0].Points; len(cpu) != 2 || cpu[0] != want || cpu[1].N != 1 {
		t.Errorf("cpu: %+v", cpu)
	}
	if mem := set.Series[1].Points; len(mem) != 1 || mem[0].N != 2 {
		t.Errorf("mem: %+v", mem)
	}
	if set.Last["cpu_pct"] != 7 || set.Last["mem_mb"] != 5 || len(set.Last) != 2 {
		t.Errorf("last: %+v", set.Last) // a late value does not replace a newer one: mem_mb of minute 2 against minute 4 is decided by the row's time
	}
}
