package emergency_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/dialogue"
	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/emergency"
	"github.com/laoyou/laoyou/firmware/front"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/speaker"
	"github.com/laoyou/laoyou/firmware/visit"
	"github.com/laoyou/laoyou/ui/view"
)

// stuck is a bot that does not answer: the visit hangs in the middle of an input until the test lets it go.
type stuck struct{ until chan struct{} }

func (s stuck) Start(agents.Lang) (dialogue.State, agents.Reply) {
	<-s.until
	return dialogue.State{}, agents.Reply{}
}

func (stuck) Next(s dialogue.State, _ agents.Input) (dialogue.State, agents.Reply) {
	return s, agents.Reply{}
}

// deaf takes whatever is said, rung, lit or claimed.
type deaf struct{}

func (deaf) Claim()                                 {}
func (deaf) Release()                               {}
func (deaf) Join(emergency.Party)                   {}
func (deaf) Ring()                                  {}
func (deaf) Stop()                                  {}
func (deaf) SetGain(int)                            {}
func (deaf) SetLamp(device.Lamp, bool) error        { return nil }
func (deaf) Say([]speaker.Sentence) <-chan struct{} { return make(chan struct{}) }

func (deaf) Person(call.Wish) call.Talk { return nil }
func (deaf) Free(string) call.Talk      { return nil }
func (deaf) Incoming() <-chan call.Talk { return nil }

// TestSOSWorksWhileTheVisitIsWedged wires the real front, visit and emergency, hangs the visit, and holds the SOS key.
func TestSOSWorksWhileTheVisitIsWedged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		words, err := present.New()
		if err != nil {
			t.Fatal(err)
		}
		f, notes, log := front.New(), journal.New(time.Now), slog.New(slog.DiscardHandler)
		bot := stuck{make(chan struct{})}
		keeper := visit.New(visit.Deps{
			Bot: bot, Voice: deaf{}, Screen: f, Journal: notes, Present: words, Clock: time.Now, Lines: deaf{}, Lamp: func(bool) {},
			NewID: func() string { return "v" }, Forget: func() {}, Setup: visit.Setup{Idle: time.Minute}, Log: log,
		})
		desk := emergency.New(emergency.Deps{
			Operator: emergency.Lab{Ring: 2 * time.Second}, Voice: deaf{}, Screen: f, Lamps: deaf{}, Visit: keeper,
			Journal: notes, Clock: time.Now, Log: log, Booth: func() present.Booth { return present.Booth{} }, Present: words, Lab: true, Now: f.VisitView,
		})
		f.Connect(front.Deps{Emergency: desk, Visit: keeper, Journal: notes, Clock: time.Now})
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		go func() { _ = desk.Run(ctx) }()
		go func() { _ = keeper.Run(ctx) }()
		if _, err := f.Do(ctx, firmware.Input{Kind: firmware.InputHook, Off: true}); !errors.Is(err, front.ErrBusy) {
			t.Fatalf("the visit is not wedged: %v", err)
		}
		start := time.Now()
		if _, err := f.Do(ctx, firmware.Input{Kind: firmware.InputSOS, Held: 1200 * time.Millisecond}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if v, _ := f.View(); v.Screen != view.SOS || v.Line.State != view.LineRinging || time.Since(start) > 500*time.Millisecond {
			t.Errorf("%s %+v after %s", v.Screen, v.Line, time.Since(start))
		}
		close(bot.until)
	})
}
