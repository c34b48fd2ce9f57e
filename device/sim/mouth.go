package sim

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/device/internal/pcm"
	"github.com/laoyou/laoyou/internal/audio"
)

const (
	speakFrames = int(60 * time.Second / audio.FrameDuration)
	micFrames   = 5
)

// mouth is the microphone. tick makes one frame each 20 ms of what is spoken and what a live microphone hears.
type mouth struct {
	*pcm.Mouth
	quit   <-chan struct{}
	spoken chan audio.Frame
	mic    *pcm.Mouth
}

func newMouth(quit <-chan struct{}) *mouth {
	return &mouth{
		Mouth:  pcm.NewMouth(quit, pcm.Depth),
		quit:   quit,
		spoken: make(chan audio.Frame, speakFrames),
		mic:    pcm.NewMouth(quit, micFrames),
	}
}

func (m *mouth) speak(ctx context.Context, f audio.Frame) error {
	own := make(audio.Frame, audio.FrameLen)
	copy(own, f)
	select {
	case m.spoken <- own:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-m.quit:
		return ErrClosed
	}
}

func (m *mouth) tick(off bool) {
	f := make(audio.Frame, audio.FrameLen)
	if off {
		for _, g := range []audio.Frame{m.nextSpoken(), m.mic.Next()} {
			audio.Mix(f, g)
			g.Wipe()
		}
	}
	m.Push(f)
	f.Wipe()
}

func (m *mouth) nextSpoken() audio.Frame {
	select {
	case f := <-m.spoken:
		return f
	default:
		return nil
	}
}

func (m *mouth) flush() {
	for range len(m.spoken) {
		m.nextSpoken().Wipe()
	}
	m.mic.Flush()
	m.Flush()
}
