package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

const (
	patience = 40 * time.Second
	soon     = 5 * time.Second // far more than news takes on a busy machine (docs/quality.md), far less than any timer
)

// browser is an agent's desk as a page would be one: a login, a WebSocket, a peer connection with a microphone that says one byte.
type browser struct {
	t       *testing.T
	core    string // host:port
	cookie  string
	conn    *websocket.Conn
	heard   chan byte
	mu      sync.Mutex
	seen    []map[string]any
	more    chan struct{}
	mic     *webrtc.TrackLocalStaticRTP
	line    string // name of its sound
	stopped context.Context
}

// signIn logs an agent in and opens the desk.
func signIn(t *testing.T, core string) *browser {
	t.Helper()
	b := &browser{t: t, core: core, more: make(chan struct{}, 1), heard: make(chan byte, 1), stopped: t.Context()}
	body := strings.NewReader(`{"user":"agent","password":"tea"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+core+httpapi.PathSession, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for _, c := range resp.Cookies() {
		b.cookie = c.Name + "=" + c.Value
	}
	if b.cookie == "" {
		t.Fatalf("no session: %s", resp.Status)
	}
	b.open()
	return b
}

// open opens the page, or opens it again.
func (b *browser) open() { b.back("") }

// back opens the socket again, with the sound of before.
func (b *browser) back(line string) {
	b.t.Helper()
	conn, resp, err := websocket.Dial(b.t.Context(), "ws://"+b.core+httpapi.PathDesk+"?line="+line, &websocket.DialOptions{
		HTTPHeader: http.Header{"Cookie": {b.cookie}, "Origin": {"http://" + b.core}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	conn.SetReadLimit(1 << 20)
	b.conn = conn
	b.t.Cleanup(func() { _ = conn.CloseNow() })
	go b.read(conn)
}

func (b *browser) read(conn *websocket.Conn) {
	for {
		_, text, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			b.t.Errorf("%s: %v", text, err)
		}
		b.mu.Lock()
		b.seen = append(b.seen, m)
		b.mu.Unlock()
		select {
		case b.more <- struct{}{}:
		default:
		}
	}
}

// wants waits for a message of a kind, with the state if it is not empty, and takes all up to it.
func (b *browser) wants(kind, state string) map[string]any {
	b.t.Helper()
	late := time.After(patience)
	for {
		b.mu.Lock()
		for i, m := range b.seen {
			if m["t"] == kind && (state == "" || m["state"] == state) {
				b.seen = b.seen[i+1:]
				b.mu.Unlock()
				return m
			}
		}
		b.mu.Unlock()
		select {
		case <-b.more:
		case <-late:
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("no %s %s in %v", kind, state, b.seen)
		}
	}
}

// wantsNo waits for a message of the kind until and fails if one of the kind never has come before it.
func (b *browser) wantsNo(never, until string) {
	b.t.Helper()
	late := time.After(patience)
	for {
		b.mu.Lock()
		for i, m := range b.seen {
			switch m["t"] {
			case never:
				b.t.Errorf("%v came", m)
			case until:
				b.seen = b.seen[i+1:]
				b.mu.Unlock()
				return
			}
		}
		b.mu.Unlock()
		select {
		case <-b.more:
		case <-late:
			b.t.Fatalf("no %s", until)
		}
	}
}

func (b *browser) send(format string, args ...any) {
	b.t.Helper()
	if err := b.conn.Write(b.t.Context(), websocket.MessageText, fmt.Appendf(nil, format, args...)); err != nil {
		b.t.Fatal(err)
	}
}

// connect answers the core's offer of sound, and speaks say.
func (b *browser) connect(say byte) {
	b.t.Helper()
	m := b.wants("rtc_offer", "")
	offer, _ := m["sdp"].(string)
	b.line, _ = m["line"].(string)
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	var engine webrtc.MediaEngine
	pcmu := webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}}
	if err := engine.RegisterCodec(pcmu, webrtc.RTPCodecTypeAudio); err != nil {
		b.t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&engine), webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = pc.GracefulClose() })
	pc.OnTrack(func(r *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := r.ReadRTP()
			if err != nil {
				return
			}
			select {
			case b.heard <- p.Payload[0]:
			default:
			}
		}
	})
	b.mic, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, "mic", "page")
	if err == nil {
		_, err = pc.AddTrack(b.mic)
	}
	if err == nil {
		err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer})
	}
	if err != nil {
		b.t.Fatal(err)
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		b.t.Fatal(err)
	}
	<-gathered
	sdp, err := json.Marshal(pc.LocalDescription().SDP)
	if err != nil {
		b.t.Fatal(err)
	}
	b.send(`{"t":"rtc_answer","ref":"sound","sdp":%s}`, sdp)
	go b.speak(b.mic, say)
}

func (b *browser) speak(mic *webrtc.TrackLocalStaticRTP, say byte) {
	tick := time.NewTicker(voip.FrameDuration)
	defer tick.Stop()
	p := &rtp.Packet{Header: rtp.Header{Version: 2}, Payload: bytes.Repeat([]byte{say}, voip.FrameLen)}
	for {
		select {
		case <-tick.C:
		case <-b.stopped.Done():
			return
		}
		p.SequenceNumber++
		p.Timestamp += voip.FrameLen
		if mic.WriteRTP(p) != nil {
			return
		}
	}
}

// hears waits until the page hears frames of want.
func (b *browser) hears(want byte) {
	b.t.Helper()
	late := time.After(patience)
	for {
		select {
		case got := <-b.heard:
			if got == want {
				return
			}
		case <-late:
			b.t.Fatalf("the page never hears %#x", want)
		}
	}
}

// handset is a booth's voice line, and its speaker says one byte.
type handset struct {
	t     *testing.T
	data  string
	core  string
	agent *voip.Agent
	rung  chan *voip.Incoming
}

func newHandset(t *testing.T, data, core string) *handset {
	t.Helper()
	rung := make(chan *voip.Incoming, 4)
	a, err := voip.New(voip.Config{Listen: "127.0.0.1:0", Name: "booth", Codecs: voip.Narrow(), Accept: func(in *voip.Incoming) { rung <- in }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = a.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	<-a.Ready()
	return &handset{t: t, data: data, core: core, agent: a, rung: rung}
}

func (h *handset) sip() string {
	h.t.Helper()
	address, err := os.ReadFile(filepath.Join(h.data, "run", sipAddress))
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.TrimSpace(string(address))
}

// register tells the core where the booth is.
func (h *handset) register() {
	h.t.Helper()
	b, err := h.agent.Register(h.t.Context(), voip.Registration{Registrar: "sip:" + h.sip(), User: "dev", Password: token(h.t, h.data)})
	if err != nil {
		h.t.Fatal(err)
	}
	late := time.After(patience)
	for {
		select {
		case s := <-b.State():
			if s.Bound {
				return
			}
		case <-late:
			h.t.Fatal("the booth cannot register")
		}
	}
}

// rings waits until the core calls the booth for a contact, and answers.
func (h *handset) rings(t *testing.T, matter string) *voip.Leg {
	t.Helper()
	select {
	case in := <-h.rung:
		if got := in.Header(sipapi.HeaderContact); got != matter {
			t.Errorf("called for %q", got)
		}
		leg, err := in.Answer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return leg
	case <-time.After(patience):
		t.Fatal("the booth does not ring")
		return nil
	}
}

func (h *handset) request(method, path, body string) *http.Response {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, "http://"+h.core+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token(h.t, h.data))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// call wants a person for a contact; the leg says one byte.
func (h *handset) call(matter string, say byte) *voip.Leg {
	h.t.Helper()
	leg, err := h.agent.Dial(h.t.Context(), voip.Call{
		To: "sip:" + sipapi.UserQueue + "@" + h.sip(), From: "dev", User: "dev", Password: token(h.t, h.data),
		Header: map[string]string{sipapi.HeaderContact: matter, sipapi.HeaderLanguage: "zh"},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	go h.speak(leg, say)
	return leg
}

func (h *handset) speak(leg *voip.Leg, say byte) {
	tick := time.NewTicker(voip.FrameDuration)
	defer tick.Stop()
	frame := bytes.Repeat([]byte{say}, voip.FrameLen)
	for {
		select {
		case <-tick.C:
			_ = leg.Media().Write(frame) // before the answer and after the end there is nobody to hear it
		case <-leg.Done():
			return
		case <-h.t.Context().Done():
			return
		}
	}
}

// hears waits until the citizen hears frames of want.
func (h *handset) hears(leg *voip.Leg, want byte) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	for {
		f, err := leg.Media().Read(ctx)
		if err != nil {
			h.t.Fatalf("the citizen never hears %#x: %v", want, err)
		}
		if f[0] == want && f[len(f)-1] == want {
			return
		}
	}
}

// line opens the text side of a contact.
func (h *handset) line(matter string) <-chan httpapi.LineNews {
	h.t.Helper()
	news, _ := h.open(matter)
	return news
}

// open opens the text side of a contact, to write on it too.
func (h *handset) open(matter string) (_ <-chan httpapi.LineNews, wish func(string)) {
	h.t.Helper()
	conn, resp, err := websocket.Dial(h.t.Context(), "ws://"+h.core+httpapi.LinePath(matter), &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token(h.t, h.data)}},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	h.t.Cleanup(func() { _ = conn.CloseNow() })
	news := make(chan httpapi.LineNews, 100)
	go func() {
		defer close(news)
		for {
			_, text, err := conn.Read(context.Background())
			var n httpapi.LineNews
			if err != nil || json.Unmarshal(text, &n) != nil {
				return
			}
			news <- n
		}
	}()
	return news, func(text string) {
		if err := conn.Write(h.t.Context(), websocket.MessageText, []byte(text)); err != nil {
			h.t.Fatal(err)
		}
	}
}
