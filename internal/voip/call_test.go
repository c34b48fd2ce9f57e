package voip

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

// call connects two agents and returns both legs, up.
func call(t *testing.T, c Call) (from, to *Leg) {
	t.Helper()
	callee, legs := answering(t, Config{})
	caller := start(t, Config{})
	c.To = uri("queue", callee, c.To)
	l, err := caller.Dial(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	await(t, l, Answered)
	other := take(t, legs)
	await(t, other, Answered)
	return l, other
}

func TestTone(t *testing.T) {
	for _, c := range []Call{{}, {To: ";transport=tcp"}, {Codecs: []Codec{PCMA}}} {
		t.Run(c.To+c.codecName(), func(t *testing.T) {
			a, b := call(t, c)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go tone(ctx, a.Media(), 440)
			go tone(ctx, b.Media(), 1000)
			hears(t, b.Media(), 440)
			hears(t, a.Media(), 1000)
			a.Hangup(Normal)
			if e := await(t, b, Ended); e.Cause != Normal || !e.Remote {
				t.Errorf("b ended %+v", e)
			}
			if e := await(t, a, Ended); e.Cause != Normal || e.Remote {
				t.Errorf("a ended %+v", e)
			}
		})
	}
}

func (c Call) codecName() string {
	if len(c.Codecs) == 0 {
		return "PCMU"
	}
	return c.Codecs[0].String()
}

func TestHold(t *testing.T) {
	a, b := call(t, Call{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go tone(ctx, a.Media(), 440)
	go tone(ctx, b.Media(), 1000)
	hears(t, a.Media(), 1000)
	if err := a.Hold(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	await(t, b, Held)
	silent(t, a.Media())
	hears(t, b.Media(), 440) // who holds chooses what the other hears
	if err := a.Hold(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	await(t, b, Resumed)
	hears(t, a.Media(), 1000)
	hears(t, b.Media(), 440)
	b.Hangup(Normal)
	await(t, a, Ended)
	if err := a.Hold(t.Context(), true); !errors.Is(err, ErrEnded) {
		t.Errorf("hold after the end: %v", err)
	}
}

// TestGlare: both ends ask at once; neither breaks, and the call goes on.
func TestGlare(t *testing.T) {
	a, b := call(t, Call{})
	for range 5 {
		done := make(chan error, 2)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		go func() { done <- a.Hold(ctx, true) }()
		go func() { done <- b.Hold(ctx, true) }()
		take(t, done)
		take(t, done)
		cancel()
	}
	a.Hangup(Normal)
	await(t, b, Ended)
}

func TestDTMF(t *testing.T) {
	a, b := call(t, Call{})
	const digits = "0123456789*#AB11"
	sent := make(chan error, 1)
	go func() { sent <- a.SendDTMF(t.Context(), digits) }()
	for _, d := range []byte(digits) {
		if e := await(t, b, DTMF); e.Digit != d {
			t.Errorf("heard %q, want %q", e.Digit, d)
		}
	}
	if err := take(t, sent); err != nil {
		t.Errorf("send: %v", err)
	}
	if err := a.SendDTMF(t.Context(), "1x"); err == nil {
		t.Error("x was taken for a digit")
	}
}

// TestCancel covers both sides of the race: the caller gives up while it rings, at once, and at the very moment of the answer.
func TestCancel(t *testing.T) {
	calls := make(chan *Incoming, 1)
	callee := start(t, Config{Accept: func(in *Incoming) { calls <- in }})
	caller := start(t, Config{})
	dial := func() (*Leg, *Incoming) {
		l, err := caller.Dial(t.Context(), Call{To: uri("queue", callee, "")})
		if err != nil {
			t.Fatal(err)
		}
		return l, take(t, calls)
	}
	t.Run("ringing", func(t *testing.T) {
		l, in := dial()
		in.Ring()
		await(t, l, Ringing)
		l.Hangup(Cancelled)
		if e := await(t, l, Ended); e.Cause != Cancelled {
			t.Errorf("ended %+v", e)
		}
		take(t, in.Gone())
		if in.Cause() != Cancelled {
			t.Errorf("the callee heard %q", in.Cause())
		}
		if _, err := in.Answer(t.Context()); !errors.Is(err, ErrGone) {
			t.Errorf("answered a caller who gave up: %v", err)
		}
	})
	t.Run("before anything came", func(t *testing.T) {
		l, in := dial()
		l.Hangup(Cancelled)
		await(t, l, Ended)
		in.Ring() // only now CANCEL is allowed
		take(t, in.Gone())
	})
	t.Run("crossing", func(t *testing.T) {
		for range 30 {
			l, in := dial()
			in.Ring()
			await(t, l, Ringing)
			go l.Hangup(Cancelled)
			other, err := in.Answer(t.Context())
			await(t, l, Ended)
			if err == nil { // the answer was faster: BYE follows
				take(t, other.Done())
			}
			take(t, l.over)
		}
	})
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		code  int
		cause Cause
	}{{486, Busy}, {603, Declined}, {404, NotFound}, {480, Unreachable}, {500, Failed}, {503, Unreachable}} {
		t.Run(string(tt.cause), func(t *testing.T) {
			callee := start(t, Config{Accept: func(in *Incoming) { in.Reject(tt.code, "") }})
			l, err := start(t, Config{}).Dial(t.Context(), Call{To: uri("queue", callee, "")})
			if err != nil {
				t.Fatal(err)
			}
			if e := await(t, l, Ended); e.Cause != tt.cause || e.Code != tt.code || l.Cause() != tt.cause {
				t.Errorf("ended %+v, want %s", e, tt.cause)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	callee := start(t, Config{Accept: func(in *Incoming) { in.Ring() }})
	caller := start(t, Config{})
	l, err := caller.Dial(t.Context(), Call{To: uri("queue", callee, ""), RingTime: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if e := await(t, l, Ended); e.Cause != NoAnswer {
		t.Errorf("ended %+v", e)
	}
	pc, err := net.ListenPacket("udp", "127.0.0.1:0") // takes everything and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pc.Close() }()
	if l, err = caller.Dial(t.Context(), Call{To: "sip:x@" + pc.LocalAddr().String(), TryTime: 100 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if e := await(t, l, Ended); e.Cause != Timeout {
		t.Errorf("ended %+v", e)
	}
}

func TestMediaTimeout(t *testing.T) {
	callee, legs := answering(t, Config{MediaTimeout: 2 * time.Second})
	l, err := start(t, Config{}).Dial(t.Context(), Call{To: uri("queue", callee, "")})
	if err != nil {
		t.Fatal(err)
	}
	other := take(t, legs)
	ctx, cancel := context.WithCancel(t.Context())
	go tone(ctx, l.Media(), 440)
	hears(t, other.Media(), 440)
	cancel()
	if e := await(t, other, Ended); e.Cause != MediaTimeout {
		t.Errorf("ended %+v", e)
	}
	if e := await(t, l, Ended); e.Cause != MediaTimeout || !e.Remote {
		t.Errorf("the other end heard %+v", e)
	}
}

// TestForeignMedia: what does not come from the peer is not heard.
func TestForeignMedia(t *testing.T) {
	a, b := call(t, Call{Codecs: Narrow()})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go tone(ctx, a.Media(), 440)
	hears(t, b.Media(), 440)
	stranger, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(b.Media().Local()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	packet := make([]byte, rtpHeader+FrameLen)
	for i := range 100 {
		putHeader(packet, 0, false, uint16(i), uint32(i*FrameLen), 42) //nolint:gosec // small
		if _, err := stranger.Write(packet); err != nil {
			t.Fatal(err)
		}
	}
	hears(t, b.Media(), 440)
	if s := b.Stats(); s.Foreign != 100 {
		t.Errorf("foreign packets: %d", s.Foreign)
	}
	if b.Media().Remote() != a.Media().Local() {
		t.Errorf("we now send to %s", b.Media().Remote())
	}
}

func TestHeadersAndForwards(t *testing.T) {
	calls := make(chan *Incoming, 1)
	callee := start(t, Config{Accept: func(in *Incoming) { calls <- in }})
	caller := start(t, Config{Name: "booth"})
	l, err := caller.Dial(t.Context(), Call{
		To: uri("call-110%23", callee, ""), From: "dev", MaxForwards: 5, Header: map[string]string{"X-Laoyou-Contact": "01J"},
	})
	if err != nil {
		t.Fatal(err)
	}
	in := take(t, calls)
	if in.From() != "dev" || in.To() != "call-110#" || in.Header("x-laoyou-contact") != "01J" || in.MaxForwards() != 4 || in.ID() != l.ID() {
		t.Errorf("got %q %q %q %d", in.From(), in.To(), in.Header("x-laoyou-contact"), in.MaxForwards())
	}
	in.Reject(486, "")
	await(t, l, Ended)
	if l, err = caller.Dial(t.Context(), Call{To: uri("x", callee, ""), MaxForwards: -1}); err != nil {
		t.Fatal(err)
	}
	take(t, calls).Reject(486, "")
	await(t, l, Ended)
}

func TestPing(t *testing.T) {
	a, b := start(t, Config{}), start(t, Config{})
	for _, params := range []string{"", ";transport=tcp"} {
		if _, err := a.Ping(t.Context(), uri("x", b, params)); err != nil {
			t.Errorf("%s: %v", params, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := a.Ping(ctx, "sip:127.0.0.1:9"); err == nil {
		t.Error("the discard port answered")
	}
}
