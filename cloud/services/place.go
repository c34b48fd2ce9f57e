package services

import (
	"fmt"
	"slices"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Place is an attraction that sells timed entry, or a clinic that gives out numbers.
type Place struct {
	ID             string
	Clinic         bool
	FeeYuan        int     // of a clinic
	FeeVerified    bool    // a source says so
	Sessions       []Hours // in the order of the day
	ClosedWeekdays []time.Weekday
}

// Hours are one session of a day: when it lets people in and how many.
type Hours struct {
	Session  tool.Session
	From, To string // HH:MM in the city's time zone
	Capacity int    // tickets
}

// Catalogue knows the attractions and the clinics. A city pack implements it.
type Catalogue interface {
	Place(id string) (Place, bool)
	Places() []Place
}

// Validate checks what a city pack brought.
func (p Place) Validate() error {
	for _, h := range p.Sessions {
		from, err := clock(h.From)
		if err != nil {
			return fmt.Errorf("place %s, %s: from: %w", p.ID, h.Session, err)
		}
		to, err := clock(h.To)
		if err != nil {
			return fmt.Errorf("place %s, %s: to: %w", p.ID, h.Session, err)
		}
		if to <= from {
			return fmt.Errorf("place %s, %s: ends before it begins", p.ID, h.Session)
		}
		if h.Capacity < 0 {
			return fmt.Errorf("place %s, %s: capacity is negative", p.ID, h.Session)
		}
	}
	return nil
}

func (p Place) closedOn(d time.Weekday) bool { return slices.Contains(p.ClosedWeekdays, d) }

func (p Place) hours(s tool.Session) (Hours, bool) {
	i := slices.IndexFunc(p.Sessions, func(h Hours) bool { return h.Session == s })
	if i < 0 {
		return Hours{}, false
	}
	return p.Sessions[i], true
}

// over reports whether the session's last entry on that day has passed. day is midnight in the city.
func (h Hours) over(day, now time.Time) bool {
	to, err := clock(h.To)
	if err != nil { // Validate keeps such a place out
		return true
	}
	// Built from the calendar, not by adding hours to midnight: a day may be 23 or 25 hours long elsewhere.
	end := time.Date(day.Year(), day.Month(), day.Day(), int(to/time.Hour), int(to%time.Hour/time.Minute), 0, 0, day.Location())
	return !now.Before(end)
}

// clock returns HH:MM as time since midnight.
func clock(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not HH:MM", s)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}
