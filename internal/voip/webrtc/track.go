package webrtc

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
)

// track is what we say to the page, in the coding that it has chosen. It implements webrtc.TrackLocal.
type track struct {
	agreed func(isOpus bool)

	mu     sync.Mutex
	out    webrtc.TrackLocalWriter // nil before the page has chosen
	ssrc   uint32
	opus   bool
	header rtp.Header
	last   time.Time
	mouth  opus.Mouth
	splice jitter.Splice
}

func newTrack(agreed func(isOpus bool)) *track {
	t := &track{agreed: agreed, header: rtp.Header{
		Version: 2, SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32(), //nolint:gosec // RFC 3550 §5.1 wants no secret
	}}
	t.mouth.Tune(opus.Params{FEC: true}) // every browser makes use of it
	return t
}

// Bind is called once the page has answered.
func (t *track) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	for _, codec := range c.CodecParameters() { // the best first
		isOpus := strings.EqualFold(codec.MimeType, webrtc.MimeTypeOpus)
		if !isOpus && !strings.EqualFold(codec.MimeType, webrtc.MimeTypePCMU) {
			continue
		}
		t.mu.Lock()
		t.out, t.ssrc, t.opus = c.WriteStream(), uint32(c.SSRC()), isOpus
		t.header.SSRC, t.header.PayloadType = t.ssrc, uint8(codec.PayloadType)
		t.mu.Unlock()
		t.agreed(isOpus)
		return codec, nil
	}
	return webrtc.RTPCodecParameters{}, errors.New("webrtc: the page knows none of our codecs")
}

// Unbind is called when the connection ends.
func (t *track) Unbind(webrtc.TrackLocalContext) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out = nil
	return nil
}

// ID implements webrtc.TrackLocal.
func (t *track) ID() string { return "voice" }

// RID implements webrtc.TrackLocal.
func (t *track) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (t *track) StreamID() string { return "laoyou" }

// Kind implements webrtc.TrackLocal.
func (t *track) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

// source is our SSRC.
func (t *track) source() uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ssrc
}

// write sends one frame of µ-law.
func (t *track) write(frame []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.out == nil {
		return nil
	}
	t.splice.End()
	if t.opus {
		var err error
		if frame, err = t.mouth.Ulaw(frame); err != nil {
			return err
		}
	}
	t.advance(time.Now())
	t.header.SequenceNumber++
	t.send(t.header, frame)
	return nil
}

// writeCoded sends a packet of another stream.
func (t *track) writeCoded(p jitter.Packet) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.out == nil || !t.opus {
		return
	}
	h := t.header
	if t.splice.Begins(p) {
		t.advance(time.Now())
		h.Marker = t.header.Marker
		t.splice.Begin(p, h.SequenceNumber+1, t.header.Timestamp)
	} else {
		h.Marker = false
	}
	t.last = time.Now()
	var ok bool
	if h.SequenceNumber, h.Timestamp, ok = t.splice.Place(p); !ok {
		return
	}
	if int16(h.SequenceNumber-t.header.SequenceNumber) > 0 {
		t.header.SequenceNumber, t.header.Timestamp = h.SequenceNumber, h.Timestamp
	}
	t.send(h, p.Payload)
}

// advance moves the clock by a frame, or by the time that nobody spoke; then a talkspurt begins (RFC 3551 §4.1).
func (t *track) advance(now time.Time) {
	frame := uint32(jitter.FrameLen)
	if t.opus {
		frame = opus.FrameTicks
	}
	step := frame
	gap := now.Sub(t.last)
	t.header.Marker = gap > sendGap
	if t.header.Marker && !t.last.IsZero() {
		step = uint32(gap/jitter.FrameDuration) * frame
	}
	t.last = now
	t.header.Timestamp += step
}

// send writes a packet. A page that is not there is no error.
func (t *track) send(h rtp.Header, payload []byte) { _, _ = t.out.WriteRTP(&h, payload) }
