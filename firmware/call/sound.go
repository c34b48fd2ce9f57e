package call

import (
	"context"
	"slices"

	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/internal/audio"
)

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

// wide is a far end that can be heard in full: frames as ear and mouth have them. Whether its line carries more than a telephone's band is
// its own matter.
type wide interface {
	ReadWide(ctx context.Context) ([]int16, error) // valid until the next
	WriteWide(pcm []int16) error
}

// widen makes any far end wide.
func widen(p party) (wide, error) {
	if w, ok := p.(wide); ok {
		return w, nil
	}
	return newNarrow(p)
}

// heard makes frames for the ear.
type heard struct{ from wide }

// Read implements audio.Source.
func (h heard) Read(ctx context.Context) (audio.Frame, error) {
	f, err := h.from.ReadWide(ctx)
	if err != nil {
		return nil, err
	}
	return audio.Frame(slices.Clone(f)), nil
}

// speak sends what the mouth hears until ctx is done or the line is gone.
func speak(ctx context.Context, mouth <-chan audio.Frame, to wide) {
	for {
		select {
		case <-ctx.Done():
			return
		case f, ok := <-mouth:
			if !ok {
				return
			}
			err := to.WriteWide(f)
			f.Wipe()
			if err != nil {
				return // the leg's own end says why
			}
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
	far, err := widen(p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	s.Ear.Claim(s.Owner)
	s.Ear.Play(s.Owner, heard{far})
	mouth, away := s.Ear.Mic(s.Owner)
	go func() {
		defer away()
		speak(ctx, mouth, far)
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
