// Package voiceio decides who owns the booth's ear and mouth now. A higher owner takes them from a lower one at once: an emergency
// from a call, a call from the visit. It may import device, internal/audio and nothing else of ours.
package voiceio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/internal/audio"
)

// Owner is who may use ear and mouth; the higher one wins.
type Owner int

// Owners, lowest first.
const (
	Nobody   Owner = iota
	Operator       // a test tone, wanted from afar
	Visit
	Call
	Emergency
)

// How a playback can end before its source does.
var (
	ErrStopped = errors.New("playback was stopped")
	ErrTaken   = errors.New("a higher owner took the ear")
	ErrClosed  = errors.New("voiceio has ended")
)

// latency is what a frame takes at most from the return of Ear.Write to its last sample: two frames wait inside, one is in the
// device's resampler, one sounds.
const latency = 4 * audio.FrameDuration

// Deps are what an IO needs.
type Deps struct {
	Ear   device.Ear
	Mouth device.Mouth
	Log   *slog.Logger
}

// IO owns ear and mouth. Its state belongs to the goroutine of Run; methods hand it work and return once that is done, so they wait
// until Run runs and return at once after it has ended.
type IO struct {
	ear   device.Ear
	mouth device.Mouth
	log   *slog.Logger

	ops  chan func()
	done chan struct{}

	// Owned by Run.
	claimed [Emergency + 1]bool
	current *Playback   // its frames go to the ear
	queue   []*Playback // behind current, all of the same owner
	tail    []*Playback // fully written, still sounding
	mics    []*mic

	earLevel, micLevel atomic.Uint64 // math.Float64bits of dBFS
}

// New returns an IO that works while Run runs.
func New(d Deps) *IO {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	io := &IO{ear: d.Ear, mouth: d.Mouth, log: d.Log, ops: make(chan func()), done: make(chan struct{})}
	io.setLevel(&io.earLevel, audio.Floor)
	io.setLevel(&io.micLevel, audio.Floor)
	return io
}

// Run works until ctx is done or the mouth fails. It may be called once.
func (io *IO) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	heard, failed := make(chan audio.Frame), make(chan error, 1)
	go func() {
		defer close(failed)
		failed <- io.listen(ctx, heard)
	}()
	err := io.loop(ctx, heard, failed)
	cancel()
	io.drop(Emergency, ErrClosed)
	io.earSilent()
	close(io.done)
	for range failed { // the reader of the mouth is gone once it is closed
	}
	return err
}

func (io *IO) loop(ctx context.Context, heard <-chan audio.Frame, failed <-chan error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("mouth: %w", err)
		case op := <-io.ops:
			op()
		case f := <-heard:
			io.hand(f)
		case <-io.written():
			io.ended(io.current)
		}
	}
}

// do runs f on the goroutine of Run and says whether it ran.
func (io *IO) do(f func()) bool {
	ran := make(chan struct{})
	select {
	case io.ops <- func() { defer close(ran); f() }:
		<-ran
		return true
	case <-io.done:
		return false
	}
}

// holder is the highest owner that has claimed the ear or sounds in it.
func (io *IO) holder() Owner {
	h := Nobody
	for o, c := range io.claimed {
		if c {
			h = Owner(o)
		}
	}
	if io.current != nil {
		h = max(h, io.current.owner)
	}
	for _, p := range io.tail {
		h = max(h, p.owner)
	}
	return h
}

// Play plays a source behind the owner's other playbacks. When a higher owner holds the ear it ends at once with ErrTaken;
// lower owners lose the ear. The source is read from now on, a few frames ahead.
func (io *IO) Play(o Owner, src audio.Source) *Playback {
	p := newPlayback(o, src)
	if !io.do(func() { io.play(p) }) {
		p.finish(ErrClosed)
	}
	return p
}

func (io *IO) play(p *Playback) {
	if p.owner < io.holder() {
		p.finish(ErrTaken)
		return
	}
	io.drop(p.owner-1, ErrTaken)
	go p.read()
	io.queue = append(io.queue, p)
	io.next()
}

// next starts the first of the queue when the ear is free.
func (io *IO) next() {
	if io.current != nil || len(io.queue) == 0 {
		return
	}
	io.current, io.queue = io.queue[0], io.queue[1:]
	go io.current.write(io.ear, func(level float64) { io.setLevel(&io.earLevel, level) })
}

func (io *IO) written() <-chan struct{} {
	if io.current == nil {
		return nil
	}
	return io.current.written
}

// ended moves a playback whose frames are all written to the tail, where it sounds to its end, and starts the next without a gap.
func (io *IO) ended(p *Playback) {
	io.current = nil
	if p.failure != nil {
		p.finish(p.failure)
		io.log.Warn("playback failed", "err", p.failure)
	} else {
		io.tail = append(io.tail, p)
		time.AfterFunc(latency, func() { io.do(func() { io.sounded(p) }) })
	}
	io.next()
	if io.current == nil {
		io.setLevel(&io.earLevel, audio.Floor)
	}
}

func (io *IO) sounded(p *Playback) {
	if i := slices.Index(io.tail, p); i >= 0 {
		io.tail = slices.Delete(io.tail, i, i+1)
		p.finish(nil)
	}
}

// Stop drops what the owner plays and has queued; the ear is silent within 40 ms.
func (io *IO) Stop(o Owner) {
	io.do(func() {
		if io.sounding(o) {
			io.drop(o, ErrStopped)
		}
	})
}

// sounding says whether the playbacks in hand are the owner's. They always belong to one owner, the tail apart.
func (io *IO) sounding(o Owner) bool {
	if io.current != nil {
		return io.current.owner == o
	}
	return slices.ContainsFunc(io.tail, func(p *Playback) bool { return p.owner == o })
}

// drop ends all playbacks of owners up to top.
func (io *IO) drop(top Owner, err error) {
	mine := func(p *Playback) bool { return p.owner <= top }
	gone := false
	if io.current != nil && mine(io.current) {
		gone = true
		for _, p := range append([]*Playback{io.current}, io.queue...) {
			p.cancel()
		}
		<-io.current.written // Ear.Write obeys its context, so this is now
		for _, p := range append([]*Playback{io.current}, io.queue...) {
			p.finish(err)
		}
		io.current, io.queue = nil, nil
	}
	for _, p := range io.tail {
		if mine(p) {
			gone = true
			p.finish(err)
		}
	}
	io.tail = slices.DeleteFunc(io.tail, mine)
	if gone {
		io.earSilent()
		io.next()
	}
}

func (io *IO) earSilent() {
	io.ear.Flush()
	io.setLevel(&io.earLevel, audio.Floor)
}

// Claim takes ear and mouth from lower owners at once and keeps them until Release.
func (io *IO) Claim(o Owner) {
	io.do(func() {
		if o <= Nobody || o > Emergency {
			return
		}
		io.claimed[o] = true
		io.drop(o-1, ErrTaken)
	})
}

// Release gives up what Claim took. The owner's playbacks sound on.
func (io *IO) Release(o Owner) {
	io.do(func() {
		if o > Nobody && o <= Emergency {
			io.claimed[o] = false
		}
	})
}

// Level is the loudness of the last frame played and the last one heard, in dBFS, before gain.
func (io *IO) Level() (ear, mic float64) {
	return math.Float64frombits(io.earLevel.Load()), math.Float64frombits(io.micLevel.Load())
}

func (io *IO) setLevel(v *atomic.Uint64, db float64) { v.Store(math.Float64bits(db)) }

// Wipe overwrites every frame that waits: those of the microphone, and those of the ear unless somebody is playing.
// Frames of a dropped playback are overwritten when it is dropped.
func (io *IO) Wipe() {
	io.do(func() {
		for _, m := range io.mics {
			m.wipe()
		}
		io.setLevel(&io.micLevel, audio.Floor)
		if io.current == nil && len(io.tail) == 0 {
			io.earSilent()
		}
	})
}
