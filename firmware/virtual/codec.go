package virtual

import (
	"fmt"
	"strings"

	"github.com/gotranspile/g722"
	"github.com/pion/webrtc/v4"
	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/internal/audio"
)

// codec turns frames into RTP payloads and back. One serves one peer: encoder and decoder have state.
type codec struct {
	params webrtc.RTPCodecParameters
	encode func(audio.Frame) []byte
	decode func(payload []byte) []int16 // any number of samples at 16 kHz
}

// pickCodec takes wideband where the offer has it. Both are narrow enough in features that every browser has at least G.711 (RFC 7874 §3).
func pickCodec(sdp string) (*codec, error) {
	switch {
	case strings.Contains(sdp, " G722/8000"):
		return newG722(), nil
	case strings.Contains(sdp, " PCMU/8000"):
		return newPCMU()
	}
	return nil, fmt.Errorf("the offer has neither G722 nor PCMU")
}

// newG722 has a clock of 8 kHz and samples at 16 kHz: RFC 3551 §4.5.2 keeps an old mistake.
func newG722() *codec {
	enc, dec := g722.NewEncoder(g722.Rate64000, 0), g722.NewDecoder(g722.Rate64000, 0)
	return &codec{
		params: webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeG722, ClockRate: 8000}, PayloadType: 9,
		},
		encode: func(f audio.Frame) []byte {
			out := make([]byte, len(f)/2+1)
			return out[:enc.Encode(out, f)]
		},
		decode: func(payload []byte) []int16 {
			out := make([]int16, 2*len(payload))
			return out[:dec.Decode(out, payload)]
		},
	}
}

func newPCMU() (*codec, error) {
	const rate = 8000
	down, err := audio.NewResampler(audio.Rate, rate)
	if err != nil {
		return nil, err
	}
	up, err := audio.NewResampler(rate, audio.Rate)
	if err != nil {
		return nil, err
	}
	return &codec{
		params: webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: rate}, PayloadType: 0,
		},
		encode: func(f audio.Frame) []byte { return g711.EncodeUlaw(audio.AppendPCM(nil, down.Write(f))) },
		decode: func(payload []byte) []int16 { return up.Write(audio.PCM(g711.DecodeUlaw(payload))) },
	}, nil
}
