// Package contact owns what becomes of one citizen's matter after the bot handed it over: who has it, what was typed, how it ended. Each
// contact has one goroutine; its state machine is a table; a state is stored before it is acted on. It may use the store, the queue, the
// desk and the voice only through the ports it declares; it knows no SIP and no HTTP.
package contact

import (
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// The words of the wire are the words of the domain.
type (
	Kind        = httpapi.Kind
	Disposition = httpapi.Disposition
)

// Contact is one citizen's matter over any channel.
type Contact struct {
	ID, Tenant  string
	Booth       string
	Place       string // where the booth stands, in words
	Kind        Kind
	State       State
	Handoff     httpapi.Handoff // what the bot knew
	Times       Times
	Agent       string // who has or had it
	Disposition Disposition
	Note        string // plain text
	Texts       []httpapi.Turn
	Timeline    []Entry
}

// Times of a contact; the zero time where it has not happened.
type Times struct{ Created, Queued, Answered, Ended time.Time }

// Entry of a timeline.
type Entry struct {
	At   time.Time
	Kind string
	Text string
}
