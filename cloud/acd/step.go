package acd

import (
	"container/list"
	"slices"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// Step takes the next event and returns what has to happen, in order. An event that makes no sense any more changes nothing; where
// somebody waits for an answer it is refused.
func (s *State) Step(e Event) ([]Effect, error) {
	s.out = nil
	err := s.step(e)
	return s.out, err
}

func (s *State) step(e Event) error {
	switch e.Kind {
	case Tick:
		s.tick(e.At)
	case SetAgent:
		return s.setAgent(e)
	case Present:
		s.present(e)
	case Gone:
		s.gone(e)
	case Enqueue:
		s.enqueue(e)
	case Leave:
		s.leave(e)
	case Accept:
		return s.accept(e)
	case Decline:
		return s.decline(e)
	case CallEnded:
		s.callEnded(e)
	case Done:
		s.done(e)
	case Close:
		s.close(e.At)
	}
	return nil
}

// tick ends the offers that rang in vain and the wrap-ups that took too long.
func (s *State) tick(now time.Time) {
	for e := s.ringing.Front(); e != nil && !e.Value.(*agent).deadline.After(now); e = s.ringing.Front() {
		s.revoke(e.Value.(*agent), httpapi.GoneTimeout, pause{httpapi.AgentAway, httpapi.ReasonNoAnswer}, now)
	}
	for e := s.wrapping.Front(); e != nil && !e.Value.(*agent).deadline.After(now); e = s.wrapping.Front() {
		a := e.Value.(*agent)
		s.effect(Effect{Kind: WrapEnded, Agent: a.name, Contact: a.contact.id})
		s.release(a, now)
	}
}

func (s *State) setAgent(e Event) error {
	a := s.agent(e.Agent)
	if s.learn(a, e.Langs) {
		defer s.rematch(e.At)
	}
	want := pause{e.State, e.Reason}
	switch a.state {
	case httpapi.AgentOffered:
		if want.state == httpapi.AgentAvailable {
			return ErrNotNow
		}
		s.revoke(a, httpapi.GoneElsewhere, want, e.At)
		return nil
	case httpapi.AgentBusy:
		s.later(a, want)
		return nil
	case httpapi.AgentWrapUp:
		s.later(a, want)
		if want.state == httpapi.AgentAvailable { // there is no clearer sign that the writing is over
			s.effect(Effect{Kind: WrapEnded, Agent: a.name, Contact: a.contact.id})
			s.release(a, e.At)
		}
		return nil
	default:
	}
	if a.state == httpapi.AgentAvailable && want.state == httpapi.AgentAvailable {
		return nil
	}
	s.rest(a, want, e.At)
	return nil
}

// later keeps what an agent with a contact in hand asks for, and says that it is noted.
func (s *State) later(a *agent, want pause) {
	a.after = &want
	e := Effect{Kind: Next, Agent: a.name, State: want.state, Reason: want.reason}
	if want.state == httpapi.AgentAvailable {
		e.State = ""
	}
	s.effect(e)
}

// learn reports whether the languages of a have changed.
func (s *State) learn(a *agent, langs []string) bool {
	if slices.Equal(a.langs, langs) {
		return false
	}
	s.count(a, -1)
	a.langs = slices.Clone(langs)
	s.count(a, +1)
	s.reseat(a)
	return true
}

// rest puts an agent with nothing in hand into the state that was asked for, and lets others take what this one leaves.
func (s *State) rest(a *agent, want pause, at time.Time) {
	if want.state == httpapi.AgentAvailable {
		s.free(a, at)
		s.matchAgent(a, at)
		return
	}
	s.become(a, want.state, want.reason, at)
	s.missed(a, at)
}

func (s *State) present(e Event) {
	a := s.agent(e.Agent)
	a.present = e.On
	s.reseat(a)
	if e.On {
		s.matchAgent(a, e.At)
	}
}

func (s *State) gone(e Event) {
	a := s.agents[e.Agent]
	if a == nil {
		return
	}
	off := pause{e.State, e.Reason}
	if off.state == "" {
		off.state, a.present = httpapi.AgentOffline, false
	}
	switch a.state {
	case httpapi.AgentOffered:
		s.revoke(a, httpapi.GoneElsewhere, off, e.At)
	case httpapi.AgentBusy, httpapi.AgentWrapUp:
		s.effect(Effect{Kind: Lost, Agent: a.name, Contact: a.contact.id})
		a.after = &off
		s.release(a, e.At)
	default:
		s.rest(a, off, e.At)
	}
}

func (s *State) enqueue(e Event) {
	if s.contacts[e.Contact] != nil {
		return
	}
	s.seq++
	c := &contact{id: e.Contact, lane: lane{e.Lang, e.Callback}, since: e.Since, seq: s.seq, declined: map[*agent]uint64{}}
	if c.since.IsZero() {
		c.since = e.At
	}
	s.contacts[c.id] = c
	s.wait(c)
	s.matchContact(c, e.At)
}

func (s *State) leave(e Event) {
	c := s.contacts[e.Contact]
	if c == nil {
		return
	}
	delete(s.contacts, c.id)
	a := c.agent
	if a == nil {
		s.drop(c)
		return
	}
	s.takeBack(a, httpapi.GoneLeft)
	s.become(a, httpapi.AgentAvailable, "", e.At) // with the same idleSeq: the agent has not worked
	s.matchAgent(a, e.At)
	s.giveUp()
}

func (s *State) accept(e Event) error {
	a := s.agents[e.Agent]
	if a == nil || a.state != httpapi.AgentOffered || a.offer != e.Offer {
		return ErrGone
	}
	s.stopTimer(a, s.ringing)
	delete(s.contacts, a.contact.id)
	s.effect(Effect{Kind: Accepted, Offer: a.offer, Agent: a.name, Contact: a.contact.id})
	a.offer = ""
	s.become(a, httpapi.AgentBusy, "", e.At)
	return nil
}

func (s *State) decline(e Event) error {
	a := s.agents[e.Agent]
	if a == nil || a.state != httpapi.AgentOffered || a.offer != e.Offer {
		return ErrGone
	}
	s.revoke(a, httpapi.GoneDeclined, pause{state: httpapi.AgentAvailable}, e.At)
	return nil
}

// callEnded begins the wrap-up. A call that never was leaves nothing to write.
func (s *State) callEnded(e Event) {
	a := s.agents[e.Agent]
	if a == nil || a.state != httpapi.AgentBusy || a.contact.id != e.Contact {
		return
	}
	if !e.On {
		s.release(a, e.At)
		return
	}
	a.deadline = e.At.Add(s.rules.WrapFor)
	s.become(a, httpapi.AgentWrapUp, "", e.At)
	a.timer = s.wrapping.PushBack(a)
}

func (s *State) done(e Event) {
	if a := s.agents[e.Agent]; a != nil && a.state == httpapi.AgentWrapUp && a.contact.id == e.Contact {
		s.release(a, e.At)
	}
}

// close ends what rings and gives up on everybody who waits. Agents stay what they are, and get nothing more.
func (s *State) close(at time.Time) {
	s.closed = true
	for e := s.ringing.Front(); e != nil; e = s.ringing.Front() {
		a := e.Value.(*agent)
		s.wait(s.takeBack(a, httpapi.GoneElsewhere))
		s.become(a, httpapi.AgentAvailable, "", at)
	}
	s.giveUp()
}

// release takes the contact out of the agent's hands after a call.
func (s *State) release(a *agent, at time.Time) {
	s.stopTimer(a, s.wrapping)
	a.contact = nil
	want := pause{state: httpapi.AgentAvailable}
	if a.after != nil {
		want, a.after = *a.after, nil
	}
	s.rest(a, want, at)
}

// revoke ends an offer that the agent did not take, and looks for another agent.
func (s *State) revoke(a *agent, why string, then pause, at time.Time) {
	c := s.takeBack(a, why)
	c.declined[a] = a.epoch
	s.wait(c)
	if then.state == httpapi.AgentAvailable { // declined: to the back of the line, but with the same epoch
		s.seq++
		a.idleSeq = s.seq
	}
	s.become(a, then.state, then.reason, at)
	s.matchContact(c, at)
	if then.state == httpapi.AgentAvailable {
		s.matchAgent(a, at)
		s.giveUp()
		return
	}
	s.missed(a, at)
}

// takeBack ends the ringing at a and returns the contact, which is in nobody's hands then.
func (s *State) takeBack(a *agent, why string) *contact {
	c := a.contact
	s.stopTimer(a, s.ringing)
	s.effect(Effect{Kind: Withdrawn, Offer: a.offer, Agent: a.name, Contact: c.id, Why: why})
	a.contact, a.offer, c.agent = nil, "", nil
	return c
}

func (s *State) stopTimer(a *agent, l *list.List) {
	if a.timer != nil {
		l.Remove(a.timer)
		a.timer = nil
	}
}
