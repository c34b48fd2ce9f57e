// Package city holds city packs: what a bot knows about one city, as reviewed data. The pack of Shanghai is embedded.
// It does no I/O beyond its own embedded files and imports the domain words of agents only.
package city

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Text is one thing said in every language of the pack.
type Text map[agents.Lang]string

// In returns the text in a language, else in Chinese.
func (t Text) In(l agents.Lang) string {
	if s, ok := t[l]; ok {
		return s
	}
	return t[agents.LangZh]
}

// Pack is a validated city pack. It is read-only once loaded.
type Pack struct {
	ID          string
	Name        Text
	Zone        *time.Location
	attractions []Attraction
	hospitals   []Hospital
	departments []Department
	levels      []Level
}

// Attraction is a place with timed entry.
type Attraction struct {
	ID       string
	Name     Text
	Short    Text                     // how people say it; empty where Name is short enough
	Aliases  map[agents.Lang][]string // further names, pinyin among the English ones
	District Text
	Closed   []time.Weekday // no tickets on these days
	Sessions []Session
	Facts    []Fact
}

// Session is a part of the day with its own pool of tickets. Capacities are the project's demo inventory.
type Session struct {
	ID       tool.Session
	From, To string // HH:MM in the city's zone
	Capacity int    // tickets
}

// Fact is one statement about a place with where it comes from. What is not verified must not be spoken as a fact.
type Fact struct {
	Topic      string // hours, closed
	Value      string
	AsOf       string // YYYY-MM-DD
	Source     string
	Unverified bool
}

// Spoken returns the name to say aloud.
func (a Attraction) Spoken(l agents.Lang) string {
	if s := a.Short[l]; s != "" {
		return s
	}
	return a.Name.In(l)
}

// OpenOn reports whether the weekday is not a closing day.
func (a Attraction) OpenOn(d time.Weekday) bool { return !slices.Contains(a.Closed, d) }

// Attractions lists the places in the order in which they are offered. The slice is the caller's own.
func (p *Pack) Attractions() []Attraction { return slices.Clone(p.attractions) }

// Attraction returns the place with this id.
func (p *Pack) Attraction(id string) (Attraction, bool) {
	for _, a := range p.attractions {
		if a.ID == id {
			return a, true
		}
	}
	return Attraction{}, false
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	hourForm = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
)

// Languages that every text of a pack must have.
func Languages() []agents.Lang { return []agents.Lang{agents.LangZh, agents.LangEn} }

func (t Text) validate(what string) error {
	for _, l := range Languages() {
		if t[l] == "" {
			return fmt.Errorf("%s: no text in %q", what, l)
		}
	}
	for l := range t {
		if !slices.Contains(Languages(), l) {
			return fmt.Errorf("%s: unknown language %q", what, l)
		}
	}
	return nil
}

// Validate checks one place by itself.
func (a Attraction) Validate() error {
	if !idForm.MatchString(a.ID) {
		return fmt.Errorf("id %q: want lower-case letters, digits and dashes", a.ID)
	}
	if err := a.Name.validate(a.ID + ": name"); err != nil {
		return err
	}
	if err := a.District.validate(a.ID + ": district"); err != nil {
		return err
	}
	if err := validateSessions(a.ID, a.Sessions); err != nil {
		return err
	}
	for _, f := range a.Facts {
		if err := f.validate(); err != nil {
			return fmt.Errorf("%s: %w", a.ID, err)
		}
	}
	return nil
}

// validateSessions checks the parts of a day, which must be in order.
func validateSessions(what string, sessions []Session) error {
	if len(sessions) == 0 {
		return fmt.Errorf("%s: no sessions", what)
	}
	last := ""
	for _, s := range sessions {
		if err := s.validate(); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if s.From < last {
			return fmt.Errorf("%s: session %s begins before the one above ends", what, s.ID)
		}
		last = s.To
	}
	return nil
}

func (s Session) validate() error {
	switch {
	case s.ID != tool.Morning && s.ID != tool.Afternoon:
		return fmt.Errorf("session %q: want morning or afternoon", s.ID)
	case !hourForm.MatchString(s.From) || !hourForm.MatchString(s.To):
		return fmt.Errorf("session %s: from and to must be HH:MM", s.ID)
	case s.From >= s.To:
		return fmt.Errorf("session %s: ends before it begins", s.ID)
	case s.Capacity < 1:
		return fmt.Errorf("session %s: capacity must be at least 1", s.ID)
	}
	return nil
}

func (f Fact) validate() error {
	if f.Topic == "" || f.Value == "" {
		return fmt.Errorf("fact: topic and value are needed")
	}
	if f.Unverified {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, f.AsOf); err != nil || f.Source == "" {
		return fmt.Errorf("fact %s: needs as_of and source, or unverified: true", f.Topic)
	}
	return nil
}
