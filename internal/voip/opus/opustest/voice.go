// Package opustest has a voice for tests: codecs for speech treat a tone as noise, and one that never pauses too.
package opustest

import "math"

// Voice says one vowel over and over at 16 kHz: pulses at the pitch of a voice, which goes up and down, through two formants; 0.7 s each
// time, and a pause of 0.3 s.
type Voice struct {
	n        int
	phase    float64
	formants [2][2]float64 // their last two samples
}

const (
	rate  = 16000
	turn  = rate             // samples from one vowel to the next
	voice = rate * 7 / 10    // of them the vowel
	edge  = rate * 40 / 1000 // in which it comes and goes
)

// Speaks says whether all of the n samples that come next are in the midst of a vowel.
func (v *Voice) Speaks(n int) bool {
	at := v.n % turn
	return at > 2*edge && at+n < voice-2*edge
}

// Read fills pcm with what comes next, at about -20 dBFS.
func (v *Voice) Read(pcm []int16) {
	for i := range pcm {
		at := v.n % turn
		pitch := 130 + 25*math.Sin(2*math.Pi*2.3*float64(v.n)/rate)
		v.n++
		v.phase += pitch / rate
		pulse := 0.0
		if v.phase >= 1 {
			v.phase--
			pulse = max(0, min(1, float64(at)/edge, float64(voice-at)/edge))
		}
		sum := 0.0
		for f, hz := range [...]float64{650, 1100} {
			const r = 0.975 // 130 Hz wide
			y := pulse + 2*r*math.Cos(2*math.Pi*hz/rate)*v.formants[f][0] - r*r*v.formants[f][1]
			v.formants[f][1], v.formants[f][0] = v.formants[f][0], y
			sum += y
		}
		pcm[i] = int16(4000 * max(-7, min(7, sum)))
	}
}
