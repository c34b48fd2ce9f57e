package acd

import (
	"container/list"
	"slices"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// State is all that the matcher knows. It changes in place: to copy ten thousand contacts for each event would not be worth the purity.
type State struct {
	rules    Rules
	newID    func() string
	agents   map[string]*agent
	contacts map[string]*contact
	queues   map[lane]*list.List   // of *contact that wait, by since and seq
	idle     map[string]*list.List // of *agent that may get an offer, by idleSeq; "" holds all of them
	signedIn map[string]int        // agents by language; "" counts all of them
	ringing  *list.List            // of *agent with an offer, by deadline
	wrapping *list.List            // of *agent that writes, by deadline
	picky    map[*contact]bool     // waiting, and somebody has declined it
	seq      uint64
	closed   bool // see Close
	out      []Effect
}

// lane is one line of waiting contacts.
type lane struct {
	lang     string
	callback bool
}

type agent struct {
	name     string
	langs    []string
	state    AgentState
	reason   string
	since    time.Time
	present  bool
	epoch    uint64 // rises when the agent becomes available, but not by declining: what was declined before may be offered again
	idleSeq  uint64
	after    *pause // what the agent wants to be after the call in hand
	contact  *contact
	offer    string
	deadline time.Time                // of the offer or of the wrap-up
	places   map[string]*list.Element // in State.idle
	timer    *list.Element            // in ringing or wrapping
}

// pause is a state that an agent has asked for.
type pause struct {
	state  AgentState
	reason string
}

type contact struct {
	id       string
	lane     lane
	since    time.Time
	seq      uint64
	declined map[*agent]uint64 // with the agent's epoch
	place    *list.Element     // in State.queues; nil while it is offered
	agent    *agent            // who it is offered to
}

// NewState is empty. newID names offers.
func NewState(rules Rules, newID func() string) *State {
	return &State{
		rules: rules, newID: newID,
		agents: map[string]*agent{}, contacts: map[string]*contact{}, queues: map[lane]*list.List{},
		idle: map[string]*list.List{"": list.New()}, signedIn: map[string]int{},
		ringing: list.New(), wrapping: list.New(), picky: map[*contact]bool{},
	}
}

// Deadline is the time at which the next Tick is due; ok is false when none is.
func (s *State) Deadline() (at time.Time, ok bool) {
	for _, l := range []*list.List{s.ringing, s.wrapping} {
		if e := l.Front(); e != nil {
			if d := e.Value.(*agent).deadline; !ok || d.Before(at) {
				at, ok = d, true
			}
		}
	}
	return at, ok
}

func (s *State) agent(name string) *agent {
	a := s.agents[name]
	if a == nil {
		a = &agent{name: name, state: httpapi.AgentOffline, places: map[string]*list.Element{}}
		s.agents[name] = a
	}
	return a
}

func (s *State) effect(e Effect) { s.out = append(s.out, e) }

// signed reports whether an agent in this state is at work, so that it is worth waiting for them.
func signed(st AgentState) bool { return st != httpapi.AgentOffline && st != httpapi.AgentAway }

func (a *agent) speaks(lang string) bool { return slices.Contains(a.langs, lang) }

// takes reports whether a may have contacts of lang: by skill, or because nobody with the skill is at work.
func (s *State) takes(a *agent, lang string) bool { return a.speaks(lang) || s.signedIn[lang] == 0 }

func (a *agent) hasDeclined(c *contact) bool {
	epoch, ok := c.declined[a]
	return ok && epoch == a.epoch
}

// become changes the state of a. It keeps the lists of idle agents and the counts of those at work true.
func (s *State) become(a *agent, st AgentState, reason string, at time.Time) {
	if a.state == st && a.reason == reason {
		return
	}
	s.count(a, -1)
	a.state, a.reason, a.since = st, reason, at
	s.count(a, +1)
	s.reseat(a)
	s.effect(Effect{Kind: AgentNow, Agent: a.name, State: st, Reason: reason, At: at})
}

// count adds n for each language of an agent at work.
func (s *State) count(a *agent, n int) {
	if !signed(a.state) {
		return
	}
	s.signedIn[""] += n
	for _, l := range a.langs {
		s.signedIn[l] += n
	}
}

// reseat puts a into the lists of idle agents, or takes it out.
func (s *State) reseat(a *agent) {
	for l, e := range a.places {
		s.idle[l].Remove(e)
	}
	clear(a.places)
	if a.state != httpapi.AgentAvailable || !a.present {
		return
	}
	for _, l := range append([]string{""}, a.langs...) {
		if s.idle[l] == nil {
			s.idle[l] = list.New()
		}
		a.places[l] = insert(s.idle[l], a, func(o *agent) bool { return o.idleSeq < a.idleSeq })
	}
}

// free makes a available as one who has just become idle.
func (s *State) free(a *agent, at time.Time) {
	s.seq++
	a.idleSeq = s.seq
	a.epoch++
	s.become(a, httpapi.AgentAvailable, "", at)
}

// wait puts c where it belongs in its queue: at the end as a rule, near the front when an offer failed.
func (s *State) wait(c *contact) {
	q := s.queues[c.lane]
	if q == nil {
		q = list.New()
		s.queues[c.lane] = q
	}
	c.agent = nil
	c.place = insert(q, c, func(o *contact) bool { return o.before(c) })
	if len(c.declined) > 0 {
		s.picky[c] = true
	}
}

func (c *contact) before(o *contact) bool {
	if c.since.Equal(o.since) {
		return c.seq < o.seq
	}
	return c.since.Before(o.since)
}

// drop takes c out of its queue.
func (s *State) drop(c *contact) {
	if c.place != nil {
		s.queues[c.lane].Remove(c.place)
		c.place = nil
	}
	delete(s.picky, c)
}

// insert keeps an ordered list ordered. It looks from the end where v is the last, else from the front: new ones come last, and those
// that return were among the first.
func insert[T any](l *list.List, v T, before func(o T) bool) *list.Element {
	if e := l.Back(); e == nil || before(e.Value.(T)) {
		return l.PushBack(v)
	}
	e := l.Front()
	for before(e.Value.(T)) {
		e = e.Next()
	}
	return l.InsertBefore(v, e)
}
