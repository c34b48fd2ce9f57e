// Package telemetry rolls samples up into windows of 5 minutes: what a chart of weeks needs and a disk can hold. It is pure; the store keeps
// the windows. It imports the standard library only.
package telemetry

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// Window is how much time one roll-up covers.
const Window = 5 * time.Minute

// Limits of one sample. What is beyond them is left out.
const (
	MaxSeries = 64
	MaxName   = 40 // bytes
)

// Roll sums up the values of one series in one window. In JSON it is [n, min, max, sum].
type Roll struct {
	N             int
	Min, Max, Sum float64
}

// Rolls are the roll-ups of one window by series.
type Rolls map[string]Roll

// Start is the beginning of the window in which t lies, ms since 1970.
func Start(t time.Time) int64 { return t.UnixMilli() - floorMod(t.UnixMilli(), Window.Milliseconds()) }

func floorMod(a, b int64) int64 { return (a%b + b) % b }

// Clean returns the values that can be kept: names of lower-case letters, digits and underscores, finite numbers, at most MaxSeries.
func Clean(values map[string]float64) map[string]float64 {
	out := make(map[string]float64, len(values))
	for name, v := range values {
		if len(out) < MaxSeries && validName(name) && !math.IsNaN(v) && !math.IsInf(v, 0) {
			out[name] = v
		}
	}
	return out
}

func validName(s string) bool {
	if s == "" || len(s) > MaxName {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// Add takes one sample in.
func (r Rolls) Add(values map[string]float64) {
	for name, v := range values {
		r.put(name, Roll{1, v, v, v})
	}
}

// Merge takes another part of the same window in.
func (r Rolls) Merge(more Rolls) {
	for name, m := range more {
		r.put(name, m)
	}
}

// put leaves a series out when there are too many already: a booth that names its series anew each time must not fill the disk.
func (r Rolls) put(name string, m Roll) {
	if have, ok := r[name]; ok || len(r) < 2*MaxSeries {
		r[name] = have.merge(m)
	}
}

func (a Roll) merge(b Roll) Roll {
	if a.N == 0 {
		return b
	}
	return Roll{a.N + b.N, min(a.Min, b.Min), max(a.Max, b.Max), a.Sum + b.Sum}
}

// Mean is the mean of the values.
func (a Roll) Mean() float64 { return a.Sum / float64(max(a.N, 1)) }

// MarshalJSON implements json.Marshaler.
func (a Roll) MarshalJSON() ([]byte, error) {
	return json.Marshal([4]float64{float64(a.N), a.Min, a.Max, a.Sum})
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *Roll) UnmarshalJSON(b []byte) error {
	var v []float64
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if len(v) != 4 {
		return fmt.Errorf("roll-up has %d numbers, not 4", len(v))
	}
	*a = Roll{int(v[0]), v[1], v[2], v[3]}
	return nil
}
