package sim

import (
	"sync"
	"time"

	"github.com/laoyou/laoyou/device/internal/pcm"
	"github.com/laoyou/laoyou/internal/audio"
)

const (
	recordLength = 60 * audio.Rate
	listenFrames = 25 // half a second of a listener's hiccup
)

// ear is the earpiece. tick plays one frame each 20 ms.
type ear struct {
	*pcm.Ear

	mu        sync.Mutex // guards what follows
	gain      *audio.Gain
	ring      []int16
	at        int // where the next sample of the ring goes
	listeners map[chan audio.Frame]struct{}
}

func newEar(quit <-chan struct{}) *ear {
	return &ear{
		Ear:       pcm.NewEar(quit),
		gain:      audio.NewGain(0),
		listeners: map[chan audio.Frame]struct{}{},
	}
}

// record makes room for what is to be heard again.
func (e *ear) record() { e.ring = make([]int16, recordLength) }

// SetGain implements device.Ear.
func (e *ear) SetGain(db int) error {
	switch db {
	case 0, 6, 12, 20:
	default:
		return ErrGain
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gain.Set(float64(db))
	return nil
}

func (e *ear) tick() {
	f := e.Next()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gain.Apply(f)
	e.at = (e.at + copy(e.ring[e.at:], f)) % len(e.ring) // the ring holds whole frames: never split
	for l := range e.listeners {
		select {
		case l <- append(audio.Frame(nil), f...):
		default:
		}
	}
	f.Wipe()
}

func (e *ear) recording(last time.Duration) []int16 {
	n := min(max(0, int(last.Seconds()*audio.Rate)), len(e.ring))
	e.mu.Lock()
	defer e.mu.Unlock()
	out := append([]int16(nil), e.ring[e.at:]...)
	out = append(out, e.ring[:e.at]...)
	return out[len(out)-n:]
}

func (e *ear) listen() (<-chan audio.Frame, func()) {
	l := make(chan audio.Frame, listenFrames)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.listeners[l] = struct{}{}
	return l, sync.OnceFunc(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.listeners, l)
		close(l)
	})
}

func (e *ear) wipe() {
	e.Flush()
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.ring)
}
