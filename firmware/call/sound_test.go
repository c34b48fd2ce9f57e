package call_test

import (
	"context"
	"io"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/device/sim"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/internal/audio"
	"github.com/laoyou/laoyou/internal/voip"
)

const patience = 10 * time.Second

// tone makes frames of a sine.
type tone struct {
	hz float64
	n  int
}

func (s *tone) frame() audio.Frame {
	f := make(audio.Frame, audio.FrameLen)
	for i := range f {
		f[i] = int16(8000 * math.Sin(2*math.Pi*s.hz*float64(s.n)/audio.Rate))
		s.n++
	}
	return f
}

// share is how much of the sound is at hz, 0 to 1; soft sound has none.
func share(pcm []int16, hz float64) float64 {
	var re, im, all float64
	for i, x := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / audio.Rate)
		re, im, all = re+float64(x)*cos, im+float64(x)*sin, all+float64(x)*float64(x)
	}
	if all < 1000*1000*float64(len(pcm)) {
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(pcm)) / all
}

// say speaks a tone into a mouthpiece until the test ends.
func say(t *testing.T, board *sim.Board, hz float64) {
	ctx, cancel := context.WithCancel(context.Background())
	var speaker sync.WaitGroup
	t.Cleanup(func() { cancel(); speaker.Wait() })
	speaker.Go(func() {
		for s := (&tone{hz: hz}); board.Speak(ctx, s.frame()) == nil; {
		}
	})
}

// earHears waits until the booth's ear hears a tone.
func earHears(t *testing.T, board *sim.Board, hz float64) {
	t.Helper()
	best := 0.0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if best = max(best, share(board.Recording(100*time.Millisecond), hz)); best > 0.8 {
			return
		}
	}
	t.Fatalf("no more than %.2f of what the ear heard was at %.0f Hz", best, hz)
}

// A voice is heard in full, both ways: 5 kHz is beyond what a telephone carries, and is where s and f are told apart.
func TestACallIsHeardInFull(t *testing.T) {
	if voip.Codecs()[0] != voip.Opus {
		t.Skip("opus is not built in: needs libopus-dev and -tags opus,nolibopusfile")
	}
	c := newCore(t)
	lines, board := boothWithBoard(t, c)
	talk := lines.Free("114")
	leg := <-c.legs
	next(t, talk, call.NewsAnswered)
	talk.Listen(true)
	say(t, board, 5000)
	go func() {
		tick := time.NewTicker(audio.FrameDuration)
		defer tick.Stop()
		for s := (&tone{hz: 6000}); leg.Media().WriteWide(s.frame()) == nil; <-tick.C {
		}
	}()
	earHears(t, board, 6000)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var pcm []int16
	for share(pcm, 5000) < 0.8 {
		if len(pcm) >= 5*audio.FrameLen {
			pcm = pcm[:0]
		}
		f, err := leg.Media().ReadWide(ctx)
		if err != nil {
			t.Fatalf("the other end never heard 5 kHz: %v", err)
		}
		pcm = append(pcm, f...)
	}
	talk.End()
	<-leg.Done()
}

// telephone is a far end that knows G.711 alone: it says a tone, and keeps what it hears.
type telephone struct {
	mu    sync.Mutex
	said  tone
	heard []int16
	tick  *time.Ticker
}

func (p *telephone) Read(ctx context.Context) ([]byte, error) {
	select {
	case <-p.tick.C:
	case <-ctx.Done():
		return nil, io.EOF
	}
	frame := make([]byte, voip.FrameLen)
	for i, x := range p.said.frame() {
		if i%2 == 0 {
			frame[i/2] = g711.EncodeUlawFrame(x)
		}
	}
	return frame, nil
}

func (p *telephone) Write(frame []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range frame { // twice: share wants the rate of the ear
		x := g711.DecodeUlawFrame(b)
		p.heard = append(p.heard, x, x)
	}
	return nil
}

// latest is the last 100 ms that it heard.
func (p *telephone) latest() []int16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]int16(nil), p.heard[max(0, len(p.heard)-5*audio.FrameLen):]...)
}

// Whoever speaks G.711 and nothing else is heard, too, and hears.
func TestASoundOfG711(t *testing.T) {
	board := sim.New(sim.Config{Off: true})
	t.Cleanup(func() { _ = board.Close() })
	ear := voiceio.New(voiceio.Deps{Ear: board.Ear(), Mouth: board.Mouth()})
	run(t, ear.Run)
	far := &telephone{said: tone{hz: 1000}, tick: time.NewTicker(audio.FrameDuration)}
	defer far.tick.Stop()
	sound := call.Sound{Ear: ear, Owner: voiceio.Call}
	if err := sound.On(t.Context(), far); err != nil {
		t.Fatal(err)
	}
	say(t, board, 500)
	earHears(t, board, 1000)
	best := 0.0
	for deadline := time.Now().Add(patience); best < 0.8 && time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		best = max(best, share(far.latest(), 500))
	}
	if best < 0.8 {
		t.Errorf("no more than %.2f of what the far end heard was at 500 Hz", best)
	}
	sound.Off()
}
