package contact

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// Party is one end of a conversation: 20 ms frames of G.711 µ-law, 160 bytes at 8 kHz. A media.Party is one.
type Party interface {
	// Read returns the next frame that this end speaks; it blocks, and gives io.EOF when the end is gone.
	Read(ctx context.Context) ([]byte, error)
	// Write lets this end hear a frame; it never blocks long.
	Write(frame []byte) error
}

// Sound is what a citizen hears while nobody speaks to them. The zero value is silence.
type Sound int

// Sounds.
const (
	Silence   Sound = iota
	QueueTone       // waiting for an agent
	Music           // put on hold by the agent
	HoldTone        // the agent's browser is gone for a moment
)

// String implements fmt.Stringer.
func (s Sound) String() string {
	return [...]string{"silence", "queue tone", "music", "hold tone"}[s]
}

// Line is the citizen's leg in the core, seen by the owner of the conversation. It begins silent. Its methods return at once and may be
// called from any goroutine; after the end they do nothing.
type Line interface {
	ID() string // of the call record
	// Hear plays s until the next Hear or Connect.
	Hear(s Sound)
	// Connect joins the citizen and p, both ways, until the next Hear or Connect.
	Connect(p Party)
	// Hangup ends the leg with one of the causes of call records, "normal" for an ordinary end.
	Hangup(cause string)
	// Ended is closed when the leg is over, whoever ended it.
	Ended() <-chan struct{}
	// Cause says why, after Ended.
	Cause() string
}

// Arrival says what is known of a leg that arrives: the SIP side fills it from the booth's INVITE.
type Arrival struct {
	Contact string // ULID from the headers; empty: one is made
	Booth   string // authenticated
	Lang    string // BCP 47 from Accept-Language; empty: zh
	Kind    Kind
	Place   string // where the booth stands, in words; empty: unknown
	Number  string // what was dialled; emergencies only
	Test    bool   // of an emergency: it goes to the simulated operator
}

// Emergency is the record of an emergency call, told by who carries the call. Nothing waits for it.
type Emergency interface {
	ID() string // ULID of the contact
	Answered()
	Ended(cause string)
}

// Caller reaches a booth by its SIP binding.
type Caller interface {
	// CallBooth rings the booth and returns its leg once it is answered. Ending ctx cancels the ringing. An error whose text is one of the
	// causes of call records (see Unreached) says why there is no leg.
	CallBooth(ctx context.Context, to Callee) (Line, error)
}

// Callee is the booth that is called, and for whom.
type Callee struct {
	Booth   string
	Contact string // ULID
	Lang    string // of the citizen, BCP 47: the booth speaks it at once
}

// Unreached is the error of a Caller that did not get through.
type Unreached struct {
	Cause string // busy, declined, no_answer, unreachable, …
}

// Error implements error.
func (u *Unreached) Error() string { return "the booth was not reached: " + u.Cause }

// Queue finds agents: the matcher of acd. What it decides comes back through Service.FromQueue.
type Queue interface {
	Post(e acd.Event)
}

// Desk shows an agent what happens to the contact in hand or on offer. It returns at once.
type Desk interface {
	Ring(agent string, o Ringing)
	Unring(agent, offer, why string)
	// Assign gives the agent the contact: the softphone is to be connected.
	Assign(agent string, c httpapi.Contact)
	// Call says how the call is: one of the Call… states of httpapi, with a cause at the end.
	Call(agent, contact, state, cause string)
	Text(agent, contact string, t httpapi.Turn)
	// Update shows the contact after a change.
	Update(agent string, c httpapi.Contact)
}

// Ringing is an offer at a desk.
type Ringing struct {
	Offer   string
	Contact httpapi.Contact
	Expires time.Time
}
