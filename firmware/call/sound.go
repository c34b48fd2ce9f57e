package call

import (
	"context"
	"fmt"

	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/internal/audio"
	"github.com/laoyou/laoyou/internal/voip"
)

// lineRate is what G.711 speaks.
const lineRate = 8000

// Ear is the booth's ear and mouth as a call uses them.
type Ear interface {
	Play(o voiceio.Owner, src audio.Source) *voiceio.Playback
	Stop(o voiceio.Owner)
	Claim(o voiceio.Owner)
	Release(o voiceio.Owner)
	Mic(o voiceio.Owner) (<-chan audio.Frame, func())
}

// party is the far end's sound: µ-law frames of 20 ms.
type party interface {
	Read(ctx context.Context) ([]byte, error)
	Write(frame []byte) error
}

// heard makes a frame for the ear out of each frame of the line.
type heard struct {
	from party
	up   *audio.Resampler
	cut  audio.Framer
	next []audio.Frame
}

func newHeard(p party) (*heard, error) {
	up, err := audio.NewResampler(lineRate, audio.Rate)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	return &heard{from: p, up: up}, nil
}

// Read implements audio.Source.
func (h *heard) Read(ctx context.Context) (audio.Frame, error) {
	for len(h.next) == 0 {
		coded, err := h.from.Read(ctx)
		if err != nil {
			return nil, err
		}
		h.next = h.cut.Write(h.up.Write(samples(coded)))
	}
	f := h.next[0]
	h.next = h.next[1:]
	return f, nil
}

func samples(ulaw []byte) []int16 {
	out := make([]int16, len(ulaw))
	for i, b := range ulaw {
		out[i] = g711.DecodeUlawFrame(b)
	}
	return out
}

// speak sends what the mouth hears until ctx is done or the line is gone.
func speak(ctx context.Context, mouth <-chan audio.Frame, to party) error {
	down, err := audio.NewResampler(audio.Rate, lineRate)
	if err != nil {
		return fmt.Errorf("call: %w", err)
	}
	coded := make([]byte, 0, 4*voip.FrameLen)
	for {
		select {
		case <-ctx.Done():
			return nil
		case f, ok := <-mouth:
			if !ok {
				return nil
			}
			for _, s := range down.Write(f) {
				coded = append(coded, g711.EncodeUlawFrame(s))
			}
			f.Wipe()
		}
		for len(coded) >= voip.FrameLen {
			if err := to.Write(coded[:voip.FrameLen]); err != nil {
				return nil // the leg's own end says why
			}
			coded = append(coded[:0], coded[voip.FrameLen:]...)
		}
	}
}

// Sound joins a far end with the booth's ear and mouth, for as long as it is on. One goroutine uses it.
type Sound struct {
	Ear   Ear
	Owner voiceio.Owner
	stop  context.CancelFunc
}

// On starts, until ctx is done or Off; a sound that is on already goes on.
func (s *Sound) On(ctx context.Context, p party) error {
	if s.stop != nil {
		return nil
	}
	source, err := newHeard(p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	s.Ear.Claim(s.Owner)
	s.Ear.Play(s.Owner, source)
	mouth, away := s.Ear.Mic(s.Owner)
	go func() {
		defer away()
		_ = speak(ctx, mouth, p) // only a rate that does not exist fails, and ours does
	}()
	s.stop = cancel
	return nil
}

// Off gives ear and mouth back.
func (s *Sound) Off() {
	if s.stop == nil {
		return
	}
	s.stop()
	s.stop = nil
	s.Ear.Stop(s.Owner)
	s.Ear.Release(s.Owner)
}
