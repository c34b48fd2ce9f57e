// Package debounce turns the levels of bouncing contacts into what a person did. Pure: time comes in with every sample, nothing goes out
// but the result. It may import nothing of ours.
package debounce

import "time"

// Switch follows one contact that rests in one of two states. The zero value, after Set of its delays, rests in false.
type Switch struct {
	// ToTrue and ToFalse are how long the new level must last without a break.
	ToTrue, ToFalse time.Duration

	state   bool
	pending bool // the last sample differed from state
	since   time.Time
}

// Sample takes the level at a moment and says whether the state has changed.
func (s *Switch) Sample(now time.Time, level bool) bool {
	if level == s.state {
		s.pending = false
		return false
	}
	if !s.pending {
		s.pending, s.since = true, now
	}
	need := s.ToTrue
	if !level {
		need = s.ToFalse
	}
	if now.Sub(s.since) < need {
		return false
	}
	s.state, s.pending = level, false
	return true
}

// State is where the contact rests.
func (s *Switch) State() bool { return s.state }

// Hold follows a key that acts by being held. It tells once per press: when the key has been held for Long, or when it is let go before.
type Hold struct {
	Key  Switch
	Long time.Duration

	down time.Time
	told bool
}

// Sample takes the level at a moment. When it returns true the key was held for that long.
func (h *Hold) Sample(now time.Time, level bool) (time.Duration, bool) {
	changed := h.Key.Sample(now, level)
	switch {
	case changed && h.Key.State():
		h.down, h.told = now, false
	case changed && !h.told:
		return now.Sub(h.down), true
	case h.Key.State() && !h.told && now.Sub(h.down) >= h.Long:
		h.told = true
		return now.Sub(h.down), true
	}
	return 0, false
}

// MaxRows and MaxCols bound a keypad.
const (
	MaxRows = 8
	MaxCols = 8
)

// Matrix is one scan of a keypad: bit c of row r is set when that crossing conducts.
type Matrix [MaxRows]uint8

// Keypad follows a matrix of keys without diodes.
type Keypad struct {
	Stable time.Duration // how long a scan must stay the same

	state, last Matrix
	since       time.Time
}

// Sample takes a scan and returns the crossings newly pressed. Of two keys at once both count; three in a rectangle make a fourth
// conduct that nobody pressed, so such a scan is no scan at all: nothing changes until fingers are lifted.
func (k *Keypad) Sample(now time.Time, scan Matrix) []Crossing {
	if scan != k.last {
		k.last, k.since = scan, now
	}
	if scan == k.state || now.Sub(k.since) < k.Stable || Ghosted(scan) {
		return nil
	}
	var pressed []Crossing
	for r := range scan {
		fresh := scan[r] &^ k.state[r]
		for c := range MaxCols {
			if fresh&(1<<c) != 0 {
				pressed = append(pressed, Crossing{r, c})
			}
		}
	}
	k.state = scan
	return pressed
}

// Crossing is one key's place.
type Crossing struct{ Row, Col int }

// Ghosted says whether two rows share two columns: then at least one of the four may be a phantom.
func Ghosted(m Matrix) bool {
	for a := range m {
		for b := a + 1; b < len(m); b++ {
			if both := m[a] & m[b]; both&(both-1) != 0 {
				return true
			}
		}
	}
	return false
}
