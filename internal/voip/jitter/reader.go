package jitter

import (
	"context"
	"io"
	"sync"
	"time"
)

// Reader lets one goroutine push packets and another read frames when they are due. It does not allocate.
type Reader struct {
	mu      sync.Mutex
	buffer  Buffer
	waiting bool // a packet may end the wait

	timer  *time.Timer
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once
	frame  [FrameLen]byte
}

// NewReader makes an empty one.
func NewReader() *Reader {
	r := &Reader{timer: time.NewTimer(time.Hour), wake: make(chan struct{}, 1), closed: make(chan struct{})}
	r.timer.Stop()
	return r
}

// Push takes a packet's samples that came now. alaw says that they want converting.
func (r *Reader) Push(now time.Time, ts uint32, samples []byte, alaw bool) {
	r.mu.Lock()
	r.buffer.Push(now, ts, samples, alaw)
	wake := r.waiting
	r.mu.Unlock()
	if wake {
		r.nudge()
	}
}

func (r *Reader) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Read returns the next frame when it is due. The slice is valid until the next Read. io.EOF after Close.
func (r *Reader) Read(ctx context.Context) ([]byte, error) {
	for {
		select {
		case <-r.closed:
			return nil, io.EOF
		default:
		}
		r.mu.Lock()
		wait, wake := r.buffer.Pop(time.Now(), &r.frame)
		r.waiting = wake
		r.mu.Unlock()
		if wait == 0 {
			return r.frame[:], ctx.Err()
		}
		r.timer.Reset(wait)
		select {
		case <-r.timer.C:
		case <-r.wake:
		case <-r.closed:
			return nil, io.EOF
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Relay chooses order without pace; it may change while someone reads.
func (r *Reader) Relay(on bool) {
	r.mu.Lock()
	r.buffer.Relay = on
	r.mu.Unlock()
	r.nudge()
}

// Reset forgets the stream: another sender begins.
func (r *Reader) Reset() {
	r.mu.Lock()
	r.buffer.Reset()
	r.mu.Unlock()
}

// Stats are what had to be done so far, and how much sound is buffered.
func (r *Reader) Stats() (Counts, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buffer.Counts(), r.buffer.Delay()
}

// Close ends Read.
func (r *Reader) Close() { r.once.Do(func() { close(r.closed) }) }
