// Package webrtc is the voice line to a browser: one peer connection with one PCMU stream each way, offered by us. It may use UDP ports of
// this machine and nothing else of it.
package webrtc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/laoyou/laoyou/internal/voip/jitter"
)

// gatherTime bounds the search for candidates; there is no STUN server to wait for.
const gatherTime = 3 * time.Second

// ErrClosed says that the peer is closed.
var ErrClosed = errors.New("the peer is closed")

// Config is what a Peer needs.
type Config struct {
	// Loopback keeps the peer on this machine: only loopback candidates of ours, only addresses of this machine for the page.
	Loopback bool
	// Addrs are the addresses to offer without Loopback; all of the machine's when empty.
	Addrs []netip.Addr
	Log   *slog.Logger
}

// Peer is one browser. Read and Write make it one end of a conversation: frames of jitter.FrameLen bytes of µ-law. It outlives the page:
// after Restart, Read and Write go on with the page that answers next.
type Peer struct {
	conf Config
	api  *webrtc.API
	ear  *jitter.Reader

	mu     sync.Mutex
	link   *link // nil before Offer
	closed bool

	connected chan struct{}
	once      sync.Once
	states    chan State
}

// State is how the connection to the page stands.
type State int

// The states.
const (
	Waiting   State = iota // offered, not answered; or answered and not yet connected
	Connected              // sound flows
	Lost                   // the page is silent or gone: time for Restart, if it comes back
)

// New makes a peer; it opens sockets at Offer.
func New(c Config) (*Peer, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	var engine webrtc.MediaEngine
	pcmu := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1}, PayloadType: payloadType,
	}
	if err := engine.RegisterCodec(pcmu, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("webrtc: codec: %w", err)
	}
	// No interceptors: G.711 wants no retransmission, and reports cost more than they tell.
	api := webrtc.NewAPI(webrtc.WithMediaEngine(&engine), webrtc.WithSettingEngine(settings(c)),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	p := &Peer{conf: c, api: api, ear: jitter.NewReader(), connected: make(chan struct{}), states: make(chan State, 1)}
	p.ear.Relay(true) // the other end of the conversation has its own buffer
	return p, nil
}

// settings keep a loopback peer on loopback. Browsers hide loopback and their own addresses (mDNS), so the page's end is usually learnt from
// its first packet; it is one of this machine's addresses, and no other is let in.
func settings(c Config) webrtc.SettingEngine {
	var s webrtc.SettingEngine
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.SetICETimeouts(3*time.Second, 8*time.Second, time.Second)
	switch {
	case c.Loopback:
		s.SetIncludeLoopbackCandidate(true)
		s.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
		s.SetRemoteIPFilter(ownAddress)
	case len(c.Addrs) > 0:
		s.SetIncludeLoopbackCandidate(true)
		s.SetIPFilter(func(ip net.IP) bool { return contains(c.Addrs, ip) })
	}
	return s
}

func contains(list []netip.Addr, ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip)
	for _, l := range list {
		if ok && l.Unmap() == a.Unmap() {
			return true
		}
	}
	return false
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

// Offer is our SDP with all candidates. A second Offer is a Restart.
func (p *Peer) Offer() (sdp string, err error) {
	l, err := p.newLink()
	if err != nil {
		return "", err
	}
	sdp, err = l.offer()
	if err != nil {
		l.close()
		return "", err
	}
	p.mu.Lock()
	old, closed := p.link, p.closed
	if !closed {
		p.link = l
	}
	p.mu.Unlock()
	if closed {
		l.close()
		return "", ErrClosed
	}
	if old != nil {
		old.close()
	}
	p.tell(l, Waiting)
	return sdp, nil
}

// Restart makes a new offer for the same conversation: a page that was loaded again answers it, and Read and Write go on with it. The old
// connection cannot be revived by ICE alone, because a new page has new keys; it is closed.
func (p *Peer) Restart() (sdp string, err error) { return p.Offer() }

// Answer takes the page's.
func (p *Peer) Answer(sdp string) error {
	l := p.current()
	if l == nil {
		return errors.New("webrtc: an answer without an offer")
	}
	if err := l.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		return fmt.Errorf("webrtc: answer: %w", err)
	}
	return nil
}

func (p *Peer) current() *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.link
}

// Connected is closed when sound can flow for the first time.
func (p *Peer) Connected() <-chan struct{} { return p.connected }

// States has every change of the state of the current connection, the newest replacing one that nobody took. It is never closed.
func (p *Peer) States() <-chan State { return p.states }

// tell passes on the state of l unless it has been replaced.
func (p *Peer) tell(l *link, s State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.link != l || p.closed {
		return
	}
	if s == Connected {
		p.once.Do(func() { close(p.connected) })
	}
	select {
	case <-p.states:
	default:
	}
	p.states <- s // there is room: only we write, under the lock
}

// Read returns the next frame the page's microphone spoke, as it arrives, in order; silence when nothing does. The slice is valid until the
// next Read. io.EOF after Close.
func (p *Peer) Read(ctx context.Context) ([]byte, error) { return p.ear.Read(ctx) }

// Write lets the page hear one frame; it never waits. Before it is connected, frames are dropped.
func (p *Peer) Write(frame []byte) error {
	if len(frame) != jitter.FrameLen {
		return io.ErrShortWrite
	}
	p.mu.Lock()
	l, closed := p.link, p.closed
	p.mu.Unlock()
	if closed {
		return io.ErrClosedPipe
	}
	if l != nil {
		l.write(frame)
	}
	return nil
}

// Close ends it and waits for what it runs.
func (p *Peer) Close() {
	p.mu.Lock()
	l := p.link
	p.link, p.closed = nil, true
	p.mu.Unlock()
	p.ear.Close()
	if l != nil {
		l.close()
	}
}
