package voip

import (
	"context"
	"errors"
	"net/netip"
)

// Incoming is an INVITE that waits for Answer or Reject. Its methods may be called from any goroutine.
type Incoming struct {
	Source netip.AddrPort
	// Transport is udp or tcp.
	Transport string
	// Login is the user of the digest; "" when none was asked.
	Login string
}

// ID is the Call-ID.
func (in *Incoming) ID() string { return "" }

// From is the user part of the caller's address; trust Login, not this.
func (in *Incoming) From() string { return "" }

// To is the user part of the Request-URI: whom to call.
func (in *Incoming) To() string { return "" }

// Header is a header's value, "" when it is not there.
func (in *Incoming) Header(name string) string { return "" }

// Gone is closed when the INVITE needs no answer any more: it was answered, rejected, or its caller gave up (Cause tells).
func (in *Incoming) Gone() <-chan struct{} { return nil }

// Cause is Normal after Answer, Cancelled when the caller gave up, the cause of its code after Reject, and Unknown before.
func (in *Incoming) Cause() Cause { return Unknown }

// Ring tells the caller that it rings (180).
func (in *Incoming) Ring() {}

// Answer takes the call. The leg is up when it returns: the caller's ACK has come (or, in an emergency, not yet: it is waited for at most
// until ctx ends, and sound flows before it). ErrGone says that the caller gave up first; 488 has been sent when no codec is shared.
func (in *Incoming) Answer(ctx context.Context) (*Leg, error) { return nil, errors.ErrUnsupported }

// Reject refuses the call; an empty reason is the code's own.
func (in *Incoming) Reject(code int, reason string) {}
