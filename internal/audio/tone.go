package audio

import (
	"math"
	"time"
)

// Beat is one stretch of a tone: up to two frequencies at once, or silence when both are 0.
type Beat struct {
	Hz, Hz2 float64
	For     time.Duration
}

// toneLevel is the level of call progress tones and beeps, in dBFS: a little softer than speech, never startling at an ear.
const toneLevel = -22.0

// Render turns beats into samples of 16 kHz. Edges are ramped over 5 ms, so that they do not click.
func Render(db float64, beats ...Beat) []int16 {
	var out []int16
	for _, b := range beats {
		n := int(b.For.Seconds()*Rate + 0.5)
		amp, ramp := factor(db)*32767*math.Sqrt2, math.Min(Rate/200, float64(n)/2)
		if b.Hz2 != 0 {
			amp /= math.Sqrt2
		}
		for i := range n {
			t := float64(i) / Rate
			x := math.Sin(2 * math.Pi * b.Hz * t)
			x += math.Sin(2 * math.Pi * b.Hz2 * t)
			edge := math.Min(1, math.Min(float64(i), float64(n-1-i))/ramp)
			out = append(out, clip(amp*x*edge))
		}
	}
	return out
}

// Tones of the Chinese network, GB/T 3380 (as of 1982): all 450 Hz.
const networkHz = 450

// Ringback sounds while the other end rings: 1 s on, 4 s off, endless.
func Ringback() Source {
	return Loop(Render(toneLevel, Beat{Hz: networkHz, For: time.Second}, Beat{For: 4 * time.Second}))
}

// DialTone sounds without end. 450 Hz fills 0.1 s with 45 whole periods, so the loop has no seam.
func DialTone() Source {
	n := Rate / 10
	s := make([]int16, n)
	for i := range s {
		s[i] = clip(factor(toneLevel) * 32767 * math.Sqrt2 * math.Sin(2*math.Pi*networkHz*float64(i)/Rate))
	}
	return Loop(s)
}

// BusyTone says that nobody can answer: 0.35 s on, 0.35 s off, endless.
func BusyTone() Source {
	return Loop(Render(toneLevel, Beat{Hz: networkHz, For: 350 * time.Millisecond}, Beat{For: 350 * time.Millisecond}))
}

// KeyTone is the short tone of a key of the pad, ITU-T Q.23; a soft click for any other byte.
func KeyTone(key byte) Source {
	rows, cols := [...]float64{697, 770, 852, 941}, [...]float64{1209, 1336, 1477}
	for i, k := range []byte("123456789*0#") {
		if k == key {
			return FromSamples(Render(-26, Beat{Hz: rows[i/3], Hz2: cols[i%3], For: 70 * time.Millisecond}))
		}
	}
	return Click()
}

// Click is a soft tick: something was touched.
func Click() Source {
	return FromSamples(Render(-28, Beat{Hz: 1000, For: 12 * time.Millisecond}, Beat{For: 8 * time.Millisecond}))
}

// Beep asks to speak.
func Beep() Source {
	return FromSamples(Render(toneLevel, Beat{Hz: 880, For: 120 * time.Millisecond}))
}

// Done says that something worked: two rising notes.
func Done() Source {
	return FromSamples(Render(toneLevel, Beat{Hz: 660, For: 90 * time.Millisecond}, Beat{Hz: 990, For: 140 * time.Millisecond}))
}

// Refused says that something did not: two low notes.
func Refused() Source {
	return FromSamples(Render(toneLevel, Beat{Hz: 330, For: 110 * time.Millisecond}, Beat{For: 40 * time.Millisecond},
		Beat{Hz: 262, For: 160 * time.Millisecond}))
}
