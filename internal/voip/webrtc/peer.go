// Package webrtc is the voice line to a browser: one peer connection with one stream each way, PCMU or Opus, offered by us. It may use UDP
// ports of this machine and nothing else of it.
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
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
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
	// Opus offers it before PCMU. It is built in or is not: see package opus.
	Opus bool
	Log  *slog.Logger
}

// Peer is one browser. Read and Write make it one end of a conversation: frames of jitter.FrameLen bytes of µ-law; ReadCoded and WriteCoded
// pass its packets on as they are while Coding names one. It outlives the page: after Restart, all go on with the page that answers next.
type Peer struct {
	conf Config
	api  *webrtc.API
	ear  *jitter.Reader // of PCMU
	wide *opus.Ear
	opus atomic.Bool // the page speaks it

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
	for _, codec := range codecs(c.Opus && opus.Available()) {
		if err := engine.RegisterCodec(codec, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, fmt.Errorf("webrtc: codec: %w", err)
		}
	}
	// No interceptors: speech wants no retransmission, and the one report that tells something is our own.
	api := webrtc.NewAPI(webrtc.WithMediaEngine(&engine), webrtc.WithSettingEngine(settings(c)),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	p := &Peer{
		conf: c, api: api, ear: jitter.NewReader(), wide: opus.NewEar(), connected: make(chan struct{}), states: make(chan State, 1),
	}
	p.ear.Relay(true) // the other end of the conversation has its own buffer
	p.wide.Relay(true)
	return p, nil
}

// codecs are what we offer, in our order of preference.
func codecs(wide bool) []webrtc.RTPCodecParameters {
	list := []webrtc.RTPCodecParameters{{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1}, PayloadType: pcmuType,
	}}
	if wide {
		list = append([]webrtc.RTPCodecParameters{{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeOpus, ClockRate: opus.ClockRate, Channels: 2, SDPFmtpLine: opus.Format,
			}, PayloadType: opusType,
		}}, list...)
	}
	return list
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
func (p *Peer) Read(ctx context.Context) ([]byte, error) {
	if p.opus.Load() {
		return p.wide.Read(ctx)
	}
	return p.ear.Read(ctx)
}

// Coding names what the page speaks when its packets may be passed on as they are, "" when frames of µ-law are as good.
func (p *Peer) Coding() string {
	if p.opus.Load() {
		return "opus"
	}
	return ""
}

// ReadCoded returns the next packet of the page's microphone as it comes, instead of Read. The payload is valid until the next read.
// io.EOF after Close. Only while Coding says so.
func (p *Peer) ReadCoded(ctx context.Context) (jitter.Packet, error) { return p.wide.ReadCoded(ctx) }

// WriteCoded lets the page hear a packet of another end in the same coding; otherwise as Write.
func (p *Peer) WriteCoded(packet jitter.Packet) error {
	l, closed := p.now()
	if closed {
		return io.ErrClosedPipe
	}
	if l != nil {
		l.track.writeCoded(packet)
	}
	return nil
}

// agreed notes what the page on the other end of l has chosen.
func (p *Peer) agreed(l *link, isOpus bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.link == l {
		p.opus.Store(isOpus)
	}
}

func (p *Peer) now() (l *link, closed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.link, p.closed
}

// Write lets the page hear one frame; it never waits. Before it is connected, frames are dropped.
func (p *Peer) Write(frame []byte) error {
	if len(frame) != jitter.FrameLen {
		return io.ErrShortWrite
	}
	l, closed := p.now()
	if closed {
		return io.ErrClosedPipe
	}
	if l != nil {
		return l.track.write(frame)
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
	p.wide.Close()
	if l != nil {
		l.close()
	}
}
