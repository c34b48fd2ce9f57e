// Package voip is the voice line that booth and core share: a SIP user agent (client and server in one), its RTP sessions, jitter buffer
// and DTMF. Its child webrtc is the same line to a browser. It knows nothing of booths, queues or contacts: who may call whom and what a
// caller hears is decided by whoever owns an Agent. Sound is passed on in frames of 20 ms: G.711 µ-law, FrameLen bytes at 8 kHz; wide, at
// 16 kHz; or, between two ends that both speak Opus, as it was coded.
//
// It may use the network that its Config names, and nothing else of the machine.
package voip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// Config is what an Agent needs. Only Listen is required.
type Config struct {
	Listen string // host:port for UDP and TCP alike; port 0 takes one that is free for both
	Name   string // User-Agent and Server; "laoyou" when empty
	Realm  string // of our digest challenges; Name when empty
	Log    *slog.Logger

	// Accept is called on its own goroutine for each INVITE that opens a call and has passed the digest; it may stay as long as the call,
	// and Run waits for it. It must lead to Answer or
	// Reject, now or later, on any goroutine. nil: the agent only calls, INVITE is answered 480.
	Accept func(*Incoming)

	// Bind is asked for each REGISTER that has passed the digest. nil: REGISTER is answered 405.
	Bind func(BindRequest) BindReply

	// Auth tells what a user's password hashes to. nil: nobody is asked for a password.
	Auth func(user string) (Secret, bool)

	// MD5Only asks with an MD5 challenge alone. Phones on libre before 2.7 (baresip 1.0) give up when any challenge has an algorithm that
	// they do not know, so who serves them cannot offer SHA-256 beside it.
	MD5Only bool

	// Open says which user part may be called without a login (Auth permitting). nil: none.
	Open func(user string, source netip.AddrPort) bool

	// Trace gets every SIP message as it was on the wire. It must not block.
	Trace func(TraceMessage)

	// MediaTimeout ends a call whose peer has sent RTP and then nothing for so long while neither end holds. 0: silence is not death.
	MediaTimeout time.Duration

	// Codecs are what the agent speaks, in its order of preference; all that are built in when empty.
	Codecs []Codec

	PortMin, PortMax int // where RTP ports are taken from, even ones; 20000 to 59998 when both are 0
}

const (
	maxForwards  = 70
	defaultName  = "laoyou"
	goodbyeTime  = time.Second // for the BYEs of a shutdown
	socketBuffer = 4 << 20     // bytes; a default buffer drops INVITEs long before the CPU is busy
	portPairs    = 64          // tries to find one free for UDP and TCP
)

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
	// ErrBusy: the media are being negotiated already.
	ErrBusy = errors.New("the leg is being negotiated already")
)

// Agent is a SIP user agent on one address.
type Agent struct {
	conf    Config
	log     *slog.Logger
	listen  netip.AddrPort // as configured
	guard   *guard         // nil: no digest
	limiter *limiter
	ports   *ports

	ready chan struct{}
	addr  netip.AddrPort // from ready on
	ua    *sipgo.UserAgent
	srv   *sipgo.Server
	cli   *sipgo.Client

	mu      sync.Mutex
	legs    map[dialogKey]*Leg
	waiting map[inviteKey]*Incoming
	locals  map[netip.Addr]netip.Addr // which of our addresses a far end sees
	closing bool
	life    context.Context // ends when even the goodbyes are over
	kill    context.CancelFunc
	wg      sync.WaitGroup // of all that may send
}

// New checks the configuration and opens nothing.
func New(c Config) (*Agent, error) {
	listen, err := netip.ParseAddrPort(c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if c.PortMin < 0 || c.PortMax > 65535 || c.PortMin > c.PortMax {
		return nil, fmt.Errorf("rtp ports %d to %d: not a range of ports", c.PortMin, c.PortMax)
	}
	if c.Name == "" {
		c.Name = defaultName
	}
	if c.Realm == "" {
		c.Realm = c.Name
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if len(c.Codecs) == 0 {
		c.Codecs = Codecs()
	}
	a := &Agent{
		conf: c, log: c.Log, listen: listen, limiter: newLimiter(), ports: newPorts(c.PortMin, c.PortMax),
		ready: make(chan struct{}),
		legs:  make(map[dialogKey]*Leg), waiting: make(map[inviteKey]*Incoming), locals: make(map[netip.Addr]netip.Addr),
	}
	a.life, a.kill = context.WithCancel(context.Background())
	if c.Auth != nil {
		a.guard = newGuard(c.Realm, c.Auth)
		a.guard.md5Only = c.MD5Only
	}
	return a, nil
}

// Run serves until ctx ends, then hangs up what is left (BYE, without waiting for long) and returns when all of it has stopped.
func (a *Agent) Run(ctx context.Context) error {
	pc, ln, err := listenBoth(ctx, a.listen)
	if err != nil {
		return err
	}
	a.addr = netip.AddrPortFrom(a.listen.Addr(), uint16(pc.LocalAddr().(*net.UDPAddr).Port))
	if err := a.build(); err != nil {
		return errors.Join(err, pc.Close(), ln.Close())
	}
	ended := make(chan error, 2)
	var serving sync.WaitGroup
	udp := &udpWire{UDPConn: pc, agent: a, reading: make(chan struct{})}
	serving.Go(func() { ended <- a.srv.ServeUDP(udp) })
	serving.Go(func() { ended <- a.srv.ServeTCP(&tcpWire{Listener: ln, agent: a}) })
	<-udp.reading
	close(a.ready)
	select {
	case <-ctx.Done():
		err = nil
	case err = <-ended:
		if err == nil {
			err = errors.New("sip: the socket was closed")
		}
	}
	a.goodbye()
	a.wg.Wait()
	_ = pc.Close()
	_ = ln.Close()
	serving.Wait()
	a.ua.TransactionLayer().Close()
	_ = a.ua.TransportLayer().Pool("tcp").Clear() // not udp's: see udpWire.outlast
	return err
}

// laddr is the socket that all of our datagrams leave from, by the name that the stack finds it by: answers and NATs need that.
func (a *Agent) laddr() sip.Addr {
	return sip.Addr{IP: net.IP(a.addr.Addr().AsSlice()), Port: int(a.addr.Port())}
}

// listenBoth opens one port for UDP and TCP.
func listenBoth(ctx context.Context, at netip.AddrPort) (*net.UDPConn, net.Listener, error) {
	var lc net.ListenConfig
	var last error
	for range portPairs {
		pc, err := lc.ListenPacket(ctx, "udp", at.String())
		if err != nil {
			return nil, nil, fmt.Errorf("sip: %w", err)
		}
		udp := pc.(*net.UDPConn)
		port := udp.LocalAddr().(*net.UDPAddr).Port
		ln, err := lc.Listen(ctx, "tcp", netip.AddrPortFrom(at.Addr(), uint16(port)).String())
		if err == nil {
			_ = udp.SetReadBuffer(socketBuffer) // the kernel may grant less
			_ = udp.SetWriteBuffer(socketBuffer)
			return udp, ln, nil
		}
		_ = udp.Close()
		last = err
		if at.Port() != 0 {
			break
		}
	}
	return nil, nil, fmt.Errorf("sip: %w", last)
}

// build makes the stack. Its own log holds whole messages, numbers and names with them: it goes nowhere.
func (a *Agent) build() error {
	silent := slog.New(slog.DiscardHandler)
	ua, err := sipgo.NewUA(
		sipgo.WithUserAgent(a.conf.Name), sipgo.WithUserAgentHostname(a.addr.Addr().String()),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(silent)),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(silent),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}),
		),
	)
	if err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	if a.srv, err = sipgo.NewServer(ua, sipgo.WithServerLogger(silent)); err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	if a.cli, err = sipgo.NewClient(ua, sipgo.WithClientLogger(silent)); err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	a.ua = ua
	a.route()
	return nil
}

// MuteStack ends what the SIP stack says behind its Config's back: it miscounts TCP connections that the far end closes, and complains with
// their addresses. A program calls it once, before its first Agent.
func MuteStack() { sip.SetDefaultLogger(slog.New(slog.DiscardHandler)) }

// Ready is closed when the agent listens; it stays open when it cannot, and Run returns why.
func (a *Agent) Ready() <-chan struct{} { return a.ready }

// Addr is where it listens, for UDP and TCP. Valid after Ready.
func (a *Agent) Addr() netip.AddrPort {
	select {
	case <-a.ready:
		return a.addr
	default:
		return netip.AddrPort{}
	}
}

// goodbye hangs up every leg, refuses every caller and gives them a moment.
func (a *Agent) goodbye() {
	a.mu.Lock()
	a.closing = true
	legs := make([]*Leg, 0, len(a.legs))
	for _, l := range a.legs {
		legs = append(legs, l)
	}
	callers := make([]*Incoming, 0, len(a.waiting))
	for _, in := range a.waiting {
		callers = append(callers, in)
	}
	a.mu.Unlock()
	for _, in := range callers {
		in.Reject(503, "")
	}
	for _, l := range legs {
		l.Hangup(Normal)
	}
	patience := time.NewTimer(goodbyeTime)
	defer patience.Stop()
	for _, l := range legs {
		select {
		case <-l.over:
		case <-patience.C:
			patience.Reset(0)
		}
	}
	a.kill()
}

// keep files a leg; it is false when the agent is closing.
func (a *Agent) keep(l *Leg) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closing {
		return false
	}
	a.legs[l.key] = l
	a.wg.Add(1)
	return true
}

func (a *Agent) forget(l *Leg) {
	a.mu.Lock()
	delete(a.legs, l.key)
	a.mu.Unlock()
	a.wg.Done()
}

func (a *Agent) leg(k dialogKey) *Leg {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.legs[k]
}
