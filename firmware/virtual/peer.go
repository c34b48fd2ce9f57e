package virtual

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/internal/audio"
)

const (
	gatherTime  = 3 * time.Second
	connectTime = 20 * time.Second // an answer that nobody uses is thrown away
	meterEvery  = 100 * time.Millisecond
	micBacklog  = 5 // frames; older ones are dropped, so that a stall does not become a lasting delay
)

// peer is one page's sound: the ear goes out, its microphone comes in, levels go over the data channel "meter".
type peer struct {
	owner *peers
	page  string
	pc    *webrtc.PeerConnection
	codec *codec
	track *webrtc.TrackLocalStaticSample

	ear, mic level

	ctx    context.Context
	cancel context.CancelFunc
	once   sync.Once
	wg     sync.WaitGroup
}

// newPeer makes the connection; it has not yet opened a socket.
func newPeer(ps *peers, page, sdp string) (*peer, error) {
	c, err := pickCodec(sdp)
	if err != nil {
		return nil, &firmware.FieldError{Field: "sdp", Msg: err.Error()}
	}
	var engine webrtc.MediaEngine
	if err := engine.RegisterCodec(c.params, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("codec: %w", err)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(&engine), webrtc.WithSettingEngine(settings(ps.loopback)))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	p := &peer{owner: ps, page: page, pc: pc, codec: c}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.ear.reset()
	p.mic.reset()
	if p.track, err = webrtc.NewTrackLocalStaticSample(c.params.RTPCodecCapability, "ear", "booth"); err == nil {
		_, err = pc.AddTrack(p.track)
	}
	if err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("track: %w", err)
	}
	return p, nil
}

// settings keep a booth that is bound to loopback on loopback. Browsers hide loopback and their own addresses (mDNS), so the page's end is
// usually learnt from its first packet; it is one of this machine's addresses, and no other is let in.
func settings(loopback bool) webrtc.SettingEngine {
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.SetICETimeouts(5*time.Second, 10*time.Second, time.Second)
	if loopback {
		s.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
		s.SetRemoteIPFilter(ownAddress)
	}
	return s
}

func ownAddress(ip net.IP) bool {
	if ip.IsLoopback() {
		return true
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return true
		}
	}
	return false
}

// answer takes the offer and returns the answer once every candidate is known.
func (p *peer) answer(ctx context.Context, sdp string) (string, error) {
	p.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			go p.close() // not from pion's own goroutine, which close waits for
		}
	})
	connected := make(chan struct{})
	var once sync.Once
	p.pc.OnICEConnectionStateChange(func(s webrtc.ICEConnectionState) {
		if s == webrtc.ICEConnectionStateConnected {
			once.Do(func() { close(connected) })
		}
	})
	p.pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.run(func() { p.listen(t) }) })
	p.pc.OnDataChannel(func(d *webrtc.DataChannel) {
		if d.Label() == "meter" {
			d.OnOpen(func() { p.run(func() { p.meter(d) }) })
		}
	})
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}); err != nil {
		return "", &firmware.FieldError{Field: "sdp", Msg: "is not an offer we can answer"}
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", &firmware.FieldError{Field: "sdp", Msg: "is not an offer we can answer"}
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return "", fmt.Errorf("local description: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherTime)
	defer cancel()
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", fmt.Errorf("gather candidates: %w", ctx.Err())
	}
	p.run(func() { p.play(connected) })
	return p.pc.LocalDescription().SDP, nil
}

// run runs f until the peer closes; afterwards not at all.
func (p *peer) run(f func()) {
	p.owner.mu.Lock()
	alive := p.ctx.Err() == nil
	if alive {
		p.wg.Add(1)
	}
	p.owner.mu.Unlock()
	if alive {
		go func() {
			defer p.wg.Done()
			f()
		}()
	}
}

// close ends the peer and waits for what it runs.
func (p *peer) close() {
	p.once.Do(func() {
		p.owner.mu.Lock() // no run may slip in between
		p.cancel()
		p.owner.mu.Unlock()
		if err := p.pc.GracefulClose(); err != nil {
			p.owner.log.Debug("peer did not close cleanly", "err", err)
		}
		p.wg.Wait()
		p.owner.remove(p)
	})
}

// play sends what the ear plays. The frames themselves are the clock.
func (p *peer) play(connected <-chan struct{}) {
	patience := time.NewTimer(connectTime)
	defer patience.Stop()
	select {
	case <-connected:
	case <-patience.C:
		go p.close()
		return
	case <-p.ctx.Done():
		return
	}
	frames, stop := p.owner.sound.Listen()
	defer stop()
	for {
		select {
		case f, ok := <-frames:
			if !ok {
				return
			}
			p.ear.add(f)
			payload := p.codec.encode(f)
			f.Wipe()
			err := p.track.WriteSample(media.Sample{Data: payload, Duration: audio.FrameDuration})
			clear(payload)
			if err != nil {
				p.owner.log.Debug("ear frame not sent", "err", err)
			}
		case <-p.ctx.Done():
			return
		}
	}
}

// listen passes the page's microphone on to the mouthpiece.
func (p *peer) listen(t *webrtc.TrackRemote) {
	frames := make(chan audio.Frame, micBacklog)
	p.run(func() { p.speak(frames) })
	defer close(frames)
	var framer audio.Framer
	for {
		packet, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		for _, f := range framer.Write(p.codec.decode(packet.Payload)) {
			p.mic.add(f)
			offerFrame(frames, f)
		}
	}
}

// offerFrame drops the oldest frame when the queue is full; it is its only writer.
func offerFrame(frames chan audio.Frame, f audio.Frame) {
	for {
		select {
		case frames <- f:
			return
		default:
		}
		select {
		case old := <-frames:
			old.Wipe()
		default:
		}
	}
}

func (p *peer) speak(frames <-chan audio.Frame) {
	for f := range frames {
		if err := p.owner.sound.Speak(p.ctx, f); err != nil && !errors.Is(err, firmware.ErrHook) {
			p.owner.log.Debug("microphone frame not taken", "err", err)
		}
	}
}

// meter tells the page both levels, in dBFS, ten times a second.
func (p *peer) meter(d *webrtc.DataChannel) {
	tick := time.NewTicker(meterEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := d.SendText(fmt.Sprintf(`{"ear":%.1f,"mic":%.1f}`, p.ear.take(), p.mic.take())); err != nil {
				return
			}
		case <-p.ctx.Done():
			return
		}
	}
}

// level keeps the loudest frame since it was last taken, in dBFS.
type level struct{ bits atomic.Uint64 }

func (l *level) reset() { l.bits.Store(math.Float64bits(audio.Floor)) }

func (l *level) add(f audio.Frame) {
	db := audio.RMS(f)
	for {
		old := l.bits.Load()
		if math.Float64frombits(old) >= db || l.bits.CompareAndSwap(old, math.Float64bits(db)) {
			return
		}
	}
}

func (l *level) take() float64 {
	return math.Float64frombits(l.bits.Swap(math.Float64bits(audio.Floor)))
}
