// Package profile says how a carrier board is wired: which line is the hook, which the keypad, which sound device the handset.
// A new carrier is a new YAML file here, not code. It may import device only.
package profile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/board/debounce"
)

//go:embed profiles/*.yaml
var files embed.FS

// ErrProfile is behind every complaint about a profile.
var ErrProfile = errors.New("board profile")

// Profile is one carrier's wiring.
type Profile struct {
	Name  string   `yaml:"name"`
	Match []string `yaml:"match"` // words of /proc/device-tree/compatible, any of them
	GPIO  GPIO     `yaml:"gpio"`
	Audio Audio    `yaml:"audio"`
}

// GPIO is the wiring of hook, keys and lamps.
type GPIO struct {
	Hook   Hook                 `yaml:"hook"`
	SOS    Line                 `yaml:"sos"`
	Keypad Keypad               `yaml:"keypad"`
	Lamps  map[device.Lamp]Line `yaml:"lamps"`
}

// Line is one line of a GPIO chip. Chips go by their label: their numbers change between kernels.
type Line struct {
	Chip   string `yaml:"chip"`
	Line   int    `yaml:"line"`
	Active string `yaml:"active"` // high or low: the level that means lifted, pressed or lit
	Pull   string `yaml:"pull"`   // up, down or none, of an input
}

// Hook is the hook switch; its line is active while the handset is lifted.
type Hook struct {
	Line       `yaml:",inline"`
	DebounceMS HookDebounce `yaml:"debounce_ms"`
}

// HookDebounce is how long the handset must be off or on to count, in ms.
type HookDebounce struct {
	Off int `yaml:"off"`
	On  int `yaml:"on"`
}

// Keypad is a matrix of keys. Columns are driven low one after the other and float otherwise; rows are read, pulled up.
type Keypad struct {
	Rows     []Line   `yaml:"rows"`
	Cols     []Line   `yaml:"cols"`
	ScanMS   int      `yaml:"scan_ms"`
	StableMS int      `yaml:"stable_ms"`
	SettleUS int      `yaml:"settle_us"` // between driving a column and reading the rows
	Keymap   []string `yaml:"keymap"`    // one string per row, one character per column; A-D or a space means no key of ours
}

// Audio names the handset's sound device by a part of its name, as PortAudio lists it.
type Audio struct {
	Capture  string `yaml:"capture"`
	Playback string `yaml:"playback"`
	Rate     int    `yaml:"rate"` // Hz
}

// keys are those that every keypad must have.
const keys = "0123456789*#"

// Embedded returns all profiles that come with the program.
func Embedded() ([]Profile, error) {
	names, err := fs.Glob(files, "profiles/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProfile, err)
	}
	var all []Profile
	for _, n := range names {
		b, err := files.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrProfile, err)
		}
		p, err := Parse(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(n), err)
		}
		all = append(all, p)
	}
	return all, nil
}

// For picks a profile: by name, or, when name is empty, the first one whose match is part of the device tree's compatible string.
func For(all []Profile, name, compatible string) (Profile, error) {
	for _, p := range all {
		if name != "" && p.Name == name {
			return p, nil
		}
		if name == "" && slices.ContainsFunc(p.Match, func(m string) bool { return slices.Contains(strings.FieldsFunc(compatible, isNUL), m) }) {
			return p, nil
		}
	}
	if name == "" {
		return Profile{}, fmt.Errorf("%w: none matches this machine; name one", ErrProfile)
	}
	return Profile{}, fmt.Errorf("%w: there is no %q", ErrProfile, name)
}

// isNUL parts the entries of a compatible string.
func isNUL(r rune) bool { return r == 0 }

// Parse reads and checks one profile; an unknown key is an error.
func Parse(b []byte) (Profile, error) {
	var p Profile
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(&p); err != nil && !errors.Is(err, io.EOF) {
		return Profile{}, fmt.Errorf("%w: %w", ErrProfile, err)
	}
	return p, p.Validate()
}

// Validate says what is wrong with a profile.
func (p Profile) Validate() error {
	fail := func(field, format string, args ...any) error {
		return fmt.Errorf("%w %q: %s: %s", ErrProfile, p.Name, field, fmt.Sprintf(format, args...))
	}
	if p.Name == "" {
		return fail("name", "is missing")
	}
	if d := p.GPIO.Hook.DebounceMS; d.Off < 5 || d.Off > 500 || d.On < 5 || d.On > 2000 {
		return fail("gpio.hook.debounce_ms", "off is 5 to 500, on 5 to 2000")
	}
	if err := p.GPIO.Keypad.check(); err != "" {
		return fail("gpio.keypad", "%s", err)
	}
	if field, err := p.checkLines(); err != "" {
		return fail(field, "%s", err)
	}
	if p.Audio.Rate < 8000 || p.Audio.Rate > 48000 || p.Audio.Rate%50 != 0 {
		return fail("audio.rate", "is 8000 to 48000 Hz with whole frames of 20 ms")
	}
	if p.Audio.Capture == "" || p.Audio.Playback == "" {
		return fail("audio", "capture and playback must be named")
	}
	return nil
}

func (k Keypad) check() string {
	switch {
	case len(k.Rows) == 0 || len(k.Rows) > debounce.MaxRows || len(k.Cols) == 0 || len(k.Cols) > debounce.MaxCols:
		return fmt.Sprintf("has 1 to %d rows and columns", debounce.MaxRows)
	case k.ScanMS < 1 || k.ScanMS > 20 || k.StableMS < k.ScanMS || k.StableMS > 100:
		return "scan_ms is 1 to 20, stable_ms from scan_ms to 100"
	case k.SettleUS < 0 || k.SettleUS > 1000:
		return "settle_us is 0 to 1000"
	}
	return k.checkKeymap()
}

func (k Keypad) checkKeymap() string {
	if len(k.Keymap) != len(k.Rows) {
		return "keymap needs one string per row"
	}
	all := strings.Join(k.Keymap, "")
	for _, row := range k.Keymap {
		if len(row) != len(k.Cols) {
			return fmt.Sprintf("keymap %q needs one character per column", row)
		}
	}
	for _, key := range keys {
		if strings.Count(all, string(key)) != 1 {
			return fmt.Sprintf("keymap: key %c must be there once", key)
		}
	}
	if strings.Trim(all, keys+"ABCD ") != "" {
		return "keymap has a key that no pad has"
	}
	return ""
}

// lamps are those of every booth.
func lamps() []device.Lamp {
	return []device.Lamp{device.LampReady, device.LampCall, device.LampSOS}
}

// used is a line and what it is used for.
type used struct {
	field string
	Line
}

// lines returns every line of the profile.
func (g GPIO) lines() []used {
	all := []used{{"gpio.hook", g.Hook.Line}, {"gpio.sos", g.SOS}}
	for i, l := range g.Keypad.Rows {
		all = append(all, used{fmt.Sprintf("gpio.keypad.rows[%d]", i), l.as("low", "up")})
	}
	for i, l := range g.Keypad.Cols {
		all = append(all, used{fmt.Sprintf("gpio.keypad.cols[%d]", i), l.as("low", "up")})
	}
	for _, lamp := range lamps() {
		all = append(all, used{"gpio.lamps." + string(lamp), g.Lamps[lamp].as("", "none")})
	}
	return all
}

// checkLines checks every line and that none is used twice.
func (p Profile) checkLines() (field, complaint string) {
	for _, lamp := range lamps() {
		if _, ok := p.GPIO.Lamps[lamp]; !ok {
			return "gpio.lamps." + string(lamp), "is missing"
		}
	}
	if len(p.GPIO.Lamps) != len(lamps()) {
		return "gpio.lamps", "are ready, call and sos"
	}
	seen := map[string]string{}
	for _, u := range p.GPIO.lines() {
		if complaint := u.check(); complaint != "" {
			return u.field, complaint
		}
		where := fmt.Sprintf("%s:%d", u.Chip, u.Line.Line)
		if seen[where] != "" {
			return u.field, fmt.Sprintf("%s is %s already", where, seen[where])
		}
		seen[where] = u.field
	}
	return "", ""
}

func (l Line) check() string {
	switch {
	case l.Chip == "" || l.Line < 0 || l.Line > 1023:
		return "needs a chip and a line of 0 to 1023"
	case l.Active != "high" && l.Active != "low":
		return "active is high or low"
	case l.Pull != "up" && l.Pull != "down" && l.Pull != "none":
		return "pull is up, down or none"
	}
	return ""
}

// as fills in what the kind of line settles.
func (l Line) as(active, pull string) Line {
	if l.Active == "" {
		l.Active = active
	}
	if l.Pull == "" {
		l.Pull = pull
	}
	return l
}

// MS is a number of milliseconds.
func MS(n int) time.Duration { return time.Duration(n) * time.Millisecond }
