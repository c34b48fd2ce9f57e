// Package audio holds PCM as every part of Laoyou passes it on: resampling, gain, mixing, tones and WAV.
// It imports nothing of ours but internal/*.
package audio

import (
	"context"
	"time"
)

// Inside Laoyou sound is 16-bit linear PCM, mono, 16 kHz, in frames of 20 ms. Devices and wires convert at their edge.
const (
	Rate          = 16000
	FrameLen      = 320 // samples
	FrameDuration = 20 * time.Millisecond
)

// Frame is 20 ms of PCM: FrameLen samples. A Frame belongs to whoever received it last.
type Frame []int16

// Source yields frames one after the other. Read returns io.EOF after the last one; the last frame is padded with silence.
// A Source that is also an io.Closer wants to be closed by a reader that stops early.
type Source interface {
	Read(ctx context.Context) (Frame, error)
}

// Wipe overwrites the samples, so that no voice outlives its visit.
func (f Frame) Wipe() { clear(f) }
