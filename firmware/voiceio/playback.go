package voiceio

import (
	"context"
	"errors"
	"io"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/internal/audio"
)

// prefetch is how many frames of a source are read ahead.
const prefetch = 3

// Playback is one source on its way to the ear.
type Playback struct {
	owner  Owner
	src    audio.Source
	ctx    context.Context
	cancel context.CancelFunc

	frames  chan audio.Frame // from read to write, closed at the end
	readErr error            // why frames ended; nil after EOF; set before frames is closed
	started chan struct{}
	written chan struct{} // closed when write is over
	failure error         // what made write give up; set before written is closed
	done    chan struct{}
	err     error // set before done is closed
}

func newPlayback(o Owner, src audio.Source) *Playback {
	ctx, cancel := context.WithCancel(context.Background())
	return &Playback{
		owner: o, src: src, ctx: ctx, cancel: cancel,
		frames:  make(chan audio.Frame, prefetch),
		started: make(chan struct{}),
		written: make(chan struct{}),
		done:    make(chan struct{}),
	}
}

// Started is closed when the first frame has reached the ear. It stays open when that never happens.
func (p *Playback) Started() <-chan struct{} { return p.started }

// Done is closed when the last sample has sounded, or the playback ended early.
func (p *Playback) Done() <-chan struct{} { return p.done }

// Err says after Done how it ended: nil when it sounded to its end, ErrStopped, ErrTaken, ErrClosed, or what the source or ear said.
func (p *Playback) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// finish is called once, by the owner of the playback's state.
func (p *Playback) finish(err error) {
	p.cancel()
	p.wipeFrames()
	p.err = err
	close(p.done)
}

// read runs in its own goroutine, so that a source that blocks holds up nobody.
func (p *Playback) read() {
	defer func() {
		if p.ctx.Err() != nil {
			p.wipeFrames() // nobody else may be left to take them
			if c, ok := p.src.(io.Closer); ok {
				_ = c.Close()
			}
		}
		close(p.frames)
	}()
	for {
		f, err := p.src.Read(p.ctx)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				p.readErr = err
			}
			return
		}
		select {
		case p.frames <- f:
		case <-p.ctx.Done():
			f.Wipe()
			return
		}
	}
}

// write hands the frames to the ear, which paces it.
func (p *Playback) write(ear device.Ear, level func(float64)) {
	defer close(p.written)
	defer p.wipeFrames()
	first := true
	for {
		select {
		case f, more := <-p.frames:
			if !more {
				p.failure = p.readErr
				return
			}
			err := ear.Write(p.ctx, f)
			db := audio.RMS(f)
			f.Wipe()
			if err != nil {
				p.failure = err
				return
			}
			level(db)
			if first {
				close(p.started)
				first = false
			}
		case <-p.ctx.Done():
			return
		}
	}
}

func (p *Playback) wipeFrames() {
	for {
		select {
		case f, more := <-p.frames:
			if !more {
				return
			}
			f.Wipe()
		default:
			return
		}
	}
}
