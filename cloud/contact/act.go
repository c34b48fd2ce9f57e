package contact

import (
	"context"
	"errors"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// receive takes over what an input brings.
func (o *owner) receive(in input) {
	o.stale.Stop()
	switch in.event {
	case Arrive, Reach:
		o.takeLine(in.line)
	case LineEnd:
		o.cause = in.line.Cause()
		o.line = nil
	case Miss:
		o.cause = in.why
	case HangUp, Leave:
		o.cause = "normal"
	case Offer:
		o.ringing = offer{in.offer, in.agent, in.expires}
	case Connect:
		o.party = in.party
	case Lose, Go:
		o.party = nil
	case Accept:
		o.party = nil
	default:
	}
}

// takeLine makes l the citizen's leg. An older one is of no use any more: the booth has dialled again.
func (o *owner) takeLine(l Line) {
	if o.line != nil {
		o.line.Hangup("normal")
	}
	o.line = l
	o.s.wg.Go(func() {
		select {
		case <-l.Ended():
			o.s.post(o.id, input{event: LineEnd, line: l})
		case <-o.s.ctx.Done():
		}
	})
}

// do runs one action of a row.
func (o *owner) do(a action, in input) {
	switch a {
	case hearQueue, hearMusic, hearHold, hearNone, join, hangUp:
		o.doLine(a)
	case enqueue, keep, dequeue, finish:
		o.doQueue(a, in)
	case ring, unring, assign, wrap, free:
		o.doDesk(a, in)
	case dial:
		o.dial()
	case stopDial:
		o.stopDial()
	case tellNone:
		if o.booth != nil {
			o.booth.send(httpapi.LineNews{T: httpapi.LineNone, Callback: true})
		}
	case watch:
		o.stale.Reset(StaleAfter)
	}
}

// doLine changes what the citizen hears.
func (o *owner) doLine(a action) {
	switch a {
	case hearQueue:
		o.hear(QueueTone)
	case hearMusic:
		o.hear(Music)
		o.s.deps.Desk.Call(o.c.Agent, o.id, httpapi.CallHeld, "")
	case hearHold:
		o.hear(HoldTone)
	case hearNone:
		o.hear(Silence)
	case join:
		o.join()
	case hangUp:
		if o.line != nil {
			o.line.Hangup("normal")
			o.line = nil
		}
	default:
	}
}

// doQueue changes the contact's place in the queue, or frees its agent for the next.
func (o *owner) doQueue(a action, in input) {
	e := acd.Event{Contact: o.id}
	switch a {
	case enqueue:
		e.Kind, e.Lang, e.Since = acd.Enqueue, o.c.Lang(), o.c.Times.Queued
	case keep:
		e.Kind, e.Lang, e.Callback = acd.Enqueue, o.c.Lang(), true
	case dequeue:
		e.Kind = acd.Leave
	case finish:
		e.Kind, e.Agent = acd.Done, in.agent
	default:
		return
	}
	o.s.deps.Queue.Post(e)
}

// doDesk changes what an agent has in hand.
func (o *owner) doDesk(a action, in input) {
	queue, desk := o.s.deps.Queue, o.s.deps.Desk
	switch a {
	case ring:
		desk.Ring(o.ringing.agent, Ringing{o.ringing.id, o.view(), o.ringing.expires})
	case unring:
		o.unring(in)
	case assign:
		desk.Assign(o.c.Agent, o.view())
	case wrap:
		desk.Call(o.c.Agent, o.id, httpapi.CallEnded, o.cause)
		queue.Post(acd.Event{Kind: acd.CallEnded, Agent: o.c.Agent, Contact: o.id, On: true})
	case free:
		desk.Call(in.agent, o.id, httpapi.CallEnded, "cancelled")
		queue.Post(acd.Event{Kind: acd.CallEnded, Agent: in.agent, Contact: o.id})
	default:
	}
}

func (o *owner) hear(s Sound) {
	if o.line != nil {
		o.line.Hear(s)
	}
}

// join lets citizen and agent hear each other. Until the agent's softphone is there the citizen keeps hearing what the wait sounds like.
func (o *owner) join() {
	switch {
	case o.line == nil:
	case o.party == nil:
		o.line.Hear(HoldTone)
	default:
		o.line.Connect(o.party)
		o.s.deps.Desk.Call(o.c.Agent, o.id, httpapi.CallTalking, "")
	}
}

// unring takes the offer away from the desk that it rings at, and says why.
func (o *owner) unring(in input) {
	why := in.why
	switch in.event {
	case Accept:
		why = httpapi.GoneAccepted
	case Withdraw:
	default:
		why = httpapi.GoneLeft
	}
	o.s.deps.Desk.Unring(o.ringing.agent, o.ringing.id, why)
	o.ringing = offer{}
}

// dial calls the booth; what comes of it is an event.
func (o *owner) dial() {
	ctx, cancel := context.WithCancel(o.s.ctx)
	o.stopDial = cancel
	to := Callee{o.c.Booth, o.id, o.c.Lang()}
	o.s.wg.Go(func() {
		defer cancel()
		l, err := o.s.deps.Caller.CallBooth(ctx, to)
		if err == nil {
			o.s.post(o.id, input{event: Reach, line: l})
			return
		}
		cause := "error"
		var unreached *Unreached
		if errors.As(err, &unreached) {
			cause = unreached.Cause
		}
		o.s.post(o.id, input{event: Miss, why: cause})
	})
}

func (o *owner) view() httpapi.Contact { return o.c.Wire(o.s.position(o.id)) }

// updateDesk shows the agent who has the contact, or to whom it rings, how it is now.
func (o *owner) updateDesk() {
	switch o.c.State {
	case Offered, CallbackOffered:
		o.s.deps.Desk.Update(o.ringing.agent, o.view())
	case Talking, Held, WrapUp, Calling:
		o.s.deps.Desk.Update(o.c.Agent, o.view())
	case Closed:
		if o.c.Agent != "" {
			o.s.deps.Desk.Update(o.c.Agent, o.view())
		}
	default:
	}
}

// tellBooth says how the contact is.
func (o *owner) tellBooth() {
	if o.booth == nil {
		return
	}
	news := httpapi.LineNews{T: httpapi.LineStatus, State: o.c.State.Wire()}
	switch o.c.State {
	case Queued, Offered:
		news.Position = max(o.s.position(o.id), 1)
		news.WaitS = int(time.Since(o.c.Times.Queued) / time.Second)
	case Talking, Held, Calling:
		news.Agent = o.c.Agent
	default:
	}
	o.booth.send(news)
}
