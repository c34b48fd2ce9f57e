package city

import (
	"fmt"
	"slices"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Department is one that hospitals may have. Which symptom leads to it is a matter of language, not of the city.
type Department struct {
	ID      string
	Name    Text
	Aliases map[agents.Lang][]string
}

// Level is a kind of clinic with its demo quota.
type Level struct {
	ID       tool.Level
	Name     Text
	Aliases  map[agents.Lang][]string
	Fee      Fee
	Closed   []time.Weekday
	Sessions []Session
}

// Fee is what registering costs. Without a source it must be spoken as not verified.
type Fee struct {
	Yuan       int
	AsOf       string
	Source     string
	Unverified bool
}

// Hospital is a hospital with the departments that can be registered for.
type Hospital struct {
	ID          string
	Name        Text
	Short       Text
	Aliases     map[agents.Lang][]string
	District    Text
	Departments []string // ids
	Facts       []Fact
}

// Spoken returns the name to say aloud.
func (h Hospital) Spoken(l agents.Lang) string {
	if s := h.Short[l]; s != "" {
		return s
	}
	return h.Name.In(l)
}

// Has reports whether the hospital has the department.
func (h Hospital) Has(department string) bool { return slices.Contains(h.Departments, department) }

// OpenOn reports whether clinics of this level are held on the weekday.
func (l Level) OpenOn(d time.Weekday) bool { return !slices.Contains(l.Closed, d) }

// Hospitals lists the hospitals that have a department (empty: all), in the order of the pack. The slice is the caller's own.
func (p *Pack) Hospitals(department string) []Hospital {
	var out []Hospital
	for _, h := range p.hospitals {
		if department == "" || h.Has(department) {
			out = append(out, h)
		}
	}
	return out
}

// Hospital returns the hospital with this id.
func (p *Pack) Hospital(id string) (Hospital, bool) {
	i := slices.IndexFunc(p.hospitals, func(h Hospital) bool { return h.ID == id })
	if i < 0 {
		return Hospital{}, false
	}
	return p.hospitals[i], true
}

// Departments lists the departments, in the order in which they are offered. The slice is the caller's own.
func (p *Pack) Departments() []Department { return slices.Clone(p.departments) }

// Department returns the department with this id.
func (p *Pack) Department(id string) (Department, bool) {
	i := slices.IndexFunc(p.departments, func(d Department) bool { return d.ID == id })
	if i < 0 {
		return Department{}, false
	}
	return p.departments[i], true
}

// Levels lists the kinds of clinic. The slice is the caller's own.
func (p *Pack) Levels() []Level { return slices.Clone(p.levels) }

// Level returns the kind of clinic with this id.
func (p *Pack) Level(id tool.Level) (Level, bool) {
	i := slices.IndexFunc(p.levels, func(l Level) bool { return l.ID == id })
	if i < 0 {
		return Level{}, false
	}
	return p.levels[i], true
}

// Clinic takes the id of a clinic apart into what the pack knows.
func (p *Pack) Clinic(id string) (h Hospital, d Department, l Level, ok bool) {
	c, ok := tool.ParseClinic(id)
	if !ok {
		return h, d, l, false
	}
	h, okH := p.Hospital(c.Hospital)
	d, okD := p.Department(c.Department)
	l, okL := p.Level(c.Level)
	return h, d, l, okH && okD && okL && h.Has(c.Department)
}

// Clinics lists the id of every clinic of the city.
func (p *Pack) Clinics() []string {
	var out []string
	for _, h := range p.hospitals {
		for _, d := range h.Departments {
			for _, l := range p.levels {
				out = append(out, tool.Clinic{Hospital: h.ID, Department: d, Level: l.ID}.ID())
			}
		}
	}
	return out
}

func (l Level) validate() error {
	if l.ID != tool.Ordinary && l.ID != tool.Expert {
		return fmt.Errorf("level %q: want ordinary or expert", l.ID)
	}
	if err := l.Name.validate("level " + string(l.ID)); err != nil {
		return err
	}
	if l.Fee.Yuan < 1 {
		return fmt.Errorf("level %s: fee must be at least 1 yuan", l.ID)
	}
	fee := Fact{Topic: "fee", Value: fmt.Sprint(l.Fee.Yuan), AsOf: l.Fee.AsOf, Source: l.Fee.Source, Unverified: l.Fee.Unverified}
	if err := fee.validate(); err != nil {
		return fmt.Errorf("level %s: %w", l.ID, err)
	}
	return validateSessions("level "+string(l.ID), l.Sessions)
}
