// Package pcm holds the short queues between a board's clock and those who speak and listen. Every board uses them, so that the promises
// of device.Ear and device.Mouth are kept in one place. It may import internal/audio only.
package pcm

import (
	"context"
	"errors"
	"sync"

	"github.com/laoyou/laoyou/internal/audio"
)

// ErrClosed ends every call on a board that was closed.
var ErrClosed = errors.New("board is closed")

// Depth is how many frames wait inside an ear or a mouth.
const Depth = 2

// Ear is the queue in front of an earpiece: writers on one side, the device's clock on the other.
type Ear struct {
	quit <-chan struct{}
	room chan struct{} // one token per frame that still fits

	mu    sync.Mutex // guards queue
	queue []audio.Frame
}

// NewEar returns an Ear that ends when quit is closed.
func NewEar(quit <-chan struct{}) *Ear {
	e := &Ear{quit: quit, room: make(chan struct{}, Depth)}
	for range Depth {
		e.room <- struct{}{}
	}
	return e
}

// Write copies a frame into the queue; it blocks until there is room.
func (e *Ear) Write(ctx context.Context, f audio.Frame) error {
	if err := over(ctx, e.quit); err != nil {
		return err
	}
	select {
	case <-e.room:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.quit:
		return ErrClosed
	}
	own := copyOf(f)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queue = append(e.queue, own)
	return nil
}

// Flush overwrites and drops what waits.
func (e *Ear) Flush() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range e.queue {
		f.Wipe()
		e.room <- struct{}{} // never blocks: tokens and frames together are Depth
	}
	e.queue = e.queue[:0]
}

// Next takes the frame to be played now: silence when none waits.
func (e *Ear) Next() audio.Frame {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 {
		return make(audio.Frame, audio.FrameLen)
	}
	f := e.queue[0]
	e.queue = append(e.queue[:0], e.queue[1:]...)
	e.room <- struct{}{}
	return f
}

// Mouth is the queue behind a microphone. A reader that does not keep up loses the oldest frame.
type Mouth struct {
	quit  <-chan struct{}
	heard chan audio.Frame
	mu    sync.Mutex // one at a time makes room
}

// NewMouth returns a Mouth of so many frames that ends when quit is closed.
func NewMouth(quit <-chan struct{}, frames int) *Mouth {
	return &Mouth{quit: quit, heard: make(chan audio.Frame, frames)}
}

// Read returns the next frame; it blocks until there is one.
func (m *Mouth) Read(ctx context.Context) (audio.Frame, error) {
	if err := over(ctx, m.quit); err != nil {
		return nil, err
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

// Push takes a copy of a frame and never blocks.
func (m *Mouth) Push(f audio.Frame) {
	own := copyOf(f)
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		select {
		case m.heard <- own:
			return
		default:
		}
		select {
		case old := <-m.heard:
			old.Wipe()
		default:
		}
	}
}

// Next takes a frame without waiting, nil when there is none.
func (m *Mouth) Next() audio.Frame {
	select {
	case f := <-m.heard:
		return f
	default:
		return nil
	}
}

// Flush overwrites and drops what waits.
func (m *Mouth) Flush() {
	for range cap(m.heard) {
		m.Next().Wipe()
	}
}

// over says that there is no use in waiting: a done context or a closed board wins over room in a queue.
func over(ctx context.Context, quit <-chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-quit:
		return ErrClosed
	default:
		return nil
	}
}

func copyOf(f audio.Frame) audio.Frame {
	own := make(audio.Frame, audio.FrameLen)
	copy(own, f)
	return own
}
