package voip

import "strconv"

// EventKind is what is new about a leg.
type EventKind int

// The kinds, in the order a call sees them.
const (
	NoEvent  EventKind = iota
	Trying             // the far end has the INVITE (100)
	Ringing            // 180, 181 or 182
	Early              // 183 with SDP: Media speaks before the answer
	Answered           // 2xx; both ends speak
	Held               // the far end does not listen to us any more
	Resumed            // it does again
	DTMF               // Digit was pressed at the far end
	Ended              // the last one; Cause says why, and the channel closes
)

var eventNames = [...]string{"none", "trying", "ringing", "early", "answered", "held", "resumed", "dtmf", "ended"}

func (k EventKind) String() string {
	if int(k) < len(eventNames) {
		return eventNames[k]
	}
	return "event(" + strconv.Itoa(int(k)) + ")"
}

// Event is one piece of news about a leg.
type Event struct {
	Kind   EventKind
	Code   int    // SIP status that brought it, 0 when none did
	Cause  Cause  // with Ended
	Digit  byte   // with DTMF: 0-9 * # A-D
	Remote bool   // with Ended: the far end did it
	Reason string // with Ended: the far end's words, for a log
}
