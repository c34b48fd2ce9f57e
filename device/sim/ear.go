package sim

import (
	"context"
	"sync"
	"time"

	"github.com/laoyou/laoyou/internal/audio"
)

const (
	queueFrames  = 2 // device.Ear: at most two frames wait inside
	recordLength = 60 * audio.Rate
	listenFrames = 25 // half a second of a listener's hiccup
)

// ear is the earpiece. tick plays one frame each 20 ms.
type ear struct {
	quit <-chan struct{}
	room chan struct{} // one token per frame that still fits

	mu        sync.Mutex // guards what follows
	queue     []audio.Frame
	gain      *audio.Gain
	ring      []int16
	at        int // where the next sample of the ring goes
	listeners map[chan audio.Frame]struct{}
}

func (e *ear) init(quit <-chan struct{}) {
	e.quit = quit
	e.room = make(chan struct{}, queueFrames)
	for range queueFrames {
		e.room <- struct{}{}
	}
	e.gain = audio.NewGain(0)
	e.ring = make([]int16, recordLength)
	e.listeners = map[chan audio.Frame]struct{}{}
}

// Write implements device.Ear.
func (e *ear) Write(ctx context.Context, f audio.Frame) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-e.quit: // a closed board wins over room in its queue
		return ErrClosed
	default:
	}
	select {
	case <-e.room:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.quit:
		return ErrClosed
	}
	own := make(audio.Frame, audio.FrameLen)
	copy(own, f)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queue = append(e.queue, own)
	return nil
}

// Flush implements device.Ear.
func (e *ear) Flush() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range e.queue {
		f.Wipe()
		e.room <- struct{}{}
	}
	e.queue = e.queue[:0]
}

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
	e.mu.Lock()
	defer e.mu.Unlock()
	f := make(audio.Frame, audio.FrameLen)
	if len(e.queue) > 0 {
		f = e.queue[0]
		e.queue = append(e.queue[:0], e.queue[1:]...)
		e.room <- struct{}{}
	}
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
