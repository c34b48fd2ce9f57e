package call

import (
	"context"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/internal/voip"
)

// freeLimit is when the core ends a free call; one that ends a moment earlier ended by somebody's hand.
const freeLimit = 3*time.Minute - 2*time.Second

// order is what the visit wants of a call.
type order int

const (
	orderAnswer order = iota
	orderListen
	orderDeafen
	orderCallback
	orderEnd
)

// talk is one call under way: a SIP leg for the voice and, with a person, a text line to the core. Its run goroutine owns it.
type talk struct {
	lines  *Lines
	kind   Kind
	news   chan News
	orders chan order
	texts  chan string
	ended  chan struct{} // closed when run returns

	leg   *voip.Leg
	sound Sound
	held  bool
	since time.Time
	last  *News // what ended it, if something other than the leg did
}

func newTalk(l *Lines, kind Kind) *talk {
	return &talk{
		lines: l, kind: kind, news: make(chan News, 32), orders: make(chan order, 32), texts: make(chan string, 32),
		ended: make(chan struct{}), sound: Sound{Ear: l.deps.Ear, Owner: voiceio.Call},
	}
}

// Kind implements Talk.
func (t *talk) Kind() Kind { return t.kind }

// News implements Talk.
func (t *talk) News() <-chan News { return t.news }

// Answer implements Talk.
func (t *talk) Answer() { t.order(orderAnswer) }

// Callback implements Talk.
func (t *talk) Callback() { t.order(orderCallback) }

// End implements Talk.
func (t *talk) End() { t.order(orderEnd) }

// Listen implements Talk.
func (t *talk) Listen(on bool) {
	if on {
		t.order(orderListen)
		return
	}
	t.order(orderDeafen)
}

// Text implements Talk.
func (t *talk) Text(text string) {
	select {
	case t.texts <- text:
	case <-t.ended:
	}
}

func (t *talk) order(o order) {
	select {
	case t.orders <- o:
	case <-t.ended:
	}
}

// tell reports news; a visit that does not take them any more holds up nothing.
func (t *talk) tell(n News) {
	select {
	case t.news <- n:
	default:
		t.lines.deps.Log.Warn("call news dropped", "kind", int(n.Kind))
	}
}

// converse runs the call from its INVITE on: the leg's events, the text line's messages and the visit's orders, one at a time.
func (t *talk) converse(ctx context.Context, line *textLine) {
	events := t.leg.Events()
	for {
		select {
		case <-ctx.Done():
			t.leg.Hangup(voip.Normal)
			return
		case e, ok := <-events:
			if !ok {
				t.over(voip.Event{Kind: voip.Ended, Cause: t.leg.Cause()})
				return
			}
			if t.postponed(e) {
				t.offerCallback(ctx, line)
				return
			}
			if t.event(e) {
				return
			}
		case m, ok := <-line.messages():
			if !ok {
				t.finish(News{Kind: NewsEnded, Cause: CauseLost})
				line = nil
				continue
			}
			t.message(m)
		case text := <-t.texts:
			line.send(textMessage(text))
		case o := <-t.orders:
			t.obey(ctx, o, line)
		}
	}
}

// event takes one from the leg and reports whether it was the last.
func (t *talk) event(e voip.Event) bool {
	switch e.Kind {
	case voip.Answered:
		t.since = time.Now()
		if t.kind != KindPerson { // a person's answer comes over the text line: the queue answers the leg at once
			t.tell(News{Kind: NewsAnswered})
		}
	case voip.Held:
		t.tell(News{Kind: NewsHeld})
	case voip.Resumed:
		t.tell(News{Kind: NewsResumed})
	case voip.Ended:
		t.over(e)
		return true
	case voip.NoEvent, voip.Trying, voip.Ringing, voip.Early, voip.DTMF:
	}
	return false
}

// over reports how the call ended.
func (t *talk) over(e voip.Event) {
	t.sound.Off()
	if t.last == nil {
		t.last = &News{Kind: NewsEnded, Cause: t.cause(e)}
	}
	t.tell(*t.last)
}

func (t *talk) cause(e voip.Event) Cause {
	switch e.Cause {
	case voip.Normal, voip.Cancelled:
		if t.kind == KindFree && e.Remote && !t.since.IsZero() && time.Since(t.since) >= freeLimit {
			return CauseLimit
		}
		return CauseDone
	case voip.Busy:
		return CauseBusy
	case voip.NoAnswer:
		return CauseNoReply
	case voip.Declined, voip.NotFound, voip.Auth:
		if t.kind == KindFree {
			return refused(sipapi.Refusal(t.leg.Header(sipapi.HeaderRefusal)))
		}
	case voip.Shutdown:
		return CauseRestart
	case voip.Unreachable:
		if strings.Contains(t.leg.Header(sipapi.HeaderReason), sipapi.ReasonRestarting) {
			return CauseRestart
		}
	case voip.Unknown, voip.Timeout, voip.MediaTimeout, voip.Failed:
	}
	return CauseLost
}

func refused(why sipapi.Refusal) Cause {
	switch why {
	case sipapi.RefusedTooSoon:
		return CauseTooSoon
	case sipapi.RefusedPremium, sipapi.RefusedInternational:
		return CausePaid
	case sipapi.RefusedEmergency, sipapi.RefusedInvalid, sipapi.RefusedNoTrunk:
	}
	return CauseRefused
}

// finish ends the call for a reason of our own.
func (t *talk) finish(last News) {
	if t.last == nil {
		t.last = &last
	}
	t.sound.Off()
	t.leg.Hangup(voip.Normal)
}

func (t *talk) obey(ctx context.Context, o order, line *textLine) {
	switch o {
	case orderListen:
		if err := t.sound.On(ctx, t.leg.Media()); err != nil {
			t.lines.deps.Log.Error("call has no sound", "error", err)
		}
	case orderDeafen:
		t.sound.Off()
	case orderCallback:
		line.send(callbackMessage())
		t.finish(News{Kind: NewsKept})
	case orderEnd:
		t.finish(News{Kind: NewsEnded, Cause: CauseDone})
	case orderAnswer:
	}
}

func textMessage(text string) httpapi.LineWish {
	return httpapi.LineWish{T: httpapi.LineText, Text: text}
}

func callbackMessage() httpapi.LineWish { return httpapi.LineWish{T: httpapi.LineCallback} }

// message takes one from the core's text line.
func (t *talk) message(m httpapi.LineNews) {
	switch m.T {
	case httpapi.LineStatus:
		t.status(m)
	case httpapi.LineText:
		t.tell(News{Kind: NewsText, Text: m.Text})
	case httpapi.LineNone:
		t.tell(News{Kind: NewsNobody})
	case httpapi.LineCallback, httpapi.LineLeave:
	}
}

func (t *talk) status(m httpapi.LineNews) {
	switch m.State {
	case httpapi.ContactQueued, httpapi.ContactOffered:
		t.tell(News{Kind: NewsQueued, Position: m.Position, Wait: m.WaitS})
	case httpapi.ContactTalking:
		if t.held {
			t.held = false
			t.tell(News{Kind: NewsResumed})
			return
		}
		t.tell(News{Kind: NewsAnswered, Agent: m.Agent})
	case httpapi.ContactHeld:
		t.held = true
		t.tell(News{Kind: NewsHeld})
	case httpapi.ContactNew, httpapi.ContactWrapUp, httpapi.ContactClosed, httpapi.ContactCallback:
	}
}
