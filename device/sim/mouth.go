package sim

import (
	"context"
	"sync"
	"time"

	"github.com/laoyou/laoyou/internal/audio"
)

const (
	speakFrames = int(60 * time.Second / audio.FrameDuration)
	micFrames   = 5
)

// mouth is the microphone. tick makes one frame each 20 ms; a reader that does not keep up loses the oldest.
type mouth struct {
	quit   <-chan struct{}
	spoken chan audio.Frame
	mic    chan audio.Frame
	heard  chan audio.Frame
	drain  sync.Mutex // one drops the oldest at a time
}

func (m *mouth) init(quit <-chan struct{}) {
	m.quit = quit
	m.spoken = make(chan audio.Frame, speakFrames)
	m.mic = make(chan audio.Frame, micFrames)
	m.heard = make(chan audio.Frame, queueFrames)
}

// Read implements device.Mouth.
func (m *mouth) Read(ctx context.Context) (audio.Frame, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-m.quit:
		return nil, ErrClosed
	default:
	}
	select {
	case f := <-m.heard:
		return f, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-m.quit:
		return nil, ErrClosed
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

func (m *mouth) live(f audio.Frame) {
	own := make(audio.Frame, audio.FrameLen)
	copy(own, f)
	m.push(m.mic, own)
}

// push puts f behind the others and drops the oldest when there is no room.
func (m *mouth) push(c chan audio.Frame, f audio.Frame) {
	m.drain.Lock()
	defer m.drain.Unlock()
	for {
		select {
		case c <- f:
			return
		default:
		}
		select {
		case old := <-c:
			old.Wipe()
		default:
		}
	}
}

func (m *mouth) tick(off bool) {
	f := make(audio.Frame, audio.FrameLen)
	if off {
		for _, c := range []chan audio.Frame{m.spoken, m.mic} {
			select {
			case g := <-c:
				audio.Mix(f, g)
				g.Wipe()
			default:
			}
		}
	}
	m.push(m.heard, f)
}

func (m *mouth) flush() {
	for _, c := range []chan audio.Frame{m.spoken, m.mic, m.heard} {
		for n := len(c); n > 0; n-- {
			select {
			case f := <-c:
				f.Wipe()
			default:
			}
		}
	}
}
