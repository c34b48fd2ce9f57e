package call

import (
	"context"
	"fmt"

	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/internal/audio"
	"github.com/laoyou/laoyou/internal/voip"
)

// lineRate is what G.711 speaks.
const lineRate = 8000

// narrow makes a far end that knows G.711 alone wide.
type narrow struct {
	party
	up, down *audio.Resampler
	cut      audio.Framer
	next     []audio.Frame
	coded    []byte
}

func newNarrow(p party) (*narrow, error) {
	up, err := audio.NewResampler(lineRate, audio.Rate)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	down, err := audio.NewResampler(audio.Rate, lineRate)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	return &narrow{party: p, up: up, down: down}, nil
}

// ReadWide implements wide.
func (n *narrow) ReadWide(ctx context.Context) ([]int16, error) {
	for len(n.next) == 0 {
		coded, err := n.Read(ctx)
		if err != nil {
			return nil, err
		}
		n.next = n.cut.Write(n.up.Write(samples(coded)))
	}
	f := n.next[0]
	n.next = n.next[1:]
	return f, nil
}

func samples(ulaw []byte) []int16 {
	out := make([]int16, len(ulaw))
	for i, b := range ulaw {
		out[i] = g711.DecodeUlawFrame(b)
	}
	return out
}

// WriteWide implements wide.
func (n *narrow) WriteWide(pcm []int16) error {
	for _, s := range n.down.Write(pcm) {
		n.coded = append(n.coded, g711.EncodeUlawFrame(s))
	}
	for len(n.coded) >= voip.FrameLen {
		if err := n.Write(n.coded[:voip.FrameLen]); err != nil {
			return err
		}
		n.coded = append(n.coded[:0], n.coded[voip.FrameLen:]...)
	}
	return nil
}
