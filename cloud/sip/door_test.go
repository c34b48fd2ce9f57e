package sip_test

import (
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/sip"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// refused dials and returns how the core refused.
func (c *core) refused(t *testing.T, a *voip.Agent, user string) (voip.Event, *voip.Leg) {
	t.Helper()
	leg := c.dial(t, a, user, nil)
	for {
		select {
		case e := <-leg.Events():
			if e.Kind == voip.Ended {
				return e, leg
			}
			if e.Kind == voip.Answered {
				t.Fatal(user, " answered")
			}
		case <-time.After(patience):
			t.Fatal(user, " says nothing")
		}
	}
}

// A core that drains takes no new calls and says when to come back; an emergency gets through; the call that is up goes on until the core
// hangs it up, and the booth learns why.
func TestDrain(t *testing.T) {
	c := start(t, nil)
	booth := agent(t, voip.Config{})
	leg := c.dial(t, booth, sipapi.UserQueue, nil)
	until(t, leg, voip.Answered)
	take(t, c.arrived, "arrival")
	idle := c.Drain(time.Now().Add(40 * time.Second))
	e, gone := c.refused(t, booth, sipapi.UserQueue)
	if e.Code != 503 || !strings.Contains(gone.Header(sipapi.HeaderReason), sipapi.ReasonRestarting) || len(gone.Header(sipapi.HeaderRetry)) != 2 {
		t.Errorf("%d, %q, Retry-After %q", e.Code, gone.Header(sipapi.HeaderReason), gone.Header(sipapi.HeaderRetry))
	}
	sos := c.dial(t, booth, sipapi.UserSOS, nil)
	until(t, sos, voip.Answered)
	sos.Hangup(voip.Normal)
	until(t, sos, voip.Ended)
	select {
	case <-idle:
		t.Error("idle with a call up")
	default:
	}
	if n, turned := c.Load(); n < 1 || turned["draining"] != 1 {
		t.Errorf("%d calls, turned away %v", n, turned)
	}
	c.stop()
	if e := until(t, leg, voip.Ended); e.Cause != voip.Shutdown {
		t.Errorf("the booth was told %q", e.Cause)
	}
	take(t, idle, "idle")
}

func TestDrainEndsWithTheLastCall(t *testing.T) {
	c := start(t, nil)
	take(t, c.Drain(time.Now()), "idle without calls")
	c = start(t, nil)
	leg := c.dial(t, agent(t, voip.Config{}), sipapi.UserEcho, nil)
	until(t, leg, voip.Answered)
	idle := c.Drain(time.Now())
	leg.Hangup(voip.Normal)
	take(t, idle, "idle after the last call")
}

// One booth has so many calls and no more, the core so many; what is refused can be called again when a call has ended. SOS has no limit.
func TestLimits(t *testing.T) {
	c := start(t, func(d *sip.Deps) { d.Config.MaxCalls, d.Config.MaxBoothCalls = 3, 2 })
	booth := agent(t, voip.Config{})
	first := c.dial(t, booth, sipapi.UserQueue, nil)
	until(t, first, voip.Answered)
	until(t, c.dial(t, booth, sipapi.UserQueue, nil), voip.Answered)
	if e, _ := c.refused(t, booth, sipapi.UserQueue); e.Code != 486 {
		t.Errorf("third call of a booth: %d", e.Code)
	}
	second := func() *voip.Leg {
		leg, err := booth.Dial(t.Context(), voip.Call{
			To: "sip:queue@" + c.Addr().String(), From: "b2", User: "b2", Password: boothToken + "2",
		})
		if err != nil {
			t.Fatal(err)
		}
		return leg
	}
	until(t, second(), voip.Answered)
	turned := second()
	if e := untilEnd(t, turned); e.Code != 503 || turned.Header(sipapi.HeaderRetry) == "" {
		t.Errorf("fourth call: %d, Retry-After %q", e.Code, turned.Header(sipapi.HeaderRetry))
	}
	sos := c.dial(t, booth, sipapi.UserSOS, nil)
	until(t, sos, voip.Answered)
	if n, turned := c.Load(); n != 4 || turned["booth_full"] != 1 || turned["full"] != 1 {
		t.Errorf("%d calls, turned away %v", n, turned)
	}
	sos.Hangup(voip.Normal)
	first.Hangup(voip.Normal)
	for deadline := time.Now().Add(patience); ; { // a call is counted out once it is on record
		if n, _ := c.Load(); n == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the calls are not counted out")
		}
		<-time.After(10 * time.Millisecond)
	}
	until(t, c.dial(t, booth, sipapi.UserQueue, nil), voip.Answered)
}

func untilEnd(t *testing.T, leg *voip.Leg) voip.Event {
	t.Helper()
	for {
		select {
		case e := <-leg.Events():
			if e.Kind == voip.Ended {
				return e
			}
		case <-time.After(patience):
			t.Fatal("the call does not end")
		}
	}
}
