package visit

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/ui/view"
)

// lineman places calls that go as the test says.
type lineman struct {
	in    chan call.Talk
	wish  call.Wish
	calls []*talk
}

func (l *lineman) Incoming() <-chan call.Talk { return l.in }
func (l *lineman) Free(string) call.Talk      { return l.place(call.KindFree) }

func (l *lineman) Person(w call.Wish) call.Talk {
	l.wish = w
	return l.place(call.KindPerson)
}

func (l *lineman) place(k call.Kind) *talk {
	t := &talk{kind: k, news: make(chan call.News, 16)}
	l.calls = append(l.calls, t)
	return t
}

// talk is a call that notes what is done to it.
type talk struct {
	kind call.Kind
	news chan call.News
	mu   sync.Mutex
	did  []string
}

func (t *talk) note(s string) {
	t.mu.Lock()
	t.did = append(t.did, s)
	t.mu.Unlock()
}

func (t *talk) log() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.did, " ")
}

func (t *talk) Kind() call.Kind        { return t.kind }
func (t *talk) News() <-chan call.News { return t.news }
func (t *talk) Answer()                { t.note("answer") }
func (t *talk) Text(text string)       { t.note("text:" + text) }
func (t *talk) Callback()              { t.note("callback") }
func (t *talk) End()                   { t.note("end") }
func (t *talk) Listen(on bool) {
	if on {
		t.note("listen")
		return
	}
	t.note("away")
}

func (s *stage) tell(n call.News) {
	s.lines.calls[len(s.lines.calls)-1].news <- n
	synctest.Wait()
}

// asked opens a visit that wishes for a person and returns the call.
func (s *stage) asked() *talk {
	s.lift()
	s.say("tea")
	s.keys("0")
	return s.lines.calls[0]
}

func TestAPersonIsCalledWhileTheSentencePlays(t *testing.T) {
	play(t, func(s *stage) {
		talk := s.asked()
		if v := s.wall.now(); v.Screen != view.Waiting || talk.log() != "" {
			t.Fatalf("%s, %q", v.Screen, talk.log())
		}
		if w := s.lines.wish; w.Reason != "asked" || len(w.Turns) < 3 || w.Lang != "en" {
			t.Errorf("%+v", w)
		}
		pass(6 * time.Second) // the sentence and the menu are over: now the queue is heard
		if talk.log() != "listen" {
			t.Errorf("%q", talk.log())
		}
		s.tell(call.News{Kind: call.NewsQueued, Position: 3})
		if v := s.wall.now(); !strings.Contains(v.Line.Label, "2") {
			t.Errorf("%+v", v.Line)
		}
		pass(2 * time.Second)
		if !strings.HasSuffix(s.ear.heard(), "2 before you") || talk.log() != "listen away listen" {
			t.Errorf("the place is not said: heard %q, %q", s.ear.heard(), talk.log())
		}
		s.tell(call.News{Kind: call.NewsAnswered, Agent: "Wang"})
		if v := s.wall.now(); v.Screen != view.Call || v.Line.Who != "Wang" {
			t.Errorf("%s %+v", v.Screen, v.Line)
		}
	})
}

func TestTextGoesBothWaysInACall(t *testing.T) {
	play(t, func(s *stage) {
		talk := s.asked()
		s.tell(call.News{Kind: call.NewsAnswered, Agent: "Wang"})
		s.say("I cannot hear")
		s.tell(call.News{Kind: call.NewsText, Text: "I will type"})
		if !strings.Contains(talk.log(), "text:I cannot hear") || strings.Contains(s.ear.heard(), "heard I cannot hear") {
			t.Errorf("%q, bot %q", talk.log(), s.ear.heard())
		}
		captions := s.wall.now().Captions
		if last := captions[len(captions)-1]; last.Who != view.Agent || last.Text != "I will type" {
			t.Errorf("%+v", captions)
		}
	})
}

func TestHangUpEndsTheCallAtOnce(t *testing.T) {
	play(t, func(s *stage) {
		talk := s.asked()
		s.tell(call.News{Kind: call.NewsAnswered})
		s.hang()
		if !strings.HasSuffix(talk.log(), "away end") {
			t.Errorf("%q", talk.log())
		}
	})
}

func TestTheBotGoesOnWhileWaitingAndAfterwards(t *testing.T) {
	play(t, func(s *stage) {
		talk := s.asked()
		pass(2 * time.Second)
		s.say("more tea")
		if v := s.wall.now(); v.Screen != view.Conversation || v.Banner == nil || v.Banner.Kind != view.BannerWaiting || !strings.HasSuffix(talk.log(), "away") {
			t.Fatalf("%s %+v %q", v.Screen, v.Banner, talk.log())
		}
		s.tell(call.News{Kind: call.NewsAnswered})
		if v := s.wall.now(); v.Screen != view.Call {
			t.Errorf("%s", v.Screen)
		}
		s.tell(call.News{Kind: call.NewsEnded, Cause: call.CauseLost})
		if v := s.wall.now(); v.Screen == view.Call || !strings.Contains(s.ear.heard(), "the line broke") {
			t.Errorf("%s, heard %q", v.Screen, s.ear.heard())
		}
		s.keys("0")
		if len(s.lines.calls) != 2 {
			t.Error("cannot be asked again")
		}
	})
}

func TestNobodyThereOffersACallback(t *testing.T) {
	play(t, func(s *stage) {
		talk := s.asked()
		s.tell(call.News{Kind: call.NewsNobody})
		pass(5 * time.Second)
		s.touch(present.ActionCall + "callback")
		s.tell(call.News{Kind: call.NewsKept})
		if !strings.Contains(talk.log(), "callback") || !strings.Contains(s.ear.heard(), "will ring") {
			t.Errorf("%q, heard %q", talk.log(), s.ear.heard())
		}
	})
}

func TestACallbackRingsAtRestAndIsAnsweredByLifting(t *testing.T) {
	play(t, func(s *stage) {
		back := s.lines.place(call.KindBack)
		back.news <- call.News{Kind: call.NewsRinging, Lang: "en"}
		s.lines.in <- back
		synctest.Wait()
		if v := s.wall.now(); v.Screen != view.Waiting || v.Lang != "en" || s.ear.heard() != "ring" {
			t.Fatalf("%s in %s, heard %q", v.Screen, v.Lang, s.ear.heard())
		}
		s.lift()
		s.tell(call.News{Kind: call.NewsAnswered, Agent: "Wang"})
		if v := s.wall.now(); v.Screen != view.Call || v.Visit == "" || !strings.HasPrefix(back.log(), "answer listen") {
			t.Errorf("%s %q %q", v.Screen, v.Visit, back.log())
		}
		s.hang()
		pass(2 * time.Second)
		busy := s.lines.place(call.KindBack)
		s.lift()
		s.lines.in <- busy
		synctest.Wait()
		if busy.log() != "end" {
			t.Errorf("a booth in use takes another call: %q", busy.log())
		}
	})
}

func TestACallbackThatNobodyAnswersLeavesNothing(t *testing.T) {
	play(t, func(s *stage) {
		s.lines.in <- s.lines.place(call.KindBack)
		synctest.Wait()
		s.tell(call.News{Kind: call.NewsEnded, Cause: call.CauseNoReply})
		if v := s.wall.now(); v.Screen != view.Attract || s.talk != nil {
			t.Errorf("%s", v.Screen)
		}
		s.give(firmware.Input{Kind: firmware.InputHook, Off: true})
		if v := s.wall.now(); v.Screen != view.Home {
			t.Errorf("%s", v.Screen)
		}
	})
}
