package city

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// hospitalsFile is hospitals.yaml.
type hospitalsFile struct {
	Levels      []levelRow      `yaml:"levels"`
	Departments []departmentRow `yaml:"departments"`
	Hospitals   []hospitalRow   `yaml:"hospitals"`
}

type levelRow struct {
	ID       tool.Level               `yaml:"id"`
	Name     Text                     `yaml:"name"`
	Aliases  map[agents.Lang][]string `yaml:"aliases"`
	Fee      feeRow                   `yaml:"fee"`
	Closed   []string                 `yaml:"closed"`
	Sessions []sessionRow             `yaml:"sessions"`
}

type feeRow struct {
	Yuan       int    `yaml:"yuan"`
	AsOf       string `yaml:"as_of"`
	Source     string `yaml:"source"`
	Unverified bool   `yaml:"unverified"`
}

type departmentRow struct {
	ID      string                   `yaml:"id"`
	Name    Text                     `yaml:"name"`
	Aliases map[agents.Lang][]string `yaml:"aliases"`
}

type hospitalRow struct {
	ID          string                   `yaml:"id"`
	Name        Text                     `yaml:"name"`
	Short       Text                     `yaml:"short"`
	Aliases     map[agents.Lang][]string `yaml:"aliases"`
	District    string                   `yaml:"district"`
	Departments []string                 `yaml:"departments"`
	Facts       []factRow                `yaml:"facts"`
}

// loadHospitals reads hospitals.yaml. A city without that file has no hospitals to register at.
func (p *Pack) loadHospitals(dir fs.FS, districts map[string]Text) error {
	var rows hospitalsFile
	if err := decode(dir, "hospitals.yaml", &rows); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	for _, load := range []func() error{
		func() error { return p.addLevels(rows.Levels) },
		func() error { return p.addDepartments(rows.Departments) },
		func() error { return p.addHospitals(rows.Hospitals, districts) },
	} {
		if err := load(); err != nil {
			return fmt.Errorf("hospitals.yaml: %w", err)
		}
	}
	return nil
}

func (p *Pack) addLevels(rows []levelRow) error {
	for _, r := range rows {
		l := Level{ID: r.ID, Name: r.Name, Aliases: r.Aliases, Fee: Fee(r.Fee)}
		for _, name := range r.Closed {
			w, ok := weekday(name)
			if !ok {
				return fmt.Errorf("level %s: unknown weekday %q", r.ID, name)
			}
			l.Closed = append(l.Closed, w)
		}
		for _, s := range r.Sessions {
			l.Sessions = append(l.Sessions, Session(s))
		}
		if err := l.validate(); err != nil {
			return err
		}
		if _, twice := p.Level(l.ID); twice {
			return fmt.Errorf("level %s: listed twice", l.ID)
		}
		p.levels = append(p.levels, l)
	}
	return nil
}

func (p *Pack) addDepartments(rows []departmentRow) error {
	seen := map[string]string{}
	for _, r := range rows {
		if err := named(r.ID, r.Name); err != nil {
			return err
		}
		if err := claim(seen, r.ID, r.Name, r.Aliases); err != nil {
			return err
		}
		p.departments = append(p.departments, Department(r))
	}
	return nil
}

func (p *Pack) addHospitals(rows []hospitalRow, districts map[string]Text) error {
	seen := map[string]string{}
	for _, r := range rows {
		d, ok := districts[r.District]
		if !ok {
			return fmt.Errorf("%s: unknown district %q", r.ID, r.District)
		}
		if err := named(r.ID, r.Name); err != nil {
			return err
		}
		if err := claim(seen, r.ID, r.Name, r.Aliases); err != nil {
			return err
		}
		h := Hospital{ID: r.ID, Name: r.Name, Short: r.Short, Aliases: r.Aliases, District: d, Departments: r.Departments}
		if len(h.Departments) == 0 {
			return fmt.Errorf("%s: no departments", h.ID)
		}
		for _, id := range h.Departments {
			if _, ok := p.Department(id); !ok {
				return fmt.Errorf("%s: unknown department %q", h.ID, id)
			}
		}
		for _, f := range r.Facts {
			if err := Fact(f).validate(); err != nil {
				return fmt.Errorf("%s: %w", h.ID, err)
			}
			h.Facts = append(h.Facts, Fact(f))
		}
		if len(h.Facts) == 0 {
			return fmt.Errorf("%s: no facts: where does it come from?", h.ID)
		}
		p.hospitals = append(p.hospitals, h)
	}
	return nil
}

// named checks an id that becomes part of a clinic's.
func named(id string, name Text) error {
	if !idForm.MatchString(id) || strings.Contains(id, "--") {
		return fmt.Errorf("id %q: want lower-case letters, digits and single dashes", id)
	}
	return name.validate(id + ": name")
}
