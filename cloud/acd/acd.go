// Package acd finds an agent for each waiting contact. Its core is a state and a function of the next event, with no clock, no goroutine
// and no I/O; the Matcher around it is one goroutine that reacts to events and never polls. An offer is a reservation: a contact is at
// most at one agent, an agent has at most one contact. It knows contacts and agents by their ids only.
package acd

import (
	"errors"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// AgentState is the state of an agent.
type AgentState = httpapi.State

// Rules are the times of an offer.
type Rules struct {
	RingFor time.Duration `yaml:"ring_for" doc:"how long an offer rings before the next agent gets it and this one is away"`
	WrapFor time.Duration `yaml:"wrap_for" doc:"how long an agent may write after a call before the next offer"`
}

// DefaultRules are the ones of a public service: twenty seconds of ringing, a minute to write.
func DefaultRules() Rules { return Rules{RingFor: 20 * time.Second, WrapFor: time.Minute} }

// Validate checks the rules.
func (r Rules) Validate() error {
	if r.RingFor < time.Second || r.RingFor > 5*time.Minute {
		return errors.New("ring_for: must be between 1s and 5m")
	}
	if r.WrapFor < time.Second || r.WrapFor > time.Hour {
		return errors.New("wrap_for: must be between 1s and 1h")
	}
	return nil
}

// EventKind says what happened.
type EventKind int

// Events. Each names the fields of Event that it uses beside At.
const (
	Tick      EventKind = iota // time has passed: see State.Deadline
	SetAgent                   // Agent, Langs, State, Reason: available, away or offline
	Present                    // Agent, On: whether the desk's socket is there; an agent without gets no offers
	Gone                       // Agent, State, Reason: whatever is in hand is given back; without a State the desk is gone for good
	Enqueue                    // Contact, Lang, Callback, Since
	Leave                      // Contact
	Accept                     // Agent, Offer
	Decline                    // Agent, Offer
	CallEnded                  // Agent, Contact, On: whether there is something to wrap up
	Done                       // Agent, Contact: wrapped up
	Close                      // no more offers in this life: those who wait are told, callbacks wait for the next
)

// Event is something that happened at At.
type Event struct {
	Kind     EventKind
	At       time.Time
	Agent    string
	Langs    []string // primary tags, the best first
	State    AgentState
	Reason   string
	On       bool
	Contact  string
	Lang     string // primary tag
	Callback bool   // nobody is on the line: served after those who are
	Since    time.Time
	Offer    string
}

// EffectKind says what has to happen outside.
type EffectKind int

// Effects. Each names the fields of Effect that it uses.
const (
	AgentNow  EffectKind = iota // Agent, State, Reason, At: the agent's state now, and since when
	Offered                     // Offer, Agent, Contact, At: ring until then
	Withdrawn                   // Offer, Agent, Contact, Why: stop ringing
	Accepted                    // Offer, Agent, Contact: this agent has it, nobody else will
	None                        // Contact: nobody can take it; it is out of the queue
	WrapEnded                   // Agent, Contact: the time to write is over
	Lost                        // Agent, Contact: the agent who had it is gone
	Next                        // Agent, State, Reason: what the agent asked to be after the contact in hand; no State: available, as ever
)

// Effect is what has to happen outside.
type Effect struct {
	Kind    EffectKind
	Offer   string
	Agent   string
	Contact string
	Why     string
	State   AgentState
	Reason  string
	At      time.Time
}

// Refusals of an event.
var (
	ErrGone   = errors.New("the offer is gone")
	ErrNotNow = errors.New("the agent's state does not allow it")
)
