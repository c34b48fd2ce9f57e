// Package call keeps what happened on the wire: every call with its legs, their codecs and causes, and the ladder of their messages. A
// call is what the network saw; the citizen's matter behind it is a contact. It knows no SIP stack and no database; its Store is a port.
package call

import (
	"context"
	"errors"
	"time"

	"github.com/laoyou/laoyou/internal/id"
)

// Kind is what a call was for.
type Kind string

// The kinds.
const (
	Queue    Kind = "queue"    // a citizen wants a person
	Callback Kind = "callback" // the core calls a booth
	Operator Kind = "operator" // an emergency, to the simulated operator
	Free     Kind = "free"     // a citizen calls a number
	Echo     Kind = "echo"     // a test of the line
	Refused  Kind = "refused"  // to nobody
)

// Cause says how a call or a leg ended: a leg's cause as the network tells it, or one of these of our own.
type Cause string

// Causes that only the core has. The others are the network's and pass through as they are.
const (
	None      Cause = ""            // it has not ended
	Normal    Cause = "normal"      // as in the network's
	Lost      Cause = "lost"        // the core was killed in mid-call
	Shutdown  Cause = "shutdown"    // the core was stopped in mid-call
	TimeLimit Cause = "time_limit"  // a free call was long enough
	NotDialed Cause = "not_allowed" // a number that is not called from a booth, or not now
)

// Direction of a leg, seen by the core.
type Direction string

// Directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Call is one call. Its user parts carry no number that a citizen dialled: see Mask.
type Call struct {
	Tenant string
	ID     string // ULID
	Kind   Kind
	From   string // user part
	To     string // user part
	Booth  string // "" for a stranger in the lab
	// Contact is the citizen's matter, "" when there is none.
	Contact  string
	Started  time.Time
	Answered time.Time // zero: never
	Ended    time.Time // zero: not yet
	Cause    Cause
	Note     string // why it was refused, where an emergency is
	Legs     []Leg
	Messages []Message // oldest first, at most MaxMessages a leg
	Dropped  int       // messages beyond that
	Claim    FreeCall  // what must be free when the call is stored for the first time; zero: nothing
}

// Leg is one end of a call.
type Leg struct {
	CallID    string        `json:"call_id"` // SIP Call-ID
	Direction Direction     `json:"direction"`
	Peer      string        `json:"peer"`   // user part
	Remote    string        `json:"remote"` // host:port of its signalling
	Transport string        `json:"transport"`
	Started   time.Time     `json:"started"`
	Ringing   time.Time     `json:"ringing,omitzero"`
	Answered  time.Time     `json:"answered,omitzero"`
	Ended     time.Time     `json:"ended,omitzero"`
	Codec     string        `json:"codec,omitempty"`
	Cause     Cause         `json:"cause,omitempty"`
	Sent      uint64        `json:"sent"`     // RTP packets
	Received  uint64        `json:"received"` // RTP packets
	Lost      uint64        `json:"lost"`     // RTP packets
	Jitter    time.Duration `json:"jitter"`
}

// ErrNoCall is a Store's.
var ErrNoCall = errors.New("no such call")

// FreeTooSoonError refuses a free call to a number that had one lately.
type FreeTooSoonError struct{ Next time.Time }

func (e *FreeTooSoonError) Error() string {
	return "this number had a free call lately; the next one is at " + e.Next.UTC().Format(time.RFC3339)
}

// FreeCall claims the free call of a number until a time.
type FreeCall struct {
	Number string // hashed: the store need not know whom a citizen calls
	At     time.Time
	Until  time.Time
}

// Store keeps calls. Each method is one transaction.
type Store interface {
	// SaveCalls creates the calls or replaces what was stored under their ids. A call whose claim another one holds is not stored: its
	// place in the list of errors has a *FreeTooSoonError. The last error is that nothing was stored.
	SaveCalls(ctx context.Context, calls []Call) ([]error, error)
	// CloseLost ends every call that has no end, with cause Lost, and returns how many there were.
	CloseLost(ctx context.Context, tenant string, at time.Time) (int, error)
	// Calls lists up to limit calls, newest first, older than the id before ("" for the newest), without their messages.
	Calls(ctx context.Context, tenant, before string, limit int) ([]Call, error)
	// CallsOf lists the calls of a contact, newest first, without their messages.
	CallsOf(ctx context.Context, tenant, contact string) ([]Call, error)
	// Call returns one call with its messages, or ErrNoCall.
	Call(ctx context.Context, tenant, id string) (Call, error)
	// ReleaseFree gives a claim back: the call was never answered.
	ReleaseFree(ctx context.Context, tenant string, f FreeCall) error
}

// New returns a call that begins now.
func New(tenant string, kind Kind, at time.Time) Call {
	return Call{Tenant: tenant, ID: id.New(), Kind: kind, Started: at}
}

// End ends the call and whatever leg of it is still open. A second end changes nothing: the first knew why.
func (c *Call) End(cause Cause, at time.Time) {
	if !c.Ended.IsZero() {
		return
	}
	c.Ended, c.Cause = at, cause
	for i := range c.Legs {
		if c.Legs[i].Ended.IsZero() {
			c.Legs[i].Ended, c.Legs[i].Cause = at, cause
		}
	}
}

// Mask hides a dialled number but for its begin and its end: enough to tell two calls apart, too little to call.
func Mask(number string) string {
	const head, tail = 3, 2
	if len(number) <= head+tail {
		return number
	}
	hidden := []byte(number)
	for i := head; i < len(hidden)-tail; i++ {
		hidden[i] = 'x'
	}
	return string(hidden)
}
