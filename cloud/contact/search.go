package contact

import (
	"slices"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// Search says which contacts are wanted. The zero value wants all; each field narrows it.
type Search struct {
	Before   string    // older than this id
	Words    []string  // each is somewhere in Contact.Words; lower case
	From, To time.Time // created at From or later, and before To
	Kind     Kind
	State    httpapi.ContactState
	Agent    string
}

// maxWords bounds what a search looks through of one contact, in characters.
const maxWords = 4000

// Words is what a search looks through, in lower case: who, where, what for and how it ended, not what was said.
func (c Contact) Words() string {
	words := []string{
		c.ID, c.Booth, c.Place, c.Number, c.Agent, string(c.Disposition), c.Handoff.Lang, c.Handoff.Task, c.Handoff.Intent, c.Note,
	}
	for _, s := range c.Handoff.Slots {
		words = append(words, s.Value)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	text := []rune(strings.ToLower(strings.Join(words, "\n")))
	return string(text[:min(len(text), maxWords)])
}

// SplitWords makes the words of a search of what somebody typed.
func SplitWords(text string) []string { return strings.Fields(strings.ToLower(text)) }

// States are the states that others know by this one name.
func States(wire httpapi.ContactState) []State {
	var found []State
	for s := New; s <= lastState; s++ {
		if s.Wire() == wire {
			found = append(found, s)
		}
	}
	return found
}
