package acd

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/inbox"
)

// showEvery bounds how often the queue is shown: agents and citizens read no faster.
const showEvery = 500 * time.Millisecond

// Deps are the surroundings of a Matcher.
type Deps struct {
	Rules Rules
	NewID func() string // names offers
	// Out gets every effect, in order, on the goroutine of the matcher: it must not wait.
	Out func(Effect)
	// Show gets the queue after it has changed, at most twice a second, on the goroutine of the matcher: it must not wait.
	Show func(Snapshot)
}

// Snapshot is the queue at one moment.
type Snapshot struct {
	Waiting []Waiting // people on the line before callbacks, each in the order they came
	Agents  []Agent   // who is not offline, by name
}

// Waiting is a contact in the queue. Position counts from 1 among those of its language.
type Waiting struct {
	Contact  string
	Lang     string
	Callback bool
	Since    time.Time
	Position int
}

// Agent is an agent at one moment.
type Agent struct {
	Name    string
	State   AgentState
	Reason  string
	Since   time.Time
	Contact string // in hand or on offer
	Offer   string
}

// Matcher owns a State: one goroutine, which others send events.
type Matcher struct {
	deps  Deps
	state *State
	in    *inbox.Inbox[letter]
}

type letter struct {
	event  Event
	answer chan<- error // nil: nobody waits
}

// New returns a matcher that does nothing before Run.
func New(d Deps) *Matcher {
	return &Matcher{deps: d, state: NewState(d.Rules, d.NewID), in: inbox.New[letter]()}
}

// Post sends an event. It never blocks.
func (m *Matcher) Post(e Event) { m.in.Put(letter{event: e}) }

// Do sends an event and waits until it was taken: ErrGone or ErrNotNow if it was refused. Not to be called by who handles effects.
func (m *Matcher) Do(ctx context.Context, e Event) error {
	answer := make(chan error, 1)
	m.in.Put(letter{e, answer})
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run matches until ctx ends.
func (m *Matcher) Run(ctx context.Context) error {
	deadline, show := stopped(), stopped()
	defer deadline.Stop()
	defer show.Stop()
	dirty, quiet := false, true // quiet: nothing was shown for showEvery
	for {
		if at, ok := m.state.Deadline(); ok {
			deadline.Reset(time.Until(at))
		} else {
			deadline.Stop()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-deadline.C:
			dirty = m.take(letter{event: Event{Kind: Tick}}) || dirty
		case <-show.C:
			quiet = true
		case <-m.in.Wake():
			for _, l := range m.in.Take() {
				dirty = m.take(l) || dirty
			}
		}
		if dirty && quiet {
			m.deps.Show(m.state.Snapshot())
			dirty, quiet = false, false
			show.Reset(showEvery)
		}
	}
}

func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// take reports whether anything can have changed.
func (m *Matcher) take(l letter) bool {
	l.event.At = time.Now()
	effects, err := m.state.Step(l.event)
	for _, e := range effects {
		m.deps.Out(e)
	}
	if l.answer != nil {
		l.answer <- err
	}
	return err == nil
}

// Snapshot shows the queue.
func (s *State) Snapshot() Snapshot {
	var out Snapshot
	for lane, q := range s.queues {
		n := 0
		for e := q.Front(); e != nil; e = e.Next() {
			c := e.Value.(*contact)
			n++
			out.Waiting = append(out.Waiting, Waiting{c.id, lane.lang, lane.callback, c.since, n})
		}
	}
	slices.SortFunc(out.Waiting, func(a, b Waiting) int {
		if a.Callback != b.Callback {
			if b.Callback {
				return -1
			}
			return 1
		}
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Contact, b.Contact))
	})
	for _, a := range s.agents {
		if a.state != httpapi.AgentOffline {
			out.Agents = append(out.Agents, a.show())
		}
	}
	slices.SortFunc(out.Agents, func(a, b Agent) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (a *agent) show() Agent {
	out := Agent{Name: a.name, State: a.state, Reason: a.reason, Since: a.since, Offer: a.offer}
	if a.contact != nil {
		out.Contact = a.contact.id
	}
	return out
}
