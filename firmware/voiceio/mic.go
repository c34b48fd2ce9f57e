package voiceio

import (
	"context"
	"slices"
	"sync"

	"github.com/laoyou/laoyou/internal/audio"
)

// micFrames is how far a reader of the microphone may fall behind before it loses frames: 200 ms.
const micFrames = 10

type mic struct {
	owner  Owner
	frames chan audio.Frame
}

// Mic returns the frames of the mouth while no higher owner holds it. A reader that falls 200 ms behind loses frames.
// The function ends it; the channel is then closed. When Run ends the channel stays open and silent.
func (io *IO) Mic(o Owner) (<-chan audio.Frame, func()) {
	m := &mic{owner: o, frames: make(chan audio.Frame, micFrames)}
	io.do(func() { io.mics = append(io.mics, m) })
	return m.frames, sync.OnceFunc(func() {
		io.do(func() { io.mics = slices.DeleteFunc(io.mics, func(x *mic) bool { return x == m }) })
		m.wipe()
		close(m.frames)
	})
}

// listen reads the mouth until ctx is done or it fails.
func (io *IO) listen(ctx context.Context, heard chan<- audio.Frame) error {
	for {
		f, err := io.mouth.Read(ctx)
		if err != nil {
			return err
		}
		select {
		case heard <- f:
		case <-ctx.Done():
			f.Wipe()
			return ctx.Err()
		}
	}
}

// hand gives a frame to all who may hear it.
func (io *IO) hand(f audio.Frame) {
	io.setLevel(&io.micLevel, audio.RMS(f))
	top := io.holder()
	for _, m := range io.mics {
		if m.owner < top {
			continue
		}
		select {
		case m.frames <- slices.Clone(f):
		default:
		}
	}
	f.Wipe()
}

func (m *mic) wipe() {
	for {
		select {
		case f := <-m.frames:
			f.Wipe()
		default:
			return
		}
	}
}
