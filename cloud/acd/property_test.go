package acd_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// model is what an onlooker knows who sees events and effects only. It checks every effect against what the matcher promises.
type model struct {
	t        testing.TB
	state    *acd.State
	now      time.Time
	rules    acd.Rules
	ids      int
	agents   map[string]*modelAgent
	contacts map[string]*modelContact
	history  []string
}

type modelAgent struct {
	langs    []string
	state    acd.AgentState
	present  bool
	epoch    int
	offer    string
	contact  string
	deadline time.Time
}

type modelContact struct {
	lang     string
	callback bool
	order    int
	state    string // waiting offered taken
	declined map[string]int
}

func newModel(t testing.TB) *model {
	m := &model{
		t: t, now: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), rules: acd.DefaultRules(),
		agents: map[string]*modelAgent{}, contacts: map[string]*modelContact{},
	}
	m.state = acd.NewState(m.rules, func() string { m.ids++; return fmt.Sprint("o", m.ids) })
	return m
}

func (m *model) failf(format string, args ...any) {
	m.t.Helper()
	tail := m.history[max(0, len(m.history)-30):]
	for _, h := range tail {
		m.t.Log(h)
	}
	m.t.Fatalf(format, args...)
}

// do takes one event through the matcher and the model.
func (m *model) do(e acd.Event) error {
	m.t.Helper()
	e.At = m.now
	m.history = append(m.history, fmt.Sprintf("event %+v", e))
	effects, err := m.state.Step(e)
	m.before(e)
	for _, f := range effects {
		m.history = append(m.history, fmt.Sprintf("  effect %+v", f))
		m.effect(e, f)
	}
	m.check(e)
	return err
}

// before notes what the event itself says.
func (m *model) before(e acd.Event) {
	switch e.Kind {
	case acd.SetAgent:
		m.agent(e.Agent).langs = e.Langs
	case acd.Present:
		m.agent(e.Agent).present = e.On
	case acd.Gone:
		m.agent(e.Agent).present = false
	case acd.Enqueue:
		if m.contacts[e.Contact] == nil {
			m.ids++
			m.contacts[e.Contact] = &modelContact{lang: e.Lang, callback: e.Callback, order: m.ids, state: "waiting", declined: map[string]int{}}
		}
	case acd.Leave:
		if c := m.contacts[e.Contact]; c != nil && c.state == "waiting" {
			delete(m.contacts, e.Contact)
		}
	}
}

func (m *model) agent(name string) *modelAgent {
	if m.agents[name] == nil {
		m.agents[name] = &modelAgent{state: httpapi.AgentOffline}
	}
	return m.agents[name]
}

func (m *model) effect(e acd.Event, f acd.Effect) {
	a, c := m.agent(f.Agent), m.contacts[f.Contact]
	switch f.Kind {
	case acd.AgentNow:
		m.agentNow(e, f, a)
	case acd.Offered:
		if a.state != httpapi.AgentOffered || a.offer != "" || !a.present {
			m.failf("offer to %s who is %s, offer %q, present %v", f.Agent, a.state, a.offer, a.present)
		}
		if c == nil || c.state != "waiting" {
			m.failf("offer of %s which does not wait: %+v", f.Contact, c)
		}
		m.inversion(f, a, c)
		a.offer, a.contact, a.deadline, c.state = f.Offer, f.Contact, f.At, "offered"
	case acd.Withdrawn:
		if a.offer != f.Offer || a.contact != f.Contact {
			m.failf("%s withdrawn from %s who has %s", f.Offer, f.Agent, a.offer)
		}
		a.offer, a.contact = "", ""
		if f.Why == httpapi.GoneLeft {
			delete(m.contacts, f.Contact)
			return
		}
		c.state, c.declined[f.Agent] = "waiting", a.epoch
	case acd.Accepted:
		if a.offer != f.Offer || c.state != "offered" {
			m.failf("accepted %+v by %+v", f, a)
		}
		a.offer = ""
		delete(m.contacts, f.Contact)
	case acd.None:
		if c == nil || c.state != "waiting" || c.callback || m.hope(c) {
			m.failf("gave up on %s %+v, hope %v", f.Contact, c, c != nil && m.hope(c))
		}
		delete(m.contacts, f.Contact)
	case acd.WrapEnded, acd.Lost:
		if a.contact != f.Contact {
			m.failf("%+v of %+v", f, a)
		}
		a.contact = ""
	}
}

func (m *model) agentNow(e acd.Event, f acd.Effect, a *modelAgent) {
	if f.State == httpapi.AgentAvailable {
		declined := a.state == httpapi.AgentOffered
		if !declined {
			a.epoch++
			a.contact = ""
		}
	}
	if e.Kind != acd.SetAgent && (f.State == httpapi.AgentOffline || f.State == httpapi.AgentAway) && f.Reason != httpapi.ReasonNoAnswer {
		a.contact = "" // after a call, or gone
	}
	a.state = f.State
}

func working(s acd.AgentState) bool { return s != httpapi.AgentOffline && s != httpapi.AgentAway }

func (m *model) takes(a *modelAgent, lang string) bool {
	if slices.Contains(a.langs, lang) {
		return true
	}
	for _, o := range m.agents {
		if working(o.state) && slices.Contains(o.langs, lang) {
			return false
		}
	}
	return true
}

func (m *model) hope(c *modelContact) bool {
	for name, a := range m.agents {
		if !working(a.state) || !m.takes(a, c.lang) {
			continue
		}
		if epoch, ok := c.declined[name]; !ok || epoch != a.epoch || a.state != httpapi.AgentAvailable {
			return true
		}
	}
	return false
}

func (m *model) may(name string, a *modelAgent, c *modelContact) bool {
	epoch, declined := c.declined[name]
	return m.takes(a, c.lang) && (!declined || epoch != a.epoch)
}

// inversion: no contact of the same lane that came earlier waits while this agent could take it; nor does a person on the line while a
// callback is served.
func (m *model) inversion(f acd.Effect, a *modelAgent, c *modelContact) {
	for id, o := range m.contacts {
		if o == c || o.state != "waiting" || !m.may(f.Agent, a, o) {
			continue
		}
		if o.lang == c.lang && o.callback == c.callback && o.order < c.order {
			m.failf("inversion: %s before %s", f.Contact, id)
		}
	}
	if !m.takes(a, c.lang) {
		m.failf("%s does not take %s", f.Agent, c.lang)
	}
}

// check holds after every event: one contact at one agent, nobody stuck.
func (m *model) check(e acd.Event) {
	m.t.Helper()
	holders := map[string]string{}
	for name, a := range m.agents {
		switch a.state {
		case httpapi.AgentOffered:
			if a.offer == "" || a.contact == "" || !a.deadline.After(m.now.Add(-time.Nanosecond)) && e.Kind == acd.Tick {
				m.failf("%s is stuck in offered: %+v at %v", name, a, m.now)
			}
			if o := holders[a.contact]; o != "" {
				m.failf("%s is offered to %s and %s", a.contact, o, name)
			}
			holders[a.contact] = name
		case httpapi.AgentBusy, httpapi.AgentWrapUp:
			if a.contact == "" {
				m.failf("%s is %s with nothing", name, a.state)
			}
		default:
			if a.offer != "" {
				m.failf("%s is %s with offer %s", name, a.state, a.offer)
			}
		}
		if a.state != httpapi.AgentAvailable || !a.present {
			continue
		}
		for id, c := range m.contacts {
			if c.state == "waiting" && m.may(name, a, c) {
				m.failf("%s waits while %s is idle", id, name)
			}
		}
	}
	for id, c := range m.contacts {
		if c.state == "offered" && holders[id] == "" {
			m.failf("%s is offered to nobody", id)
		}
		if c.state == "waiting" && !c.callback && !m.hope(c) {
			m.failf("%s waits without hope", id)
		}
	}
}

// Never two agents for one contact, no agent stuck, no inversion: random events, in several sizes of house.
func TestProperties(t *testing.T) {
	const events = 10_000
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 3))
			m := newModel(t)
			agents := 1 + rng.IntN(6) + int(seed)
			for i := range events {
				m.random(rng, agents, i)
			}
			if m.ids < events/20 {
				t.Errorf("only %d offers and contacts: the test proves little", m.ids)
			}
		})
	}
}

var languages = [][]string{{"zh", "en"}, {"zh"}, {"en"}, {"en", "zh"}}

func (m *model) random(rng *rand.Rand, agents, i int) {
	m.now = m.now.Add(time.Duration(rng.IntN(3000)) * time.Millisecond)
	if at, ok := m.state.Deadline(); ok && !at.After(m.now) {
		_ = m.do(acd.Event{Kind: acd.Tick})
	}
	name := fmt.Sprint("a", rng.IntN(agents))
	a := m.agent(name)
	states := []acd.AgentState{httpapi.AgentAvailable, httpapi.AgentAvailable, httpapi.AgentAway, httpapi.AgentOffline}
	switch rng.IntN(12) {
	case 0, 1:
		_ = m.do(acd.Event{Kind: acd.SetAgent, Agent: name, State: states[rng.IntN(4)], Langs: languages[int(name[1])%4], Reason: "tea"})
	case 2:
		_ = m.do(acd.Event{Kind: acd.Present, Agent: name, On: rng.IntN(8) > 0})
	case 3:
		if rng.IntN(6) == 0 {
			_ = m.do(acd.Event{Kind: acd.Gone, Agent: name})
		}
	case 4, 5, 6:
		lang := []string{"zh", "zh", "en", "fr"}[rng.IntN(4)]
		_ = m.do(acd.Event{Kind: acd.Enqueue, Contact: fmt.Sprint("c", i), Lang: lang, Callback: rng.IntN(6) == 0})
	case 7:
		if ids := slices.Sorted(maps.Keys(m.contacts)); len(ids) > 0 {
			_ = m.do(acd.Event{Kind: acd.Leave, Contact: ids[rng.IntN(len(ids))]})
		}
	case 8, 9:
		offer := a.offer
		if err := m.do(acd.Event{Kind: acd.Accept, Agent: name, Offer: offer}); (err == nil) != (offer != "") {
			m.failf("accept of %q: %v", offer, err)
		}
	case 10:
		_ = m.do(acd.Event{Kind: acd.Decline, Agent: name, Offer: a.offer})
	case 11:
		if a.state == httpapi.AgentBusy {
			_ = m.do(acd.Event{Kind: acd.CallEnded, Agent: name, Contact: a.contact, On: rng.IntN(3) > 0})
		} else if a.state == httpapi.AgentWrapUp {
			_ = m.do(acd.Event{Kind: acd.Done, Agent: name, Contact: a.contact})
		}
	}
}
