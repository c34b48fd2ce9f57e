package voip

import (
	"net/netip"
	"testing"
	"time"

	"github.com/laoyou/laoyou/internal/voip/jitter"
)

func TestParseRTP(t *testing.T) {
	plain := make([]byte, rtpHeader+4)
	putHeader(plain, 101, true, 65535, 1<<31, 7)
	with := func(b0 byte, more ...byte) []byte {
		b := append([]byte{}, plain[:rtpHeader]...)
		b[0] = b0
		return append(b, more...)
	}
	for _, tt := range []struct {
		name    string
		b       []byte
		payload int // -1: refused
	}{
		{"plain", plain, 4},
		{"no payload", plain[:rtpHeader], 0},
		{"short", plain[:rtpHeader-1], -1},
		{"version 1", with(1 << 6), -1},
		{"two sources", with(2<<6|2, 0, 0, 0, 1, 0, 0, 0, 2, 9), 1},
		{"sources missing", with(2<<6|2, 0, 0, 0, 1), -1},
		{"extension", with(2<<6|0x10, 0, 0, 0, 1, 1, 2, 3, 4, 9, 9), 2},
		{"extension too long", with(2<<6|0x10, 0, 0, 0, 9, 1, 2, 3, 4), -1},
		{"extension cut", with(2<<6|0x10, 0, 0), -1},
		{"padding", with(2<<6|0x20, 9, 0, 0, 3), 1},
		{"padding too long", with(2<<6|0x20, 9, 5), -1},
		{"padding of nothing", with(2<<6 | 0x20), -1},
	} {
		var p packet
		ok := parseRTP(tt.b, &p)
		if ok != (tt.payload >= 0) || ok && len(p.payload) != tt.payload {
			t.Errorf("%s: %v, %d bytes", tt.name, ok, len(p.payload))
		}
		if ok && (p.ssrc != 7 || p.seq != 65535 || p.ts != 1<<31 || p.pt != 101 || !p.marker) {
			t.Errorf("%s: %+v", tt.name, p)
		}
	}
}

// TestAdmit is the rule of who is heard, step by step.
func TestAdmit(t *testing.T) {
	r := receiver{ear: jitter.NewReader()}
	now := time.Unix(1000, 0)
	var p packet
	bytesOf := func(ssrc uint32, seq uint16) []byte {
		b := make([]byte, rtpHeader+FrameLen)
		putHeader(b, 0, false, seq, uint32(seq)*FrameLen, ssrc)
		return b
	}
	var seq uint16
	step := func(what, from string, ssrc uint32, later time.Duration, heard bool) {
		t.Helper()
		seq++
		now = now.Add(later)
		before := r.counted.received
		r.packet(now, netip.MustParseAddrPort(from), bytesOf(ssrc, seq), &p)
		if (r.counted.received > before) != heard {
			t.Errorf("%s: heard is %v", what, !heard)
		}
	}
	step("before anything was agreed", "10.0.0.1:4000", 1, 0, false)
	r.apply(stream{remote: ap("10.0.0.1:4000"), sendDTMF: -1, recvDTMF: -1, theyListen: true}, netip.MustParseAddr("192.0.2.1"))
	step("a stranger first", "10.9.9.9:4000", 9, 0, false)
	step("behind a NAT: from where the signalling came", "192.0.2.1:7777", 1, 0, true)
	if r.destination() != ap("192.0.2.1:7777") {
		t.Errorf("sends to %s", r.destination())
	}
	step("a stranger later", "10.9.9.9:4000", 1, 0, false)
	step("the NAT's next port, too soon", "192.0.2.1:7778", 1, time.Second, false)
	step("still there", "192.0.2.1:7777", 1, 0, true)
	step("the NAT's next port, another source", "192.0.2.1:7778", 2, 3*time.Second, false)
	step("the NAT's next port", "192.0.2.1:7778", 1, 0, true)
	step("the address it described, at last", "10.0.0.1:4000", 1, 0, true)
	step("the old one", "192.0.2.1:7778", 1, 0, false)
	step("a new source from there", "10.0.0.1:4000", 5, 0, true)
	r.apply(stream{remote: ap("10.0.0.1:4000"), sendDTMF: -1, recvDTMF: -1}, netip.MustParseAddr("192.0.2.1"))
	if r.destination() != ap("10.0.0.1:4000") {
		t.Error("a hold moved the peer")
	}
	r.apply(stream{remote: ap("10.0.0.2:4000"), sendDTMF: -1, recvDTMF: -1, theyListen: true}, netip.MustParseAddr("192.0.2.1"))
	step("a new description: the old address", "10.0.0.1:4000", 5, 0, false)
	step("a new description: the new address", "10.0.0.2:4000", 5, 0, true)
}

func TestLossCounter(t *testing.T) {
	var c lossCounter
	c.restart(65534)
	for _, s := range []uint16{65534, 65535, 0, 2, 1, 1, 5} {
		c.count(s)
	}
	if c.received != 6 || c.lost() != 2 {
		t.Errorf("received %d, lost %d", c.received, c.lost())
	}
	c.restart(100)
	for _, s := range []uint16{100, 102} {
		c.count(s)
	}
	if c.received != 8 || c.lost() != 3 {
		t.Errorf("second stream: received %d, lost %d", c.received, c.lost())
	}
}

func TestJitterMeter(t *testing.T) {
	m := jitterMeter{rate: narrowRate}
	now := time.Unix(1000, 0)
	for i := range 200 {
		m.take(now.Add(time.Duration(i)*FrameDuration), uint32(1<<32-500+i*FrameLen)) //nolint:gosec // wraps around, on purpose
	}
	if m.value() != 0 {
		t.Errorf("an even stream jitters by %s", m.value())
	}
	m = jitterMeter{rate: narrowRate}
	for i := range 200 {
		m.take(now.Add(time.Duration(i)*FrameDuration+time.Duration(i%2)*8*time.Millisecond), uint32(i*FrameLen)) //nolint:gosec // small
	}
	if v := m.value(); v < 7*time.Millisecond || v > 9*time.Millisecond {
		t.Errorf("8 ms up and down is %s", v)
	}
}

func BenchmarkPacket(b *testing.B) {
	s := &Session{ear: jitter.NewReader()}
	s.in.ear = s.ear
	s.ear.Relay(true)
	from := ap("10.0.0.1:4000")
	s.in.apply(stream{remote: from, sendDTMF: -1, recvDTMF: -1, theyListen: true}, from.Addr())
	buf := make([]byte, rtpHeader+FrameLen)
	var p packet
	var i int
	b.ReportAllocs()
	for b.Loop() {
		putHeader(buf, 0, false, uint16(i), uint32(i*FrameLen), 1) //nolint:gosec // wraps around
		s.take(time.Now(), from, buf, &p)
		if _, err := s.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
