package webrtc

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
)

// widePage is a browser that speaks Opus, or would.
type widePage struct {
	pc     *webrtc.PeerConnection
	heard  chan *rtp.Packet
	report chan rtcp.ReceptionReport
}

// answerWide opens a page that takes the best that is offered. It says one packet over and over.
func answerWide(t *testing.T, p *Peer, say []byte) *widePage {
	t.Helper()
	offer, err := p.Offer()
	if err != nil {
		t.Fatal(err)
	}
	var engine webrtc.MediaEngine
	if err := engine.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&engine), webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	g := &widePage{pc: pc, heard: make(chan *rtp.Packet, 100), report: make(chan rtcp.ReceptionReport, 1)}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	pc.OnTrack(func(r *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			pkt, _, err := r.ReadRTP()
			if err != nil {
				return
			}
			select {
			case g.heard <- pkt:
			default:
			}
		}
	})
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "mic", "page")
	if err != nil {
		t.Fatal(err)
	}
	sender, err := pc.AddTrack(track)
	if err == nil {
		err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer})
	}
	if err != nil {
		t.Fatal(err)
	}
	go g.readReports(sender)
	a, err := pc.CreateAnswer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(a); err != nil {
		t.Fatal(err)
	}
	<-gathered
	if err := p.Answer(pc.LocalDescription().SDP); err != nil {
		t.Fatal(err)
	}
	go speakWide(t.Context(), track, say)
	select {
	case <-p.Connected():
	case <-time.After(patient):
		t.Fatal("not connected")
	}
	return g
}

func (g *widePage) readReports(s *webrtc.RTPSender) {
	for {
		packets, _, err := s.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if r, ok := p.(*rtcp.ReceiverReport); ok && len(r.Reports) == 1 {
				select {
				case g.report <- r.Reports[0]:
				default:
				}
			}
		}
	}
}

func speakWide(ctx context.Context, track *webrtc.TrackLocalStaticRTP, say []byte) {
	tick := time.NewTicker(jitter.FrameDuration)
	defer tick.Stop()
	pkt := &rtp.Packet{Header: rtp.Header{Version: 2}, Payload: say}
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		pkt.SequenceNumber++
		pkt.Timestamp += opus.FrameTicks
		if track.WriteRTP(pkt) != nil {
			return
		}
	}
}

func newWidePeer(t *testing.T) *Peer {
	t.Helper()
	if !opus.Available() {
		t.Skip("opus is not built in: needs libopus-dev and -tags opus,nolibopusfile")
	}
	p, err := New(Config{Loopback: true, Opus: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// The page's packets come as it said them, ours reach it as they are, with the gaps they had; and it hears of loss, so that it says things twice.
func TestOpusBothWays(t *testing.T) {
	p := newWidePeer(t)
	said := []byte{9 << 3, 1, 2, 3}
	g := answerWide(t, p, said)
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	got, err := p.ReadCoded(ctx)
	if err != nil || !bytes.Equal(got.Payload, said) || p.Coding() != "opus" {
		t.Fatalf("%+v %v, coding %q", got, err, p.Coding())
	}
	want := jitter.Packet{Source: 7, Seq: 65535, TS: 1<<32 - 960, Payload: []byte{9 << 3, 4, 5}}
	if err := p.WriteCoded(want); err != nil {
		t.Fatal(err)
	}
	next := want
	next.Seq, next.TS, next.Payload = 1, 960, []byte{9 << 3, 6} // 0 was lost
	if err := p.WriteCoded(next); err != nil {
		t.Fatal(err)
	}
	a, b := hear(t, g), hear(t, g)
	if !bytes.Equal(a.Payload, want.Payload) || !bytes.Equal(b.Payload, next.Payload) {
		t.Errorf("heard %x and %x", a.Payload, b.Payload)
	}
	if b.SequenceNumber-a.SequenceNumber != 2 || b.Timestamp-a.Timestamp != 1920 || a.PayloadType != opusType {
		t.Errorf("heard %+v and %+v", a.Header, b.Header)
	}
	select {
	case r := <-g.report:
		if r.FractionLost < leastLoss {
			t.Errorf("told of %d/256 lost", r.FractionLost)
		}
	case <-ctx.Done():
		t.Error("no report")
	}
	// What we say ourselves is coded, and goes on behind.
	if err := p.Write(make([]byte, jitter.FrameLen)); err != nil {
		t.Fatal(err)
	}
	if c := hear(t, g); c.SequenceNumber-b.SequenceNumber != 1 || opus.Ticks(c.Payload) != opus.FrameTicks || c.Timestamp == b.Timestamp {
		t.Errorf("heard %+v behind %+v", c.Header, b.Header)
	}
}

func hear(t *testing.T, g *widePage) *rtp.Packet {
	t.Helper()
	select {
	case p := <-g.heard:
		return p
	case <-time.After(patient):
		t.Fatal("nothing was heard")
		panic("unreachable")
	}
}

// A page that knows G.711 alone is offered that too.
func TestOpusIsNoMust(t *testing.T) {
	p := newWidePeer(t)
	offer, err := p.Offer()
	if err != nil {
		t.Fatal(err)
	}
	g := answerOnly(t, p, offer, 0x11)
	hears(t, p, 0x11)
	says(t, p, g, 0x22)
	if c := p.Coding(); c != "" {
		t.Errorf("coding %q", c)
	}
}

func TestReporter(t *testing.T) {
	var r reporter
	now := time.Unix(1000, 0)
	var got *rtcp.ReceptionReport
	for i := range 151 {
		seq := uint16(65500 + i)
		if i >= 60 && i < 80 { // lost within the second second
			continue
		}
		if report := r.take(now.Add(time.Duration(i)*20*time.Millisecond), &rtp.Header{SSRC: 3, SequenceNumber: seq}); report != nil {
			got = report
			switch i {
			case 50:
				if got.FractionLost != leastLoss || got.TotalLost != 0 {
					t.Errorf("without loss: %+v", got)
				}
			case 100:
				if got.FractionLost != 20*256/50 || got.TotalLost != 20 {
					t.Errorf("with loss: %+v", got)
				}
			}
		}
	}
	if got == nil || got.LastSequenceNumber != 65500+150 || got.SSRC != 3 || got.FractionLost != leastLoss {
		t.Errorf("at last: %+v", got)
	}
}
