package virtual_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gotranspile/g722"
	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"github.com/laoyou/laoyou/firmware/virtual/virtualtest"
	"github.com/laoyou/laoyou/internal/audio"
)

// browser is the page's end of a call.
type browser struct {
	pc     *webrtc.PeerConnection
	mic    *webrtc.TrackLocalStaticSample
	heard  chan []byte // RTP payloads
	meters chan string
	up     chan struct{}
}

func newBrowser(t *testing.T, codec webrtc.RTPCodecParameters) *browser {
	t.Helper()
	var (
		engine   webrtc.MediaEngine
		settings webrtc.SettingEngine
	)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	must(t, engine.RegisterCodec(codec, webrtc.RTPCodecTypeAudio))
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&engine), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	t.Cleanup(func() { _ = pc.GracefulClose() })
	b := &browser{pc: pc, heard: make(chan []byte, 100), meters: make(chan string, 100), up: make(chan struct{})}
	b.mic, err = webrtc.NewTrackLocalStaticSample(codec.RTPCodecCapability, "mic", "page")
	must(t, err)
	_, err = pc.AddTrack(b.mic)
	must(t, err)
	meter, err := pc.CreateDataChannel("meter", nil)
	must(t, err)
	meter.OnMessage(func(m webrtc.DataChannelMessage) {
		select {
		case b.meters <- string(m.Data):
		default:
		}
	})
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			select {
			case b.heard <- p.Payload:
			default:
			}
		}
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(b.up)
		}
	})
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call offers to the booth and returns the status of the answer.
func (b *browser) call(t *testing.T, h *house, page string) int {
	t.Helper()
	offer, err := b.pc.CreateOffer(nil)
	must(t, err)
	gathered := webrtc.GatheringCompletePromise(b.pc)
	must(t, b.pc.SetLocalDescription(offer))
	<-gathered
	body, err := json.Marshal(map[string]string{"type": "offer", "sdp": b.pc.LocalDescription().SDP, "page": page})
	must(t, err)
	status, _, answer := h.do(t, "POST", "/booth/rtc", body)
	if status != 200 {
		return status
	}
	var desc webrtc.SessionDescription
	must(t, json.Unmarshal(answer, &desc))
	for line := range strings.Lines(desc.SDP) {
		if strings.HasPrefix(line, "a=candidate:") && !strings.Contains(line, " 127.0.0.1 ") {
			t.Errorf("a booth on loopback offers %s", line)
		}
	}
	must(t, b.pc.SetRemoteDescription(desc))
	return status
}

func wait[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(10 * time.Second):
		t.Fatalf("no %s within 10 s", what)
	}
	return v
}

var (
	wide   = codecParams(webrtc.MimeTypeG722, 9)
	narrow = codecParams(webrtc.MimeTypePCMU, 0)
)

func codecParams(mime string, pt webrtc.PayloadType) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 8000}, PayloadType: pt}
}

// pitch estimates a tone in Hz by its zero crossings.
func pitch(samples []int16, rate float64) float64 {
	n := 0
	for i := 1; i < len(samples); i++ {
		if samples[i-1] < 0 && samples[i] >= 0 {
			n++
		}
	}
	return float64(n) * rate / float64(len(samples))
}

func TestPeerHearsAndSpeaks(t *testing.T) {
	h := newHouse(t)
	b := newBrowser(t, wide)
	if status := b.call(t, h, "page"); status != 200 {
		t.Fatalf("status %d", status)
	}
	wait(t, b.up, "connection")

	var heard []int16
	dec := g722.NewDecoder(g722.Rate64000, 0)
	for len(heard) < audio.Rate/2 {
		p := wait(t, b.heard, "packet of the ear")
		if len(p) != 160 {
			t.Fatalf("a packet of %d bytes, want 20 ms", len(p))
		}
		out := make([]int16, 2*len(p))
		heard = append(heard, out[:dec.Decode(out, p)]...)
	}
	if hz := pitch(heard[len(heard)/2:], audio.Rate); math.Abs(hz-virtualtest.Tone) > 40 {
		t.Errorf("heard %.0f Hz, want %d", hz, virtualtest.Tone)
	}

	enc := g722.NewEncoder(g722.Rate64000, 0)
	tick := time.NewTicker(audio.FrameDuration)
	defer tick.Stop()
	for n := range 50 {
		f, payload := make([]int16, audio.FrameLen), make([]byte, 161)
		for i := range f {
			f[i] = int16(10000 * math.Sin(2*math.Pi*800*float64(n*audio.FrameLen+i)/audio.Rate))
		}
		size := enc.Encode(payload, f)
		if n != 20 { // one is lost on the way
			must(t, b.mic.WriteSample(media.Sample{Data: payload[:size], Duration: audio.FrameDuration}))
		}
		<-tick.C
	}
	spoken, _ := h.sound.Spoken()
	if len(spoken) < 30*audio.FrameLen {
		t.Fatalf("only %d samples reached the mouthpiece", len(spoken))
	}
	if hz := pitch(spoken[len(spoken)/2:], audio.Rate); math.Abs(hz-800) > 60 {
		t.Errorf("the mouthpiece got %.0f Hz, want 800", hz)
	}
	for { // until both levels have been measured
		var m struct{ Ear, Mic float64 }
		must(t, json.Unmarshal([]byte(wait(t, b.meters, "meter")), &m))
		if m.Ear > -20 && m.Mic > -20 {
			break
		}
	}
}

func TestPeerFallsBackToNarrow(t *testing.T) {
	h := newHouse(t)
	b := newBrowser(t, narrow)
	if status := b.call(t, h, ""); status != 200 {
		t.Fatalf("status %d", status)
	}
	var sizes []int
	for range 10 {
		sizes = append(sizes, len(wait(t, b.heard, "packet")))
	}
	if got := fmt.Sprint(sizes[5:]); got != "[160 160 160 160 160]" {
		t.Errorf("packets of %s bytes, want 20 ms at 8 kHz", got)
	}
}

func TestPeersAreFew(t *testing.T) {
	h := newHouse(t)
	var first *browser
	for i := range 4 {
		b := newBrowser(t, wide)
		if status := b.call(t, h, fmt.Sprint(i)); status != 200 {
			t.Fatalf("peer %d: status %d", i, status)
		}
		if i == 0 {
			first = b
			wait(t, b.up, "connection")
		}
	}
	if status := newBrowser(t, wide).call(t, h, "one too many"); status != 503 {
		t.Errorf("fifth peer: status %d, want 503", status)
	}
	gone := make(chan struct{}, 1)
	first.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s != webrtc.PeerConnectionStateConnected {
			select {
			case gone <- struct{}{}:
			default:
			}
		}
	})
	again := newBrowser(t, wide)
	if status := again.call(t, h, "0"); status != 200 {
		t.Errorf("the page's new offer: status %d", status)
	}
	wait(t, gone, "end of the page's old peer")
	wait(t, again.up, "connection")
}

func TestOffersRefused(t *testing.T) {
	h := newHouse(t)
	opus := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n"
	for name, tt := range map[string]struct{ body, field string }{
		"no type":   {`{"sdp":"x"}`, "type"},
		"answer":    {`{"type":"answer","sdp":"x"}`, "type"},
		"no sdp":    {`{"type":"offer"}`, "sdp"},
		"garbage":   {`{"type":"offer","sdp":"G722/8000"}`, "sdp"},
		"half":      {`{"type":"offer","sdp":"v=0\r\na=rtpmap:9 G722/8000\r\n"}`, "sdp"},
		"opus":      {string(mustJSON(map[string]string{"type": "offer", "sdp": opus})), "sdp"},
		"long":      {`{"type":"offer","sdp":"` + strings.Repeat("x", 40_000) + `"}`, "sdp"},
		"long page": {`{"type":"offer","sdp":"x","page":"` + strings.Repeat("x", 65) + `"}`, "page"},
	} {
		status, _, answer := h.do(t, "POST", "/booth/rtc", []byte(tt.body))
		if status != 400 || !bytes.Contains(answer, []byte(`"field":"`+tt.field+`"`)) {
			t.Errorf("%s: %d %s, want 400 %s", name, status, answer, tt.field)
		}
	}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
