package call

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// answerTime bounds the handshake of an answer.
const answerTime = 4 * time.Second

// Deps is what Lines need.
type Deps struct {
	Core  Core
	Ear   Ear
	Place string // where the booth stands, in words
	Log   *slog.Logger
}

// Lines are the booth's calls. Run keeps the booth registered with its core; the other methods may be called from any goroutine.
type Lines struct {
	deps     Deps
	agent    *voip.Agent
	core     atomic.Pointer[httpapi.Booth] // nil until the core has been reached
	bound    atomic.Bool                   // registered
	incoming chan Talk
	moved    chan struct{}                   // the core is elsewhere than registered
	ctx      atomic.Pointer[context.Context] // Run's: calls end with it
}

// New returns lines that work while Run runs.
func New(d Deps) (*Lines, error) {
	l := &Lines{deps: d, incoming: make(chan Talk), moved: make(chan struct{}, 1)}
	agent, err := voip.New(voip.Config{Listen: "127.0.0.1:0", Name: "laoyou-booth", Log: d.Log, Accept: l.accept})
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	l.agent = agent
	return l, nil
}

// Run keeps the booth registered until ctx is done.
func (l *Lines) Run(ctx context.Context) error {
	l.ctx.Store(&ctx)
	failed := make(chan error, 1)
	go func() { failed <- l.agent.Run(ctx) }()
	select {
	case <-l.agent.Ready():
	case err := <-failed:
		return err
	}
	for wait := retryPause; ctx.Err() == nil; wait = min(2*wait, 10*time.Second) {
		if l.keepRegistered(ctx) {
			wait = retryPause
		}
		pause(ctx, wait)
	}
	return <-failed
}

// keepRegistered registers with the core and returns when that no longer holds; it reports whether it ever did.
func (l *Lines) keepRegistered(ctx context.Context) bool {
	core, err := l.deps.Core.locate(ctx)
	if err != nil {
		return false
	}
	l.core.Store(&core)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	binding, err := l.agent.Register(ctx, voip.Registration{Registrar: "sip:" + core.SIP, User: core.ID, Password: l.deps.Core.Token(), Expires: time.Minute})
	if err != nil {
		l.deps.Log.Error("cannot register", "error", err)
		return false
	}
	held := false
	defer l.bound.Store(false)
	for {
		select {
		case <-l.moved:
			cancel()
		case state, ok := <-binding.State():
			switch {
			case !ok:
				return held
			case state.Bound:
				l.bound.Store(true)
				if !held {
					l.deps.Log.Info("registered with the core", "as", core.ID, "at", core.SIP)
				}
				held = true
			default:
				l.deps.Log.Warn("not registered with the core", "cause", state.Cause, "code", state.Code)
				cancel() // the core may have come back elsewhere: ask again
			}
		}
	}
}

// Registered reports whether the core knows where this booth is, so that it can call it.
func (l *Lines) Registered() bool { return l.bound.Load() }

// whereabouts are the core's, asked anew for each call: a core that was killed may have come back elsewhere.
func (l *Lines) whereabouts(ctx context.Context) *httpapi.Booth {
	ctx, cancel := context.WithTimeout(ctx, locateTime)
	defer cancel()
	known := l.core.Load()
	now, err := l.deps.Core.locate(ctx)
	if err != nil {
		return known // its HTTP side may be down while its voice line still works
	}
	if known == nil || now != *known {
		l.core.Store(&now)
		select {
		case l.moved <- struct{}{}:
		default:
		}
	}
	return &now
}

// Addr is where the booth's own SIP side listens, once Run runs.
func (l *Lines) Addr() netip.AddrPort { return l.agent.Addr() }

// Incoming implements the visit's lines.
func (l *Lines) Incoming() <-chan Talk { return l.incoming }

// Person calls the contact center.
func (l *Lines) Person(w Wish) Talk {
	t := newTalk(l, KindPerson)
	go t.run(func(ctx context.Context) (*textLine, error) {
		if err := l.deps.Core.announce(ctx, w, l.deps.Place); err != nil {
			l.deps.Log.Warn("the agent will know nothing", "error", err)
		}
		var err error
		t.leg, err = l.dial(ctx, sipapi.UserQueue, map[string]string{
			sipapi.HeaderContact: w.Contact, sipapi.HeaderUUI: sipapi.UUI(w.Contact), sipapi.HeaderLanguage: w.Lang,
		})
		if err != nil {
			return nil, err
		}
		return l.deps.Core.openLine(ctx, w.Contact), nil
	})
	return t
}

// Free calls a number for the citizen.
func (l *Lines) Free(number string) Talk {
	t := newTalk(l, KindFree)
	go t.run(func(ctx context.Context) (*textLine, error) {
		var err error
		t.leg, err = l.dial(ctx, sipapi.PrefixCall+number, nil)
		return nil, err
	})
	return t
}

// dial calls a user of the core.
func (l *Lines) dial(ctx context.Context, user string, header map[string]string) (*voip.Leg, error) {
	core := l.whereabouts(ctx)
	if core == nil {
		return nil, fmt.Errorf("call: the core has not been reached yet")
	}
	return l.agent.Dial(ctx, voip.Call{To: "sip:" + user + "@" + core.SIP, From: core.ID, User: core.ID, Password: l.deps.Core.Token(), Header: header})
}

// accept takes a call from the core: a promised one. Nobody else may ring a booth.
func (l *Lines) accept(in *voip.Incoming) {
	core := l.core.Load()
	if core == nil || !from(in.Source, core.SIP) {
		in.Reject(403, "")
		return
	}
	t := newTalk(l, KindBack)
	t.tell(News{Kind: NewsRinging, Lang: in.Header(sipapi.HeaderLanguage)})
	select {
	case l.incoming <- t:
	case <-time.After(answerTime):
		in.Reject(486, "")
		close(t.ended)
		return
	}
	in.Ring()
	t.run(func(ctx context.Context) (*textLine, error) { return t.pickUp(ctx, in) })
}

func from(source netip.AddrPort, core string) bool {
	at, err := netip.ParseAddrPort(core)
	return err == nil && at.Addr().Unmap() == source.Addr().Unmap()
}

// run opens a call and leads it to its end.
func (t *talk) run(open func(ctx context.Context) (*textLine, error)) {
	defer close(t.news)
	defer close(t.ended)
	ctx, cancel := context.WithCancel(*t.lines.ctx.Load())
	defer cancel()
	line, err := open(ctx)
	if err != nil {
		t.lines.deps.Log.Warn("call not placed", "call", t.kind.String(), "error", err)
		if t.last == nil {
			t.last = &News{Kind: NewsEnded, Cause: CauseLost}
		}
		t.tell(*t.last)
		return
	}
	t.converse(ctx, line)
}

// pickUp waits until the citizen lifts the handset, or the core gives up.
func (t *talk) pickUp(ctx context.Context, in *voip.Incoming) (*textLine, error) {
	for {
		select {
		case <-in.Gone():
			t.last = &News{Kind: NewsEnded, Cause: CauseNoReply}
			return nil, voip.ErrGone
		case <-ctx.Done():
			in.Reject(480, "")
			return nil, ctx.Err()
		case o := <-t.orders:
			switch o {
			case orderAnswer:
				handshake, cancel := context.WithTimeout(ctx, answerTime)
				defer cancel()
				var err error
				if t.leg, err = in.Answer(handshake); err != nil {
					return nil, err
				}
				t.tell(News{Kind: NewsAnswered})
				return t.lines.deps.Core.openLine(ctx, in.Header(sipapi.HeaderContact)), nil
			case orderEnd, orderCallback:
				in.Reject(486, "")
				t.last = &News{Kind: NewsEnded, Cause: CauseDone}
				return nil, voip.ErrGone
			case orderListen, orderDeafen:
			}
		}
	}
}
