package tasks

import (
	"strings"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Text is what is said, one spoken sentence after the other, in every language.
type Text map[agents.Lang][]string

// Label is a short text for the eye, in every language.
type Label map[agents.Lang]string

// Args fill the placeholders of a text.
type Args map[string]string

// Words are the texts and labels of one file by key.
type Words struct {
	Texts  map[string]Text
	Labels map[string]Label
}

// Say returns the sentences of a text with its placeholders filled.
func (w Words) Say(key string, l agents.Lang, args Args) []string {
	src := w.Texts[key][l]
	out := make([]string, len(src))
	for i, s := range src {
		out[i] = fill(s, args)
	}
	return out
}

// Label returns a label with its placeholders filled.
func (w Words) Label(key string, l agents.Lang, args Args) string {
	return fill(w.Labels[key][l], args)
}

func fill(s string, args Args) string {
	for k, v := range args {
		s = strings.ReplaceAll(s, "{"+k+"}", v)
	}
	return s
}

// Ask kinds of a slot.
const (
	AskChoice = "choice"
	AskDigits = "digits"
)

// Slot is one thing that a flow must know.
type Slot struct {
	Name     string
	Required bool
	Ask      string // choice or digits
	Min, Max int    // digits
	Label    Label
}

// Flow is one task as data.
type Flow struct {
	ID      string
	Intent  string
	Check   tool.Name // reads, before anything is confirmed; empty where Tool is
	Tool    tool.Name // does it; empty where the booth itself does
	Confirm bool
	Title   Label
	Slots   []Slot // in the order in which they are asked for
	Words
}

// Slot returns the slot of this name.
func (f *Flow) Slot(name string) (Slot, bool) {
	for _, s := range f.Slots {
		if s.Name == name {
			return s, true
		}
	}
	return Slot{}, false
}

// Set is every flow and the words that they share. It is read-only.
type Set struct {
	Common Words
	flows  map[string]*Flow
}

// Flow returns a flow by its id, nil where there is none.
func (s *Set) Flow(id string) *Flow { return s.flows[id] }

// Ids of the flows.
const (
	Attraction = "attraction"
	Cancel     = "cancel"
	Call       = "call"
	Hospital   = "hospital"
)
