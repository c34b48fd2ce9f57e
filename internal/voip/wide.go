package voip

import (
	"context"
	"io"

	"github.com/zaf/g711"

	sound "github.com/laoyou/laoyou/internal/audio"
	"github.com/laoyou/laoyou/internal/voip/opus"
)

// Wide sound is 20 ms at 16 kHz: WideLen samples.
const (
	WideRate = opus.WideRate
	WideLen  = WideRate / 50
)

// widener makes wide sound of G.711 and the other way round.
type widener struct {
	up    *sound.Resampler // the reader's, like the next two
	heard []int16          // not read yet
	given int
	down  *sound.Resampler // the writer's, like the next
	said  []byte           // not written yet
}

// ReadWide is Read for an ear that hears more than a telephone: WideLen samples, valid until the next read. What speaks G.711 sounds as it
// does anywhere; Opus is heard in full.
func (s *Session) ReadWide(ctx context.Context) ([]int16, error) {
	b := &s.band
	b.heard = b.heard[:copy(b.heard, b.heard[b.given:])]
	b.given = 0
	for len(b.heard) < WideLen {
		if s.opus.Load() {
			return s.wide.Load().ReadWide(ctx)
		}
		frame, err := s.ear.Read(ctx)
		if err != nil {
			return nil, err
		}
		if err := b.hear(frame); err != nil {
			return nil, err
		}
	}
	b.given = WideLen
	return b.heard[:WideLen], nil
}

func (b *widener) hear(frame []byte) error {
	if b.up == nil {
		up, err := sound.NewResampler(narrowRate, WideRate)
		if err != nil {
			return err
		}
		b.up = up
	}
	var pcm [FrameLen]int16
	for i, c := range frame {
		pcm[i] = g711.DecodeUlawFrame(c)
	}
	b.heard = append(b.heard, b.up.Write(pcm[:])...)
	return nil
}

// WriteWide is Write for a mouth of WideLen samples. One goroutine writes.
func (s *Session) WriteWide(pcm []int16) error {
	if len(pcm) != WideLen {
		return io.ErrShortWrite
	}
	if s.opus.Load() {
		return s.writeWide(pcm)
	}
	b := &s.band
	if b.down == nil {
		down, err := sound.NewResampler(WideRate, narrowRate)
		if err != nil {
			return err
		}
		b.down = down
	}
	for _, x := range b.down.Write(pcm) {
		b.said = append(b.said, g711.EncodeUlawFrame(x))
	}
	for len(b.said) >= FrameLen {
		err := s.Write(b.said[:FrameLen])
		b.said = b.said[:copy(b.said, b.said[FrameLen:])]
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) writeWide(pcm []int16) error {
	o := &s.out
	o.mu.Lock()
	defer o.mu.Unlock()
	peer, marker, err := s.turn()
	if peer == nil || o.stream.codec != Opus {
		return err
	}
	payload, err := o.mouth.Wide(pcm)
	if err != nil {
		return err
	}
	o.sendCoded(s.conn, *peer, marker, payload)
	return nil
}
