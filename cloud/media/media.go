// Package media joins what the two ends of a conversation say: bridges, what a leg hears now, tones, hold music and prompts.
// Sound here is 20 ms of G.711 u-law at 8 kHz; who speaks another codec converts at the edge of its leg, unless both ends speak the same:
// then its packets are passed on as they are. It knows no SIP, no WebRTC and no network; it may import internal/audio and
// internal/voip/jitter.
package media

import (
	"context"
	"errors"
	"io"
	"time"
)

// A frame is 20 ms of G.711 u-law, mono, 8 kHz.
const (
	FrameLen      = 160 // bytes
	FrameDuration = 20 * time.Millisecond
	Rate          = 8000
)

// Quiet is the u-law byte of silence.
const Quiet = 0xFF

// Party is one end of a conversation.
type Party interface {
	// Read returns the next frame the party speaks. It blocks, returns ctx.Err() once ctx is done and io.EOF when the party is gone.
	// The frame is the caller's until the next Read; one goroutine reads at a time.
	Read(ctx context.Context) ([]byte, error)
	// Write lets the party hear one frame, which it does not keep. It never blocks long.
	Write(frame []byte) error
}

// Tap sees a copy of every frame of one direction, in order. It does not keep the frame and returns at once.
type Tap func(frame []byte)

// Echo returns what p says to p until it is gone or ctx is done; the former is no error.
func Echo(ctx context.Context, p Party) error {
	return pass(ctx, p, p, nil)
}

// pass lets `to` hear what `from` says. A `to` that cannot be written to ends it: nobody is there to hear.
func pass(ctx context.Context, from, to Party, tap Tap) error {
	for {
		err := step(ctx, from, to, tap)
		if errors.Is(err, errUnread) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// errUnread says that the party speaks no more.
var errUnread = errors.New("the party is gone")

// step passes one frame on, or one packet. The coding may change in mid-call, so each step looks again.
func step(ctx context.Context, from, to Party, tap Tap) error {
	if a, b, ok := alike(from, to); ok && tap == nil {
		p, err := a.ReadCoded(ctx)
		if err != nil {
			return unread(err)
		}
		return b.WriteCoded(p)
	}
	frame, err := from.Read(ctx)
	if err != nil {
		return unread(err)
	}
	if tap != nil {
		tap(frame)
	}
	return to.Write(frame)
}

func unread(err error) error {
	if errors.Is(err, io.EOF) {
		return errUnread
	}
	return err
}
