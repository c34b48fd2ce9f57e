// Package contact owns what becomes of one citizen's matter after the bot handed it over: who has it, what was typed, how it ended. Each
// contact has one goroutine; its state machine is a table; a state is stored before it is acted on. It may use the store, the queue, the
// desk and the voice only through the ports it declares; it knows no SIP and no HTTP.
package contact

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// Kind says how a contact came about. The words of the wire are the words of the domain.
type Kind = httpapi.Kind

// Disposition is how an agent says that a contact ended.
type Disposition = httpapi.Disposition

// Contact is one citizen's matter over any channel.
type Contact struct {
	ID, Tenant  string
	Booth       string
	Place       string // where the booth stands, in words
	Kind        Kind
	Number      string // what was dialled; emergencies only
	Test        bool   // an emergency that reached the simulated operator of a laboratory
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

// Errors.
var (
	ErrNoContact = errors.New("no such contact")
	ErrNotYours  = errors.New("the contact is somebody else's")
	ErrNotNow    = errors.New("the state of the contact does not allow it")
)

// Store keeps contacts. Each method is one transaction.
type Store interface {
	// SaveContact creates or replaces a contact, and adds what its timeline and its texts have more than is stored.
	SaveContact(ctx context.Context, c Contact) error
	// Contact returns a contact with its timeline and texts, or ErrNoContact.
	Contact(ctx context.Context, tenant, id string) (Contact, error)
	// Contacts lists up to limit contacts that a search finds, newest first, without timelines and texts.
	Contacts(ctx context.Context, tenant string, s Search, limit int) ([]Contact, error)
	// OpenContacts lists the ids of those that are not closed, oldest first.
	OpenContacts(ctx context.Context, tenant string) ([]string, error)
}

// Lang is the primary tag of the citizen's language.
func (c Contact) Lang() string {
	tag, _, _ := strings.Cut(strings.ToLower(c.Handoff.Lang), "-")
	if tag == "" {
		return "zh"
	}
	return tag
}

// Wire is the contact as staff see it.
func (c Contact) Wire(position int) httpapi.Contact {
	out := httpapi.Contact{
		ID: c.ID, Booth: c.Booth, Place: c.Place, Kind: c.Kind, Number: c.Number, Test: c.Test, Lang: c.Handoff.Lang, Reason: c.Handoff.Reason, Task: c.Handoff.Task,
		Intent: c.Handoff.Intent, Slots: append([]httpapi.Slot{}, c.Handoff.Slots...), Turns: []httpapi.Turn{}, State: c.State.Wire(),
		Position: position, CreatedMS: millis(c.Times.Created), QueuedMS: millis(c.Times.Queued), AnsweredMS: millis(c.Times.Answered),
		EndedMS: millis(c.Times.Ended), Agent: c.Agent, Disposition: c.Disposition, Note: c.Note, Timeline: []httpapi.TimelineEntry{},
	}
	out.Turns = slices.Concat(out.Turns, c.Handoff.Turns, c.Texts)
	for _, e := range c.Timeline {
		out.Timeline = append(out.Timeline, httpapi.TimelineEntry{AtMS: millis(e.At), Kind: e.Kind, Text: e.Text})
	}
	return out
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
