package debounce

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A trace is a string of levels, one rune per sample: '_' open, '#' closed; "x40" after it repeats it 40 times.
type piece struct {
	level bool
	ms    int
}

// replay feeds pieces at one sample per step and returns the times, in ms, at which the state changed.
func replay(step int, s func(now time.Time, level bool) bool, pieces ...piece) []int {
	begun, at := time.Unix(0, 0), 0
	var changes []int
	for _, p := range pieces {
		for end := at + p.ms; at < end; at += step {
			if s(begun.Add(time.Duration(at)*time.Millisecond), p.level) {
				changes = append(changes, at)
			}
		}
	}
	return changes
}

func TestHookTraces(t *testing.T) {
	const off, on = true, false
	for name, c := range map[string]struct {
		trace []piece
		want  []int
	}{
		"clean lift":              {[]piece{{on, 100}, {off, 200}}, []int{140}},
		"lift that bounces":       {[]piece{{on, 50}, {off, 5}, {on, 5}, {off, 10}, {on, 5}, {off, 100}}, []int{115}},
		"a knock is no lift":      {[]piece{{on, 50}, {off, 30}, {on, 200}}, nil},
		"hang up":                 {[]piece{{off, 100}, {on, 400}}, []int{40, 400}},
		"a tap of the hook":       {[]piece{{off, 100}, {on, 250}, {off, 500}}, []int{40}},
		"hang up that bounces":    {[]piece{{off, 100}, {on, 100}, {off, 10}, {on, 400}}, []int{40, 510}},
		"bounce never comes calm": {slices.Repeat([]piece{{off, 20}, {on, 20}}, 50), nil},
	} {
		s := Switch{ToTrue: 40 * time.Millisecond, ToFalse: 300 * time.Millisecond}
		if got := replay(5, s.Sample, c.trace...); !slices.Equal(got, c.want) {
			t.Errorf("%s: changes at %v, want %v", name, got, c.want)
		}
	}
}

func TestHold(t *testing.T) {
	for name, c := range map[string]struct {
		trace []piece
		want  []time.Duration
	}{
		"short":        {[]piece{{true, 300}, {false, 100}}, []time.Duration{300 * time.Millisecond}},
		"long":         {[]piece{{true, 3000}, {false, 100}}, []time.Duration{time.Second}},
		"twice":        {[]piece{{true, 100}, {false, 100}, {true, 1500}, {false, 100}}, []time.Duration{100 * time.Millisecond, time.Second}},
		"a spike":      {[]piece{{false, 50}, {true, 10}, {false, 100}}, nil},
		"let go badly": {[]piece{{true, 700}, {false, 10}, {true, 600}, {false, 100}}, []time.Duration{time.Second}},
	} {
		h := Hold{Key: Switch{ToTrue: 20 * time.Millisecond, ToFalse: 20 * time.Millisecond}, Long: time.Second}
		var got []time.Duration
		replay(5, func(now time.Time, level bool) bool {
			if d, ok := h.Sample(now, level); ok {
				got = append(got, d)
			}
			return false
		}, c.trace...)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// scans of a 4 x 3 pad: keys that conduct, and for how many scans of 5 ms.
func TestKeypadTraces(t *testing.T) {
	const pad = "123456789*0#"
	type scan struct {
		keys string
		n    int
	}
	for name, c := range map[string]struct {
		trace []scan
		want  string
	}{
		"one key":              {[]scan{{"", 5}, {"5", 10}, {"", 10}}, "5"},
		"held is pressed once": {[]scan{{"5", 400}}, "5"},
		"twice":                {[]scan{{"5", 10}, {"", 10}, {"5", 10}}, "55"},
		"too short":            {[]scan{{"5", 3}, {"", 10}}, ""},
		"bouncing":             {[]scan{{"5", 1}, {"", 1}, {"5", 2}, {"", 1}, {"5", 10}, {"", 1}, {"5", 1}, {"", 10}}, "5"},
		"rolling over":         {[]scan{{"1", 10}, {"12", 10}, {"2", 10}, {"23", 10}, {"3", 10}}, "123"},
		"two at once":          {[]scan{{"16", 10}, {"", 10}}, "16"},
		"a ghost":              {[]scan{{"1", 10}, {"12", 10}, {"1245", 20}, {"12", 10}, {"", 10}}, "12"},
		"a ghost from rest":    {[]scan{{"1245", 40}, {"", 10}, {"9", 10}}, "9"},
	} {
		k := Keypad{Stable: 20 * time.Millisecond}
		now, got := time.Unix(0, 0), ""
		for _, s := range c.trace {
			var m Matrix
			for _, key := range s.keys {
				i := strings.IndexRune(pad, key)
				m[i/3] |= 1 << (i % 3)
			}
			for range s.n {
				for _, p := range k.Sample(now, m) {
					got += string(pad[p.Row*3+p.Col])
				}
				now = now.Add(5 * time.Millisecond)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestGhosted(t *testing.T) {
	for _, c := range []struct {
		m    Matrix
		want bool
	}{
		{Matrix{}, false}, {Matrix{0b111}, false}, {Matrix{1, 1, 1}, false}, {Matrix{0b11, 0b01}, false}, {Matrix{0b11, 0b11}, true}, {Matrix{0b101, 0, 0, 0b111}, true},
	} {
		if Ghosted(c.m) != c.want {
			t.Errorf("%v: %v", c.m, !c.want)
		}
	}
}
