package contact

import "github.com/laoyou/laoyou/cloud/httpapi"

// State of a contact. Wire tells the fewer ones that others see.
type State int

// States. The numbers are stored: append only.
const (
	Unknown         State = iota
	New                   // known, not in a queue
	Queued                // on the line, waits for an agent
	Offered               // rings at one agent
	Talking               // an agent has it
	Held                  // put on hold
	WrapUp                // the call is over, the agent writes
	Closed                // over
	Callback              // waits for an agent, nobody is on the line
	CallbackOffered       // rings at one agent, nobody is on the line
	Calling               // an agent has it, the booth rings
	Operator              // an emergency: the operator has it, no agent

	lastState = Operator
)

// String implements fmt.Stringer.
func (s State) String() string {
	return [...]string{
		"unknown", "new", "queued", "offered", "talking", "held", "wrap_up", "closed", "callback", "callback_offered", "calling",
		"operator",
	}[s]
}

// Wire is the state as booths and desks know it.
func (s State) Wire() httpapi.ContactState {
	switch s {
	case CallbackOffered:
		return httpapi.ContactOffered
	case Calling, Operator:
		return httpapi.ContactTalking
	default:
		return httpapi.ContactState(s.String())
	}
}
