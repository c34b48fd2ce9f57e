package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
)

// inTime runs a test on a clock of its own, with a hub that runs.
func inTime(t *testing.T, do func(t *testing.T, k *kit), booths ...string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fleet.db")
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlite.Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = store.Close() }()
		k := &kit{t: t, store: store, bus: newWire(), now: time.Now}
		for _, b := range booths {
			k.join(b)
		}
		k.hub = k.newHub()
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- k.hub.Run(ctx) }()
		do(t, k)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// pass lets time pass.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (k *kit) presence(booth string) fleet.Presence {
	k.t.Helper()
	b, err := k.store.Booth(context.Background(), key(booth))
	if err != nil {
		k.t.Fatal(err)
	}
	return b.Presence
}

func TestSilenceIsNoticedAndStored(t *testing.T) {
	inTime(t, func(t *testing.T, k *kit) {
		if got := k.presence("a"); got != fleet.Unknown {
			t.Errorf("before it was heard: %s", got)
		}
		k.commit(k.birth("a", 1, "boot"))
		if got := k.presence("a"); got != fleet.Online {
			t.Errorf("born: %s", got)
		}
		pass(40 * time.Second)
		k.commit(k.event("a", "ob", 1))
		pass(40 * time.Second)
		if got := k.presence("a"); got != fleet.Online {
			t.Errorf("heard of 40 s ago: %s", got)
		}
		pass(6 * time.Second)
		if got := k.presence("a"); got != fleet.Offline {
			t.Errorf("silent: %s", got)
		}
		if b, _ := k.store.Booth(context.Background(), key("a")); time.Since(time.UnixMilli(b.LastSeen)) != 46*time.Second {
			t.Errorf("last seen %s ago", time.Since(time.UnixMilli(b.LastSeen)))
		}
	}, "a")
}

func TestACommandWithoutAnAnswerIsSentAgainAndEnds(t *testing.T) {
	inTime(t, func(t *testing.T, k *kit) {
		ctx := context.Background()
		k.commit(k.birth("a", 1, "boot"))
		pass(time.Second)
		c, err := k.hub.Command(ctx, key("a"), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandTone, ExpiresS: 60})
		if err != nil || c.State != "sent" {
			t.Fatalf("%+v, %v", c, err)
		}
		n := func() int { return len(k.bus.on(mqttapi.Commands)) }
		for i, want := range []int{1, 2, 2, 2, 3, 3, 3, 3} { // after 10 s, 20 s, ...: again after 15 s, and 30 s later; never when its time is over
			pass(10 * time.Second)
			k.commit(k.said("a", mqttapi.Heartbeats, mqttapi.KindHeartbeat, mqttapi.Heartbeat{}))
			if n() != want {
				t.Errorf("after %d s it was sent %d times, want %d", 10*(i+1), n(), want)
			}
		}
		if got := k.state("a", c.ID); got != "sent" {
			t.Errorf("at its end: %s", got)
		}
		pass(15 * time.Second)
		if got := k.state("a", c.ID); got != "expired" {
			t.Errorf("half a minute after its end: %s", got)
		}
		// The booth had done it after all, and could not say so before.
		k.commit(k.result("a", c.ID, mqttapi.Result{State: mqttapi.Done, Step: 3}))
		if got := k.state("a", c.ID); got != "done" {
			t.Errorf("in truth: %s", got)
		}
	}, "a")
}

func TestACommandThatTheEngineDidNotTakeIsSentLater(t *testing.T) {
	inTime(t, func(t *testing.T, k *kit) {
		k.commit(k.birth("a", 1, "boot"))
		pass(time.Second)
		k.bus.breaks(errors.New("no connection"))
		c, err := k.hub.Command(context.Background(), key("a"), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandTone})
		if err != nil || c.State != "queued" {
			t.Fatalf("%+v, %v", c, err)
		}
		k.bus.breaks(nil)
		pass(17 * time.Second)
		if got := k.state("a", c.ID); got != "sent" {
			t.Errorf("it is %s", got)
		}
	}, "a")
}

func TestACommandUnderWayIsNotGivenUp(t *testing.T) {
	inTime(t, func(t *testing.T, k *kit) {
		ctx := context.Background()
		k.commit(k.birth("a", 1, "boot"))
		pass(time.Second)
		c, err := k.hub.Command(ctx, key("a"), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandMirror, ExpiresS: 60})
		if err != nil {
			t.Fatal(err)
		}
		k.commit(k.result("a", c.ID, mqttapi.Result{State: mqttapi.Running, Step: 1}))
		for range 20 {
			pass(10 * time.Second)
			k.commit(k.said("a", mqttapi.Heartbeats, mqttapi.KindHeartbeat, mqttapi.Heartbeat{}))
		}
		if got := k.state("a", c.ID); got != "running" {
			t.Errorf("of a booth that is there: %s", got)
		}
		pass(time.Minute)
		if got := k.state("a", c.ID); got != "expired" {
			t.Errorf("of a booth that is silent: %s", got)
		}
	}, "a")
}

func TestCommandsOfABoothThatIsAway(t *testing.T) {
	k := newKit(t, "a", "b")
	ctx := context.Background()
	n := httpapi.NewCommand{ID: "01J00000000000000000000001", Cmd: fleet.CommandTone, Args: json.RawMessage(`{"hz":440}`)}
	first, err := k.hub.Command(ctx, key("a"), "desk:op", n)
	if err != nil || first.State != "queued" {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := k.hub.Command(ctx, key("a"), "desk:op", n); err != nil || again.ID != first.ID || again.Created != first.Created {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	other := n
	other.Cmd, other.Args = fleet.CommandRestart, nil
	if _, err := k.hub.Command(ctx, key("a"), "desk:op", other); !errors.Is(err, fleet.ErrState) {
		t.Errorf("another command with the id: %v", err)
	}
	if _, err := k.hub.Command(ctx, key("b"), "desk:op", n); !errors.Is(err, fleet.ErrState) {
		t.Errorf("another booth with the id: %v", err)
	}
	if _, err := k.hub.Command(ctx, key("nobody"), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandTone}); !errors.Is(err, fleet.ErrNoBooth) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := k.hub.Cancel(ctx, key("b"), "desk:op", first.ID); !errors.Is(err, fleet.ErrNoCommand) {
		t.Errorf("cancelled for another booth: %v", err)
	}
	if c, err := k.hub.Cancel(ctx, key("a"), "desk:op", first.ID); err != nil || c.State != "cancelled" {
		t.Errorf("cancelled: %+v, %v", c, err)
	}
	k.run()
	k.commit(k.birth("a", 1, "boot"))
	second, err := k.hub.Command(ctx, key("a"), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandSelfTest})
	if err != nil {
		t.Fatal(err)
	}
	k.until("sent", func() bool { return k.state("a", second.ID) == "sent" })
	if _, err := k.hub.Cancel(ctx, key("a"), "desk:op", second.ID); !errors.Is(err, fleet.ErrState) {
		t.Errorf("cancelled after it was sent: %v", err)
	}
	if got := k.bus.on(mqttapi.Commands); len(got) != 1 || got[0].env.ID != second.ID {
		t.Errorf("on the line: %+v", got)
	}
	// A result of a command that is another booth's changes nothing.
	k.commit(k.birth("b", 1, "boot"), k.result("b", second.ID, mqttapi.Result{State: mqttapi.Done}))
	if got := k.state("a", second.ID); got != "sent" {
		t.Errorf("another booth ended it: %s", got)
	}
	page, err := k.store.Commands(ctx, key("a"), api.Page{Limit: 1})
	if err != nil || len(page.Commands) != 1 || page.Next == "" || page.Commands[0].ID != second.ID {
		t.Errorf("%+v, %v", page, err)
	}
	page, err = k.store.Commands(ctx, key("a"), api.Page{Limit: 1, Cursor: page.Next})
	if err != nil || len(page.Commands) != 1 || page.Next != "" || page.Commands[0].ID != first.ID {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestNews(t *testing.T) {
	k := newKit(t, "a", "b")
	ctx := context.Background()
	k.run()
	all, stop := k.hub.Subscribe(fleet.DefaultTenant, "")
	defer stop()
	onlyB, stopB := k.hub.Subscribe(fleet.DefaultTenant, "b")
	defer stopB()
	foreign, stopForeign := k.hub.Subscribe("elsewhere", "")
	defer stopForeign()
	slow, stopSlow := k.hub.Subscribe(fleet.DefaultTenant, "")
	defer stopSlow()

	k.commit(k.birth("a", 1, "boot"), k.event("a", "ob", 1))
	c, err := k.hub.Command(ctx, key("a"), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandMirror})
	if err != nil {
		t.Fatal(err)
	}
	k.commit(k.result("a", c.ID, mqttapi.Result{State: mqttapi.Running, Step: 1, Result: json.RawMessage(`{"view":{"v":1}}`)}))
	var event, row, queued, screen bool
	k.untilNews(all, func(l httpapi.Live) bool {
		event = event || l.Event != nil && l.Event.Type == "test"
		row = row || l.Booth != nil && l.Booth.ID == "a" && l.Booth.Presence == fleet.Online
		queued = queued || l.Command != nil && l.Command.State == "queued"
		screen = screen || l.Command != nil && string(l.Command.Result) == `{"view":{"v":1}}`
		return event && row && queued && screen
	})
	if got, err := k.store.Command(ctx, key("a"), c.ID); err != nil || string(got.Result) != "null" || got.State != "running" {
		t.Errorf("a screen was kept: %+v, %v", got, err)
	}
	select {
	case l := <-onlyB:
		t.Errorf("news of another booth: %+v", l)
	case l := <-foreign:
		t.Errorf("news of another tenant: %+v", l)
	default:
	}
	for seq := int64(2); seq < 2000; seq += 100 {
		k.commit(k.ledgerRows("b", seq-1, seq+98)...)
		for len(all) > 0 {
			<-all
		}
	}
	for range slow { // closed: it never read
	}
	again, stopAgain := k.hub.Subscribe(fleet.DefaultTenant, "b") // it comes back
	defer stopAgain()
	k.commit(k.event("b", "last", 1))
	k.untilNews(again, func(l httpapi.Live) bool { return l.Event != nil && string(l.Event.Data) == `{"seq":1}` })
}

// untilNews reads news until one is as wanted. A reader that was too slow watches again.
func (k *kit) untilNews(news <-chan httpapi.Live, wanted func(httpapi.Live) bool) {
	k.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case l, ok := <-news:
			if !ok {
				k.t.Fatal("the news ended")
			}
			if wanted(l) {
				return
			}
		case <-deadline:
			k.t.Fatal("no such news")
		}
	}
}

func TestDesiredHasVersions(t *testing.T) {
	k := newKit(t, "a")
	ctx := context.Background()
	set := func(if_ int64, doc string) (httpapi.Twin, error) {
		return k.hub.SetDesired(ctx, key("a"), "desk:op", httpapi.TwinChange{IfVersion: if_, Config: json.RawMessage(doc), Note: "why"})
	}
	if tw, err := set(0, `{"idle_s":60}`); err != nil || tw.Version != 1 || len(tw.Drift) != 1 {
		t.Fatalf("%+v, %v", tw, err)
	}
	for _, v := range []int64{0, 2, -1} {
		if _, err := set(v, `{"idle_s":90}`); !errors.Is(err, fleet.ErrVersion) {
			t.Errorf("made from version %d: %v", v, err)
		}
	}
	var fe *fleet.FieldError
	if _, err := set(1, `{"idle_s":1}`); !errors.As(err, &fe) || fe.Field != "idle_s" {
		t.Errorf("a bad config: %v", err)
	}
	k.commit(k.birth("a", 1, "boot"), k.said("a", mqttapi.Reported, mqttapi.KindConfig, mqttapi.Applied{
		Version: 1, Applied: json.RawMessage(`{"idle_s":30}`), Errors: map[string]string{"idle_s": "no"},
	}))
	tw, err := k.store.Twin(ctx, key("a"))
	if err != nil || len(tw.Drift) != 1 || tw.Drift[0].Error != "no" || tw.Answers != 1 {
		t.Errorf("%+v, %v", tw, err)
	}
	if tw, err := set(1, `{"idle_s":30}`); err != nil || tw.Version != 2 || len(tw.Drift) != 0 {
		t.Errorf("now it is as it was: %+v, %v", tw, err)
	}
	h, err := k.store.History(ctx, key("a"), api.Page{})
	if err != nil || len(h.Versions) != 2 || h.Versions[0].Version != 2 || h.Versions[1].Note != "why" {
		t.Errorf("%+v, %v", h, err)
	}
	if b, err := k.store.Booth(ctx, key("a")); err != nil || b.Drift != 0 {
		t.Errorf("%+v, %v", b, err)
	}
}

// A program that is told to stop while it starts ends well.
func TestStoppedBeforeItBegan(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newKit(t, "b1").hub.Run(ctx); err != nil {
		t.Error(err)
	}
}
