package sip

import (
	"context"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// callback calls a booth and owns that call. It tells once whether the booth answered; asking is the context of who waits for that.
func (s *Server) callback(asking context.Context, at binding, to contact.Callee, told chan<- ringing) {
	o := s.begin(call.Callback)
	o.rec.From, o.rec.To, o.rec.Booth, o.rec.Contact = sipapi.UserQueue, to.Booth, to.Booth, to.Contact
	fail := func(cause call.Cause) {
		o.finish(asking, cause)
		told <- ringing{err: unreachedError(o.rec.Cause)}
	}
	if err := o.save(asking); err != nil {
		fail(call.Cause(voip.Failed))
		return
	}
	header := map[string]string{}
	if to.Contact != "" {
		header[sipapi.HeaderContact], header[sipapi.HeaderUUI] = to.Contact, sipapi.UUI(to.Contact)
	}
	if to.Lang != "" {
		header[sipapi.HeaderLanguage] = to.Lang // RFC 3261 §20.3
	}
	leg, err := s.agent.Dial(asking, voip.Call{To: at.uri, Hop: at.source, From: sipapi.UserQueue, Header: header, RingTime: boothRings})
	if err != nil {
		fail(call.Cause(voip.Unreachable))
		return
	}
	o.dialled(leg, to.Booth, at.source.String(), at.transport)
	if !o.wait(asking, leg) {
		fail(call.Cause(leg.Cause()))
		return
	}
	l := newLine(o, leg) //nolint:contextcheck // it lives as long as its leg
	told <- ringing{line: l}
	l.own(s.door.life, o) //nolint:contextcheck // who asked for the call waits for its answer only
}

// wait follows leg 0, which we dialled, until it is answered (true) or has ended. When nobody waits for it any more it is cancelled.
func (o *ongoing) wait(asking context.Context, leg *voip.Leg) bool {
	asked, stop := asking.Done(), o.s.door.life.Done()
	for {
		select {
		case e, more := <-leg.Events():
			if !more {
				return false
			}
			o.note(0, e)
			if e.Kind == voip.Answered {
				return true
			}
		case <-asked:
			asked = nil
			o.hangup(0, call.Cause(voip.Cancelled))
		case <-stop:
			stop = nil
			o.hangup(0, call.Shutdown)
		}
	}
}
