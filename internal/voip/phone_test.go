package voip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// phone is a far end made of plain text, for what our own agent never does.
type phone struct {
	t    *testing.T
	conn net.Conn
	to   *Agent
	n    int
	left []byte // read, not yet looked at
}

func newPhone(t *testing.T, to *Agent, network string) *phone {
	t.Helper()
	conn, err := net.Dial(network, to.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &phone{t: t, conn: conn, to: to}
}

// send writes a request; extra are header lines.
func (p *phone) send(method, toTag, seq, body string, extra ...string) {
	p.t.Helper()
	p.n++
	transport := strings.ToUpper(p.conn.LocalAddr().Network())
	if toTag != "" {
		toTag = ";tag=" + toTag
	}
	if body != "" {
		extra = append(extra, "Content-Type: application/sdp")
	}
	msg := fmt.Sprintf("%s sip:queue@%s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=z9hG4bK%d-%p;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:phone@%s>;tag=p1\r\nTo: <sip:queue@%s>%s\r\nCall-ID: %p\r\nCSeq: %s %s\r\nContact: <sip:phone@%s;transport=%s>\r\n%sContent-Length: %d\r\n\r\n%s",
		method, p.to.Addr(), transport, p.conn.LocalAddr(), p.n, p, p.conn.LocalAddr(), p.to.Addr(), toTag, p, seq, method,
		p.conn.LocalAddr(), strings.ToLower(transport), strings.Join(append(extra, ""), "\r\n"), len(body), body)
	p.write(msg)
}

func (p *phone) write(msg string) {
	p.t.Helper()
	if _, err := p.conn.Write([]byte(msg)); err != nil {
		p.t.Fatal(err)
	}
}

// get reads messages until one begins with want, and returns it.
func (p *phone) get(want string) string {
	p.t.Helper()
	buf := make([]byte, 8192)
	_ = p.conn.SetReadDeadline(time.Now().Add(patient))
	for {
		for len(p.left) > 0 {
			n, err := frame(p.left)
			if err != nil {
				p.t.Fatalf("%v in %q", err, p.left)
			}
			if n == 0 {
				break
			}
			msg := string(p.left[:n])
			if p.left = p.left[n:]; strings.HasPrefix(msg, want) {
				return msg
			}
		}
		n, err := p.conn.Read(buf)
		if err != nil {
			p.t.Fatalf("no %q: %v", want, err)
		}
		p.left = append(p.left, buf[:n]...)
	}
}

func tagOf(msg string) string {
	for line := range strings.SplitSeq(msg, "\r\n") {
		if _, tag, ok := strings.Cut(line, ";tag="); ok && strings.HasPrefix(line, "To:") {
			return tag
		}
	}
	return ""
}

// offerAt is an SDP for an RTP socket of the test's.
func offerAt(rtp net.PacketConn, more ...string) string {
	_, port, _ := net.SplitHostPort(rtp.LocalAddr().String())
	s := []string{"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio " + port + " RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000"}
	return string(lines(append(s, more...)...))
}

func listenRTP(t *testing.T) net.PacketConn {
	t.Helper()
	rtp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rtp.Close() })
	return rtp
}

// TestPhone: hold, resume, another address, repeated and out-of-order requests, strangers' requests, BYE.
func TestPhone(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			a, legs := answering(t, Config{})
			p, rtp, other := newPhone(t, a, network), listenRTP(t), listenRTP(t)
			p.send("INVITE", "", "1", offerAt(rtp))
			ok := p.get("SIP/2.0 200")
			tag := tagOf(ok)
			p.send("ACK", tag, "1", "")
			l := take(t, legs)
			await(t, l, Answered)

			p.send("INVITE", tag, "2", offerAt(rtp, "a=sendonly"))
			if ok = p.get("SIP/2.0 200"); !strings.Contains(ok, "a=recvonly") {
				t.Errorf("answer to a hold:\n%s", ok)
			}
			if again := p.get("SIP/2.0 200"); !strings.Contains(again, "CSeq: 2 INVITE") {
				t.Errorf("a 200 without an ACK is not repeated:\n%s", again)
			}
			await(t, l, Held)
			p.send("INVITE", tag, "4", offerAt(other)) // the ACK was lost
			p.get("SIP/2.0 200")
			p.send("ACK", tag, "4", "")
			await(t, l, Resumed)
			if want := other.LocalAddr().String(); l.Media().Remote().String() != want {
				t.Errorf("sends to %s, want %s", l.Media().Remote(), want)
			}
			p.send("INVITE", tag, "5", "v=0\r\nm=video 1 RTP/AVP 31\r\n")
			p.get("SIP/2.0 488")
			p.send("ACK", tag, "5", "")
			p.send("BYE", "guess", "6", "")
			p.get("SIP/2.0 481")
			p.send("BYE", tag, "4", "")
			p.get("SIP/2.0 500")
			p.send("OPTIONS", tag, "6", "")
			p.get("SIP/2.0 200")
			p.send("INFO", tag, "7", "")
			p.get("SIP/2.0 405")
			p.send("BYE", tag, "8", "")
			p.get("SIP/2.0 200")
			if e := await(t, l, Ended); e.Cause != Normal || !e.Remote {
				t.Errorf("ended %+v", e)
			}
		})
	}
}

// TestLateOffer: an INVITE without SDP gets ours; the answer is in the ACK.
func TestLateOffer(t *testing.T) {
	a, legs := answering(t, Config{})
	p, rtp := newPhone(t, a, "udp"), listenRTP(t)
	p.send("INVITE", "", "1", "")
	ok := p.get("SIP/2.0 200")
	if !strings.Contains(ok, " 0 8 101") {
		t.Errorf("no offer in\n%s", ok)
	}
	p.send("ACK", tagOf(ok), "1", offerAt(rtp))
	l := take(t, legs)
	await(t, l, Answered)
	if l.Media().Remote().String() != rtp.LocalAddr().String() {
		t.Errorf("sends to %s", l.Media().Remote())
	}
	l.Hangup(Busy)
	if bye := p.get("BYE "); !strings.Contains(bye, `Reason: SIP;text="busy"`) {
		t.Errorf("no reason in\n%s", bye)
	}
}

// TestByeBeforeAck: who hangs up what was answered has heard the answer, even if the ACK comes later.
func TestByeBeforeAck(t *testing.T) {
	a, legs := answering(t, Config{})
	p, rtp := newPhone(t, a, "udp"), listenRTP(t)
	p.send("INVITE", "", "1", offerAt(rtp))
	tag := tagOf(p.get("SIP/2.0 200"))
	p.send("BYE", tag, "2", "")
	l := take(t, legs)
	await(t, l, Answered)
	if e := await(t, l, Ended); e.Cause != Normal || !e.Remote {
		t.Errorf("ended %+v", e)
	}
	p.get("SIP/2.0 200")
	p.send("ACK", tag, "1", "")
}

// TestNoAckAnswer: an ACK that owes an answer and has none ends the call.
func TestNoAckAnswer(t *testing.T) {
	a, legs := answering(t, Config{})
	p := newPhone(t, a, "udp")
	p.send("INVITE", "", "1", "")
	p.send("ACK", tagOf(p.get("SIP/2.0 200")), "1", "")
	if e := await(t, take(t, legs), Ended); e.Cause != Declined {
		t.Errorf("ended %+v", e)
	}
	p.get("BYE ")
}

func TestRefusedInvites(t *testing.T) {
	a := start(t, Config{Accept: func(in *Incoming) { in.Reject(486, "") }})
	for _, tt := range []struct {
		name, body, want string
		extra            []string
	}{
		{"no audio", "v=0\r\nm=video 1 RTP/AVP 31\r\n", "488", nil},
		{"no SDP that is one", "v=7\r\n", "400", nil},
		{"an extension", "", "420", []string{"Require: 100rel"}},
		{"another body", "", "415", []string{"Content-Type: text/plain"}},
		{"cannot read SDP", "", "406", []string{"Accept: text/plain"}},
		{"fine", "", "486", []string{"Accept: text/plain, application/sdp;q=0.5"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPhone(t, a, "udp")
			if tt.want == "415" {
				p.write(strings.ReplaceAll(strings.ReplaceAll(invite, "application/sdp", "text/plain"), "127.0.0.1:5061", p.conn.LocalAddr().String()))
			} else {
				p.send("INVITE", "", "1", tt.body, tt.extra...)
			}
			p.get("SIP/2.0 " + tt.want)
		})
	}
	p := newPhone(t, a, "udp")
	p.write(strings.ReplaceAll(strings.ReplaceAll(invite, "Max-Forwards: 70", "Max-Forwards: 0"), "127.0.0.1:5061", p.conn.LocalAddr().String()))
	p.get("SIP/2.0 483")
	p.write(strings.ReplaceAll(options, "OPTIONS", "DANCE"))
	p.get("SIP/2.0 501")
}

// TestLoop: the same INVITE by two ways is one too many.
func TestLoop(t *testing.T) {
	calls := make(chan *Incoming, 2)
	a := start(t, Config{Accept: func(in *Incoming) { calls <- in }})
	p := newPhone(t, a, "udp")
	p.send("INVITE", "", "1", "")
	in := take(t, calls)
	p.send("INVITE", "", "1", "") // another branch, the rest is the same
	p.get("SIP/2.0 482")
	in.Reject(486, "")
	p.get("SIP/2.0 486")
}

// TestLazyDigit: SIPp's recorded digits begin with a packet of duration 0; the digit counts once.
func TestLazyDigit(t *testing.T) {
	a, legs := answering(t, Config{})
	p, rtp := newPhone(t, a, "udp"), listenRTP(t)
	p.send("INVITE", "", "1", offerAt(rtp))
	p.send("ACK", tagOf(p.get("SIP/2.0 200")), "1", "")
	l := take(t, legs)
	await(t, l, Answered)
	to := net.UDPAddrFromAddrPort(l.Media().Local())
	var seq uint16
	for press, code := range []byte{1, 1, 11} {
		for i := range 6 {
			seq++
			b := make([]byte, rtpHeader+4)
			putHeader(b, 96, i == 0, seq, uint32(press*8000), 7) //nolint:gosec // small
			b[rtpHeader] = code
			binary.BigEndian.PutUint16(b[rtpHeader+2:], uint16(i*160)) //nolint:gosec // small
			if i > 3 {
				b[rtpHeader+1] = eventEnd
			}
			if _, err := rtp.WriteTo(b, to); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []byte("11#") {
		if e := await(t, l, DTMF); e.Digit != want {
			t.Errorf("digit %q, want %q", e.Digit, want)
		}
	}
	l.Hangup(Normal)
	await(t, l, Ended)
}

// TestBadStream: what is no SIP costs the connection, and only that one.
func TestBadStream(t *testing.T) {
	a := start(t, Config{})
	good := newPhone(t, a, "tcp")
	for _, garbage := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		strings.Repeat("x", maxMessage+1),
		strings.ReplaceAll(options, "Content-Length: 0", "Content-Length: 99999999"),
		strings.ReplaceAll(options, "Content-Length: 0", "Content-Length: 0\r\nContent-Length: 0"),
		strings.ReplaceAll(options, "Content-Length: 0\r\n", ""),
	} {
		p := newPhone(t, a, "tcp")
		p.write(garbage)
		_ = p.conn.SetReadDeadline(time.Now().Add(patient))
		buf := make([]byte, 4096)
		for {
			n, err := p.conn.Read(buf)
			if err != nil {
				var ne net.Error
				if errors.As(err, &ne) {
					t.Errorf("%.30q: the connection stays", garbage)
				}
				break
			}
			if !strings.HasPrefix(string(buf[:n]), "SIP/2.0 400") {
				t.Errorf("%.30q: %s", garbage, buf[:n])
			}
		}
	}
	good.write("\r\n\r\n") // RFC 5626 §3.5.1
	good.get("\r\n")
	msg := strings.ReplaceAll(options, "UDP", "TCP")
	good.write(msg[:40])
	good.write(msg[40:] + strings.ReplaceAll(strings.ReplaceAll(msg, "after", "second"), "CSeq: 1 OPTIONS", "CSeq: 1 BAD")) // two in pieces, the second wrong
	both := []string{good.get("SIP/2.0 ")[:11], good.get("SIP/2.0 ")[:11]}
	slices.Sort(both)
	if !slices.Equal(both, []string{"SIP/2.0 200", "SIP/2.0 400"}) {
		t.Errorf("got %q", both)
	}
}
