package media

import (
	"math"
	"math/cmplx"
	"strings"
	"time"
)

// bell is a struck bar as it sounds through a telephone: partials of a tube whose upper ones fade first.
var bell = []partial{
	{ratio: 1, level: 1, fade: 900 * time.Millisecond},
	{ratio: 2, level: 0.35, fade: 500 * time.Millisecond},
	{ratio: 3, level: 0.12, fade: 250 * time.Millisecond},
	{ratio: 4.2, level: 0.05, fade: 90 * time.Millisecond},
}

type partial struct {
	ratio, level float64
	fade         time.Duration // to 1/e
}

// score is one or more voices over the same number of beats; a note is a letter of the pentatonic scale, see pitch, "." lets ring.
type score struct {
	beat   time.Duration
	voices []voice
}

type voice struct {
	gain  float64
	notes string
}

// music is our own small tune: eight bars of an evening by the river, in C pentatonic, melody over a slow bass.
func music() Sound {
	return score{
		beat: 420 * time.Millisecond, // whole frames, so that the loop has no seam
		voices: []voice{
			{0.18, `e . g . a . g e   d . e . g . . .   a . c' . a g e .   d . . . e . . .
			        g . a . c' . d' c'   a . g . e . . .   d e g . e . d .   c . . . . . . .`},
			{0.11, `c, . . . g, . . .   g, . . . d . . .   a, . . . e . . .   g, . . . d . . .
			        c, . . . g, . . .   a, . . . e . . .   g, . . . d . . .   c, . . . g, . . .`},
		},
	}.sound("music")
}

// queueBell is heard every 4.2 s: the same bell, two notes up.
func queueBell() Sound {
	return score{beat: 420 * time.Millisecond, voices: []voice{{0.18, `e g . . . . . . . .`}}}.sound("queue")
}

// sound plays the score in a circle: what still rings at the end is heard at the begin.
func (s score) sound(name string) Sound {
	step := int(s.beat.Seconds()*Rate + 0.5)
	var mix []float64
	for _, v := range s.voices {
		notes := strings.Fields(v.notes)
		if mix == nil {
			mix = make([]float64, step*len(notes))
		}
		for i, note := range notes {
			if hz := pitch(note); hz > 0 {
				strike(mix, i*step, hz, v.gain)
			}
		}
	}
	pcm := make([]int16, len(mix))
	for i, x := range mix {
		pcm[i] = int16(math.Tanh(x) * math.MaxInt16)
	}
	return encode(name, pcm).Loop()
}

// strike adds one note that begins at sample `at` of the circle and is over before it has gone round.
func strike(circle []float64, at int, hz, gain float64) {
	for _, p := range bell {
		if hz*p.ratio > bandEnd {
			continue
		}
		// e^-7 of the begin, -60 dB, is nothing. Decay and turn of one sample are one complex factor: no sine per sample.
		n := min(len(circle), int(7*p.fade.Seconds()*Rate))
		turn := cmplx.Exp(complex(-1/(p.fade.Seconds()*Rate), 2*math.Pi*hz*p.ratio/Rate))
		z := complex(gain*p.level, 0)
		for i := range n {
			edge := min(1, float64(i)/attack, float64(n-i)/attack)
			circle[(at+i)%len(circle)] += edge * imag(z)
			z *= turn
		}
	}
}

const (
	attack  = Rate / 200 // samples: 5 ms, struck, not clicking
	bandEnd = 3400       // Hz: the telephone's band
)

// pitch is the frequency of a note: c d e g a of the octave above middle C, one lower with a comma, one higher with an apostrophe;
// 0 for anything else.
func pitch(note string) float64 {
	const middleC = 261.63
	semitones := map[byte]float64{'c': 0, 'd': 2, 'e': 4, 'g': 7, 'a': 9}
	s, ok := semitones[note[0]]
	if !ok {
		return 0
	}
	octave := 1 + float64(strings.Count(note, "'")) - float64(strings.Count(note, ","))
	return middleC * math.Exp2(octave+s/12)
}
