package media_test

import (
	"bytes"
	"context"
	"io"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/cloud/media/mediatest"
)

// frame is one of a distinct byte.
func frame(b byte) []byte { return bytes.Repeat([]byte{b}, media.FrameLen) }

func TestBridgeCarriesBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mediatest.NewParty(), mediatest.NewParty()
		var tapped []byte
		bridge := media.Join(a, b, media.Options{TapA: func(f []byte) { tapped = append(tapped, f[0]) }})
		for i := range byte(3) {
			a.Say(frame(i))
			b.Say(frame(0x80 + i))
		}
		synctest.Wait()
		if got := firsts(b.Heard()); !bytes.Equal(got, []byte{0, 1, 2}) {
			t.Errorf("b heard %v", got)
		}
		if got := firsts(a.Heard()); !bytes.Equal(got, []byte{0x80, 0x81, 0x82}) {
			t.Errorf("a heard %v", got)
		}
		if !bytes.Equal(tapped, []byte{0, 1, 2}) {
			t.Errorf("tapped %v", tapped)
		}
		bridge.Close()
		a.Say(frame(9))
		synctest.Wait()
		if got := b.Heard(); len(got) != 0 {
			t.Errorf("heard after the bridge was closed: %v", firsts(got))
		}
	})
}

func TestBridgeEndsWithAParty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mediatest.NewParty(), mediatest.NewParty()
		bridge := media.Join(a, b, media.Options{})
		a.Leave()
		<-bridge.Done() // synctest fails if it never comes
	})
}

func TestEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mediatest.NewParty()
		ended := make(chan error)
		go func() { ended <- media.Echo(t.Context(), p) }()
		p.Say(frame(7))
		synctest.Wait()
		p.Leave()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if got := firsts(p.Heard()); !bytes.Equal(got, []byte{7}) {
			t.Errorf("heard %v", got)
		}
	})
}

// A second of sound is 50 frames, not 49 and not 51: what a stalled peer hears must not drift.
func TestPlayKeepsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mediatest.NewParty()
		player := media.Play(p, media.NewSounds().Test)
		time.Sleep(time.Second - time.Millisecond)
		player.Stop()
		if n := len(p.Heard()); n != 50 {
			t.Errorf("%d frames in a second", n)
		}
	})
}

func TestSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		citizen, agent := mediatest.NewParty(), mediatest.NewParty()
		s := media.NewSwitch(citizen)
		defer s.Close()

		time.Sleep(99 * time.Millisecond)
		if got := citizen.Heard(); len(got) != 5 || !silent(got) {
			t.Errorf("at first: %d frames, silent %v", len(got), silent(got))
		}

		citizen.Say(frame(1)) // to nobody
		sounds := media.NewSounds()
		s.Hear(sounds.Queue)
		time.Sleep(time.Second)
		if got := citizen.Heard(); silent(got) {
			t.Error("no queue tone")
		}

		s.Connect(agent)
		synctest.Wait()
		citizen.Heard()
		citizen.Say(frame(2))
		agent.Say(frame(3))
		synctest.Wait()
		if got := firsts(agent.Heard()); !bytes.Equal(got, []byte{2}) {
			t.Errorf("the agent heard %v", got)
		}
		if got := firsts(citizen.Heard()); !bytes.Equal(got, []byte{3}) {
			t.Errorf("the citizen heard %v", got)
		}

		s.Hear(sounds.Music) // on hold
		citizen.Say(frame(4))
		agent.Say(frame(5))
		time.Sleep(500 * time.Millisecond)
		if got := agent.Heard(); len(got) != 0 {
			t.Errorf("the agent heard %v from hold", firsts(got))
		}
		if got := citizen.Heard(); slices.ContainsFunc(got, func(f []byte) bool { return bytes.Equal(f, frame(5)) }) || silent(got) {
			t.Error("the citizen should hear music alone")
		}

		s.Connect(agent)
		synctest.Wait()
		agent.Leave()
		synctest.Wait()
		citizen.Heard()
		time.Sleep(199 * time.Millisecond) // the first frame of silence came at once, and is forgotten above
		if got := citizen.Heard(); len(got) != 9 || !silent(got) {
			t.Errorf("when the agent is gone: %d frames, silent %v", len(got), silent(got))
		}
		citizen.Leave()
		<-s.Gone()
	})
}

func TestSwitchClosedWhileConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		citizen, agent := mediatest.NewParty(), mediatest.NewParty()
		s := media.NewSwitch(citizen)
		s.Connect(agent)
		s.Close()
		s.Hear(media.Sound{}) // too late is no deadlock
		agent.Say(frame(1))
		if got, err := agent.Read(t.Context()); err != nil || got[0] != 1 {
			t.Error("the agent is still read by somebody else", err)
		}
	})
}

func TestSoundRepeatsAndEnds(t *testing.T) {
	samples := make([]int16, 2*16000/50) // two frames at 16 kHz
	for i := range samples {
		samples[i] = 8000
	}
	once, err := media.Prompt("hello", samples)
	if err != nil {
		t.Fatal(err)
	}
	if once.Frames() != 2 || once.Ended(1) || !once.Ended(2) || !silent([][]byte{once.Frame(2)}) {
		t.Errorf("%d frames, ended %v %v", once.Frames(), once.Ended(1), once.Ended(2))
	}
	bell := media.NewSounds().Queue
	both := once.Then(bell)
	for _, n := range []int{0, 1, 209, 210, 5 * 210} {
		if !bytes.Equal(both.Frame(n+2), bell.Frame(n)) {
			t.Errorf("frame %d is not the bell's %d", n+2, n)
		}
	}
	if !bytes.Equal(both.Frame(0), once.Frame(0)) {
		t.Error("it does not begin with the prompt")
	}
	var nothing media.Sound
	if nothing.Ended(1000) || !silent([][]byte{nothing.Frame(1000)}) || nothing.String() != "silence" {
		t.Error("the zero Sound is endless silence")
	}
	if s := once.Then(once); !s.Ended(4) || s.Ended(3) {
		t.Error("two prompts end after both")
	}
}

// Pleasant as far as a machine can tell: as loud as speech, never near clipping, and the step from the end to the begin no worse than others.
func TestSoundsAreFitToHear(t *testing.T) {
	s := media.NewSounds()
	for _, sound := range []media.Sound{s.Queue, s.Music, s.Ringback, s.Busy, s.Test} {
		x := decode(sound)
		peak, step, power := 0.0, 0.0, 0.0
		for i := range x {
			peak = max(peak, math.Abs(x[i]))
			power += x[i] * x[i]
			if i > 0 {
				step = max(step, math.Abs(x[i]-x[i-1]))
			}
		}
		rms := 10 * math.Log10(power/float64(len(x)))
		t.Logf("%s: %d frames, peak %.2f, %.1f dBFS, steepest step %.2f", sound, sound.Frames(), peak, rms, step)
		if peak > 0.5 || rms > -16 || rms < -36 {
			t.Errorf("%s: peak %.2f of full scale, %.1f dBFS", sound, peak, rms)
		}
		if seam := math.Abs(x[0] - x[len(x)-1]); seam > step/2 {
			t.Errorf("%s clicks where it begins again: a step of %.2f", sound, seam)
		}
	}
	if d := time.Duration(s.Music.Frames()) * media.FrameDuration; d < 20*time.Second {
		t.Errorf("the music repeats after %v", d)
	}
}

func decode(sound media.Sound) []float64 {
	var x []float64
	for n := range sound.Frames() {
		for _, b := range sound.Frame(n) {
			x = append(x, float64(g711.DecodeUlawFrame(b))/math.MaxInt16)
		}
	}
	return x
}

func TestNothingIsAllocatedPerFrame(t *testing.T) {
	sound := media.NewSounds().Music
	n := 0
	if got := testing.AllocsPerRun(1000, func() {
		_ = sound.Frame(n)
		n++
	}); got != 0 {
		t.Errorf("%v allocations a frame", got)
	}
	a, b := &loop{left: 10_000, frame: frame(1)}, &loop{left: 10_000, frame: frame(2)}
	if got := testing.AllocsPerRun(1, func() {
		a.left, b.left = 10_000, 10_000
		<-media.Join(a, b, media.Options{}).Done()
	}); got > 20 {
		t.Errorf("%v allocations for a bridge of 10,000 frames", got)
	}
}

// loop speaks a number of frames as fast as it is read.
type loop struct {
	frame []byte
	left  int
}

func (l *loop) Read(context.Context) ([]byte, error) {
	if l.left--; l.left < 0 {
		return nil, io.EOF
	}
	return l.frame, nil
}

func (l *loop) Write([]byte) error { return nil }

func BenchmarkBridgeFrame(b *testing.B) {
	b.ReportAllocs()
	from, to := &loop{left: b.N, frame: frame(1)}, &loop{left: b.N, frame: frame(2)}
	<-media.Join(from, to, media.Options{}).Done()
}

func firsts(frames [][]byte) []byte {
	var out []byte
	for _, f := range frames {
		out = append(out, f[0])
	}
	return out
}

func silent(frames [][]byte) bool {
	for _, f := range frames {
		if !bytes.Equal(f, frame(media.Quiet)) {
			return false
		}
	}
	return true
}
