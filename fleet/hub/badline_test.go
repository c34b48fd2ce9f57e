package hub_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
)

var lines = flag.Uint64("lines", 2, "how many bad lines commands go over")

// device is a booth with an inbox as firmware has it: it carries out a command once, and answers with what it knows when it comes again.
type device struct {
	name  string
	k     *kit
	r     *rand.Rand
	inbox map[string]*job
	epoch int64
	done  map[string]int // how often each command was carried out
}

type job struct {
	mqttapi.Result
	left int // rounds until it is done
}

// hears takes what came down; every third message is lost on the way, either way.
func (d *device) hears(list []sent) []ingest.Record {
	var says []ingest.Record
	for _, s := range list {
		if s.topic.Key.Booth != d.name || s.topic.Leaf != mqttapi.Commands || d.r.IntN(3) == 0 {
			continue
		}
		j := d.inbox[s.env.ID]
		if j == nil {
			j = &job{Result: mqttapi.Result{State: mqttapi.Accepted, Step: 1}, left: d.r.IntN(3)}
			if d.k.now().UnixMilli() >= s.env.Exp {
				j.State, j.left = mqttapi.Expired, -1
			}
			d.inbox[s.env.ID] = j
		}
		says = d.say(says, s.env.ID, j)
	}
	return says
}

// works carries on with what is in the inbox.
func (d *device) works() []ingest.Record {
	var says []ingest.Record
	for cmd, j := range d.inbox {
		if j.State.Final() {
			continue
		}
		j.Step++
		if j.State = mqttapi.Running; j.left <= 0 {
			d.done[cmd]++
			j.State = mqttapi.Done
		}
		j.left--
		says = d.say(says, cmd, j)
	}
	return says
}

func (d *device) say(says []ingest.Record, cmd string, j *job) []ingest.Record {
	for n := d.r.IntN(3); n > 0; n-- { // lost, once, twice
		says = append(says, d.k.result(d.name, cmd, j.Result))
	}
	return says
}

// Commands to booths whose line loses a third of everything, while the fleet restarts: each is carried out at most once, never goes back in
// the eyes of an operator, and comes to an end that is the truth where the booth could still tell it.
func TestCommandsOnABadLine(t *testing.T) {
	for seed := range *lines {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "fleet.db")
			synctest.Test(t, func(t *testing.T) { badLine(t, path, seed) })
		})
	}
}

func badLine(t *testing.T, path string, seed uint64) {
	store, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	k := &kit{t: t, store: store, bus: newWire(), now: time.Now}
	r := rand.New(rand.NewPCG(seed, 3))
	devices := []*device{}
	for _, n := range []string{"a", "b", "c"} {
		k.join(n)
		devices = append(devices, &device{name: n, k: k, r: r, inbox: map[string]*job{}, done: map[string]int{}})
	}
	k.hub = k.newHub()
	stop := running(k.hub)
	orders := map[string]string{} // command: booth
	last := map[string]string{}
	read := 0
	for round := range 1500 {
		pass(time.Duration(r.IntN(4000)) * time.Millisecond)
		if r.IntN(60) == 0 { // the fleet restarts
			stop()
			k.hub = k.newHub()
			stop = running(k.hub)
		}
		if round < 80 && r.IntN(2) == 0 {
			d := devices[r.IntN(len(devices))]
			c, err := k.hub.Command(context.Background(), key(d.name), "desk:op", httpapi.NewCommand{Cmd: fleet.CommandTone, ExpiresS: 120 + r.IntN(300)})
			if err != nil {
				t.Fatal(err)
			}
			orders[c.ID] = d.name
		}
		var says []ingest.Record
		k.bus.mu.Lock()
		down := k.bus.sent[read:]
		read = len(k.bus.sent)
		k.bus.mu.Unlock()
		for _, d := range devices {
			if r.IntN(25) == 0 || d.epoch == 0 { // its connection was lost
				d.epoch++
				says = append(says, k.birth(d.name, d.epoch, "boot"))
			}
			says = append(says, k.said(d.name, mqttapi.Heartbeats, mqttapi.KindHeartbeat, mqttapi.Heartbeat{}))
			says = append(append(says, d.hears(down)...), d.works()...)
		}
		if r.IntN(4) == 0 {
			r.Shuffle(len(says), func(i, j int) { says[i], says[j] = says[j], says[i] })
		}
		k.commit(says...)
		for cmd, now := range k.states(devices) {
			if place(now) < place(last[cmd]) || (place(last[cmd]) == 5 && now != last[cmd] && last[cmd] != "expired") {
				t.Fatalf("round %d: %s after %s", round, now, last[cmd])
			}
			last[cmd] = now
		}
		if round > 100 && ended(last) {
			break
		}
	}
	stop()
	ends := map[string]int{}
	for cmd, booth := range orders {
		for _, d := range devices {
			if n := d.done[cmd]; n > 1 || (n > 0 && d.name != booth) {
				t.Errorf("%s carried a command of %s out %d times", d.name, booth, n)
			}
			if d.name == booth && last[cmd] == "done" && d.done[cmd] != 1 {
				t.Errorf("%s is told to be done and was carried out %d times", cmd, d.done[cmd])
			}
		}
		ends[last[cmd]]++
	}
	if ends["done"] < len(orders)*9/10 || ends["done"]+ends["expired"] != len(orders) {
		t.Errorf("of %d commands: %v", len(orders), ends)
	}
}

// states is how all commands stand.
func (k *kit) states(devices []*device) map[string]string {
	k.t.Helper()
	states := map[string]string{}
	for _, d := range devices {
		page, err := k.store.Commands(context.Background(), key(d.name), api.Page{Limit: 1000})
		if err != nil {
			k.t.Fatal(err)
		}
		for _, c := range page.Commands {
			states[c.ID] = c.State
		}
	}
	return states
}

func ended(states map[string]string) bool {
	for _, s := range states {
		if place(s) < 5 {
			return false
		}
	}
	return true
}

func place(state string) int {
	switch state {
	case "queued":
		return 1
	case "sent":
		return 2
	case "accepted":
		return 3
	case "running":
		return 4
	case "":
		return 0
	}
	return 5
}

// running runs a hub until stop is called.
func running(h *hub.Hub) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	return func() {
		cancel()
		<-done
	}
}
