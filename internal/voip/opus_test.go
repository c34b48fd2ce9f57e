package voip

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
	"github.com/laoyou/laoyou/internal/voip/opus/opustest"
)

func needsOpus(t *testing.T) {
	t.Helper()
	if !opus.Available() {
		t.Skip("opus is not built in: needs libopus-dev and -tags opus,nolibopusfile")
	}
}

// wideTone writes a sine at 16 kHz until ctx ends.
func wideTone(ctx context.Context, s *Session, hz float64) {
	tick := time.NewTicker(FrameDuration)
	defer tick.Stop()
	var n int
	frame := make([]int16, WideLen)
	for {
		for i := range frame {
			frame[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(n)/WideRate))
			n++
		}
		if s.WriteWide(frame) != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// speech writes an endless vowel: a pulse train of a voice's pitch, going up and down, through two formants. A codec for speech knows a
// voice from a tone.
func speech(ctx context.Context, s *Session) {
	tick := time.NewTicker(FrameDuration)
	defer tick.Stop()
	var v opustest.Voice
	frame := make([]int16, WideLen)
	for {
		v.Read(frame)
		if s.WriteWide(frame) != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// power is how much of the sound is at hz, 0 to 1.
func power(pcm []int16, hz float64) float64 {
	var re, im, all float64
	for i, x := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / WideRate)
		re, im, all = re+float64(x)*cos, im+float64(x)*sin, all+float64(x)*float64(x)
	}
	if all < 1000*1000*float64(len(pcm)) { // softer than the tones of these tests are
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(pcm)) / all
}

// hearsWide waits until the session plays a tone of hz.
func hearsWide(t *testing.T, s *Session, hz float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	best := 0.0
	for range 100 {
		var pcm []int16
		for range 5 {
			f, err := s.ReadWide(ctx)
			if err != nil {
				t.Fatalf("%v; no more than %.2f of what was heard was at %.0f Hz", err, best, hz)
			}
			pcm = append(pcm, f...)
		}
		if best = max(best, power(pcm, hz)); best > 0.8 {
			return
		}
	}
	t.Fatalf("no more than %.2f of what was heard was at %.0f Hz", best, hz)
}

// A tone above the band of a telephone arrives, both ways, and what is held goes on in the same codec.
func TestWideband(t *testing.T) {
	needsOpus(t)
	a, b := call(t, Call{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go wideTone(ctx, a.Media(), 5000)
	go wideTone(ctx, b.Media(), 6000)
	hearsWide(t, b.Media(), 5000)
	hearsWide(t, a.Media(), 6000)
	for _, l := range []*Leg{a, b} {
		if c := l.Media().Codec(); c != Opus || l.Media().Coding() != "opus" {
			t.Errorf("speaks %s", c)
		}
	}
	for _, on := range []bool{true, false} {
		if err := b.Hold(t.Context(), on); err != nil {
			t.Fatal(err)
		}
	}
	await(t, a, Resumed)
	hearsWide(t, b.Media(), 5000)
	hearsWide(t, a.Media(), 6000)
	if c := a.Media().Codec(); c != Opus {
		t.Errorf("after a hold it speaks %s", c)
	}
}

// Who reads and writes wide sound need not know that the line speaks G.711.
func TestWideOverG711(t *testing.T) {
	a, b := call(t, Call{Codecs: Narrow()})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go wideTone(ctx, a.Media(), 1500)
	hearsWide(t, b.Media(), 1500)
	if c := b.Media().Codec(); c != PCMU || b.Media().Coding() != "" {
		t.Errorf("speaks %s", c)
	}
}

// µ-law in, wide sound out: the edge of a leg that plays tones.
func TestTonesOverOpus(t *testing.T) {
	needsOpus(t)
	a, b := call(t, Call{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go tone(ctx, a.Media(), 1000)
	go wideTone(ctx, b.Media(), 440)
	hearsWide(t, b.Media(), 1000)
	hears(t, a.Media(), 440)
}

func TestOpusDigits(t *testing.T) {
	needsOpus(t)
	a, b := call(t, Call{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go wideTone(ctx, a.Media(), 1000)
	if err := a.SendDTMF(t.Context(), "15#"); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for range 3 {
		got = append(got, await(t, b, DTMF).Digit)
	}
	if string(got) != "15#" {
		t.Errorf("digits %q", got)
	}
	hearsWide(t, b.Media(), 1000) // the clock goes on after them
}

func TestNegotiateOpus(t *testing.T) {
	needsOpus(t)
	all := []Codec{Opus, PCMU, PCMA}
	d := description{id: 7, version: 1, addr: ap("127.0.0.1:20000")}
	wants(t, string(d.offer(all, sendrecv)), "m=audio 20000 RTP/AVP 111 0 8 101 110\r\n", "a=rtpmap:111 opus/48000/2\r\n",
		"a=fmtp:111 useinbandfec=1;", "a=rtpmap:110 telephone-event/48000\r\n")
	answer, err := parseSDP([]byte(sdpHead + "m=audio 4000 RTP/AVP 96 97 0\r\na=rtpmap:96 OPUS/48000/2\r\n" +
		"a=fmtp:96 useinbandfec=1; maxaveragebitrate=20000\r\na=rtpmap:97 telephone-event/8000\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.accept(answer)
	want := stream{
		remote: ap("10.0.0.1:4000"), codec: Opus, wants: opus.Params{FEC: true, Bitrate: 20000},
		sendPT: 96, recvPT: 111, sendDTMF: 97, recvDTMF: 101, dtmfClock: 8000, theyListen: true, theySpeak: true,
	}
	if err != nil || got != want {
		t.Errorf("%+v %v, want\n%+v", got, err, want)
	}

	// They offer: their number, their order; then a re-INVITE in another order changes neither, and nor does ours.
	d = description{id: 7, version: 1, addr: ap("127.0.0.1:20000")}
	for _, formats := range []string{"101 0", "0 101"} {
		offer, err := parseSDP([]byte(sdpHead + "m=audio 4000 RTP/AVP " + formats +
			" 98 99\r\na=rtpmap:101 opus/48000/2\r\na=rtpmap:98 telephone-event/8000\r\na=rtpmap:99 telephone-event/48000\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		b, got, err := d.answer(offer, all, true)
		if err != nil || got.codec != Opus || got.sendPT != 101 || got.recvDTMF != 99 || got.dtmfClock != 48000 {
			t.Fatalf("%+v %v", got, err)
		}
		wants(t, string(b), "m=audio 20000 RTP/AVP 101 99\r\n")
	}
	wants(t, string(d.offer(all, sendonly)), "m=audio 20000 RTP/AVP 101 0 8 100 110\r\n", "a=rtpmap:100 telephone-event/8000\r\n")

	// An end without it is spoken to in G.711.
	offer, err := parseSDP([]byte(sdpHead + "m=audio 4000 RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	d = description{id: 7, version: 1, addr: ap("127.0.0.1:20000")}
	if _, got, err := d.answer(offer, Narrow(), true); err != nil || got.codec != PCMU {
		t.Errorf("%+v %v", got, err)
	}
}

func wants(t *testing.T, sdp string, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if !bytes.Contains([]byte(sdp), []byte(l)) {
			t.Errorf("no %q in\n%s", l, sdp)
		}
	}
}

// pair is two sessions without SIP, whose packets go through a network of ours. lose says of each packet whether it is lost.
func pair(t *testing.T, lose func(n int) bool) (a, b *Session) {
	t.Helper()
	lo := netip.MustParseAddr("127.0.0.1")
	open := func() *Session {
		s, err := newSession(newPorts(0, 0), lo, slog.New(slog.DiscardHandler), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.close)
		return s
	}
	a, b = open(), open()
	net := network(t, b.Local(), lose)
	wide := stream{codec: Opus, wants: opus.ParseFormat(opus.Format), sendPT: 111, recvPT: 111, sendDTMF: -1, recvDTMF: -1, theyListen: true, theySpeak: true}
	to, from := wide, wide
	to.remote, from.remote = net, a.Local()
	a.apply(to, lo)
	b.apply(from, lo)
	return a, b
}

// network passes datagrams on to an address.
func network(t *testing.T, to netip.AddrPort, lose func(n int) bool) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2000)
		for i := 0; ; i++ {
			n, _, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if !lose(i) {
				_, _ = conn.WriteToUDPAddrPort(buf[:n], to)
			}
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// One packet in ten is lost, and nobody hears a hole.
func TestLostPacketsAreMended(t *testing.T) {
	needsOpus(t)
	var lost atomic.Int32
	a, b := pair(t, func(n int) bool {
		gone := n > 25 && n%10 == 5
		if gone {
			lost.Add(1)
		}
		return gone
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*patient)
	defer cancel()
	go speech(ctx, a)
	var last [3]float64 // levels of frames
	holes, voiced := 0, 0
	for voiced < 150 || lost.Load() < 20 { // a busy machine speaks with pauses
		f, err := b.ReadWide(ctx)
		if err != nil {
			t.Fatalf("%v: %d voiced frames, %d packets lost", err, voiced, lost.Load())
		}
		sum := 0.0
		for _, x := range f {
			sum += float64(x) * float64(x)
		}
		last = [3]float64{last[1], last[2], math.Sqrt(sum / WideLen)}
		if around := min(last[0], last[2]); around > 2500 {
			voiced++
			if last[1] < around/2 {
				holes++
			}
		}
	}
	st := b.Stats()
	t.Logf("%d packets lost of %d, %d frames made up, %d of %d voiced frames are holes", lost.Load(), st.Received+uint64(lost.Load()), st.Made, holes, voiced)
	if st.Lost < 15 {
		t.Errorf("%d lost packets were counted", st.Lost)
	}
	if holes > voiced/20 { // a machine that stalls makes one now and then
		t.Errorf("%d of %d voiced frames are holes", holes, voiced)
	}
}

// What is passed on is what came, byte for byte, and what was lost is a gap behind too.
func TestPassedOnUnchanged(t *testing.T) {
	needsOpus(t)
	a, b := pair(t, func(n int) bool { return n == 3 })
	c, d := pair(t, func(int) bool { return false })
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	if err := c.WriteWide(make([]int16, WideLen)); err != nil { // what is passed on joins a stream under way
		t.Fatal(err)
	}
	got := make(chan jitter.Packet, 100)
	go func() {
		for {
			p, err := d.ReadCoded(ctx)
			if err != nil {
				return
			}
			p.Payload = bytes.Clone(p.Payload)
			got <- p
		}
	}()
	take(t, got)
	go wideTone(ctx, a, 700)
	var first, said, heard jitter.Packet
	for i := range 20 {
		var err error
		if said, err = b.ReadCoded(ctx); err != nil {
			t.Fatal(err)
		}
		if err := c.WriteCoded(said); err != nil {
			t.Fatal(err)
		}
		heard = take(t, got)
		if !bytes.Equal(said.Payload, heard.Payload) {
			t.Fatalf("packet %d: %x became %x", i, said.Payload, heard.Payload)
		}
		if i == 0 {
			first = jitter.Packet{Seq: heard.Seq - said.Seq, TS: heard.TS - said.TS}
		}
		if heard.Seq-said.Seq != first.Seq || heard.TS-said.TS != first.TS {
			t.Errorf("packet %d: number %d at %d became %d at %d", i, said.Seq, said.TS, heard.Seq, heard.TS)
		}
	}
	if st := b.Stats(); st.Lost != 1 {
		t.Errorf("%d packets lost before", st.Lost)
	}
	if st := d.Stats(); st.Lost != 1 {
		t.Errorf("%d packets lost behind", st.Lost)
	}
	cancel()
	b.close()
	if _, err := b.ReadCoded(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
}

func BenchmarkOpus(b *testing.B) {
	if !opus.Available() {
		b.Skip("opus is not built in")
	}
	mouth := &opus.Mouth{}
	mouth.Tune(opus.Params{FEC: true})
	frame := bytes.Repeat([]byte{0x20, 0x90, 0xA5, 0x35}, FrameLen/4)
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			if _, err := mouth.Ulaw(frame); err != nil {
				b.Fatal(err)
			}
		}
	})
	payload, err := mouth.Ulaw(frame)
	if err != nil {
		b.Fatal(err)
	}
	dec, err := opus.NewDecoder(opus.NarrowRate)
	if err != nil {
		b.Fatal(err)
	}
	pcm := make([]int16, FrameLen)
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := dec.Decode(payload, pcm); err != nil {
				b.Fatal(err)
			}
		}
	})
}
