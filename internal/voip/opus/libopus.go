//go:build cgo && opus

package opus

import (
	"errors"
	"fmt"

	"gopkg.in/hraban/opus.v2"
)

// Available says whether the codec is built in.
func Available() bool { return true }

// Encoder makes packets of sound. It is not safe for concurrent use.
type Encoder struct{ enc *opus.Encoder }

// NewEncoder codes sound of rate samples per second.
func NewEncoder(rate int, p Params) (*Encoder, error) {
	enc, err := opus.NewEncoder(rate, 1, opus.AppVoIP)
	if err != nil {
		return nil, fmt.Errorf("opus: %w", err)
	}
	rateLimit := bitrate
	if p.Bitrate > 0 {
		rateLimit = min(rateLimit, p.Bitrate)
	}
	effort := complexity
	if rate == NarrowRate {
		effort = narrowEasy
	}
	// No DTX: silence that is not sent looks like a dead line to whoever watches it.
	err = errors.Join(enc.SetBitrate(rateLimit), enc.SetComplexity(effort), enc.SetDTX(false), enc.SetInBandFEC(p.FEC))
	if p.FEC {
		err = errors.Join(err, enc.SetPacketLossPerc(expectLoss))
	}
	if err != nil {
		return nil, fmt.Errorf("opus: %w", err)
	}
	return &Encoder{enc}, nil
}

// Encode writes the packet of one frame to out, which holds MaxPayload bytes, and returns its length.
func (e *Encoder) Encode(pcm []int16, out []byte) (int, error) {
	return e.enc.Encode(pcm, out[:len(out):len(out)])
}

// Decoder makes sound of packets. It is not safe for concurrent use.
type Decoder struct{ dec *opus.Decoder }

// NewDecoder makes sound of rate samples per second.
func NewDecoder(rate int) (*Decoder, error) {
	dec, err := opus.NewDecoder(rate, 1)
	if err != nil {
		return nil, fmt.Errorf("opus: %w", err)
	}
	return &Decoder{dec}, nil
}

// Decode writes a packet's sound to pcm and returns how many samples it is.
func (d *Decoder) Decode(payload []byte, pcm []int16) (int, error) {
	return d.dec.Decode(payload, pcm[:len(pcm):len(pcm)])
}

// Recover fills pcm with what was lost just before the packet: the copy in it, or what may have been said.
func (d *Decoder) Recover(next []byte, pcm []int16) error {
	return d.dec.DecodeFEC(next, pcm[:len(pcm):len(pcm)])
}

// Conceal fills pcm with what may have been said.
func (d *Decoder) Conceal(pcm []int16) error { return d.dec.DecodePLC(pcm[:len(pcm):len(pcm)]) }
