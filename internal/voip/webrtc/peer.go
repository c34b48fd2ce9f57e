// Package webrtc is the voice line to a browser: one peer connection with one G.711 stream each way, offered by us. It may use UDP ports
// of this machine and nothing else of it.
package webrtc

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
)

// Config is what a Peer needs.
type Config struct {
	// Loopback keeps the peer on this machine: only loopback candidates of ours, only addresses of this machine for the page.
	Loopback bool
	// Addrs are the addresses to offer without Loopback; all of the machine's when empty.
	Addrs []netip.Addr
	Log   *slog.Logger
}

// Peer is one browser. Read and Write make it one end of a conversation: frames of voip.FrameLen bytes of µ-law.
type Peer struct{}

// New makes a peer; it opens sockets at Offer.
func New(c Config) (*Peer, error) { return nil, errors.ErrUnsupported }

// Offer is our SDP with all candidates.
func (p *Peer) Offer() (sdp string, err error) { return "", errors.ErrUnsupported }

// Answer takes the page's.
func (p *Peer) Answer(sdp string) error { return errors.ErrUnsupported }

// Restart makes a new offer for the same conversation: a page that was loaded again answers it, and Read and Write go on with it.
func (p *Peer) Restart() (sdp string, err error) { return "", errors.ErrUnsupported }

// Connected is closed when sound can flow for the first time.
func (p *Peer) Connected() <-chan struct{} { return nil }

// Read returns the next frame the page's microphone spoke. The slice is valid until the next Read. io.EOF after Close.
func (p *Peer) Read(ctx context.Context) ([]byte, error) { return nil, errors.ErrUnsupported }

// Write lets the page hear one frame; it never waits.
func (p *Peer) Write(frame []byte) error { return errors.ErrUnsupported }

// Close ends it.
func (p *Peer) Close() {}
