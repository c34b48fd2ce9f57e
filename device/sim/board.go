// Package sim is a booth's whole board in memory: scripts and the virtual booth lift its handset, press its keys and hear its ear.
// It keeps real time and touches no network and no file.
package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/internal/pcm"
	"github.com/laoyou/laoyou/internal/audio"
)

// Errors of the board.
var (
	ErrClosed = pcm.ErrClosed
	ErrOnHook = errors.New("handset is on the hook")
	ErrKey    = errors.New("no such key")
	ErrGain   = errors.New("gain must be 0, 6, 12 or 20 dB")
)

// Config says how the board starts. The zero value will do.
type Config struct {
	// OnLamp is told of each change of a lamp, in order, from the goroutine that changed it. It must not call SetLamp.
	OnLamp func(l device.Lamp, on bool)
	// Off lifts the handset from the start, without an event.
	Off bool
	// Mute leaves ear and mouth without a clock and a recording: for thousands of boards at once, whose sound nobody hears.
	Mute bool
}

// Board is a board in memory. It implements device.Board.
type Board struct {
	onLamp func(device.Lamp, bool)
	events chan device.Event
	quit   chan struct{}
	once   sync.Once
	wg     sync.WaitGroup

	sending sync.RWMutex // held for reading while an event is sent; Close takes it to close the channel

	hooking chan struct{} // holds one token: moves of the handset come one after the other

	mu    sync.Mutex // guards what follows
	off   bool
	lamps map[device.Lamp]bool

	ear   *ear
	mouth *mouth
}

// New returns a board that runs until Close.
func New(c Config) *Board {
	b := &Board{
		onLamp:  c.OnLamp,
		off:     c.Off,
		events:  make(chan device.Event, 16),
		quit:    make(chan struct{}),
		hooking: make(chan struct{}, 1),
		lamps:   map[device.Lamp]bool{},
	}
	b.ear, b.mouth = newEar(b.quit), newMouth(b.quit)
	if c.Mute {
		return b
	}
	b.ear.record()
	b.wg.Add(1)
	go b.run()
	return b
}

// run is the clock of ear and mouth. Deadlines are absolute, so that a late wake-up does not add up: after a pause of the machine the
// missed frames are made up for, and the recording stays in step with the wall.
func (b *Board) run() {
	defer b.wg.Done()
	next := time.Now().Add(audio.FrameDuration)
	timer := time.NewTimer(audio.FrameDuration)
	defer timer.Stop()
	for {
		select {
		case <-b.quit:
			return
		case <-timer.C:
		}
		b.ear.tick()
		b.mouth.tick(b.Off())
		next = next.Add(audio.FrameDuration)
		timer.Reset(time.Until(next))
	}
}

// Events implements device.Board.
func (b *Board) Events() <-chan device.Event { return b.events }

// Ear implements device.Board.
func (b *Board) Ear() device.Ear { return b.ear }

// Mouth implements device.Board.
func (b *Board) Mouth() device.Mouth { return b.mouth }

// SetLamp implements device.Board.
func (b *Board) SetLamp(l device.Lamp, on bool) error {
	switch l {
	case device.LampReady, device.LampCall, device.LampSOS:
	default:
		return fmt.Errorf("no lamp %q", l)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed() {
		return ErrClosed
	}
	if b.lamps[l] == on {
		return nil
	}
	b.lamps[l] = on
	if b.onLamp != nil {
		b.onLamp(l, on) // under the lock: changes arrive in order
	}
	return nil
}

// Close ends the board; the channel of events is closed.
func (b *Board) Close() error {
	b.once.Do(func() {
		close(b.quit)
		b.wg.Wait()
		b.sending.Lock()
		defer b.sending.Unlock()
		close(b.events)
		b.Wipe()
	})
	return nil
}

func (b *Board) closed() bool {
	select {
	case <-b.quit:
		return true
	default:
		return false
	}
}

// Lamp says whether a lamp shines.
func (b *Board) Lamp(l device.Lamp) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lamps[l]
}

// Lamps returns the state of all lamps that were ever switched.
func (b *Board) Lamps() map[device.Lamp]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.lamps)
}

// Off says whether the handset is lifted.
func (b *Board) Off() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.off
}

// Hook lifts the handset or puts it down. Like all that follow it returns once the consumer has acked the event, or ctx is done.
// The same position again is no event.
func (b *Board) Hook(ctx context.Context, off bool) error {
	select {
	case b.hooking <- struct{}{}:
		defer func() { <-b.hooking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if b.Off() == off {
		return nil
	}
	b.mu.Lock()
	b.off = off
	b.mu.Unlock()
	if !off {
		b.mouth.flush()
	}
	return b.send(ctx, device.Event{Kind: device.EventHook, Off: off})
}

// Press presses a key of the pad: 0-9, * or #.
func (b *Board) Press(ctx context.Context, key byte) error {
	if !strings.ContainsRune("0123456789*#", rune(key)) {
		return ErrKey
	}
	return b.send(ctx, device.Event{Kind: device.EventKey, Key: key})
}

// SOS says that the SOS key was held for so long. It does not wait that time.
func (b *Board) SOS(ctx context.Context, held time.Duration) error {
	return b.send(ctx, device.Event{Kind: device.EventSOS, Held: held})
}

func (b *Board) send(ctx context.Context, e device.Event) error {
	b.sending.RLock()
	defer b.sending.RUnlock()
	if b.closed() {
		return ErrClosed
	}
	done := make(chan struct{})
	e.At, e.Ack = time.Now(), sync.OnceFunc(func() { close(done) })
	select {
	case b.events <- e:
	case <-ctx.Done():
		return ctx.Err()
	case <-b.quit:
		return ErrClosed
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-b.quit:
		return ErrClosed
	}
}

// Speak says one frame into the mouthpiece, behind what is still to be said: up to 60 s wait and are heard in real time, so that a whole
// WAV can be handed over at once. A hanging handset refuses it.
func (b *Board) Speak(ctx context.Context, f audio.Frame) error {
	if !b.Off() {
		return ErrOnHook
	}
	return b.mouth.speak(ctx, f)
}

// Mic takes one frame of a live microphone, mixed with what Speak has queued. It never blocks: a microphone that runs ahead of the
// board's clock loses its oldest frame, so that its delay stays under 100 ms. On the hook it is ignored.
func (b *Board) Mic(f audio.Frame) {
	if b.Off() {
		b.mouth.mic.Push(f)
	}
}

// Recording returns the last seconds of wall time as the ear heard them, silence included, after gain: 16 kHz, at most 60 s.
func (b *Board) Recording(last time.Duration) []int16 { return b.ear.recording(last) }

// Listen returns what the ear plays, or silence, one frame every 20 ms from now on. A slow reader loses frames. The function ends it
// and closes the channel; Close of the board does not.
func (b *Board) Listen() (<-chan audio.Frame, func()) { return b.ear.listen() }

// Wipe overwrites the recording and all that waits in ear and mouth.
func (b *Board) Wipe() {
	b.ear.wipe()
	b.mouth.flush()
}
