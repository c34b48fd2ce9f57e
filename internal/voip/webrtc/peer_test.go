package webrtc

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/internal/voip/jitter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patient = 10 * time.Second

// page is the browser's end: it answers an offer, speaks a byte and keeps what it hears.
type page struct {
	pc    *webrtc.PeerConnection
	heard chan byte
}

// answer opens a page that answers an offer and speaks.
func answer(t *testing.T, p *Peer, offer string, say byte) *page {
	t.Helper()
	var engine webrtc.MediaEngine
	if err := engine.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	return answerWith(t, &engine, p, offer, say)
}

// answerOnly is answer of a page that knows PCMU alone.
func answerOnly(t *testing.T, p *Peer, offer string, say byte) *page {
	t.Helper()
	var engine webrtc.MediaEngine
	if err := engine.RegisterCodec(codecs(false)[0], webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	return answerWith(t, &engine, p, offer, say)
}

func answerWith(t *testing.T, engine *webrtc.MediaEngine, p *Peer, offer string, say byte) *page {
	t.Helper()
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	g := &page{pc: pc, heard: make(chan byte, 1)}
	t.Cleanup(g.close)
	pc.OnTrack(func(r *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			pkt, _, err := r.ReadRTP()
			if err != nil {
				return
			}
			select {
			case g.heard <- pkt.Payload[0]:
			default:
			}
		}
	})
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, "mic", "page")
	if err == nil {
		_, err = pc.AddTrack(track)
	}
	if err == nil {
		err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer})
	}
	if err != nil {
		t.Fatal(err)
	}
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
	go g.speak(t.Context(), track, say)
	return g
}

func (g *page) close() { _ = g.pc.GracefulClose() }

func (g *page) speak(ctx context.Context, track *webrtc.TrackLocalStaticRTP, say byte) {
	tick := time.NewTicker(jitter.FrameDuration)
	defer tick.Stop()
	pkt := &rtp.Packet{Header: rtp.Header{Version: 2}, Payload: make([]byte, jitter.FrameLen)}
	for i := range pkt.Payload {
		pkt.Payload[i] = say
	}
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		pkt.SequenceNumber++
		pkt.Timestamp += jitter.FrameLen
		if err := track.WriteRTP(pkt); err != nil {
			return
		}
	}
}

// hears reads until a frame of b comes.
func hears(t *testing.T, p *Peer, b byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	for {
		f, err := p.Read(ctx)
		if err != nil {
			t.Fatalf("%#x was never heard: %v", b, err)
		}
		if f[0] == b && f[jitter.FrameLen-1] == b {
			return
		}
	}
}

// says writes frames of b until the page hears it.
func says(t *testing.T, p *Peer, g *page, b byte) {
	t.Helper()
	frame := make([]byte, jitter.FrameLen)
	for i := range frame {
		frame[i] = b
	}
	tick := time.NewTicker(jitter.FrameDuration)
	defer tick.Stop()
	late := time.NewTimer(patient)
	defer late.Stop()
	for {
		select {
		case <-tick.C:
			if err := p.Write(frame); err != nil {
				t.Fatal(err)
			}
		case got := <-g.heard:
			if got == b {
				return
			}
		case <-late.C:
			t.Fatalf("the page never heard %#x", b)
		}
	}
}

func newPeer(t *testing.T) *Peer {
	t.Helper()
	p, err := New(Config{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestBothWays(t *testing.T) {
	p := newPeer(t)
	offer, err := p.Offer()
	if err != nil {
		t.Fatal(err)
	}
	g := answer(t, p, offer, 0x11)
	select {
	case <-p.Connected():
	case <-time.After(patient):
		t.Fatal("not connected")
	}
	hears(t, p, 0x11)
	says(t, p, g, 0x22)
}

func TestReload(t *testing.T) {
	p := newPeer(t)
	offer, err := p.Offer()
	if err != nil {
		t.Fatal(err)
	}
	old := answer(t, p, offer, 0x11)
	hears(t, p, 0x11)
	old.close()
	if offer, err = p.Restart(); err != nil {
		t.Fatal(err)
	}
	g := answer(t, p, offer, 0x33)
	hears(t, p, 0x33)
	says(t, p, g, 0x44)
}

func TestClose(t *testing.T) {
	p := newPeer(t)
	if err := p.Answer("v=0"); err == nil {
		t.Error("an answer without an offer was taken")
	}
	if _, err := p.Offer(); err != nil {
		t.Fatal(err)
	}
	if err := p.Answer("v=0\r\n<html>"); err == nil {
		t.Error("nonsense was taken for an answer")
	}
	p.Close()
	if _, err := p.Read(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("read after close: %v", err)
	}
	if err := p.Write(make([]byte, jitter.FrameLen)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write after close: %v", err)
	}
	if _, err := p.Offer(); !errors.Is(err, ErrClosed) {
		t.Errorf("offer after close: %v", err)
	}
}
