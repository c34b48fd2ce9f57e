package emergency

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/speaker"
	"github.com/laoyou/laoyou/ui/view"
)

// world is everything around a desk, noting what happened to it.
type world struct {
	mu      sync.Mutex
	did     []string
	screen  *view.View
	visit   view.View
	journal *journal.Journal
}

func (w *world) note(s string) {
	w.mu.Lock()
	w.did = append(w.did, s)
	w.mu.Unlock()
}

func (w *world) log() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.did, " ")
}

func (w *world) Claim()     { w.note("claim") }
func (w *world) Release()   { w.note("release") }
func (w *world) Ring()      { w.note("ring") }
func (w *world) Stop()      {}
func (w *world) Join(Party) { w.note("join") }
func (w *world) Say(s []speaker.Sentence) <-chan struct{} {
	w.note("say:" + s[0].Lang)
	return make(chan struct{})
}
func (w *world) SetLamp(device.Lamp, bool) error { return nil }
func (w *world) Emergency(active bool) {
	if active {
		w.note("pause")
		return
	}
	w.note("go-on")
}

func (w *world) DrawEmergency(v *view.View, _ uint64) {
	w.mu.Lock()
	w.screen = v
	w.mu.Unlock()
}

func (w *world) shown() view.View {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.screen == nil {
		return view.View{}
	}
	return *w.screen
}

// far is an operator with a voice of their own.
type far struct{}

func (far) Dial(ctx context.Context, _ Request) <-chan News {
	news := make(chan News, 1)
	news <- News{Kind: NewsAnswered, Party: deadLine{}}
	context.AfterFunc(ctx, func() { close(news) })
	return news
}

type deadLine struct{}

func (deadLine) Read(context.Context) ([]byte, error) { return nil, io.EOF }
func (deadLine) Write([]byte) error                   { return nil }

// A test call says that it is one before the operator is heard.
func TestAFarOperatorIsAnnouncedAsATest(t *testing.T) {
	w := &world{}
	run(t, w, func(d *Desk) {
		d.deps.Operator = far{}
		d.Offer(firmware.Input{Kind: firmware.InputSOS, Held: 2 * time.Second})
		synctest.Wait()
		if got := w.log(); !strings.HasSuffix(got, "ring say:zh join") {
			t.Errorf("%s", got)
		}
		if v := w.shown(); len(v.Captions) != 1 || !strings.Contains(v.Captions[0].Text, "TEST") {
			t.Errorf("%v", v.Captions)
		}
	})
}

// run starts a desk in a bubble of its own time and hands it to the test.
func run(t *testing.T, w *world, test func(d *Desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		words, err := present.New()
		if err != nil {
			t.Fatal(err)
		}
		w.journal = journal.New(time.Now)
		d := New(Deps{
			Operator: Lab{Ring: 2 * time.Second, Pause: time.Second}, Voice: w, Screen: w, Lamps: w, Visit: w, Journal: w.journal,
			Clock: time.Now, Log: slog.New(slog.DiscardHandler), Present: words, Lab: true, Booth: func() present.Booth { return present.Booth{} }, Now: func() view.View { return w.visit },
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		test(d)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func press(d *Desk, keys string) (mine []bool) {
	for _, key := range []byte(keys) {
		mine = append(mine, d.Offer(firmware.Input{Kind: firmware.InputKey, Key: key, At: time.Now()}))
	}
	synctest.Wait()
	return mine
}

func TestHeldSOSRingsAtOnceAndIsAnswered(t *testing.T) {
	w := &world{}
	run(t, w, func(d *Desk) {
		if !d.Offer(firmware.Input{Kind: firmware.InputSOS, Held: 1200 * time.Millisecond}) {
			t.Fatal("not taken")
		}
		synctest.Wait()
		if v := w.shown(); v.Screen != view.SOS || v.Line.State != view.LineRinging || !v.Line.Test {
			t.Fatalf("%s %+v", v.Screen, v.Line)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if v := w.shown(); v.Line.State != view.LineAnswered || len(v.Captions) == 0 || !strings.Contains(v.Captions[0].Text, "TEST") {
			t.Fatalf("%+v %v", v.Line, v.Captions)
		}
		d.Offer(firmware.Input{Kind: firmware.InputHook, Off: false})
		synctest.Wait()
		if got := w.log(); !strings.HasPrefix(got, "pause claim ring say:zh") || !strings.HasSuffix(got, "release go-on") {
			t.Errorf("%s", got)
		}
		if w.shown().Screen != "" {
			t.Error("the screen was not given back")
		}
	})
	var states []string
	events, _ := w.journal.Since(0)
	for _, e := range events {
		if e.Type == firmware.EventCall {
			states = append(states, e.Data["state"].(string))
		}
	}
	if want := []string{"ringing", "answered", "ended"}; !slices.Equal(states, want) {
		t.Errorf("call events %v, want %v", states, want)
	}
}

func TestShortPressOnlyShowsTheNumbers(t *testing.T) {
	w := &world{}
	run(t, w, func(d *Desk) {
		d.Offer(firmware.Input{Kind: firmware.InputSOS, Held: 300 * time.Millisecond})
		synctest.Wait()
		if _, ok := w.shown().Find("sos.110"); !ok || strings.Contains(w.log(), "ring") {
			t.Errorf("%v %s", w.shown().Choices, w.log())
		}
		time.Sleep(menuTime + time.Second)
		synctest.Wait()
		if w.shown().Screen != "" {
			t.Error("it does not go away by itself")
		}
	})
}

func TestTouchCountsDownAndCanBeCancelled(t *testing.T) {
	w := &world{}
	run(t, w, func(d *Desk) {
		touch := func(id string) {
			d.Offer(firmware.Input{Kind: firmware.InputTouch, Action: id})
			synctest.Wait()
		}
		touch("sos")
		if s := w.shown().Line.Seconds; s != 3 {
			t.Errorf("%d seconds", s)
		}
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if s := w.shown().Line.Seconds; s != 2 {
			t.Errorf("%d seconds", s)
		}
		touch("sos.cancel")
		if strings.Contains(w.log(), "ring") || w.shown().Screen != "" {
			t.Errorf("%s", w.log())
		}
		touch("sos")
		time.Sleep(countdownTime + 100*time.Millisecond)
		synctest.Wait()
		if !strings.Contains(w.log(), "ring") {
			t.Error("it never rang")
		}
	})
}

func TestDialledNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		visit view.View
		dial  func(d *Desk)
		want  string // number called
	}{
		"from rest":           {view.View{}, func(d *Desk) { press(d, "110") }, "110"},
		"slowly from rest":    {view.View{}, func(d *Desk) { press(d, "1"); time.Sleep(4 * time.Second); press(d, "20") }, "120"},
		"after a wrong key":   {view.View{Visit: "v"}, func(d *Desk) { press(d, "5119") }, "119"},
		"in a menu":           {view.View{Visit: "v"}, func(d *Desk) { press(d, "119") }, "119"},
		"too slow for a menu": {view.View{Visit: "v"}, func(d *Desk) { press(d, "11"); time.Sleep(2 * time.Second); press(d, "0") }, ""},
		"inside a number":     {view.View{Visit: "v", Pad: &view.Pad{}}, func(d *Desk) { press(d, "110") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{visit: c.visit}
			run(t, w, func(d *Desk) {
				c.dial(d)
				if got := d.number; got != c.want {
					t.Errorf("called %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestOnlyTheLastKeyIsKeptFromTheVisit(t *testing.T) {
	w := &world{}
	run(t, w, func(d *Desk) {
		if mine := press(d, "110"); !slices.Equal(mine, []bool{false, false, true}) {
			t.Errorf("%v", mine)
		}
		if mine := press(d, "5"); !mine[0] {
			t.Error("during the call keys belong to it")
		}
		if mine := press(d, "*"); !mine[0] || w.shown().Screen != "" {
			t.Error("star does not cancel")
		}
	})
}
