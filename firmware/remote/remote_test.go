package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/firmware/remote"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// booth is a remote whose doers write down what they do, and the fleet's end of it.
type booth struct {
	t     *testing.T
	store *linktest.Memory
	doers map[fleet.CommandName]remote.Doer

	mu   sync.Mutex
	did  []string
	said map[string][]mqttapi.Result
	*remote.Remote
	stop func()
}

func newBooth(t *testing.T) *booth {
	b := &booth{t: t, store: new(linktest.Memory), said: make(map[string][]mqttapi.Result)}
	note := func(ctx context.Context, args json.RawMessage, _ func(any)) (any, error) {
		b.note(string(args))
		return map[string]string{"was": string(args)}, nil
	}
	b.doers = map[fleet.CommandName]remote.Doer{fleet.CommandTone: note, fleet.CommandLogs: note, fleet.CommandSelfTest: note}
	return b
}

func (b *booth) note(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.did = append(b.did, what)
}

func (b *booth) done() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.did)
}

// states are what was said of a command, in order, by the step they carry.
func (b *booth) states(command string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out, step := "", 0
	for _, r := range b.said[command] {
		if r.Step < step {
			b.t.Errorf("%s: step %d after %d", command, r.Step, step)
		}
		step = r.Step
		out += string(r.State) + " "
		if r.Error != "" {
			out += "(" + r.Error + ") "
		}
	}
	return out
}

// boot starts the program; what is on disk is as the one before left it.
func (b *booth) boot() {
	b.Remote = remote.New(remote.Deps{Inbox: b.store, Doers: b.doers, Say: func(_ context.Context, c string, r mqttapi.Result) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.said[c] = append(b.said[c], r)
		return nil
	}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	b.stop = func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	}
}

// send gives the booth a command.
func (b *booth) send(c mqttapi.Command, life time.Duration) mqttapi.Envelope {
	e := mqttapi.Envelope{ID: id.New(), TS: time.Now().UnixMilli()}
	if life > 0 {
		e.Exp = time.Now().Add(life).UnixMilli()
	}
	b.Command(b.t.Context(), e, c)
	synctest.Wait()
	return e
}

func tone(name string) mqttapi.Command {
	return mqttapi.Command{Cmd: fleet.CommandTone, Args: fmt.Appendf(nil, "%q", name)}
}

func (b *booth) want(e mqttapi.Envelope, states string) {
	b.t.Helper()
	synctest.Wait()
	if got := b.states(e.ID); got != states+" " {
		b.t.Errorf("said %q, want %q", got, states)
	}
}

func TestACommandIsDoneOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooth(t)
		b.boot()
		e := b.send(tone("a"), time.Hour)
		b.want(e, "accepted running done")
		b.Command(t.Context(), e, tone("a")) // repeated: the stored answer
		b.want(e, "accepted running done done")
		b.stop()
		b.boot()
		b.Command(t.Context(), e, tone("a")) // and after a restart
		b.want(e, "accepted running done done done")
		b.stop()
		if did := b.done(); len(did) != 1 {
			t.Errorf("done %v", did)
		}
		if r := b.said[e.ID][4]; string(r.Result) != `{"was":"\"a\""}` {
			t.Errorf("stored result %s", r.Result)
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooth(t)
		b.boot()
		defer func() { b.stop() }()
		b.want(b.send(mqttapi.Command{Cmd: "dance"}, time.Hour), `rejected (this booth does not know the command "dance")`)
		late := mqttapi.Envelope{ID: id.New(), Exp: time.Now().Add(-time.Second).UnixMilli()}
		b.Command(t.Context(), late, tone("late"))
		b.want(late, "expired (came too late)")
		b.store.Fail(errors.New("disk full"))
		b.want(b.send(tone("x"), time.Hour), "rejected (the booth cannot store it)")
		b.store.Fail(nil)
		b.doers[fleet.CommandTone] = func(context.Context, json.RawMessage, func(any)) (any, error) {
			return nil, errors.New("no ear")
		}
		b.want(b.send(tone("y"), time.Hour), "accepted running failed (no ear)")
		b.doers[fleet.CommandTone] = func(context.Context, json.RawMessage, func(any)) (any, error) {
			var none []int
			return none[1], nil
		}
		b.want(b.send(tone("z"), time.Hour), "accepted running failed (internal error)")
		if did := b.done(); len(did) != 0 {
			t.Errorf("done %v", did)
		}
	})
}

func TestAVisitIsNotDisturbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooth(t)
		b.boot()
		defer func() { b.stop() }()
		b.Visiting(true)
		waits := b.send(tone("waits"), time.Hour)
		dies := b.send(tone("dies"), time.Minute)
		logs := b.send(mqttapi.Command{Cmd: fleet.CommandLogs, Args: []byte(`"logs"`)}, time.Hour)
		forced := tone("forced")
		forced.Force = true
		force := b.send(forced, time.Hour)
		b.want(logs, "accepted running done")
		b.want(force, "accepted running done")
		b.want(waits, "accepted")
		time.Sleep(2 * time.Minute)
		b.want(dies, "accepted expired (its time passed before its turn came)")
		b.Visiting(false)
		b.want(waits, "accepted running done")
		if did := b.done(); !slices.Equal(did, []string{`"logs"`, `"forced"`, `"waits"`}) {
			t.Errorf("done %v", did)
		}
	})
}

func TestNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooth(t)
		b.boot()
		defer func() { b.stop() }()
		later := tone("later")
		later.NotBefore = time.Now().Add(10 * time.Minute).UnixMilli()
		e := b.send(later, time.Hour)
		time.Sleep(9 * time.Minute)
		b.want(e, "accepted")
		time.Sleep(time.Minute)
		b.want(e, "accepted running done")
	})
}

// What an earlier run of the program left behind, by the state it was in.
func TestResumes(t *testing.T) {
	for _, tt := range []struct {
		cmd   fleet.CommandName
		state mqttapi.CommandState
		late  bool
		want  string
		did   int
	}{
		{fleet.CommandTone, mqttapi.Accepted, false, "running done", 1},
		{fleet.CommandTone, mqttapi.Accepted, true, "expired (its time passed before its turn came)", 0},
		{fleet.CommandTone, mqttapi.Running, false, "failed (interrupted)", 0},
		{fleet.CommandSelfTest, mqttapi.Running, false, "running done", 1},
		{fleet.CommandLogs, mqttapi.Running, true, "running done", 1},
		{fleet.CommandRestart, mqttapi.Running, false, "done", 0},
	} {
		t.Run(fmt.Sprintf("%s %s late=%v", tt.cmd, tt.state, tt.late), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBooth(t)
				b.boot()
				b.stop() // takes commands, carries out none
				if tt.cmd == fleet.CommandRestart {
					b.doers[tt.cmd] = func(context.Context, json.RawMessage, func(any)) (any, error) { return nil, nil }
				}
				e := b.send(mqttapi.Command{Cmd: tt.cmd}, time.Hour)
				entry := link.Entry{ID: e.ID, State: tt.state, Step: 2, Doc: []byte(fmt.Sprintf(`{"exp":%d,"cm":{"cmd":%q}}`, e.Exp, tt.cmd))}
				if err := b.store.Step(t.Context(), entry); err != nil {
					t.Fatal(err)
				}
				if tt.late {
					time.Sleep(2 * time.Hour)
				}
				b.mu.Lock()
				b.said = make(map[string][]mqttapi.Result)
				b.mu.Unlock()
				b.boot()
				b.want(e, tt.want)
				b.stop()
				if got := len(b.done()); got != tt.did {
					t.Errorf("done %d times, want %d", got, tt.did)
				}
				for _, r := range b.said[e.ID] {
					if r.Step <= 2 {
						t.Errorf("step %d does not rise over what may have been said before", r.Step)
					}
				}
			})
		})
	}
}

func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooth(t)
		b.doers[fleet.CommandRestart] = func(context.Context, json.RawMessage, func(any)) (any, error) { return nil, nil }
		b.boot()
		e := b.send(mqttapi.Command{Cmd: fleet.CommandRestart}, time.Hour)
		b.want(e, "accepted running")
		b.stop()
		b.boot()
		b.want(e, "accepted running done")
		b.stop()
		b.boot()
		e = b.send(mqttapi.Command{Cmd: fleet.CommandRestart}, time.Hour)
		time.Sleep(2 * time.Minute)
		b.want(e, "accepted running failed (the program did not end)")
		b.stop()
	})
}

func TestMirrorRunsBesideOthersAndOnlyTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooth(t)
		b.doers[fleet.CommandMirror] = func(ctx context.Context, _ json.RawMessage, progress func(any)) (any, error) {
			for n := 0; ; n++ {
				progress(map[string]int{"view": n})
				select {
				case <-ctx.Done():
					return nil, nil
				case <-time.After(10 * time.Second):
				}
				if n == 5 {
					return nil, nil
				}
			}
		}
		b.boot()
		first := b.send(mqttapi.Command{Cmd: fleet.CommandMirror}, time.Hour)
		time.Sleep(15 * time.Second)
		other := b.send(tone("beside"), time.Hour)
		b.want(other, "accepted running done")
		second := b.send(mqttapi.Command{Cmd: fleet.CommandMirror}, time.Hour)
		b.want(first, "accepted running running running done")
		time.Sleep(2 * time.Minute)
		b.want(second, "accepted running running running running running running running done")
		b.stop()
	})
}

// A command may come in the very moment in which the inbox is read at start.
func TestACommandThatComesAtStartIsDoneOnce(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			b := newBooth(t)
			b.boot()
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() { b.Command(t.Context(), mqttapi.Envelope{ID: id.New()}, tone("x")) })
			}
			all.Wait()
			time.Sleep(time.Minute)
			b.stop()
			if n := len(b.done()); n != 4 {
				t.Fatalf("4 commands were done %d times", n)
			}
		})
	}
}

func TestOneAtATimeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooth(t)
		b.Remote = nil
		inside := 0
		b.doers[fleet.CommandTone] = func(_ context.Context, args json.RawMessage, _ func(any)) (any, error) {
			if inside++; inside > 1 {
				t.Error("two at a time")
			}
			time.Sleep(time.Second)
			inside--
			b.note(string(args))
			return nil, nil
		}
		b.boot()
		var all []mqttapi.Envelope
		for n := range 10 {
			all = append(all, b.send(tone(fmt.Sprint(n)), time.Hour))
		}
		time.Sleep(time.Minute)
		b.stop()
		for n, did := range b.done() {
			if did != fmt.Sprintf("%q", fmt.Sprint(n)) {
				t.Errorf("number %d was %s", n, did)
			}
		}
		if len(b.done()) != len(all) {
			t.Errorf("%d done", len(b.done()))
		}
	})
}

func FuzzCommand(f *testing.F) {
	f.Add([]byte(`{"cmd":"tone","args":{"hz":440}}`), int64(0))
	f.Add([]byte(`{"cmd":"restart","not_before":-1,"force":true}`), int64(-5))
	f.Add([]byte(`{"cmd":"mirror","args":[[[[]]]]}`), int64(1)<<62)
	f.Fuzz(func(t *testing.T, body []byte, exp int64) {
		var c mqttapi.Command
		if err := (mqttapi.Envelope{Body: body}).Into(&c); err != nil {
			return
		}
		store := new(linktest.Memory)
		said := make(chan mqttapi.Result, 100)
		r := remote.New(remote.Deps{Inbox: store, Say: func(_ context.Context, _ string, res mqttapi.Result) error {
			said <- res
			return nil
		}, Doers: map[fleet.CommandName]remote.Doer{fleet.CommandLogs: func(_ context.Context, args json.RawMessage, _ func(any)) (any, error) {
			var l mqttapi.Logs
			return nil, json.Unmarshal(args, &l)
		}}})
		r.Command(t.Context(), mqttapi.Envelope{ID: id.New(), Exp: max(exp, 0)}, c)
		if first := <-said; first.State != mqttapi.Accepted && !first.State.Final() {
			t.Errorf("said %+v", first)
		}
	})
}
