package link_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

func fact(n int) mqttapi.Event {
	return mqttapi.Event{Type: mqttapi.EventVisitEnded, Data: map[string]any{"n": n}}
}

func TestBirthBeatAndGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		defer p.stop()
		l := link.New(link.Deps{
			Store: new(linktest.Memory), Line: line, Dial: p.dial,
			Birth: func() mqttapi.Birth { return mqttapi.Birth{Firmware: "1.2", Config: 7, Board: "virtual"} },
			Pulse: func() mqttapi.Heartbeat { return mqttapi.Heartbeat{CPU: 3} },
		})
		stop := run(t, l)
		time.Sleep(10 * time.Minute)
		if s := l.State(); !s.Online || s.Epoch == 0 {
			t.Errorf("state %+v", s)
		}
		stop()
		synctest.Wait()
		s, _ := p.fleet.Seen()
		if len(s.Births) != 2 || !s.Births[0].On || s.Births[1].On || s.Births[1].Epoch != s.Births[0].Epoch {
			t.Fatalf("births %+v", s.Births)
		}
		if b := s.Births[0]; b.Firmware != "1.2" || b.Config != 7 || b.Boot != l.Boot() || b.Outbox == "" || b.Epoch < 9e8 {
			t.Errorf("birth %+v", b)
		}
		if n := len(s.Beats); n < 9 || n > 12 {
			t.Errorf("%d heartbeats in ten minutes", n)
		}
		if len(s.Bad) > 0 {
			t.Error(s.Bad)
		}
	})
}

func TestLostAcknowledgmentsAreAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		defer p.stop()
		l := link.New(link.Deps{Store: new(linktest.Memory), Line: line, Dial: p.dial})
		defer run(t, l)()
		p.fleet.Set(true, nil, nil)
		for n := range 100 {
			if err := l.Event(t.Context(), fact(n)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		s, _ := p.fleet.Seen()
		if len(s.Rows) != 32 || s.Twice == 0 {
			t.Errorf("%d rows without an acknowledgment, %d again; the window is 32", len(s.Rows), s.Twice)
		}
		dice := rand.New(rand.NewPCG(1, 2))
		p.fleet.Set(false, func(e mqttapi.Envelope) bool { return e.Seq > 0 && dice.IntN(7) == 0 }, nil) // and some rows do not arrive
		time.Sleep(10 * time.Minute)
		s, _ = p.fleet.Seen()
		if len(s.Rows) != 100 || s.Gaps != 0 || len(s.Bad) > 0 || l.State().Pending != 0 {
			t.Errorf("%d rows, %d gaps, %v; %+v", len(s.Rows), s.Gaps, s.Bad, l.State())
		}
	})
}

func TestBlackHoleIsNoticed(t *testing.T) {
	for name, way := range map[string][2]bool{"up": {true, false}, "down": {false, true}, "both": {true, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPipes(t)
				defer p.stop()
				var lost atomic.Int64 // ms since 1970
				l := link.New(link.Deps{Store: new(linktest.Memory), Line: line, Dial: p.dial, OnState: func(s link.State) {
					if !s.Online {
						lost.CompareAndSwap(0, time.Now().UnixMilli())
					}
				}})
				defer run(t, l)()
				time.Sleep(5 * time.Minute)
				from := time.Now()
				p.swallow(way[0], way[1])
				if err := l.Event(t.Context(), fact(1)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Minute)
				if after := time.UnixMilli(lost.Load()).Sub(from); after < 0 || after > 40*time.Second {
					t.Errorf("noticed after %v, want ≤ 40 s", after)
				}
				if s := l.State(); !s.Online || s.Pending != 0 {
					t.Errorf("did not come back: %+v", s)
				}
			})
		})
	}
}

// A broker that falls every half minute never lets a connection grow old; the booth must not give up on it.
func TestABrokerThatFallsEveryHalfMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		l := link.New(link.Deps{Store: new(linktest.Memory), Line: line, Dial: p.dial})
		defer run(t, l)()
		online := 0
		for n := range 60 {
			if err := l.Event(t.Context(), fact(n)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(28 * time.Second)
			if l.State().Online {
				online++
			}
			p.stop()
			time.Sleep(2 * time.Second)
			p.start()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if s, _ := p.fleet.Seen(); len(s.Rows) != 60 || s.Gaps > 0 || len(s.Bad) > 0 || online < 55 {
			t.Errorf("%d rows, %d gaps, %v; online before %d of 60 falls", len(s.Rows), s.Gaps, s.Bad, online)
		}
		p.stop()
	})
}

func TestSlowHandlerKeepsTheLineAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		defer p.stop()
		release := make(chan struct{})
		var did []string
		l := link.New(link.Deps{
			Store: new(linktest.Memory), Line: line, Dial: p.dial,
			OnCommand: func(_ context.Context, e mqttapi.Envelope, _ mqttapi.Command) { <-release; did = append(did, e.ID) },
		})
		stop := run(t, l)
		time.Sleep(10 * time.Second)
		epoch := l.State().Epoch
		for range 10 {
			p.fleet.Command(key(), mqttapi.Command{Cmd: "tone"}, time.Hour)
		}
		time.Sleep(10 * time.Minute)
		if err := l.Event(t.Context(), fact(1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if s := l.State(); !s.Online || s.Epoch != epoch || s.Pending != 0 {
			t.Errorf("with a handler that hangs: %+v, epoch was %d", s, epoch)
		}
		for range 100 { // more than may wait
			p.fleet.Command(key(), mqttapi.Command{Cmd: "tone"}, time.Hour)
		}
		time.Sleep(time.Second)
		close(release)
		time.Sleep(10 * time.Minute)
		stop()
		seen := make(map[string]bool)
		for _, id := range did {
			seen[id] = true
		}
		if s, _ := p.fleet.Seen(); len(seen) != 110 || len(s.Births) < 3 {
			t.Errorf("%d of 110 commands came, %d births: what did not fit must come after a new one", len(seen), len(s.Births))
		}
	})
}

func TestOfflineForDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		defer p.stop()
		store := new(linktest.Memory)
		l := link.New(link.Deps{
			Store: store, Line: line, Dial: p.dial, Sample: func() map[string]float64 { return map[string]float64{"cpu_pct": 1} },
			Pace: func() link.Pace { return link.Pace{Telemetry: 2 * time.Minute} },
		})
		defer run(t, l)()
		time.Sleep(time.Minute)
		l.Cut(true)
		p.stop() // whose tickers would make ten days long
		put := func(e mqttapi.Event) {
			if err := l.Event(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		put(mqttapi.Event{Type: mqttapi.EventEmergency, Data: map[string]any{"number": "120"}})
		put(fact(1))
		time.Sleep(10 * 24 * time.Hour) // three days more than anything dear lasts
		put(fact(2))
		if n := l.State().Pending; n > 7*24*30+1100 || n < 7*24*30 {
			t.Errorf("%d rows wait after ten days", n)
		}
		p.start()
		l.Cut(false)
		time.Sleep(10 * time.Minute)
		s, _ := p.fleet.Seen()
		types := make(map[mqttapi.EventType]int)
		for _, e := range s.Rows {
			var ev mqttapi.Event
			if err := e.Into(&ev); err == nil && e.Kind == mqttapi.KindEvent {
				types[ev.Type]++
			}
		}
		if types[mqttapi.EventEmergency] != 1 || types[mqttapi.EventDropped] == 0 || types[mqttapi.EventVisitEnded] == 0 {
			t.Errorf("what came: %v", types)
		}
		if last := s.Births[len(s.Births)-1]; last.Dropped == 0 || s.Gaps != 0 || len(s.Bad) > 0 || l.State().Pending != 0 {
			t.Errorf("birth %+v, %d gaps, %v, %+v", last, s.Gaps, s.Bad, l.State())
		}
	})
}

func TestClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPipes(t)
				defer p.stop()
				var off atomic.Int64
				l := link.New(link.Deps{
					Store: new(linktest.Memory), Line: line, Dial: p.dial, Built: time.Now().Add(-48 * time.Hour),
					Clock: func() time.Time { return time.Now().Add(time.Duration(off.Load())) },
				})
				defer run(t, l)()
				time.Sleep(time.Minute)
				epoch := l.State().Epoch
				off.Store(int64(jump))
				time.Sleep(time.Hour)
				s, _ := p.fleet.Seen()
				var steps []string
				for _, e := range s.Rows {
					var ev mqttapi.Event
					if err := e.Into(&ev); err == nil && ev.Type == mqttapi.EventClock {
						steps = append(steps, fmt.Sprint(ev.Data["step_ms"]))
					}
				}
				if len(steps) != 1 || steps[0] != fmt.Sprint(float64(jump.Milliseconds())) {
					t.Errorf("clock events %v", steps)
				}
				if s := l.State(); !s.Online || s.Epoch != epoch {
					t.Errorf("the line did not bear it: %+v", s)
				}
				if d := time.Until(l.Now()).Abs(); d > time.Minute {
					t.Errorf("the fleet's time is wrong by %v", d)
				}
			})
		})
	}
}

func TestHerd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		l := link.New(link.Deps{
			Store: new(linktest.Memory), Line: line, Dial: p.dial, Pace: func() link.Pace { return link.Pace{Spread: 50 * time.Second} },
		})
		defer run(t, l)()
		time.Sleep(10 * time.Minute)
		n := len(p.dialled())
		from := time.Now()
		p.stop()
		time.Sleep(24 * time.Hour)
		tries := p.dialled()[n:]
		if first := tries[0].Sub(from); first > 50*time.Second {
			t.Errorf("first retry after %v", first)
		}
		if len(tries) < 24*60/5 || len(tries) > 24*60 {
			t.Errorf("%d attempts in a day", len(tries))
		}
		for i := 1; i < len(tries); i++ {
			if gap := tries[i].Sub(tries[i-1]); gap > 300*time.Second {
				t.Errorf("a gap of %v", gap)
			}
		}
		l.Hurry()
		synctest.Wait()
		if last := p.dialled(); time.Since(last[len(last)-1]) > 0 {
			t.Error("a citizen had to wait for the back-off")
		}
	})
}

func TestBackoffIsFullJitter(t *testing.T) {
	for _, tt := range []struct {
		failures int
		most     time.Duration
	}{{0, 50 * time.Second}, {1, 4 * time.Second}, {3, 16 * time.Second}, {7, 256 * time.Second}, {8, 300 * time.Second}, {1000, 300 * time.Second}} {
		for _, r := range []float64{0, 0.25, 0.999} {
			if got, want := link.Backoff(tt.failures, 50*time.Second, func() float64 { return r }), time.Duration(r*float64(tt.most)); got != want {
				t.Errorf("Backoff(%d) at %v = %v, want %v", tt.failures, r, got, want)
			}
		}
	}
}

func TestJitterIsEven(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	var in [10]int
	for range 100_000 {
		in[link.Backoff(0, 50*time.Second, dice.Float64)/(5*time.Second)]++
	}
	for i, n := range in {
		if n < 9_500 || n > 10_500 {
			t.Errorf("%d of 100,000 booths retry in the %dth tenth of the spread", n, i+1)
		}
	}
}
