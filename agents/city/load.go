package city

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

//go:embed shanghai/*.yaml
var packs embed.FS

// packFile is pack.yaml.
type packFile struct {
	ID        string          `yaml:"id"`
	Name      Text            `yaml:"name"`
	Zone      string          `yaml:"zone"`
	UTCOffset int             `yaml:"utc_offset_hours"` // used where the machine has no zone database
	Districts map[string]Text `yaml:"districts"`
}

// attractionsFile is attractions.yaml.
type attractionsFile struct {
	Attractions []placeRow `yaml:"attractions"`
}

type placeRow struct {
	ID       string                   `yaml:"id"`
	Name     Text                     `yaml:"name"`
	Short    Text                     `yaml:"short"`
	Aliases  map[agents.Lang][]string `yaml:"aliases"`
	District string                   `yaml:"district"`
	Closed   []string                 `yaml:"closed"`
	Sessions []sessionRow             `yaml:"sessions"`
	Facts    []factRow                `yaml:"facts"`
}

type sessionRow struct {
	ID       tool.Session `yaml:"id"`
	From     string       `yaml:"from"`
	To       string       `yaml:"to"`
	Capacity int          `yaml:"capacity"`
}

type factRow struct {
	Topic      string `yaml:"topic"`
	Value      string `yaml:"value"`
	AsOf       string `yaml:"as_of"`
	Source     string `yaml:"source"`
	Unverified bool   `yaml:"unverified"`
}

// Load returns the embedded pack of Shanghai.
func Load() (*Pack, error) {
	sub, err := fs.Sub(packs, "shanghai")
	if err != nil {
		return nil, err
	}
	return LoadFS(sub)
}

// LoadFS reads pack.yaml, attractions.yaml and, where there is one, hospitals.yaml from a folder, strictly: unknown keys are errors.
func LoadFS(dir fs.FS) (*Pack, error) {
	var head packFile
	if err := decode(dir, "pack.yaml", &head); err != nil {
		return nil, err
	}
	var rows attractionsFile
	if err := decode(dir, "attractions.yaml", &rows); err != nil {
		return nil, err
	}
	p, err := head.pack()
	if err != nil {
		return nil, fmt.Errorf("pack.yaml: %w", err)
	}
	if len(rows.Attractions) == 0 {
		return nil, fmt.Errorf("attractions.yaml: no attractions")
	}
	seen := map[string]string{}
	for _, r := range rows.Attractions {
		a, err := r.attraction(head.Districts)
		if err != nil {
			return nil, fmt.Errorf("attractions.yaml: %w", err)
		}
		if err := a.claim(seen); err != nil {
			return nil, fmt.Errorf("attractions.yaml: %w", err)
		}
		p.attractions = append(p.attractions, a)
	}
	return p, p.loadHospitals(dir, head.Districts)
}

func decode(dir fs.FS, name string, into any) error {
	f, err := dir.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := yaml.NewDecoder(f, yaml.Strict()).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (h packFile) pack() (*Pack, error) {
	if !idForm.MatchString(h.ID) {
		return nil, fmt.Errorf("id %q: want lower-case letters, digits and dashes", h.ID)
	}
	if err := h.Name.validate("name"); err != nil {
		return nil, err
	}
	for id, d := range h.Districts {
		if err := d.validate("district " + id); err != nil {
			return nil, err
		}
	}
	zone, err := time.LoadLocation(h.Zone)
	if err != nil || h.Zone == "" {
		if h.UTCOffset == 0 {
			return nil, fmt.Errorf("zone %q is not known here and utc_offset_hours is not given", h.Zone)
		}
		zone = time.FixedZone(h.Zone, h.UTCOffset*3600)
	}
	return &Pack{ID: h.ID, Name: h.Name, Zone: zone}, nil
}

func (r placeRow) attraction(districts map[string]Text) (Attraction, error) {
	d, ok := districts[r.District]
	if !ok {
		return Attraction{}, fmt.Errorf("%s: unknown district %q", r.ID, r.District)
	}
	a := Attraction{ID: r.ID, Name: r.Name, Short: r.Short, Aliases: r.Aliases, District: d}
	for _, name := range r.Closed {
		w, ok := weekday(name)
		if !ok {
			return Attraction{}, fmt.Errorf("%s: unknown weekday %q", r.ID, name)
		}
		a.Closed = append(a.Closed, w)
	}
	for _, s := range r.Sessions {
		a.Sessions = append(a.Sessions, Session(s))
	}
	for _, f := range r.Facts {
		a.Facts = append(a.Facts, Fact(f))
	}
	return a, a.Validate()
}

// claim refuses an id or a name that another place has: a citizen could never say which one is meant.
func (a Attraction) claim(seen map[string]string) error { return claim(seen, a.ID, a.Name, a.Aliases) }

func claim(seen map[string]string, id string, name Text, aliases map[agents.Lang][]string) error {
	names := []string{id}
	for _, l := range Languages() {
		names = append(names, name[l])
		names = append(names, aliases[l]...)
	}
	for _, n := range names {
		n = strings.ToLower(n)
		if n == "" {
			return fmt.Errorf("%s: empty alias", id)
		}
		if other, ok := seen[n]; ok && other != id {
			return fmt.Errorf("%s: %q already names %s", id, n, other)
		}
		seen[n] = id
	}
	return nil
}

func weekday(name string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()) == name {
			return d, true
		}
	}
	return 0, false
}
