// Package mqttapi is the wire between booth and fleet over MQTT: topics, envelope and bodies, each defined here once and used by both ends.
// Golden files in testdata show one message of each kind. It may import package fleet and internal/id only.
package mqttapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/laoyou/laoyou/internal/id"
)

// Version is the major version of the envelope. A message of another is refused, and the booth's operator told by an event.
const Version = 1

// Limits on what comes in. A message beyond them is refused whole.
const (
	MaxMessage = 128 << 10 // bytes, what the smallest of the usual engines lets through
	maxDepth   = 16        // of nested JSON
)

// Kind is what a message is.
type Kind string

// Kinds of message.
const (
	KindBirth     Kind = "birth"
	KindWill      Kind = "will"
	KindHeartbeat Kind = "hb"
	KindTelemetry Kind = "tm"
	KindEvent     Kind = "ev"
	KindConfig    Kind = "cf" // reported going up, desired going down
	KindResult    Kind = "rs"
	KindRequest   Kind = "rq"
	KindCommand   Kind = "cm"
	KindAck       Kind = "ak"
	KindReply     Kind = "rp"
)

// Envelope is one message.
type Envelope struct {
	V      int             `json:"v"`
	ID     string          `json:"id"`              // ULID
	Kind   Kind            `json:"k"`               //
	TS     int64           `json:"ts"`              // wall clock of the sender, ms since 1970
	Mono   int64           `json:"mono,omitempty"`  // ms since its boot
	Boot   string          `json:"boot,omitempty"`  // which boot
	Epoch  int64           `json:"ep,omitempty"`    // connect epoch, rises with every connect
	Outbox string          `json:"ob,omitempty"`    // of a durable message: which outbox
	Seq    int64           `json:"seq,omitempty"`   // of a durable message: position in it, from 1
	Gap    int64           `json:"gap,omitempty"`   // of a durable message: how many rows right before it the outbox no longer holds
	Exp    int64           `json:"exp,omitempty"`   // ms since 1970 after which it is void
	CID    string          `json:"cid,omitempty"`   // id of the message that it answers
	Actor  string          `json:"actor,omitempty"` // who wanted it
	Body   json.RawMessage `json:"b"`
}

// Reasons why a message is refused.
var (
	ErrTooBig  = errors.New("message is too big")
	ErrTooDeep = errors.New("message is nested too deeply")
	ErrVersion = errors.New("message has an unknown version")
	ErrForm    = errors.New("message is malformed")
	ErrKind    = errors.New("message has a kind that its topic does not carry")
)

// Encode writes a message with the given body.
func Encode(e Envelope, body any) ([]byte, error) {
	var err error
	if e.Body, err = json.Marshal(body); err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Kind, err)
	}
	e.V = Version
	out, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Kind, err)
	}
	if len(out) > MaxMessage {
		return nil, fmt.Errorf("encode %s: %w: %d bytes", e.Kind, ErrTooBig, len(out))
	}
	return out, nil
}

// Decode reads a message that came on topic t. Its error is one of the reasons above; where the envelope could be read, it comes back
// with the error too.
func Decode(t Topic, payload []byte) (Envelope, error) {
	var e Envelope
	if len(payload) > MaxMessage {
		return e, ErrTooBig
	}
	if depth(payload) > maxDepth {
		return e, ErrTooDeep
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return e, fmt.Errorf("%w: not one JSON object", ErrForm)
	}
	if e.V != Version {
		return e, fmt.Errorf("%w: %d", ErrVersion, e.V)
	}
	return e, e.check(t)
}

// check looks at what the envelope says of itself, and whether that fits where it came.
func (e Envelope) check(t Topic) error {
	if !slices.Contains(kinds(t.Leaf), e.Kind) {
		return fmt.Errorf("%w: %q", ErrKind, e.Kind)
	}
	durable := t.Leaf == Events || t.Leaf == Telemetry
	if durable != (e.Seq > 0 && e.Outbox != "") || (!durable && e.Seq != 0) {
		return fmt.Errorf("%w: ob and seq belong to events and telemetry, and only to them", ErrForm)
	}
	if e.Gap < 0 || e.Gap > max(0, e.Seq-1) {
		return fmt.Errorf("%w: gap", ErrForm)
	}
	return e.form()
}

func (e Envelope) form() error {
	switch {
	case !id.Valid(e.ID):
		return fmt.Errorf("%w: id", ErrForm)
	case min(e.TS, e.Mono, e.Epoch, e.Exp) < 0:
		return fmt.Errorf("%w: a time or epoch is negative", ErrForm)
	case max(len(e.Boot), len(e.Outbox), len(e.CID)) > 64 || len(e.Actor) > 128:
		return fmt.Errorf("%w: a name is too long", ErrForm)
	case len(e.Body) == 0 || e.Body[0] != '{':
		return fmt.Errorf("%w: b is not an object", ErrForm)
	}
	return nil
}

// Into reads the body. Unknown fields are ignored: a newer end may say more.
func (e Envelope) Into(body any) error {
	if err := json.Unmarshal(e.Body, body); err != nil {
		return fmt.Errorf("%w: body of %s", ErrForm, e.Kind)
	}
	return nil
}

// depth is how deep the JSON is nested, strings aside; a scan without memory, since a parser would build what it is to protect from.
func depth(b []byte) int {
	deepest, now, quoted := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '{' || c == '['):
			now++
			deepest = max(deepest, now)
		case !quoted && (c == '}' || c == ']'):
			now--
		}
	}
	return deepest
}
