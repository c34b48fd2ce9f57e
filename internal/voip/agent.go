// Package voip is the voice line that booth and core share: a SIP user agent (client and server in one), its RTP sessions, jitter buffer
// and DTMF. Its child webrtc is the same line to a browser. It knows nothing of booths, queues or contacts: who may call whom and what a
// caller hears is decided by whoever owns an Agent. Sound is passed on in frames of 20 ms G.711 µ-law, FrameLen bytes at 8 kHz.
//
// It may use the network that its Config names, and nothing else of the machine.
package voip

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"
)

// Config is what an Agent needs. Only Listen is required.
type Config struct {
	Listen string // host:port for UDP and TCP alike; port 0 takes one that is free for both
	Name   string // User-Agent and Server; "laoyou" when empty
	Realm  string // of our digest challenges; Name when empty
	Log    *slog.Logger

	// Accept is called on its own goroutine for each INVITE that opens a call and has passed the digest. It must lead to Answer or
	// Reject, now or later, on any goroutine. nil: the agent only calls, INVITE is answered 480.
	Accept func(*Incoming)

	// Bind is asked for each REGISTER that has passed the digest. nil: REGISTER is answered 405.
	Bind func(BindRequest) BindReply

	// Auth tells what a user's password hashes to. nil: nobody is asked for a password.
	Auth func(user string) (Secret, bool)

	// Open says which user part may be called without a login (Auth permitting). nil: none.
	Open func(user string, source netip.AddrPort) bool

	// Trace gets every SIP message as it was on the wire. It must not block.
	Trace func(TraceMessage)

	// MediaTimeout ends a call whose peer has sent RTP and then nothing for so long while neither end holds. 0: silence is not death.
	MediaTimeout time.Duration

	PortMin, PortMax int // where RTP ports are taken from, even ones; 20000 to 59998 when both are 0
}

// TraceMessage is one SIP message on the wire.
type TraceMessage struct {
	At            time.Time
	Sent          bool   // by us
	Transport     string // udp, tcp
	Local, Remote netip.AddrPort
	CallID        string
	Data          []byte // the receiver's own copy
}

// Agent is a SIP user agent on one address.
type Agent struct{}

// New checks the configuration and opens nothing.
func New(c Config) (*Agent, error) { return nil, errors.ErrUnsupported }

// Run serves until ctx ends, then hangs up what is left (BYE, without waiting for long) and returns when all of it has stopped.
func (a *Agent) Run(ctx context.Context) error { return errors.ErrUnsupported }

// Ready is closed when the agent listens; it stays open when it cannot, and Run returns why.
func (a *Agent) Ready() <-chan struct{} { return nil }

// Addr is where it listens, for UDP and TCP. Valid after Ready.
func (a *Agent) Addr() netip.AddrPort { return netip.AddrPort{} }

// Register binds an address of record to this agent until ctx ends or the binding is closed. It returns at once; the first answer is the
// binding's first state. The error tells a Registration that cannot be used.
func (a *Agent) Register(ctx context.Context, r Registration) (*Binding, error) {
	return nil, errors.ErrUnsupported
}

// Dial sends an INVITE and returns; the rest is news of the leg's Events. The leg outlives ctx, which is only for resolving and sending.
func (a *Agent) Dial(ctx context.Context, c Call) (*Leg, error) { return nil, errors.ErrUnsupported }

// Ping asks uri's server whether it is there (OPTIONS) and tells how long the answer took. Any answer is one; ctx bounds the wait.
func (a *Agent) Ping(ctx context.Context, uri string) (time.Duration, error) {
	return 0, errors.ErrUnsupported
}

// What a caller may want to tell apart.
var (
	// ErrGone: the caller gave up before Answer.
	ErrGone = errors.New("the caller has gone")
	// ErrEnded: the leg has ended.
	ErrEnded = errors.New("the leg has ended")
	// ErrNoCodec: no codec is shared.
	ErrNoCodec = errors.New("no codec is shared")
	// ErrNoDTMF: the far end takes no telephone events.
	ErrNoDTMF = errors.New("the far end takes no telephone events")
)
