package media

import (
	"bytes"
	"fmt"

	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/internal/audio"
)

// quiet is a frame of silence that everybody shares: a constant, had Go any of this kind.
var quiet = bytes.Repeat([]byte{Quiet}, FrameLen)

// Sound is something to hear that nobody says: an immutable value that any number of parties may hear at once.
// The zero Sound is endless silence.
type Sound struct {
	name string
	ulaw []byte // whole frames
	loop int    // frame at which it begins again, or -1: then silence
}

// Prompt makes a Sound of samples at 16 kHz, as the speech engines give them. It is heard once, then silence.
func Prompt(name string, samples []int16) (Sound, error) {
	narrow, err := audio.Resample(samples, audio.Rate, Rate)
	if err != nil {
		return Sound{}, fmt.Errorf("prompt %s: %w", name, err)
	}
	return encode(name, narrow), nil
}

// encode makes a Sound of samples at 8 kHz, padded with silence to whole frames, heard once.
func encode(name string, samples []int16) Sound {
	frames := (len(samples) + FrameLen - 1) / FrameLen
	ulaw := bytes.Repeat([]byte{Quiet}, frames*FrameLen)
	for i, s := range samples {
		ulaw[i] = g711.EncodeUlawFrame(s)
	}
	return Sound{name: name, ulaw: ulaw, loop: -1}
}

// Loop returns s, heard over and over.
func (s Sound) Loop() Sound {
	s.loop = 0
	return s
}

// Then returns s followed by next; what next repeats is repeated.
func (s Sound) Then(next Sound) Sound {
	both := Sound{name: s.name + "+" + next.name, loop: -1}
	both.ulaw = append(append(both.ulaw, s.ulaw...), next.ulaw...)
	if next.loop >= 0 && len(next.ulaw) > 0 {
		both.loop = s.Frames() + next.loop
	}
	return both
}

// String returns the name, for the timeline of a contact and for logs.
func (s Sound) String() string {
	if s.name == "" {
		return "silence"
	}
	return s.name
}

// Frames is how many frames it has before it repeats or ends.
func (s Sound) Frames() int { return len(s.ulaw) / FrameLen }

// Ended reports whether frame n is past the end of a Sound that does not repeat.
func (s Sound) Ended(n int) bool { return s.loop < 0 && n >= s.Frames() }

// Frame returns frame n, counted from the begin: silence after the end. It must not be written to.
func (s Sound) Frame(n int) []byte {
	if have := s.Frames(); n >= have {
		if s.loop < 0 || s.loop >= have {
			return quiet
		}
		n = s.loop + (n-s.loop)%(have-s.loop)
	}
	return s.ulaw[n*FrameLen : (n+1)*FrameLen : (n+1)*FrameLen]
}
