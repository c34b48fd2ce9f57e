package voip

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
)

// A Session is read and written in frames of FrameLen bytes: FrameDuration of µ-law at 8 kHz.
const (
	FrameLen      = jitter.FrameLen
	FrameDuration = jitter.FrameDuration
	Silence       = jitter.Silence // one sample of it

	narrowRate = 8000
)

const (
	rtpHeader = 12
	sendGap   = 100 * time.Millisecond // between two writes, before the RTP clock is set again
)

// Session is the sound of one leg: RTP in and out of one port. One goroutine may read while another writes.
type Session struct {
	conn   *net.UDPConn
	local  netip.AddrPort
	log    *slog.Logger
	onDTMF func(digit byte)

	peer   atomic.Pointer[netip.AddrPort] // where we send; nil: nowhere
	closed chan struct{}
	once   sync.Once
	wg     sync.WaitGroup

	in    receiver
	out   sender
	ear   *jitter.Reader // of G.711
	relay atomic.Bool
	opus  atomic.Bool // the wire speaks it
	wide  atomic.Pointer[opus.Ear]
	band  widener // of G.711, for who reads and writes wide sound
}

// sender is the way out, under its own lock: a slow socket must not hold up the reader.
type sender struct {
	mu      sync.Mutex
	stream  stream
	seq     uint16
	ts      uint32
	ssrc    uint32
	last    time.Time
	event   bool   // a digit is being sent; sound waits
	eventTS uint32 // when it began
	sent    atomic.Uint64
	buf     [rtpHeader + FrameLen]byte

	mouth  *opus.Mouth // nil before Opus is spoken
	packet []byte      // of Opus
	splice jitter.Splice
}

// newSession opens a port on addr and listens at once: early media may come before the answer. onDTMF is called on the receiving goroutine.
func newSession(p *ports, addr netip.Addr, log *slog.Logger, onDTMF func(digit byte)) (*Session, error) {
	conn, err := p.open(addr)
	if err != nil {
		return nil, err
	}
	s := &Session{
		conn: conn, log: log, onDTMF: onDTMF,
		closed: make(chan struct{}), ear: jitter.NewReader(),
	}
	s.local = netip.AddrPortFrom(addr, uint16(conn.LocalAddr().(*net.UDPAddr).Port))
	s.out.ssrc, s.out.ts, s.out.seq = rand.Uint32(), rand.Uint32(), uint16(rand.Uint32()) //nolint:gosec // RFC 3550 §5.1 wants no secret
	s.in.ear = s.ear
	s.wg.Go(s.receive)
	return s, nil
}

// apply takes what both ends agreed on. signalling is the far end's address on the SIP side: behind a NAT its RTP comes from there too.
func (s *Session) apply(st stream, signalling netip.Addr) {
	coded := st.codec == Opus
	if coded && s.wide.Load() == nil {
		s.newWide()
	}
	s.in.apply(st, signalling)
	s.opus.Store(coded)
	s.out.mu.Lock()
	s.out.apply(st)
	s.out.mu.Unlock()
	if st.remote.IsValid() {
		if to := s.in.destination(); to.IsValid() {
			s.peer.Store(&to)
		}
	}
}

// close ends the session and waits for its goroutine.
func (s *Session) close() {
	s.once.Do(func() {
		close(s.closed)
		s.ear.Close()
		if w := s.wide.Load(); w != nil {
			w.Close()
		}
		_ = s.conn.Close()
	})
	s.wg.Wait()
}

// Read returns the next frame the far end speaks, in µ-law whatever the wire speaks. The slice is valid until the next Read.
//
// As a rule a frame comes every 20 ms, out of a jitter buffer of 20 to 80 ms; what is lost is concealed, and silence fills what was never
// sent. With Relay(true) frames come as they arrive, in order and without delay, for an end that has its own buffer; silence only begins
// after a pause of 200 ms. The error is io.EOF when the leg has ended, or ctx's.
func (s *Session) Read(ctx context.Context) ([]byte, error) {
	if s.opus.Load() {
		return s.wide.Load().Read(ctx)
	}
	return s.ear.Read(ctx)
}

// Write lets the far end hear one frame of FrameLen bytes; it never waits. The caller keeps the time: one frame each 20 ms.
// Before the far end's address is known, and while it does not want to hear us, frames are dropped without an error.
// io.ErrClosedPipe when the leg has ended.
func (s *Session) Write(frame []byte) error {
	if len(frame) != FrameLen {
		return io.ErrShortWrite
	}
	o := &s.out
	o.mu.Lock()
	defer o.mu.Unlock()
	peer, marker, err := s.turn()
	if peer == nil {
		return err
	}
	switch o.stream.codec {
	case Opus:
		payload, err := o.mouth.Ulaw(frame)
		if err != nil {
			return err
		}
		o.sendCoded(s.conn, *peer, marker, payload)
		return nil
	case PCMA:
		for i, b := range frame {
			o.buf[rtpHeader+i] = g711.Ulaw2AlawFrame(b)
		}
	default:
		copy(o.buf[rtpHeader:], frame)
	}
	o.send(s.conn, *peer, o.stream.sendPT, marker, o.buf[:])
	return nil
}

// turn moves the clock on by a frame and says whom to send it to; nil: nobody, and the error of a session that is closed.
func (s *Session) turn() (peer *netip.AddrPort, marker bool, err error) {
	o := &s.out
	select {
	case <-s.closed:
		return nil, false, io.ErrClosedPipe
	default:
	}
	o.splice.End()
	marker = o.advance(time.Now())
	if o.event || !o.stream.theyListen {
		return nil, marker, nil
	}
	return s.peer.Load(), marker, nil
}

func (o *sender) apply(st stream) {
	o.stream = st
	if st.codec != Opus {
		return
	}
	if o.mouth == nil {
		o.mouth, o.packet = &opus.Mouth{}, make([]byte, rtpHeader, maxPacket)
	}
	o.mouth.Tune(st.wants)
}

// step is a frame on the RTP clock.
func (o *sender) step() uint32 { return o.stream.codec.clock() / uint32(time.Second/FrameDuration) }

// advance moves the RTP clock by a frame, and by the time that has passed when nobody wrote for a while; then a talkspurt begins
// (RFC 3551 §4.1).
func (o *sender) advance(now time.Time) (marker bool) {
	ticks := o.step()
	if gap := now.Sub(o.last); gap > sendGap {
		if !o.last.IsZero() {
			ticks *= uint32(gap / FrameDuration)
		}
		marker = true
	}
	o.last = now
	o.ts += ticks
	return marker
}

// send puts the header before the payload that packet already holds. A full socket or an absent peer is the network's loss, not an error.
func (o *sender) send(conn *net.UDPConn, to netip.AddrPort, pt uint8, marker bool, packet []byte) {
	o.seq++
	putHeader(packet, pt, marker, o.seq, o.ts, o.ssrc)
	if _, err := conn.WriteToUDPAddrPort(packet, to); err == nil {
		o.sent.Add(1)
	}
}

// Relay chooses between the two ways to read; it may change in mid-call.
func (s *Session) Relay(on bool) {
	s.ear.Relay(on)
	s.relay.Store(on)
	if w := s.wide.Load(); w != nil {
		w.Relay(on)
	}
}

// Codec is what the wire speaks.
func (s *Session) Codec() Codec {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	return s.out.stream.codec
}

// Local is the address we receive RTP on.
func (s *Session) Local() netip.AddrPort { return s.local }

// Remote is the address we send RTP to; not valid before it is known.
func (s *Session) Remote() netip.AddrPort {
	if p := s.peer.Load(); p != nil {
		return *p
	}
	return netip.AddrPort{}
}
