package voip

import (
	"context"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
)

// Coding names what the wire speaks when packets of it may be passed on as they are, "" when frames of µ-law are as good.
func (s *Session) Coding() string {
	if s.opus.Load() {
		return Opus.String()
	}
	return ""
}

// ReadCoded returns the next packet of the far end as it comes, instead of Read. The payload is valid until the next read. io.EOF when the
// leg has ended. Only while Coding says so.
func (s *Session) ReadCoded(ctx context.Context) (jitter.Packet, error) {
	w := s.wide.Load()
	if w == nil {
		return jitter.Packet{}, io.ErrNoProgress
	}
	return w.ReadCoded(ctx)
}

// WriteCoded lets the far end hear a packet of another stream in the same coding; otherwise as Write.
func (s *Session) WriteCoded(p jitter.Packet) error {
	o := &s.out
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case <-s.closed:
		return io.ErrClosedPipe
	default:
	}
	peer := s.peer.Load()
	if peer == nil || o.event || !o.stream.theyListen || o.stream.codec != Opus {
		o.splice.End()
		return nil
	}
	marker := false
	if o.splice.Begins(p) {
		marker = o.advance(time.Now())
		o.splice.Begin(p, o.seq+1, o.ts)
	}
	o.last = time.Now()
	if seq, ts, ok := o.splice.Place(p); ok {
		o.sendPacket(s.conn, *peer, marker, seq, ts, p.Payload)
	}
	return nil
}

// sendCoded sends a packet that we have coded.
func (o *sender) sendCoded(conn *net.UDPConn, to netip.AddrPort, marker bool, payload []byte) {
	o.sendPacket(conn, to, marker, o.seq+1, o.ts, payload)
}

func (o *sender) sendPacket(conn *net.UDPConn, to netip.AddrPort, marker bool, seq uint16, ts uint32, payload []byte) {
	if int16(seq-o.seq) > 0 {
		o.seq, o.ts = seq, ts
	}
	o.packet = append(o.packet[:rtpHeader], payload...)
	putHeader(o.packet, o.stream.sendPT, marker, seq, ts, o.ssrc)
	if _, err := conn.WriteToUDPAddrPort(o.packet, to); err == nil {
		o.sent.Add(1)
	}
}

// newWide makes the ear for Opus, at the first agreement on it.
func (s *Session) newWide() {
	w := opus.NewEar()
	w.Relay(s.relay.Load())
	s.in.mu.Lock()
	s.in.wide = w
	s.in.mu.Unlock()
	s.wide.Store(w)
	select {
	case <-s.closed:
		w.Close()
	default:
	}
}
