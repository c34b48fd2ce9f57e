package opus

import (
	"fmt"

	"github.com/zaf/g711"
)

// Mouth makes packets of what is said. It is not safe for concurrent use. The zero Mouth works.
type Mouth struct {
	params       Params
	wide, narrow *Encoder // as they are needed: one end says the whole of a call at one rate
	pcm          [narrowFrame]int16
	out          [MaxPayload]byte
}

// Tune takes the other end's wishes.
func (m *Mouth) Tune(p Params) {
	if m.params != p {
		m.params, m.wide, m.narrow = p, nil, nil
	}
}

// Wide codes 20 ms at WideRate. The packet is valid until the next.
func (m *Mouth) Wide(pcm []int16) ([]byte, error) { return m.encode(&m.wide, WideRate, pcm) }

// Ulaw codes 20 ms of G.711 µ-law. The packet is valid until the next.
func (m *Mouth) Ulaw(frame []byte) ([]byte, error) {
	if len(frame) != narrowFrame {
		return nil, fmt.Errorf("opus: a frame of %d samples", len(frame))
	}
	for i, b := range frame {
		m.pcm[i] = g711.DecodeUlawFrame(b)
	}
	return m.encode(&m.narrow, NarrowRate, m.pcm[:])
}

func (m *Mouth) encode(enc **Encoder, rate int, pcm []int16) ([]byte, error) {
	if *enc == nil {
		e, err := NewEncoder(rate, m.params)
		if err != nil {
			return nil, err
		}
		*enc = e
	}
	n, err := (*enc).Encode(pcm, m.out[:])
	if err != nil {
		return nil, fmt.Errorf("opus: %w", err)
	}
	return m.out[:n], nil
}
