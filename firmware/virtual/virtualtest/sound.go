package virtualtest

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/laoyou/laoyou/internal/audio"
)

// Tone is what the fake ear plays, in Hz; it is loud enough to be told from silence.
const Tone = 440

// Sound is a handset that always plays a tone and remembers what was spoken into it.
type Sound struct {
	mu     sync.Mutex
	spoken []int16
	more   chan struct{}
}

// NewSound returns a handset.
func NewSound() *Sound { return &Sound{more: make(chan struct{})} }

// Recording implements virtual.Sound.
func (s *Sound) Recording(last time.Duration) []int16 {
	return sine(0, int(last.Seconds()*audio.Rate))
}

func sine(from, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(8000 * math.Sin(2*math.Pi*Tone*float64(from+i)/audio.Rate))
	}
	return out
}

// Listen implements virtual.Sound.
func (s *Sound) Listen() (<-chan audio.Frame, func()) {
	frames, done, over := make(chan audio.Frame), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(audio.FrameDuration)
		defer tick.Stop()
		for n := 0; ; n += audio.FrameLen {
			select {
			case <-tick.C:
			case <-done:
				return
			}
			select {
			case frames <- audio.Frame(sine(n, audio.FrameLen)):
			default: // a slow reader loses frames
			}
		}
	}()
	return frames, sync.OnceFunc(func() { close(done); <-over })
}

// Speak implements virtual.Sound.
func (s *Sound) Speak(_ context.Context, f audio.Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spoken = append(s.spoken, f...)
	close(s.more)
	s.more = make(chan struct{})
	return nil
}

// Spoken returns what has been spoken into the mouthpiece, and a channel that is closed when there is more.
func (s *Sound) Spoken() ([]int16, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]int16(nil), s.spoken...), s.more
}
