package audio

import (
	"fmt"
	"math"
)

const (
	// Each side of the filter spans this many zero crossings of the lower of both rates: with the window below the stop band
	// is 75 dB down and the pass band of a 16 kHz signal reaches 6.7 kHz.
	zeroCrossings = 32
	kaiserBeta    = 7.5
	cutoff        = 0.92 // of the lower Nyquist frequency
	maxPhases     = 1024 // more only for odd rates like 47,999 Hz; there the nearest phase is used
)

// Resampler changes the rate of a stream of samples by a polyphase windowed sinc. It is not safe for concurrent use.
// Output is aligned with input: sample 0 stays sample 0.
type Resampler struct {
	num, den int // output samples per input samples, reduced
	half     int // input samples on each side of an output sample
	phases   [][]float32
	buf      []float32 // buf[0] is input sample (position - half + 1)
	skip     int       // input samples still to be dropped in front of buf
	phase    int       // 0..num-1
	in, out  int64
}

// NewResampler returns a Resampler between two rates of 8 to 48 kHz.
func NewResampler(from, to int) (*Resampler, error) {
	for _, r := range []int{from, to} {
		if r < MinRate || r > MaxRate {
			return nil, fmt.Errorf("resample %d to %d Hz: rates are %d to %d", from, to, MinRate, MaxRate)
		}
	}
	g := gcd(from, to)
	r := &Resampler{num: to / g, den: from / g}
	if from == to {
		return r, nil
	}
	scale := math.Min(1, float64(to)/float64(from))
	r.half = int(math.Ceil(zeroCrossings / scale))
	r.phases = sincTable(min(r.num, maxPhases), r.half, scale*cutoff)
	r.Reset()
	return r, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func sincTable(n, half int, fc float64) [][]float32 {
	table := make([][]float32, n)
	for p := range table {
		row, sum := make([]float64, 2*half), 0.0
		for k := range row {
			u := float64(k-half+1) - float64(p)/float64(n)
			row[k] = sinc(fc*u) * kaiser(u/float64(half))
			sum += row[k]
		}
		table[p] = make([]float32, 2*half)
		for k, v := range row {
			table[p][k] = float32(v / sum)
		}
	}
	return table
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func kaiser(x float64) float64 {
	if x < -1 || x > 1 {
		return 0
	}
	return bessel0(kaiserBeta*math.Sqrt(1-x*x)) / bessel0(kaiserBeta)
}

func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= (x / (2 * k)) * (x / (2 * k))
		sum += term
	}
	return sum
}

// Reset forgets everything, as if new; what was inside is overwritten.
func (r *Resampler) Reset() {
	clear(r.buf[:cap(r.buf)])
	r.skip, r.phase, r.in, r.out = 0, 0, 0, 0
	if r.half > 0 {
		r.buf = append(r.buf[:0], make([]float32, r.half-1)...)
	}
}

// Write takes samples and returns those that are ready at the new rate.
func (r *Resampler) Write(in []int16) []int16 {
	if r.half == 0 {
		return append([]int16(nil), in...)
	}
	r.in += int64(len(in))
	for _, s := range in {
		r.buf = append(r.buf, float32(s))
	}
	return r.produce(math.MaxInt64)
}

// Flush returns the rest and starts anew.
func (r *Resampler) Flush() []int16 {
	if r.half == 0 {
		return nil
	}
	r.buf = append(r.buf, make([]float32, r.half+r.den/r.num+1)...)
	total := (r.in*int64(r.num) + int64(r.den) - 1) / int64(r.den)
	out := r.produce(total)
	r.Reset()
	return out
}

func (r *Resampler) produce(until int64) []int16 {
	var out []int16
	b := r.buf
	for {
		drop := min(r.skip, len(b))
		b, r.skip = b[drop:], r.skip-drop
		if r.skip > 0 || len(b) < 2*r.half || r.out >= until {
			break
		}
		row, sum := r.phases[r.phase*len(r.phases)/r.num], float32(0)
		for k, x := range b[:2*r.half] {
			sum += x * row[k]
		}
		out = append(out, clip(float64(sum)))
		r.out++
		r.phase += r.den
		r.skip, r.phase = r.phase/r.num, r.phase%r.num
	}
	n := copy(r.buf, b)
	clear(r.buf[n:])
	r.buf = r.buf[:n]
	return out
}

// Resample changes the rate of a whole recording.
func Resample(samples []int16, from, to int) ([]int16, error) {
	r, err := NewResampler(from, to)
	if err != nil {
		return nil, err
	}
	return append(r.Write(samples), r.Flush()...), nil
}

func clip(x float64) int16 {
	return int16(math.Round(math.Max(math.MinInt16, math.Min(math.MaxInt16, x))))
}
