package sim_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/devicetest"
	"github.com/laoyou/laoyou/device/sim"
	"github.com/laoyou/laoyou/internal/audio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBoard(t *testing.T) {
	devicetest.Run(t, func(t *testing.T) devicetest.Harness {
		b := sim.New(sim.Config{})
		var wg sync.WaitGroup
		inOrder := make(chan struct{}, 1)
		act := func(f func(ctx context.Context) error) {
			inOrder <- struct{}{}
			wg.Go(func() {
				defer func() { <-inOrder }()
				if err := f(context.Background()); err != nil && !errors.Is(err, sim.ErrClosed) {
					t.Error(err)
				}
			})
		}
		t.Cleanup(wg.Wait)
		return devicetest.Harness{
			Board: b,
			Hook:  func(off bool) { act(func(ctx context.Context) error { return b.Hook(ctx, off) }) },
			Press: func(k byte) { act(func(ctx context.Context) error { return b.Press(ctx, k) }) },
			SOS:   func(d time.Duration) { act(func(ctx context.Context) error { return b.SOS(ctx, d) }) },
			Lamp:  b.Lamp,
			Say:   b.Mic,
		}
	})
}

// open runs body with a lifted board on a fake clock; events are acked by a consumer that tells them to seen.
func open(t *testing.T, body func(t *testing.T, b *sim.Board)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := sim.New(sim.Config{Off: true})
		defer b.Close() //nolint:errcheck // it cannot fail
		body(t, b)
	})
}

func tone(d time.Duration) audio.Source {
	return audio.FromSamples(audio.Render(-20, audio.Beat{Hz: 450, For: d}))
}

func play(t *testing.T, b *sim.Board, src audio.Source) {
	t.Helper()
	for {
		f, err := src.Read(t.Context())
		if err != nil {
			return
		}
		if err := b.Ear().Write(t.Context(), f); err != nil {
			t.Error(err)
			return
		}
	}
}

func TestActionsWaitForTheirConsumer(t *testing.T) {
	open(t, func(t *testing.T, b *sim.Board) {
		acked := false
		go func() {
			e := <-b.Events()
			time.Sleep(100 * time.Millisecond)
			acked = true
			e.Ack()
			e.Ack() // harmless
		}()
		if err := b.Press(t.Context(), '5'); err != nil || !acked {
			t.Errorf("returned before the ack: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Hook(ctx, false); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v without a consumer", err)
		}
		if err := b.Press(t.Context(), 'A'); !errors.Is(err, sim.ErrKey) {
			t.Errorf("key A: %v", err)
		}
	})
}

// The ear's clock does not drift: an hour of frames takes an hour.
func TestNoDrift(t *testing.T) {
	open(t, func(t *testing.T, b *sim.Board) {
		begun := time.Now()
		const frames = 3600 * 50
		f := make(audio.Frame, audio.FrameLen)
		for range frames {
			if err := b.Ear().Write(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(begun) - time.Hour; d.Abs() > 3*audio.FrameDuration {
			t.Errorf("an hour is %v off", d)
		}
	})
}

func TestRecordingIsWallTime(t *testing.T) {
	open(t, func(t *testing.T, b *sim.Board) {
		time.Sleep(time.Second)
		play(t, b, tone(time.Second))
		time.Sleep(time.Second)
		s := b.Recording(3 * time.Second)
		if len(s) != 3*audio.Rate {
			t.Fatalf("%d samples", len(s))
		}
		if l := audio.RMS(s[:audio.Rate/2]); l > audio.Floor {
			t.Errorf("before: %v dBFS", l)
		}
		if l := audio.RMS(s[audio.Rate+audio.Rate/10 : 2*audio.Rate-audio.Rate/10]); math.Abs(l+20) > 1 {
			t.Errorf("the tone is at %v dBFS", l)
		}
		if l := audio.RMS(s[5*audio.Rate/2:]); l > audio.Floor {
			t.Errorf("after: %v dBFS", l)
		}
		if n := len(b.Recording(2 * time.Minute)); n != 60*audio.Rate {
			t.Errorf("%d samples of at most a minute", n)
		}
		b.Wipe()
		if audio.Peak(b.Recording(time.Minute)) > audio.Floor {
			t.Error("the recording outlives Wipe")
		}
	})
}

func TestGainIsHeard(t *testing.T) {
	open(t, func(t *testing.T, b *sim.Board) {
		quiet := audio.Render(-50, audio.Beat{Hz: 450, For: time.Second})
		for _, db := range []int{0, 6, 12, 20} {
			if err := b.Ear().SetGain(db); err != nil {
				t.Fatal(err)
			}
			play(t, b, audio.FromSamples(quiet))
			if l := audio.RMS(b.Recording(500 * time.Millisecond)); math.Abs(l+50-float64(db)) > 0.5 {
				t.Errorf("%d dB: heard %.1f dBFS", db, l)
			}
		}
		play(t, b, tone(time.Second)) // -20 dBFS and 20 dB of gain: the limiter rounds it off
		if p := audio.Peak(b.Recording(500 * time.Millisecond)); p > 0 || p < -3 {
			t.Errorf("limited to %.1f dBFS", p)
		}
	})
}

func TestListen(t *testing.T) {
	open(t, func(t *testing.T, b *sim.Board) {
		frames, stop := b.Listen()
		if f := <-frames; audio.Peak(f) > audio.Floor {
			t.Error("silence has a sound")
		}
		go play(t, b, tone(time.Second))
		begun, loud := time.Now(), 0
		for range 100 {
			if audio.RMS(<-frames) > -30 {
				loud++
			}
		}
		if d := time.Since(begun); d != 2*time.Second {
			t.Errorf("100 frames took %v", d)
		}
		if loud != 50 {
			t.Errorf("%d frames of 50 have sound", loud)
		}
		time.Sleep(time.Minute) // a listener that sleeps holds up nobody
		stop()
		stop()
		n := 0
		for range frames {
			n++
		}
		if n > 25 {
			t.Errorf("%d frames waited", n)
		}
	})
}

func TestSpeak(t *testing.T) {
	open(t, func(t *testing.T, b *sim.Board) {
		src := tone(59 * time.Second)
		for { // a whole recording at once
			f, err := src.Read(t.Context())
			if err != nil {
				break
			}
			if err := b.Speak(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		begun, loud := time.Now(), 0
		for time.Since(begun) < 61*time.Second {
			f, err := b.Mouth().Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if audio.RMS(f) > -30 {
				loud++
			}
		}
		if want := 59 * 50; loud < want-2 || loud > want {
			t.Errorf("%d frames of %d were heard", loud, want)
		}
	})
}

func TestOnHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := sim.New(sim.Config{})
		defer b.Close() //nolint:errcheck // it cannot fail
		if err := b.Speak(t.Context(), make(audio.Frame, audio.FrameLen)); !errors.Is(err, sim.ErrOnHook) {
			t.Errorf("got %v", err)
		}
		play(t, b, tone(200*time.Millisecond)) // the ear still takes sound
		go func() {
			for e := range b.Events() {
				e.Ack()
			}
		}()
		if err := b.Hook(t.Context(), true); err != nil || !b.Off() {
			t.Errorf("lift: %v", err)
		}
		for range 100 {
			if err := b.Speak(t.Context(), audio.Frame(audio.Render(-20, audio.Beat{Hz: 450, For: audio.FrameDuration}))); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Hook(t.Context(), false); err != nil {
			t.Error(err)
		}
		if err := b.Hook(t.Context(), true); err != nil {
			t.Error(err)
		}
		for range 10 { // nothing of the last visit is left
			if f, err := b.Mouth().Read(t.Context()); err != nil || audio.Peak(f) > audio.Floor {
				t.Errorf("heard %.0f dBFS, %v", audio.Peak(f), err)
			}
		}
	})
}

func TestLampCallback(t *testing.T) {
	type change struct {
		l  device.Lamp
		on bool
	}
	var seen []change
	b := sim.New(sim.Config{OnLamp: func(l device.Lamp, on bool) { seen = append(seen, change{l, on}) }})
	for _, on := range []bool{true, true, false} {
		if err := b.SetLamp(device.LampCall, on); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 2 || seen[0] != (change{device.LampCall, true}) || seen[1] != (change{device.LampCall, false}) {
		t.Errorf("saw %v", seen)
	}
	if len(b.Lamps()) != 1 {
		t.Errorf("lamps %v", b.Lamps())
	}
	_ = b.Close()
}

// A mute board does all but sound, and costs next to nothing: thousands of them live in one program.
func TestMuteBoard(t *testing.T) {
	b := sim.New(sim.Config{Mute: true})
	if err := b.SetLamp(device.LampReady, true); err != nil {
		t.Error(err)
	}
	if got := b.Recording(time.Second); len(got) != 0 {
		t.Errorf("a mute board has heard %d samples", len(got))
	}
	b.Wipe()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
