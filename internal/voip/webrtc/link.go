package webrtc

import (
	"fmt"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/laoyou/laoyou/internal/voip/jitter"
)

const (
	pcmuType  = 0   // RFC 3551 §6
	opusType  = 111 // as everybody has it
	maxPacket = 1500
	sendGap   = 100 * time.Millisecond // between two writes, before the RTP clock is set again
)

// link is one connection to one page.
type link struct {
	peer  *Peer
	pc    *webrtc.PeerConnection
	track *track
	once  sync.Once
}

func (p *Peer) newLink() (*link, error) {
	pc, err := p.api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
	if err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	l := &link{peer: p, pc: pc}
	l.track = newTrack(func(isOpus bool) { p.agreed(l, isOpus) })
	if _, err = pc.AddTransceiverFromTrack(l.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendrecv}); err != nil {
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
	l.peer.ear.Reset()
	l.peer.wide.Reset()
	buf := make([]byte, maxPacket)
	var p rtp.Packet
	var heard reporter
	for {
		n, _, err := t.Read(buf)
		if err != nil {
			return
		}
		if p.Unmarshal(buf[:n]) != nil {
			continue
		}
		now := time.Now()
		switch p.PayloadType {
		case pcmuType:
			l.peer.ear.Push(now, p.Timestamp, p.Payload, false)
		case opusType:
			l.peer.wide.Push(now, jitter.Packet{Source: p.SSRC, Seq: p.SequenceNumber, TS: p.Timestamp, Payload: p.Payload})
			if r := heard.take(now, &p.Header); r != nil {
				_ = l.pc.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: l.track.source(), Reports: []rtcp.ReceptionReport{*r}}})
			}
		}
	}
}

// close ends the connection and waits for its goroutines.
func (l *link) close() {
	l.once.Do(func() {
		if err := l.pc.GracefulClose(); err != nil {
			l.peer.conf.Log.Debug("peer did not close cleanly", "err", err)
		}
	})
}
