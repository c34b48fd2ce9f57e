package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// agent is a human at a desk, without the browser: the same socket, the same kind of sound.
type agent struct {
	*pair
	conn *websocket.Conn

	mu     sync.Mutex
	news   []map[string]any // all that the core said
	heard  []int16          // 8 kHz, what the citizen's line brought
	peer   *webrtc.PeerConnection
	track  *webrtc.TrackLocalStaticSample
	closed bool
}

// agent signs the first-run agent in at the desk.
func (p *pair) agent() *agent {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.data, "first-run.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	var first struct{ Agent httpapi.Login }
	if err := json.Unmarshal(raw, &first); err != nil {
		p.t.Fatal(err)
	}
	body, err := json.Marshal(first.Agent)
	if err != nil {
		p.t.Fatal(err)
	}
	login, err := http.Post(p.cloud.url+httpapi.PathSession, "application/json", bytes.NewReader(body))
	if err != nil || login.StatusCode != http.StatusOK {
		p.t.Fatalf("sign in: %v %v", err, login)
	}
	defer login.Body.Close()
	header := http.Header{"Origin": {p.cloud.url}}
	for _, c := range login.Cookies() {
		header.Add("Cookie", c.Name+"="+c.Value)
	}
	conn, answer, err := websocket.Dial(context.Background(), strings.Replace(p.cloud.url, "http", "ws", 1)+httpapi.PathDesk, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		p.t.Fatalf("desk: %v %v", err, answer)
	}
	conn.SetReadLimit(1 << 20)
	a := &agent{pair: p, conn: conn}
	p.t.Cleanup(a.leave)
	go a.read()
	a.await("hello", nil)
	return a
}

func (a *agent) leave() {
	_ = a.conn.CloseNow()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.peer != nil && !a.closed {
		a.closed = true
		_ = a.peer.Close()
	}
}

func (a *agent) read() {
	for {
		_, raw, err := a.conn.Read(context.Background())
		if err != nil {
			return
		}
		var m map[string]any
		if json.Unmarshal(raw, &m) != nil {
			continue
		}
		if m["t"] == "rtc_offer" {
			a.answer(m["sdp"].(string))
		}
		a.mu.Lock()
		a.news = append(a.news, m)
		a.mu.Unlock()
	}
}

// send makes a wish.
func (a *agent) send(wish map[string]any) {
	a.t.Helper()
	wish["ref"] = id.New()
	raw, err := json.Marshal(wish)
	if err != nil {
		a.t.Fatal(err)
	}
	if err := a.conn.Write(context.Background(), websocket.MessageText, raw); err != nil {
		a.t.Fatal(err)
	}
}

// await waits for a message of this kind that fits, and forgets all before it.
func (a *agent) await(kind string, fits func(m map[string]any) bool) map[string]any {
	a.t.Helper()
	var found map[string]any
	if !a.within(10*time.Second, func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		for i, m := range a.news {
			if m["t"] == kind && (fits == nil || fits(m)) {
				found, a.news = m, a.news[i+1:]
				return true
			}
		}
		return false
	}) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.t.Fatalf("no %s; got %v", kind, a.news)
	}
	return found
}

// answer takes the core's offer the way a browser does: sound both ways, in G.711.
func (a *agent) answer(sdp string) {
	engine := &webrtc.MediaEngine{}
	codec := webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, PayloadType: 0}
	if err := engine.RegisterCodec(codec, webrtc.RTPCodecTypeAudio); err != nil {
		return
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	peer, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return
	}
	track, err := webrtc.NewTrackLocalStaticSample(codec.RTPCodecCapability, "mic", "agent")
	if err != nil {
		return
	}
	peer.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			a.mu.Lock()
			for _, b := range packet.Payload {
				a.heard = append(a.heard, g711.DecodeUlawFrame(b))
			}
			a.mu.Unlock()
		}
	})
	if _, err := peer.AddTrack(track); err != nil {
		return
	}
	if peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}) != nil {
		return
	}
	reply, err := peer.CreateAnswer(nil)
	if err != nil {
		return
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	if peer.SetLocalDescription(reply) != nil {
		return
	}
	<-gathered
	a.mu.Lock()
	a.peer, a.track = peer, track
	a.mu.Unlock()
	raw, err := json.Marshal(map[string]any{"t": "rtc_answer", "ref": id.New(), "sdp": peer.LocalDescription().SDP})
	if err == nil {
		_ = a.conn.Write(context.Background(), websocket.MessageText, raw)
	}
}

// speak lets the agent's microphone hum for a while.
func (a *agent) speak(hz float64, d time.Duration) {
	a.t.Helper()
	a.mu.Lock()
	track := a.track
	a.mu.Unlock()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for sent := 0; sent < int(d/(20*time.Millisecond)); sent++ {
		frame := tone(sent, hz)
		if err := track.WriteSample(media.Sample{Data: frame, Duration: 20 * time.Millisecond}); err != nil {
			a.t.Fatal(err)
		}
		<-tick.C
	}
}

// tone is the n-th frame of 20 ms of a tone, in µ-law.
func tone(n int, hz float64) []byte {
	frame := make([]byte, 160)
	for i := range frame {
		frame[i] = g711.EncodeUlawFrame(int16(8000 * math.Sin(2*math.Pi*hz*float64(n*160+i)/8000)))
	}
	return frame
}

// hears reports whether the agent's last second is mostly a tone of this pitch.
func (a *agent) hears(hz float64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return pitched(a.heard[max(0, len(a.heard)-4000):], 8000, hz)
}

// pitched reports whether most of the energy of samples is at this pitch (Goertzel).
func pitched(samples []int16, rate, hz float64) bool {
	if len(samples) < int(rate/4) {
		return false
	}
	var total, s1, s2 float64
	k := 2 * math.Cos(2*math.Pi*hz/rate)
	for _, x := range samples {
		v := float64(x)
		total += v * v
		s1, s2 = v+k*s1-s2, s1
	}
	power := (s1*s1 + s2*s2 - k*s1*s2) / float64(len(samples)) * 2
	return total > float64(len(samples))*100*100 && power > total*0.5
}

// hum is a WAV of one tone for the booth's mouthpiece.
func hum(hz float64, d time.Duration) []int16 {
	out := make([]int16, int(16000*d.Seconds()))
	for i := range out {
		out[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/16000))
	}
	return out
}
