package voiceio_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/device/sim"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/internal/audio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig runs an IO on a board in memory inside a synctest bubble.
type rig struct {
	*voiceio.IO
	board *sim.Board
	ctx   context.Context
}

func inBubble(t *testing.T, body func(t *testing.T, r rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := sim.New(sim.Config{Off: true})
		io := voiceio.New(voiceio.Deps{Ear: b.Ear(), Mouth: b.Mouth()})
		ended := make(chan error, 1)
		go func() { ended <- io.Run(ctx) }()
		body(t, rig{io, b, ctx})
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		_ = b.Close()
	})
}

func tone(d time.Duration) audio.Source {
	return audio.FromSamples(audio.Render(-20, audio.Beat{Hz: 450, For: d}))
}

// heard is the level of the last d of wall time at the ear.
func (r rig) heard(d time.Duration) float64 { return audio.RMS(r.board.Recording(d)) }

func mustEnd(t *testing.T, p *voiceio.Playback, want error) {
	t.Helper()
	<-p.Done()
	if !errors.Is(p.Err(), want) {
		t.Errorf("playback ended with %v, want %v", p.Err(), want)
	}
}

func TestPlayback(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		start := time.Now()
		p := r.Play(voiceio.Visit, tone(time.Second))
		<-p.Started()
		if d := time.Since(start); d > 40*time.Millisecond {
			t.Errorf("started after %v", d)
		}
		mustEnd(t, p, nil)
		if d := time.Since(start); d < time.Second || d > time.Second+120*time.Millisecond {
			t.Errorf("one second took %v", d)
		}
		if l := r.heard(800 * time.Millisecond); l < -24 {
			t.Errorf("heard %v dBFS", l)
		}
	})
}

func TestQueueHasNoGap(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		a, b := r.Play(voiceio.Visit, tone(200*time.Millisecond)), r.Play(voiceio.Visit, tone(200*time.Millisecond))
		<-a.Done()
		mustEnd(t, b, nil)
		s := r.board.Recording(time.Second)
		first, last := -1, 0
		for i := 0; i+audio.FrameLen <= len(s); i += audio.FrameLen {
			if audio.RMS(s[i:i+audio.FrameLen]) > -40 {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
		if frames := (last-first)/audio.FrameLen + 1; frames != 20 {
			t.Errorf("two tones of 10 frames sounded for %d", frames)
		}
	})
}

func TestKeySilencesAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		playing, queued := r.Play(voiceio.Visit, audio.DialTone()), r.Play(voiceio.Visit, tone(time.Second))
		time.Sleep(303 * time.Millisecond)
		r.Stop(voiceio.Visit)
		mustEnd(t, playing, voiceio.ErrStopped)
		mustEnd(t, queued, voiceio.ErrStopped)
		time.Sleep(200 * time.Millisecond)
		if l := r.heard(160 * time.Millisecond); l > audio.Floor {
			t.Errorf("40 ms after the stop the ear still hears %v dBFS", l)
		}
	})
}

// The same on the real clock, as a listener hears it: from the key to the first of many silent frames.
func TestKeyToSilenceMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := sim.New(sim.Config{Off: true})
	io := voiceio.New(voiceio.Deps{Ear: b.Ear(), Mouth: b.Mouth()})
	ended := make(chan error, 1)
	go func() { ended <- io.Run(ctx) }()
	frames, stop := b.Listen()
	var took []time.Duration
	for i := range 20 {
		p := io.Play(voiceio.Visit, audio.DialTone())
		for n := 0; n < 3; { // it sounds
			if audio.RMS(<-frames) > -40 {
				n++
			}
		}
		time.Sleep(time.Duration(i) * time.Millisecond) // a key comes at any moment of a frame
		key := time.Now()
		io.Stop(voiceio.Visit)
		<-p.Done()
		last := key
		for silent := 0; silent < 3; silent++ {
			if audio.RMS(<-frames) > audio.Floor {
				last, silent = time.Now(), -1
			}
		}
		took = append(took, last.Sub(key))
	}
	slices.Sort(took)
	p95 := took[len(took)*95/100-1] + audio.FrameDuration // the last frame with sound sounds that long
	t.Logf("key to silence: p95 %v", p95.Round(time.Millisecond))
	if p95 > 60*time.Millisecond {
		t.Errorf("key to silence took %v", p95)
	}
	stop()
	cancel()
	<-ended
	_ = b.Close()
}

// closer is a source that wants to know when its reader gives up.
type closer struct {
	audio.Source
	closed chan struct{}
}

func (c closer) Close() error { close(c.closed); return nil }

func TestStoppedSourceIsClosed(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		c := closer{audio.DialTone(), make(chan struct{})}
		r.Play(voiceio.Visit, c)
		r.Stop(voiceio.Visit)
		<-c.closed
	})
}

func TestStopInTail(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		p := r.Play(voiceio.Visit, tone(20*time.Millisecond))
		<-p.Started()
		r.Stop(voiceio.Visit)
		mustEnd(t, p, voiceio.ErrStopped)
	})
}

func TestBlockedSourceHoldsUpNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		hang := make(chan struct{})
		stuck := audio.SourceFunc(func(context.Context) (audio.Frame, error) { <-hang; return nil, errors.New("late") })
		a, b := r.Play(voiceio.Visit, stuck), r.Play(voiceio.Visit, stuck)
		start := time.Now()
		e := r.Play(voiceio.Emergency, tone(100*time.Millisecond))
		mustEnd(t, a, voiceio.ErrTaken)
		mustEnd(t, b, voiceio.ErrTaken)
		mustEnd(t, e, nil)
		if d := time.Since(start); d > 200*time.Millisecond {
			t.Errorf("emergency took %v", d)
		}
		close(hang)
	})
}

func TestHigherOwnerWins(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		visit := r.Play(voiceio.Visit, audio.DialTone())
		r.Claim(voiceio.Call)
		mustEnd(t, visit, voiceio.ErrTaken)
		mustEnd(t, r.Play(voiceio.Visit, tone(time.Second)), voiceio.ErrTaken)
		call := r.Play(voiceio.Call, audio.Ringback())
		r.Stop(voiceio.Visit) // not its own: changes nothing
		r.Claim(voiceio.Emergency)
		mustEnd(t, call, voiceio.ErrTaken)
		r.Release(voiceio.Emergency)
		mustEnd(t, r.Play(voiceio.Visit, tone(time.Second)), voiceio.ErrTaken)
		r.Release(voiceio.Call)
		mustEnd(t, r.Play(voiceio.Visit, tone(40*time.Millisecond)), nil)
	})
}

func TestMic(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		low, stopLow := r.Mic(voiceio.Visit)
		high, stopHigh := r.Mic(voiceio.Emergency)
		defer stopHigh()
		for range 30 {
			if err := r.board.Speak(r.ctx, audio.Frame(audio.Render(-20, audio.Beat{Hz: 500, For: audio.FrameDuration}))); err != nil {
				t.Fatal(err)
			}
		}
		for range 5 {
			if l := audio.RMS(<-low); l < -30 {
				t.Errorf("mic at %v dBFS", l)
			}
			<-high
		}
		if _, l := r.Level(); l < -30 {
			t.Errorf("level %v", l)
		}
		r.Claim(voiceio.Emergency)
		synctest.Wait()
		for len(low) > 0 {
			<-low
		}
		time.Sleep(100 * time.Millisecond)
		if len(low) != 0 {
			t.Error("the visit hears an emergency")
		}
		<-high
		stopLow()
		if _, more := <-low; more {
			t.Error("the channel of a stopped mic is open")
		}
		time.Sleep(5 * time.Millisecond) // between two frames of the board
		synctest.Wait()
		r.Wipe()
		if len(high) != 0 {
			t.Error("frames outlive Wipe")
		}
	})
}

func TestSourceError(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		bad := errors.New("engine died")
		p := r.Play(voiceio.Visit, audio.SourceFunc(func(context.Context) (audio.Frame, error) { return nil, bad }))
		next := r.Play(voiceio.Visit, tone(20*time.Millisecond))
		mustEnd(t, p, bad)
		mustEnd(t, next, nil)
	})
}

func TestAfterRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := sim.New(sim.Config{})
		io := voiceio.New(voiceio.Deps{Ear: b.Ear(), Mouth: b.Mouth()})
		ended := make(chan error, 1)
		go func() { ended <- io.Run(t.Context()) }()
		p := io.Play(voiceio.Visit, audio.DialTone())
		_ = b.Close() // the mouth fails
		if err := <-ended; !errors.Is(err, sim.ErrClosed) {
			t.Errorf("Run: %v", err)
		}
		<-p.Done()
		mustEnd(t, io.Play(voiceio.Visit, audio.DialTone()), voiceio.ErrClosed)
		io.Stop(voiceio.Visit)
		_, stop := io.Mic(voiceio.Visit)
		stop()
	})
}
