package voip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	defaultExpires = 5 * time.Minute
	minExpires     = 10 * time.Second
	registerTry    = 4 * time.Second // for one answer; a dead core must not cost 32 s
	firstPause     = time.Second
	maxPause       = 30 * time.Second
	authPause      = time.Minute // a wrong password does not get right by hurrying
)

// Registration is what to register and where.
type Registration struct {
	Registrar string // SIP URI without a user: sip:127.0.0.1:5060;transport=tcp
	User      string // address of record and digest user
	Password  string
	Expires   time.Duration // wanted; 5 min when 0
}

// BindingState is how a binding stands.
type BindingState struct {
	Bound bool
	Until time.Time // with Bound
	Cause Cause     // without it: why not (Unreachable, Timeout, Auth …); Normal after Close
	Code  int       // of the last answer, 0 when there was none
}

// Binding keeps a registration alive: it refreshes before the expiry and, when that fails, tries again with growing, jittered pauses.
type Binding struct {
	agent *Agent
	reg   Registration
	state chan BindingState
	d     *dialog

	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
	once   sync.Once
	last   context.Context // of Close, for the farewell
}

// State has every change of the state, the newest replacing one that nobody took. It is closed after Close or the end of Register's context.
func (b *Binding) State() <-chan BindingState { return b.state }

// Register binds an address of record to this agent until ctx ends or the binding is closed. It returns at once; the first answer is the
// binding's first state. The error tells a Registration that cannot be used, or an agent that does not listen in time.
func (a *Agent) Register(ctx context.Context, r Registration) (*Binding, error) {
	if r.User == "" {
		return nil, errors.New("register: no user")
	}
	if r.Expires == 0 {
		r.Expires = defaultExpires
	}
	if r.Expires < minExpires {
		return nil, fmt.Errorf("register: %s is too short, it takes %s", r.Expires, minExpires)
	}
	d, err := a.newDialog(ctx, Call{To: r.Registrar, From: r.User})
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	// RFC 3261 §10.2: To is the address of record, From is whoever registers it, the Request-URI has no user.
	d.remote.Address.User = escapeUser(r.User)
	d.local.Address.Host, d.local.Address.Port = d.remote.Address.Host, d.remote.Address.Port
	d.target.User = ""
	b := &Binding{agent: a, reg: r, d: d, state: make(chan BindingState, 1), done: make(chan struct{})}
	b.ctx, b.cancel = context.WithCancel(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closing {
		b.cancel()
		return nil, ErrEnded
	}
	a.wg.Add(1)
	go b.run() //nolint:contextcheck // its farewell has the context of Close
	return b, nil
}

// Close withdraws the registration, for as long as ctx lasts, and stops.
func (b *Binding) Close(ctx context.Context) {
	b.once.Do(func() {
		b.last = ctx
		b.cancel()
	})
	<-b.done
}

// run refreshes until it is told to stop.
func (b *Binding) run() {
	defer b.agent.wg.Done()
	defer close(b.done)
	defer close(b.state)
	stop := context.AfterFunc(b.agent.life, b.cancel)
	defer stop()
	var bound bool
	var failures int
	for {
		state, wait := b.register(b.ctx, b.reg.Expires)
		if b.ctx.Err() != nil {
			break
		}
		if failures++; state.Bound {
			failures = 0
		}
		bound = bound || state.Bound
		b.tell(state)
		if !state.Bound {
			wait = pauseAfter(state, failures)
		}
		if !b.sleep(wait) {
			break
		}
	}
	b.farewell(bound)
}

// farewell withdraws the binding when Close gave time for it.
func (b *Binding) farewell(bound bool) {
	b.once.Do(func() { b.cancel() })
	if bound && b.last != nil {
		ctx, cancel := context.WithTimeout(b.last, goodbyeTime)
		defer cancel()
		b.register(ctx, 0)
	}
	b.tell(BindingState{Cause: Normal})
}

// pauseAfter grows with every failure and is never the same for two booths.
func pauseAfter(s BindingState, failures int) time.Duration {
	pause := min(firstPause<<min(failures-1, 8), maxPause)
	if s.Cause == Auth {
		pause = authPause
	}
	return pause/2 + rand.N(pause/2) //nolint:gosec // not a secret
}

func (b *Binding) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-b.ctx.Done():
		return false
	}
}

func (b *Binding) tell(s BindingState) {
	select {
	case <-b.state:
	default:
	}
	b.state <- s // there is room: we are its only writer
}

// register sends one REGISTER, with a second try when the registrar wants a longer time. wait is when to refresh.
func (b *Binding) register(ctx context.Context, expires time.Duration) (s BindingState, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, registerTry)
	defer cancel()
	for range 2 {
		b.d.seq++
		req := b.d.request(sip.REGISTER, b.d.seq)
		req.AppendHeader(sip.NewHeader("Contact", b.d.contact))
		req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(expires/time.Second))))
		req.AppendHeader(sip.NewHeader("User-Agent", b.agent.conf.Name))
		res, _, err := b.agent.exchange(ctx, req, login{b.reg.User, b.reg.Password})
		b.d.seq = req.CSeq().SeqNo
		if err != nil {
			return BindingState{Cause: failure(err)}, 0
		}
		switch code := res.StatusCode; {
		case code < 300:
			granted := b.granted(res, expires)
			return BindingState{Bound: expires > 0, Until: time.Now().Add(granted), Code: code}, refreshAfter(granted)
		case code == sip.StatusIntervalToBrief:
			least, _ := strconv.Atoi(headerValue(res, "Min-Expires"))
			if expires = time.Duration(least) * time.Second; expires <= 0 {
				return BindingState{Cause: Failed, Code: code}, 0
			}
		default:
			return BindingState{Cause: registerCause(code), Code: code}, 0
		}
	}
	return BindingState{Cause: Failed, Code: sip.StatusIntervalToBrief}, 0
}

func registerCause(code int) Cause {
	if code == sip.StatusForbidden {
		return Auth
	}
	return CauseOf(code)
}

func failure(err error) Cause {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sip.ErrTransactionTimeout) {
		return Timeout
	}
	return Unreachable
}

// granted is how long our own Contact holds by the answer.
func (b *Binding) granted(res *sip.Response, asked time.Duration) time.Duration {
	own, _, _ := strings.Cut(strings.TrimPrefix(b.d.contact, "<"), ">")
	for _, c := range headerList(res, "Contact") {
		if !strings.Contains(c, own) {
			continue
		}
		_, params, _ := strings.Cut(c, ">")
		for p := range strings.SplitSeq(params, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			if n, err := strconv.Atoi(value); err == nil && strings.EqualFold(name, "expires") {
				return time.Duration(n) * time.Second
			}
		}
	}
	if n, err := strconv.Atoi(headerValue(res, "Expires")); err == nil {
		return time.Duration(n) * time.Second
	}
	return asked
}

// refreshAfter leaves time for a few tries before the end.
func refreshAfter(granted time.Duration) time.Duration {
	return max(granted-max(granted/4, 10*time.Second), granted/2, time.Second)
}
