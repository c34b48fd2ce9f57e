package voip

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"
)

// eventDigits are the digits by their event codes. RFC 4733 §3.2.
const eventDigits = "0123456789*#ABCD"

const (
	digitFrames  = 5                     // of 20 ms: the length of a digit
	digitRepeats = 3                     // of its last packet, RFC 4733 §2.5.1.4
	digitPause   = 60 * time.Millisecond // between two
	eventVolume  = 10                    // -dBm0
	eventEnd     = 0x80
)

// digitDetector finds digits in telephone-event packets. All packets of a digit share the timestamp of its beginning; any of them may be lost,
// and the duration of the first may be 0. So the first that comes is the digit.
type digitDetector struct {
	ts    uint32
	valid bool
}

// take returns the digit that begins with this packet, 0 when none does.
func (d *digitDetector) take(ts uint32, payload []byte) byte {
	if len(payload) < 4 || int(payload[0]) >= len(eventDigits) {
		return 0
	}
	if d.valid && int32(ts-d.ts) <= 0 {
		return 0 // more of it, or of one before it
	}
	d.ts, d.valid = ts, true
	return eventDigits[payload[0]]
}

// sendDTMF plays digits, 100 ms each and 60 ms apart, and returns after the last. Sound written meanwhile is dropped.
func (s *Session) sendDTMF(ctx context.Context, digits string) error {
	for _, d := range []byte(strings.ToUpper(digits)) {
		if strings.IndexByte(eventDigits, d) < 0 {
			return fmt.Errorf("%q is no digit", d)
		}
	}
	tick := time.NewTicker(FrameDuration)
	defer tick.Stop()
	for _, d := range []byte(strings.ToUpper(digits)) {
		if err := s.sendDigit(ctx, tick, byte(strings.IndexByte(eventDigits, d))); err != nil {
			return err
		}
		for range digitPause / FrameDuration {
			if err := s.wait(ctx, tick); err != nil {
				return err
			}
		}
	}
	return nil
}

// sendDigit sends one event: a packet each 20 ms with the time so far, the last three times.
func (s *Session) sendDigit(ctx context.Context, tick *time.Ticker, code byte) error {
	var b [rtpHeader + 4]byte
	frame, ok := s.startEvent()
	if !ok {
		return ErrNoDTMF
	}
	defer s.endEvent()
	b[rtpHeader] = code
	for i := 1; i <= digitFrames; i++ {
		if err := s.wait(ctx, tick); err != nil {
			return err
		}
		b[rtpHeader+1] = eventVolume
		binary.BigEndian.PutUint16(b[rtpHeader+2:], uint16(i)*frame)
		if i < digitFrames {
			s.sendEvent(b[:], i == 1)
			continue
		}
		b[rtpHeader+1] |= eventEnd
		for range digitRepeats {
			s.sendEvent(b[:], false)
		}
	}
	return nil
}

func (s *Session) wait(ctx context.Context, tick *time.Ticker) error {
	select {
	case <-tick.C:
		return nil
	case <-s.closed:
		return io.ErrClosedPipe
	case <-ctx.Done():
		return ctx.Err()
	}
}

// startEvent stops the clock for the event: all its packets carry the time of its beginning. frame is 20 ms as the event counts them.
func (s *Session) startEvent() (frame uint16, ok bool) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if s.out.stream.sendDTMF < 0 || s.peer.Load() == nil {
		return 0, false
	}
	s.out.event = true
	s.out.eventTS = s.out.ts + s.out.step()
	return uint16(s.out.stream.dtmfClock / uint32(time.Second/FrameDuration)), true
}

func (s *Session) endEvent() {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.out.event = false
	s.out.splice.End() // the event has used sequence numbers
	if end := s.out.eventTS + digitFrames*s.out.step(); int32(end-s.out.ts) > 0 {
		s.out.ts, s.out.last = end, time.Now()
	}
}

func (s *Session) sendEvent(b []byte, marker bool) {
	o := &s.out
	o.mu.Lock()
	defer o.mu.Unlock()
	peer := s.peer.Load()
	if peer == nil || !o.stream.theyListen {
		return
	}
	now := o.ts // sound that is written meanwhile moves the clock on
	o.ts = o.eventTS
	o.send(s.conn, *peer, uint8(o.stream.sendDTMF), marker, b)
	o.ts = now
}
