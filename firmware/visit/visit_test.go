package visit

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/dialogue"
	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/speaker"
	"github.com/laoyou/laoyou/ui/view"
)

// parrot is a bot that answers with what it was given; a few words make it ask or call.
type parrot struct{}

func (parrot) Start(agents.Lang) (dialogue.State, agents.Reply) {
	return dialogue.State{}, agents.Reply{Say: []string{"您好", "Hello"}, Ask: agents.Ask{Kind: agents.AskOpen}}
}

func (parrot) Next(s dialogue.State, in agents.Input) (dialogue.State, agents.Reply) {
	r := agents.Reply{Lang: agents.LangEn, Say: []string{fmt.Sprintf("heard %s%s%s", in.Text, in.Choice, in.Digits)}}
	switch {
	case in.Silence:
		r.Say = []string{"silence"}
	case in.Result != nil && in.Result.Booking != nil:
		r.Ticket = &agents.Ticket{Number: in.Result.Booking.Number}
	case in.Text == "book":
		r.Call = &tool.Call{Name: tool.AttractionBook, Key: "k", Book: &tool.BookArgs{}}
	case in.Choice == agents.ChoicePerson:
		r.Say, r.Handoff = []string{"getting someone"}, "asked"
	case in.Text == "number":
		r.Ask = agents.Ask{Kind: agents.AskDigits, MinDigits: 4, MaxDigits: 4}
	case in.Text == "confirm":
		r.Ask = agents.Ask{Kind: agents.AskConfirm, Choices: []agents.Choice{{ID: "yes", Label: "Yes"}, {ID: "no", Label: "No"}}}
	}
	return s, r
}

// city is a back end whose answers come when the test lets them.
type city struct {
	mu    sync.Mutex
	calls []tool.Name
	open  chan struct{}
}

func (c *city) Do(ctx context.Context, call tool.Call) tool.Result {
	c.mu.Lock()
	c.calls = append(c.calls, call.Name)
	c.mu.Unlock()
	if call.Name == tool.AttractionBook {
		select {
		case <-c.open:
		case <-ctx.Done():
			return tool.Result{Name: call.Name, Err: &tool.Error{Kind: tool.Uncertain}}
		}
	}
	return tool.Result{Name: call.Name, Booking: &tool.Booking{Number: "12345678", Code: "1234"}}
}

func (c *city) called() []tool.Name {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// ear speaks a sentence in a second and remembers what it was given.
type ear struct {
	mu   sync.Mutex
	said []string
	done []chan struct{}
}

func (e *ear) Say(s []speaker.Sentence) <-chan struct{} {
	done := make(chan struct{})
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, sentence := range s {
		e.said = append(e.said, sentence.Text)
	}
	e.done = append(e.done, done)
	time.AfterFunc(time.Duration(len(s))*time.Second, func() { close(done) })
	return done
}
func (e *ear) Stop()       {}
func (e *ear) Ring()       { e.mu.Lock(); e.said = append(e.said, "ring"); e.mu.Unlock() }
func (e *ear) SetGain(int) {}

func (e *ear) heard() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.said, "|")
}

// wall is the screen.
type wall struct {
	mu sync.Mutex
	v  view.View
}

func (w *wall) DrawVisit(v *view.View, _ uint64) {
	w.mu.Lock()
	w.v = *v
	w.mu.Unlock()
}

func (w *wall) now() view.View {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.v
}

type stage struct {
	*Keeper
	t       *testing.T
	ear     *ear
	wall    *wall
	city    *city
	journal *journal.Journal
	lines   *lineman
	forgot  int
}

// play runs a keeper in a bubble of its own time.
func play(t *testing.T, act func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		words, err := present.New()
		if err != nil {
			t.Fatal(err)
		}
		s := &stage{t: t, ear: &ear{}, wall: &wall{}, city: &city{open: make(chan struct{})}, journal: journal.New(time.Now), lines: &lineman{in: make(chan call.Talk)}}
		n := 0
		s.Keeper = New(Deps{
			Bot: parrot{}, Tools: s.city, Voice: s.ear, Screen: s.wall, Journal: s.journal, Present: words, Clock: time.Now,
			NewID: func() string { n++; return fmt.Sprintf("visit-%d", n) }, Forget: func() { s.forgot++ }, Lines: s.lines, Lamp: func(bool) {}, Setup: Setup{Idle: time.Minute},
			Log: slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		act(s)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func (s *stage) give(in firmware.Input) {
	s.t.Helper()
	if err := s.Apply(s.t.Context(), in); err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
}

func (s *stage) lift() { s.give(firmware.Input{Kind: firmware.InputHook, Off: true}) }
func (s *stage) hang() { s.give(firmware.Input{Kind: firmware.InputHook}) }
func (s *stage) say(text string) {
	s.give(firmware.Input{Kind: firmware.InputSay, Text: text, Lang: "en"})
}
func (s *stage) touch(id string) { s.give(firmware.Input{Kind: firmware.InputTouch, Action: id}) }

func (s *stage) keys(keys string) {
	for _, k := range []byte(keys) {
		s.give(firmware.Input{Kind: firmware.InputKey, Key: k})
	}
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestLiftGreetsAndHangUpWipes(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		if v := s.wall.now(); v.Screen != view.Home || v.Visit != "visit-1" || s.ear.heard() != "您好|Hello" {
			t.Fatalf("%s %q heard %q", v.Screen, v.Visit, s.ear.heard())
		}
		s.say("secret")
		s.hang()
		if v := s.wall.now(); v.Screen != view.Attract || v.Visit != "" || len(v.Captions) != 0 {
			t.Errorf("at once after hanging up: %s %q %v", v.Screen, v.Visit, v.Captions)
		}
		pass(graceTime)
		if s.forgot != 1 || len(s.state.Turns) != 0 || s.bot.Lang != "" {
			t.Errorf("forgot %d times, state %+v", s.forgot, s.state)
		}
		events, _ := s.journal.Since(0)
		for _, e := range events {
			if strings.Contains(fmt.Sprint(e.Data), "secret") {
				t.Errorf("event keeps the words: %v", e.Data)
			}
		}
	})
}

func TestABounceOfTheHookResumes(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		s.say("tea")
		s.hang()
		pass(time.Second)
		s.lift()
		if v := s.wall.now(); v.Visit != "visit-1" || s.forgot != 0 || !strings.HasSuffix(s.ear.heard(), "heard tea|heard tea") {
			t.Errorf("%q, forgot %d, heard %q", v.Visit, s.forgot, s.ear.heard())
		}
		s.hang()
		pass(2 * time.Second)
		s.lift()
		if v := s.wall.now(); v.Visit != "visit-2" {
			t.Errorf("after the grace time: %q", v.Visit)
		}
	})
}

func TestTouchOpensAVisitThatIdleEnds(t *testing.T) {
	play(t, func(s *stage) {
		s.touch(present.ActionStart)
		pass(43 * time.Second) // 2 s greeting, then 40 s
		if v := s.wall.now(); v.Banner == nil || v.Banner.Kind != view.BannerIdle {
			t.Fatalf("no warning: %+v", v.Banner)
		}
		s.touch(present.ActionText) // more time
		if v := s.wall.now(); v.Banner != nil || !v.Style.Large {
			t.Errorf("%+v %+v", v.Banner, v.Style)
		}
		pass(time.Minute + time.Second)
		if v := s.wall.now(); v.Visit != "" || s.forgot != 1 {
			t.Errorf("visit %q, forgot %d", v.Visit, s.forgot)
		}
	})
}

func TestSilenceIsAnsweredTwiceThenLeftAlone(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		pass(35 * time.Second)
		if n := strings.Count(s.ear.heard(), "silence"); n != maxSilences {
			t.Errorf("asked %d times: %q", n, s.ear.heard())
		}
	})
}

func TestDigitsByKeyAndByTouch(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		s.say("number")
		s.keys("48")
		if v := s.wall.now(); v.Pad == nil || v.Pad.Value != "48" {
			t.Fatalf("%+v", v.Pad)
		}
		for _, d := range []string{"2", "9"} {
			s.touch("digit." + d)
		}
		if !strings.Contains(s.ear.heard(), "heard 4829") {
			t.Errorf("heard %q", s.ear.heard())
		}
	})
}

func TestMenuDigitActsAfterAMomentOrByHash(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		s.say("confirm")
		s.keys("2")
		pass(time.Second)
		if strings.Contains(s.ear.heard(), "heard no") {
			t.Error("too early")
		}
		pass(time.Second)
		if !strings.Contains(s.ear.heard(), "heard no") {
			t.Errorf("heard %q", s.ear.heard())
		}
		s.say("confirm")
		s.keys("#")
		if !strings.HasSuffix(s.ear.heard(), "heard yes") {
			t.Errorf("heard %q", s.ear.heard())
		}
	})
}

func TestWhatIsSaidDuringACallWaitsForItsResult(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		s.say("book")
		s.say("no")
		if strings.Contains(s.ear.heard(), "heard no") || s.wall.now().Strip.Activity != view.Thinking {
			t.Errorf("heard %q while thinking", s.ear.heard())
		}
		close(s.city.open)
		synctest.Wait()
		if !strings.Contains(s.ear.heard(), "heard no") {
			t.Errorf("lost: %q", s.ear.heard())
		}
	})
}

func TestABookingNobodyWaitedForIsCancelled(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		s.say("book")
		s.hang()
		pass(2 * time.Second)
		close(s.city.open)
		pass(time.Second)
		if got := s.city.called(); !slices.Equal(got, []tool.Name{tool.AttractionBook, tool.BookingCancel}) {
			t.Errorf("calls %v", got)
		}
	})
}

func TestAResultInTheGraceTimeIsKeptForTheBounce(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		s.say("book")
		s.hang()
		close(s.city.open)
		pass(time.Second)
		s.lift()
		if v := s.wall.now(); v.Slip == nil || v.Slip.Number != "12345678" {
			t.Errorf("%s %+v", v.Screen, v.Slip)
		}
	})
}

func TestAnEmergencyPausesTheVisit(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		s.say("tea")
		s.Emergency(true)
		synctest.Wait()
		before := s.ear.heard()
		pass(2 * time.Minute)
		if s.ear.heard() != before || s.wall.now().Visit == "" {
			t.Errorf("spoke or ended during the emergency: %q", s.ear.heard())
		}
		s.Emergency(false)
		synctest.Wait()
		if !strings.HasSuffix(s.ear.heard(), "heard tea") || s.ear.heard() == before {
			t.Errorf("does not go on: %q", s.ear.heard())
		}
	})
}

func TestACutLineIsShown(t *testing.T) {
	play(t, func(s *stage) {
		s.lift()
		s.give(firmware.Input{Kind: firmware.InputLink})
		if v := s.wall.now(); v.Banner == nil || v.Banner.Kind != view.BannerOffline {
			t.Errorf("%+v", v.Banner)
		}
		s.give(firmware.Input{Kind: firmware.InputLink, Up: true})
		if v := s.wall.now(); v.Banner != nil {
			t.Errorf("%+v", v.Banner)
		}
	})
}
