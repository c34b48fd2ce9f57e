package acd

import (
	"container/list"
	"slices"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// matchContact offers c to the agent who has been idle the longest: one with the language, or anybody if nobody with it is at work.
// Where nobody can be expected to take it, that is said.
func (s *State) matchContact(c *contact, at time.Time) {
	lang := c.lane.lang
	if s.signedIn[lang] == 0 {
		lang = "" // the list of all
	}
	if l := s.idle[lang]; l != nil && !s.closed {
		for e := l.Front(); e != nil; e = e.Next() {
			if a := e.Value.(*agent); !a.hasDeclined(c) {
				s.offer(a, c, at)
				return
			}
		}
	}
	s.giveUpOn(c)
}

// matchAgent offers a, if idle, the contact that has waited the longest of those it may take. Callbacks come after people on the line.
func (s *State) matchAgent(a *agent, at time.Time) {
	if len(a.places) == 0 || s.closed {
		return
	}
	for _, callback := range []bool{false, true} {
		var best *contact
		for lane, q := range s.queues {
			if lane.callback != callback || !s.takes(a, lane.lang) {
				continue
			}
			if c := first(q, a); c != nil && (best == nil || c.before(best)) {
				best = c
			}
		}
		if best != nil {
			s.offer(a, best, at)
			return
		}
	}
}

// first is the first contact of q that a has not declined.
func first(q *list.List, a *agent) *contact {
	for e := q.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*contact); !a.hasDeclined(c) {
			return c
		}
	}
	return nil
}

func (s *State) offer(a *agent, c *contact, at time.Time) {
	s.drop(c)
	a.contact, c.agent, a.offer = c, a, s.newID()
	a.deadline = at.Add(s.rules.RingFor)
	a.timer = s.ringing.PushBack(a)
	s.become(a, httpapi.AgentOffered, "", at)
	s.effect(Effect{Kind: Offered, Offer: a.offer, Agent: a.name, Contact: c.id, At: a.deadline})
}

// missed is for an agent who stopped working: contacts of a language that nobody has any more may now go to anybody, and some may have
// lost their last hope.
func (s *State) missed(a *agent, at time.Time) {
	if slices.ContainsFunc(a.langs, func(l string) bool { return s.signedIn[l] == 0 }) {
		s.rematch(at)
		return
	}
	s.giveUp()
}

// rematch looks for work for every idle agent.
func (s *State) rematch(at time.Time) {
	for e := s.idle[""].Front(); e != nil; {
		a := e.Value.(*agent)
		e = e.Next() // an offer takes a out of the list
		s.matchAgent(a, at)
	}
	s.giveUp()
}

// giveUp drops the waiting contacts that nobody can be expected to take.
func (s *State) giveUp() {
	var look []*contact
	for lane, q := range s.queues {
		if lane.callback {
			continue
		}
		if s.closed || s.candidates(lane.lang) == 0 {
			for e := q.Front(); e != nil; e = e.Next() {
				look = append(look, e.Value.(*contact))
			}
		}
	}
	for c := range s.picky {
		if !c.lane.callback && s.candidates(c.lane.lang) > 0 {
			look = append(look, c)
		}
	}
	slices.SortFunc(look, func(a, b *contact) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	for _, c := range look {
		s.giveUpOn(c)
	}
}

func (s *State) giveUpOn(c *contact) {
	if c.place == nil || c.lane.callback || s.hope(c) {
		return // callbacks wait for better times
	}
	s.drop(c)
	delete(s.contacts, c.id)
	s.effect(Effect{Kind: None, Contact: c.id})
}

// candidates counts the agents at work who may take lang.
func (s *State) candidates(lang string) int {
	if n := s.signedIn[lang]; n > 0 {
		return n
	}
	return s.signedIn[""]
}

// hope reports whether an agent at work may still take c: one who has not declined it, or who has other work first and is asked again.
func (s *State) hope(c *contact) bool {
	n := s.candidates(c.lane.lang)
	if s.closed {
		return false
	}
	if n == 0 || len(c.declined) < n {
		return n > 0
	}
	for _, a := range s.agents {
		if signed(a.state) && s.takes(a, c.lane.lang) && (a.state != httpapi.AgentAvailable || !a.hasDeclined(c)) {
			return true
		}
	}
	return false
}
