// Package opus speaks Opus on the voice line: wideband speech, mono, frames of 20 ms, each packet with a coarse copy of the one before it
// (RFC 6716, RFC 7587). An Ear makes sound of what comes, a Mouth packets of what is said; both also know G.711, which is what the rest of
// the line speaks. It touches nothing of the machine.
//
// The codec itself is libopus and needs cgo: it is built in with the tag "opus". Without it Available is false, and who asks first never
// offers what cannot be coded.
package opus

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

const (
	// ClockRate is the RTP clock, whatever rate the sound was recorded at (RFC 7587 §4.1).
	ClockRate = 48000
	// FrameTicks is 20 ms of it.
	FrameTicks = 960
	// MaxPayload is the longest packet of one frame, in bytes (RFC 6716 §3.4).
	MaxPayload = 1275

	// WideRate is the rate of a booth's ear and mouth, in samples per second.
	WideRate = 16000
	// NarrowRate is the rate of G.711.
	NarrowRate = 8000

	maxTicks    = 120 * ClockRate / 1000
	frameTime   = 20 * time.Millisecond
	wideFrame   = WideRate / 50
	narrowFrame = NarrowRate / 50
)

const (
	bitrate    = 32000 // bit/s, of which about a third is the copy of the frame before
	expectLoss = 10    // per cent: the copy is the finer the higher this is
	complexity = 5     // of 10: half the work of the best, and nobody hears the difference on speech
	narrowEasy = 1     // for what has been G.711: it sounds no better than that, and a core codes it for many
	minBitrate = 6000
)

// Format describes to the other end what we want to hear: RFC 7587 §6.1. A booth's ear ends at 8 kHz, so bits for more are lost on it.
const Format = "useinbandfec=1;maxaveragebitrate=32000;maxplaybackrate=16000;sprop-maxcapturerate=16000;stereo=0;sprop-stereo=0"

// ErrMissing says that the codec is not built in.
var ErrMissing = errors.New("opus is not built in")

// Params are what the other end wants to hear.
type Params struct {
	FEC     bool // it makes use of the copies
	Bitrate int  // at most, in bit/s; 0: no wish
}

// ParseFormat reads the other end's fmtp. What is not understood is ignored (RFC 8866 §6.15).
func ParseFormat(fmtp string) Params {
	var p Params
	for part := range strings.SplitSeq(fmtp, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "useinbandfec":
			p.FEC = value == "1"
		case "maxaveragebitrate":
			if n, err := strconv.Atoi(value); err == nil && n >= minBitrate {
				p.Bitrate = n
			}
		}
	}
	return p
}

// Ticks is how long a packet sounds, on the RTP clock; 0 when it is none. RFC 6716 §3.1.
func Ticks(payload []byte) uint32 {
	if len(payload) == 0 {
		return 0
	}
	config, frames := payload[0]>>3, 1
	switch payload[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(payload) < 2 {
			return 0
		}
		frames = int(payload[1] & 0x3f)
	}
	const ms = ClockRate / 1000
	var each int
	switch {
	case config < 12: // SILK
		each = [...]int{10 * ms, 20 * ms, 40 * ms, 60 * ms}[config&3]
	case config < 16: // hybrid
		each = [...]int{10 * ms, 20 * ms}[config&1]
	default: // CELT
		each = [...]int{5 * ms / 2, 5 * ms, 10 * ms, 20 * ms}[config&3]
	}
	if frames*each > maxTicks {
		return 0
	}
	return uint32(frames * each)
}
