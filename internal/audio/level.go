package audio

import "math"

// Floor is the level of digital silence, in dBFS: a little under the smallest 16-bit sample.
const Floor = -96.0

// RMS is the root mean square in dBFS, relative to a full-scale square wave; Floor when silent.
func RMS(samples []int16) float64 {
	if len(samples) == 0 {
		return Floor
	}
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return dbfs(math.Sqrt(sum / float64(len(samples))))
}

// Peak is the largest sample in dBFS; Floor when silent.
func Peak(samples []int16) float64 {
	top := 0.0
	for _, s := range samples {
		top = math.Max(top, math.Abs(float64(s)))
	}
	return dbfs(top)
}

func dbfs(x float64) float64 {
	if x <= 0 {
		return Floor
	}
	return math.Max(Floor, 20*math.Log10(x/32768))
}

// factor is the linear factor of dB.
func factor(db float64) float64 { return math.Pow(10, db/20) }
