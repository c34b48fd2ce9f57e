package audio

import "math"

// Gain makes frames louder with a soft limiter instead of clipping. A change is spread over one frame, so that it does not click.
// It is not safe for concurrent use.
type Gain struct {
	now, want float64 // linear factors
}

// knee is where the limiter starts, of full scale: below it gain is exact, above it the curve bends towards full scale.
const knee = 0.6

// NewGain returns a Gain of db.
func NewGain(db float64) *Gain { return &Gain{now: factor(db), want: factor(db)} }

// Set changes the gain from the next frame on.
func (g *Gain) Set(db float64) { g.want = factor(db) }

// Apply changes the frame in place.
func (g *Gain) Apply(f Frame) {
	if g.now == 1 && g.want == 1 {
		return
	}
	step := (g.want - g.now) / float64(max(1, len(f)))
	for i, s := range f {
		g.now += step
		f[i] = limit(float64(s) * g.now)
	}
	g.now = g.want
}

func limit(x float64) int16 {
	const top, bend = math.MaxInt16, knee * math.MaxInt16
	if a := math.Abs(x); a > bend {
		x = math.Copysign(bend+(top-bend)*math.Tanh((a-bend)/(top-bend)), x)
	}
	return clip(x)
}

// Mix adds src to dst with the soft limiter. They must be equally long.
func Mix(dst, src Frame) {
	for i, s := range src {
		if s != 0 {
			dst[i] = limit(float64(dst[i]) + float64(s))
		}
	}
}

// Normalize scales a recording in place so that its RMS over the parts that are not silent is about db dBFS, with the soft limiter.
func Normalize(samples []int16, db float64) {
	level := SpeechRMS(samples)
	if level <= -70 {
		return
	}
	k := factor(db - level)
	for i, s := range samples {
		samples[i] = limit(float64(s) * k)
	}
}

// SpeechRMS is the RMS in dBFS of those 20 ms pieces that are less than 40 dB below the loudest: pauses do not count.
func SpeechRMS(samples []int16) float64 {
	var levels []float64
	top := Floor
	for i := 0; i < len(samples); i += FrameLen {
		l := RMS(samples[i:min(i+FrameLen, len(samples))])
		levels, top = append(levels, l), math.Max(top, l)
	}
	sum, n := 0.0, 0
	for _, l := range levels {
		if l > top-40 {
			sum += math.Pow(10, l/10)
			n++
		}
	}
	if n == 0 || top <= Floor {
		return Floor
	}
	return 10 * math.Log10(sum/float64(n))
}
