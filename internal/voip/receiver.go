package voip

import (
	"net/netip"
	"sync"
	"time"

	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
)

const (
	maxPacket = 1500
	// rebindAfter: a peer that has been silent for so long may go on from another port of its address (its NAT has forgotten it).
	rebindAfter = 2 * time.Second
)

// receiver is the way in. Everything is under mu.
type receiver struct {
	mu   sync.Mutex
	ear  *jitter.Reader
	wide *opus.Ear // nil before Opus is spoken
	on   *forward  // nil: sound goes to ear

	stream  stream
	agreed  bool
	allowed [2]netip.Addr  // the addresses RTP may come from: as described, as signalled
	from    netip.AddrPort // where it does come from; not valid before the first packet
	ssrc    uint32

	digits  digitDetector
	counted lossCounter
	jitter  jitterMeter
	foreign uint64
	invalid uint64
	last    time.Time // of a packet that counted
}

// apply takes a new agreement. The learnt address is kept as long as the description does not change: a hold does not move the peer.
func (r *receiver) apply(st stream, signalling netip.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jitter.clock(st.codec.clock())
	if st.remote.IsValid() && st.remote != r.stream.remote {
		r.from = netip.AddrPort{}
	}
	if !st.remote.IsValid() { // on hold the old way: nothing was said about where
		st.remote = r.stream.remote
	}
	r.stream, r.agreed = st, true
	r.allowed = [2]netip.Addr{st.remote.Addr().Unmap(), signalling.Unmap()}
}

// destination is where to send: the address learnt, else the one described.
func (r *receiver) destination() netip.AddrPort {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.from.IsValid() {
		return r.from
	}
	return r.stream.remote
}

// admit is the symmetric RTP rule (RFC 4961, RFC 7362 §4). The first valid packet from an address that SDP or SIP named fixes where the peer
// is; from then on nothing else is heard. Three things move it: a new description (apply), the peer appearing at the very address it had
// described, and, after a silence, the same source going on from another port.
func (r *receiver) admit(from netip.AddrPort, ssrc uint32, now time.Time) (ok, moved bool) {
	switch {
	case from == r.from:
		return true, false
	case !r.agreed || (from.Addr() != r.allowed[0] && from.Addr() != r.allowed[1]):
		return false, false
	case !r.from.IsValid():
	case from == r.stream.remote:
	case from.Addr() == r.from.Addr() && ssrc == r.ssrc && now.Sub(r.last) > rebindAfter:
	default:
		return false, false
	}
	r.from = from
	return true, true
}

// receive reads the socket until it is closed.
func (s *Session) receive() {
	var p packet
	buf := make([]byte, maxPacket)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			select {
			case <-s.closed:
				return
			default:
				continue // an ICMP error of an earlier packet
			}
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		s.take(time.Now(), from, buf[:n], &p)
	}
}

// take handles one datagram.
func (s *Session) take(now time.Time, from netip.AddrPort, b []byte, p *packet) {
	r := &s.in
	r.mu.Lock()
	moved, digit := r.packet(now, from, b, p)
	to := r.from
	r.mu.Unlock()
	if moved {
		peer := to // only then on the heap
		s.peer.Store(&peer)
	}
	if digit != 0 && s.onDTMF != nil {
		s.onDTMF(digit)
	}
}

func (r *receiver) packet(now time.Time, from netip.AddrPort, b []byte, p *packet) (moved bool, digit byte) {
	if !parseRTP(b, p) {
		r.invalid++
		return false, 0
	}
	sound := r.agreed && p.pt == r.stream.recvPT
	event := r.agreed && int(p.pt) == r.stream.recvDTMF
	if !sound && !event {
		r.invalid++
		return false, 0
	}
	ok, moved := r.admit(from, p.ssrc, now)
	if !ok {
		r.foreign++
		return false, 0
	}
	if p.ssrc != r.ssrc || r.counted.received == 0 {
		r.ssrc = p.ssrc
		r.ear.Reset()
		if r.wide != nil {
			r.wide.Reset()
		}
		r.counted.restart(p.seq)
		r.jitter.restart()
		r.digits.valid = false
	}
	r.last = now
	if !r.counted.count(p.seq) {
		return moved, 0 // a duplicate
	}
	if event {
		return moved, r.digits.take(p.ts, p.payload)
	}
	r.jitter.take(now, p.ts)
	alaw := r.stream.codec == PCMA
	switch {
	case r.stream.codec == Opus:
		if !r.wide.Push(now, jitter.Packet{Source: p.ssrc, Seq: p.seq, TS: p.ts, Payload: p.payload}) {
			r.invalid++
		}
	case r.on != nil:
		r.on.push(p.payload, alaw)
	default:
		r.ear.Push(now, p.ts, p.payload, alaw)
	}
	return moved, 0
}
