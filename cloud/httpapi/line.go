package httpapi

// What travels on a line: the WebSocket between a booth and the contact that it began (PathLine, bearer token of the booth). The SIP leg
// carries the voice, the line carries what is seen: state, position, typed text. Losing it loses no call; the booth opens it again.

// LineKind is the field t of a message.
type LineKind string

// Messages of the core to a booth.
const (
	LineStatus LineKind = "status" // State, Position, WaitS, Agent; at once after the socket opens, then at each change
	LineText   LineKind = "text"   // Who, Text, AtMS; also in the other direction with Text only
	LineNone   LineKind = "none"   // nobody can answer now; Callback: one is offered. The call is still up, the booth hangs up
)

// Messages of a booth to the core, beside LineText.
const (
	LineCallback LineKind = "callback" // keep a callback; the core hangs up
	LineLeave    LineKind = "leave"    // the citizen wants no person any more; the core hangs up
)

// LineNews is a message of the core to a booth. What a kind does not name is absent.
type LineNews struct {
	T        LineKind     `json:"t"`
	State    ContactState `json:"state,omitempty"`
	Position int          `json:"position,omitempty"` // in the queue, from 1
	WaitS    int          `json:"wait_s,omitempty"`   // whole seconds in the queue so far
	Agent    string       `json:"agent,omitempty"`    // who answered
	Who      string       `json:"who,omitempty"`      // WhoAgent
	Text     string       `json:"text,omitempty"`
	AtMS     int64        `json:"at_ms,omitempty"`
	Callback bool         `json:"callback,omitempty"`
}

// LineWish is a message of a booth to the core.
type LineWish struct {
	T    LineKind `json:"t"`
	Text string   `json:"text,omitempty"` // of LineText, 1 to MaxText characters
}
