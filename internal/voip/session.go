package voip

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// FrameLen is the length in bytes of 20 ms of µ-law at 8 kHz, the unit in which a Session is read and written.
const FrameLen = 160

// FrameDuration is the time of one frame.
const FrameDuration = 20 * time.Millisecond

// Silence is a µ-law sample of silence.
const Silence = 0xFF

// Session is the sound of one leg: RTP in and out of one port. One goroutine may read while another writes.
type Session struct{}

// Read returns the next frame the far end speaks, in µ-law whatever the wire speaks. The slice is valid until the next Read.
//
// With Playout (the default) a frame comes every 20 ms, out of a jitter buffer of 20 to 80 ms; what is lost is concealed, and silence fills
// what was never sent. With Relay(true) frames come as they arrive, in order and without delay, for an end that has its own buffer.
// The error is io.EOF when the leg has ended, or ctx's.
func (s *Session) Read(ctx context.Context) ([]byte, error) { return nil, errors.ErrUnsupported }

// Write lets the far end hear one frame of FrameLen bytes; it never waits. The caller keeps the time: one frame each 20 ms.
// Before the far end's address is known, and while it does not want to hear us, frames are dropped without an error.
// io.ErrClosedPipe when the leg has ended.
func (s *Session) Write(frame []byte) error { return errors.ErrUnsupported }

// Relay chooses between the two ways to read; it may change in mid-call.
func (s *Session) Relay(on bool) {}

// Codec is what the wire speaks.
func (s *Session) Codec() Codec { return PCMU }

// Local is the address we receive RTP on.
func (s *Session) Local() netip.AddrPort { return netip.AddrPort{} }

// Stats are the session's packets so far.
func (s *Session) Stats() Stats { return Stats{} }

// Stats count RTP packets.
type Stats struct {
	Received, Sent uint64
	Lost           uint64        // never came, or too late to be of use
	Late           uint64        // of those lost, came too late
	Foreign        uint64        // came from elsewhere than the peer and were ignored
	Invalid        uint64        // were no RTP that we understand
	Jitter         time.Duration // interarrival jitter, RFC 3550 §6.4.1
	Delay          time.Duration // what the jitter buffer adds now
	LastReceived   time.Time     // zero before the first
}
