package webrtc

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/laoyou/laoyou/internal/voip/jitter"
)

const (
	payloadType = 0 // PCMU, RFC 3551 §6
	maxPacket   = 1500
	sendGap     = 100 * time.Millisecond // between two writes, before the RTP clock is set again
)

// link is one connection to one page.
type link struct {
	peer  *Peer
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticRTP
	once  sync.Once

	mu     sync.Mutex
	packet rtp.Packet
	last   time.Time
}

func (p *Peer) newLink() (*link, error) {
	pc, err := p.api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
	if err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	l := &link{peer: p, pc: pc}
	l.packet.Header = rtp.Header{
		Version: 2, PayloadType: payloadType,
		SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32(), //nolint:gosec // RFC 3550 §5.1 wants no secret
	}
	capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1}
	if l.track, err = webrtc.NewTrackLocalStaticRTP(capability, "voice", "laoyou"); err == nil {
		_, err = pc.AddTransceiverFromTrack(l.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendrecv})
	}
	if err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("webrtc: track: %w", err)
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { l.listen(t) })
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		switch s {
		case webrtc.PeerConnectionStateConnected:
			p.tell(l, Connected)
		case webrtc.PeerConnectionStateDisconnected, webrtc.PeerConnectionStateFailed:
			p.tell(l, Lost)
		default:
		}
	})
	return l, nil
}

// offer returns our description once every candidate is known.
func (l *link) offer() (string, error) {
	offer, err := l.pc.CreateOffer(nil)
	if err != nil {
		return "", fmt.Errorf("webrtc: offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(l.pc)
	if err := l.pc.SetLocalDescription(offer); err != nil {
		return "", fmt.Errorf("webrtc: local description: %w", err)
	}
	late := time.NewTimer(gatherTime)
	defer late.Stop()
	select {
	case <-gathered:
		return l.pc.LocalDescription().SDP, nil
	case <-late.C:
		return "", fmt.Errorf("webrtc: no candidates within %s", gatherTime)
	}
}

// listen passes the page's microphone on. It runs on a goroutine of pion's, which close waits for.
func (l *link) listen(t *webrtc.TrackRemote) {
	ear := l.peer.ear
	ear.Reset()
	buf := make([]byte, maxPacket)
	var p rtp.Packet
	for {
		n, _, err := t.Read(buf)
		if err != nil {
			return
		}
		if p.Unmarshal(buf[:n]) == nil && p.PayloadType == payloadType {
			ear.Push(time.Now(), p.Timestamp, p.Payload, false)
		}
	}
}

// write sends one frame. A page that is not there is no error.
func (l *link) write(frame []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	h := &l.packet.Header
	h.Marker = false
	step := uint32(jitter.FrameLen)
	if gap := now.Sub(l.last); gap > sendGap {
		h.Marker = true // a talkspurt begins, RFC 3551 §4.1
		if !l.last.IsZero() {
			step = uint32(gap/jitter.FrameDuration) * jitter.FrameLen
		}
	}
	l.last = now
	h.SequenceNumber++
	h.Timestamp += step
	l.packet.Payload = frame
	_ = l.track.WriteRTP(&l.packet)
	l.packet.Payload = nil
}

// close ends the connection and waits for its goroutines.
func (l *link) close() {
	l.once.Do(func() {
		if err := l.pc.GracefulClose(); err != nil {
			l.peer.conf.Log.Debug("peer did not close cleanly", "err", err)
		}
	})
}
