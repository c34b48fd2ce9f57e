// Package devicetest holds the one suite that every board passes: the one in memory, the real one over fake lines, and, at a factory's
// bench, the real one. It may import device and internal/audio.
package devicetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/internal/audio"
)

// Harness is a board with a hand at it. The functions cause an event and return without waiting for its consumer.
type Harness struct {
	Board device.Board
	Hook  func(off bool)
	Press func(key byte)
	SOS   func(held time.Duration)
	// Lamp says whether a lamp shines.
	Lamp func(l device.Lamp) bool
	// Say puts a frame in front of the microphone; nil when the harness has no voice.
	Say func(f audio.Frame)
}

// patience is for what should be at once: it only ends a test that hangs.
const patience = 5 * time.Second

// Run runs the suite. open makes a fresh board, on the hook, that the suite closes.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Harness){
		"events come in order":         eventsInOrder,
		"the hook tells changes only":  hookChanges,
		"the ear keeps time":           earPace,
		"the ear blocks and gives up":  earBlocks,
		"the ear takes its own copy":   earCopies,
		"flush makes room":             earFlush,
		"gain has four values":         gains,
		"the mouth keeps time":         mouthPace,
		"a hanging handset is silent":  mouthSilent,
		"the mouth gives up":           mouthGivesUp,
		"lamps":                        lamps,
		"close unblocks and ends":      closes,
		"close may be called twice":    closesTwice,
		"a closed board refuses calls": refuses,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting for a clock
			h := open(t)
			test(t, h)
			if err := h.Board.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

// next returns the next event, acked.
func next(t *testing.T, b device.Board) device.Event {
	t.Helper()
	select {
	case e, more := <-b.Events():
		if !more {
			t.Fatal("events are closed")
		}
		if e.Ack != nil {
			e.Ack()
		}
		if e.At.IsZero() {
			t.Error("an event without a time")
		}
		return e
	case <-time.After(patience):
		t.Fatal("no event")
	}
	return device.Event{}
}

func eventsInOrder(t *testing.T, h Harness) {
	h.Hook(true)
	if e := next(t, h.Board); e.Kind != device.EventHook || !e.Off {
		t.Errorf("lift gives %+v", e)
	}
	for _, k := range []byte("0123456789*#") {
		h.Press(k)
		if e := next(t, h.Board); e.Kind != device.EventKey || e.Key != k {
			t.Errorf("key %c gives %+v", k, e)
		}
	}
	h.SOS(device.SOSHold + 200*time.Millisecond)
	if e := next(t, h.Board); e.Kind != device.EventSOS || e.Held < device.SOSHold {
		t.Errorf("SOS gives %+v", e)
	}
	h.SOS(300 * time.Millisecond)
	if e := next(t, h.Board); e.Kind != device.EventSOS || e.Held >= device.SOSHold {
		t.Errorf("a short SOS gives %+v", e)
	}
	h.Hook(false)
	if e := next(t, h.Board); e.Kind != device.EventHook || e.Off {
		t.Errorf("hang up gives %+v", e)
	}
}

func hookChanges(t *testing.T, h Harness) {
	h.Hook(false) // there it is already
	h.Hook(true)
	if e := next(t, h.Board); !e.Off {
		t.Errorf("got %+v", e)
	}
	h.Hook(true)
	h.Press('1')
	if e := next(t, h.Board); e.Kind != device.EventKey {
		t.Errorf("got %+v", e)
	}
}

// tick is one frame with sound.
func tick() audio.Frame {
	return audio.Frame(audio.Render(-20, audio.Beat{Hz: 450, For: audio.FrameDuration}))
}

func earPace(t *testing.T, h Harness) {
	const frames = 25
	begun := time.Now()
	for range frames {
		if err := h.Board.Ear().Write(t.Context(), tick()); err != nil {
			t.Fatal(err)
		}
	}
	// Two frames wait inside, one may be sounding and one be inside a resampler: the rest has been played.
	least, took := (frames-4)*audio.FrameDuration-audio.FrameDuration/2, time.Since(begun)
	if took < least || took > least+15*audio.FrameDuration {
		t.Errorf("%d frames took %v", frames, took)
	}
}

func earBlocks(t *testing.T, h Harness) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*audio.FrameDuration)
	defer cancel()
	n := 0
	for ; n < 10; n++ {
		if err := h.Board.Ear().Write(ctx, tick()); err != nil {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			break
		}
	}
	if n == 10 {
		t.Error("ten frames fit into three")
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Board.Ear().Write(done, tick()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v from a context that is done", err)
	}
}

func earCopies(t *testing.T, h Harness) {
	f := tick()
	want := slices.Clone(f)
	for range 3 {
		if err := h.Board.Ear().Write(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(f, want) {
		t.Error("the ear changed the caller's frame")
	}
}

// After a flush there is room at once. One attempt may be unlucky on a busy machine, five are not.
func earFlush(t *testing.T, h Harness) {
	ear, took := h.Board.Ear(), patience
	for range 5 {
		for range 3 {
			if err := ear.Write(t.Context(), tick()); err != nil {
				t.Fatal(err)
			}
		}
		ear.Flush()
		begun := time.Now()
		for range 2 {
			if err := ear.Write(t.Context(), tick()); err != nil {
				t.Fatal(err)
			}
		}
		took = min(took, time.Since(begun))
	}
	if took > audio.FrameDuration/2 {
		t.Errorf("after a flush two frames took %v", took)
	}
}

func gains(t *testing.T, h Harness) {
	for _, db := range []int{0, 6, 12, 20} {
		if err := h.Board.Ear().SetGain(db); err != nil {
			t.Errorf("%d dB: %v", db, err)
		}
	}
	for _, db := range []int{-1, 1, 3, 21, 1000} {
		if h.Board.Ear().SetGain(db) == nil {
			t.Errorf("%d dB was taken", db)
		}
	}
}

func mouthPace(t *testing.T, h Harness) {
	const frames = 25
	read := func() audio.Frame {
		f, err := h.Board.Mouth().Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(f) != audio.FrameLen {
			t.Fatalf("a frame of %d samples", len(f))
		}
		return f
	}
	for range 4 { // what waited inside
		read()
	}
	begun := time.Now()
	for range frames {
		read()
	}
	if took, want := time.Since(begun), frames*audio.FrameDuration; took < want-2*audio.FrameDuration || took > want+15*audio.FrameDuration {
		t.Errorf("%d frames took %v", frames, took)
	}
}

func mouthSilent(t *testing.T, h Harness) {
	if h.Say == nil {
		t.Skip("the harness has no voice")
	}
	loudest := func() float64 {
		top := audio.Floor
		for range 15 {
			h.Say(tick())
			f, err := h.Board.Mouth().Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			top = max(top, audio.RMS(f))
		}
		return top
	}
	if l := loudest(); l > audio.Floor {
		t.Errorf("on the hook the mouth hears %.0f dBFS", l)
	}
	h.Hook(true)
	next(t, h.Board)
	if l := loudest(); l < -30 {
		t.Errorf("off the hook the mouth hears %.0f dBFS", l)
	}
	h.Hook(false)
	next(t, h.Board)
	for range 4 { // what waited inside
		if _, err := h.Board.Mouth().Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if l := loudest(); l > audio.Floor {
		t.Errorf("on the hook again the mouth hears %.0f dBFS", l)
	}
}

func mouthGivesUp(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Board.Mouth().Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func lamps(t *testing.T, h Harness) {
	for _, l := range []device.Lamp{device.LampReady, device.LampCall, device.LampSOS} {
		for _, on := range []bool{true, true, false} {
			if err := h.Board.SetLamp(l, on); err != nil {
				t.Fatal(err)
			}
			if h.Lamp(l) != on {
				t.Errorf("lamp %s is %v", l, !on)
			}
		}
	}
	if h.Board.SetLamp("disco", true) == nil {
		t.Error("there is no such lamp, yet it was switched")
	}
}

func closes(t *testing.T, h Harness) {
	ended := make(chan error, 2)
	go func() {
		for {
			if err := h.Board.Ear().Write(context.Background(), tick()); err != nil {
				ended <- err
				return
			}
		}
	}()
	go func() {
		for {
			if _, err := h.Board.Mouth().Read(context.Background()); err != nil {
				ended <- err
				return
			}
		}
	}()
	if err := h.Board.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("a call outlives Close")
		}
	}
	for {
		select {
		case _, more := <-h.Board.Events():
			if !more {
				return
			}
		case <-time.After(patience):
			t.Fatal("events are not closed")
		}
	}
}

func closesTwice(t *testing.T, h Harness) {
	for range 2 {
		if err := h.Board.Close(); err != nil {
			t.Error(err)
		}
	}
}

func refuses(t *testing.T, h Harness) {
	if err := h.Board.Close(); err != nil {
		t.Fatal(err)
	}
	if h.Board.Ear().Write(t.Context(), tick()) == nil {
		t.Error("a closed ear takes a frame")
	}
	if _, err := h.Board.Mouth().Read(t.Context()); err == nil {
		t.Error("a closed mouth hears")
	}
	if h.Board.SetLamp(device.LampReady, true) == nil {
		t.Error("a closed board switches lamps")
	}
}
