// Package enrol makes a booth a member of its fleet and keeps it one: its key, the claim that an operator takes up, its identity on disk,
// and the renewal of its certificate. It may write below the folder it is given and talk to the core over HTTPS; it may import package
// fleet and fleet/mqttapi only.
package enrol

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// ErrNone says that the booth has no identity.
var ErrNone = errors.New("the booth has no identity yet")

// Deps are what an enroller works with.
type Deps struct {
	Dir      string                                                        // of its own, made when it is not there
	Core     func() string                                                 // base URL of the core, https://host:port
	HTTP     *http.Client                                                  // nil: a plain one
	Token    func() string                                                 // one-time token, asked for now and then; nil or "": a claim is shown
	Board    string                                                        // profile of the hardware
	Firmware string                                                        // version
	Show     func(*fleet.Claim)                                            // what to show; nil: nothing any more
	Ask      func(context.Context, mqttapi.Request) (mqttapi.Reply, error) // the link's Ask, for renewal
	Renewed  func()                                                        // there is an identity, the first or another; must not block
	Now      func() time.Time                                              // the fleet's time: the link's Now; nil: time.Now
	Rand     func() float64                                                // nil: math/rand/v2
	Log      *slog.Logger
}

// Enroller holds a booth's identity. Its methods may be called from any goroutine.
type Enroller struct {
	deps Deps

	mu      sync.Mutex
	current *Identity
	ready   chan struct{}
}

// New returns an enroller that has looked nowhere yet.
func New(d Deps) *Enroller {
	if d.HTTP == nil {
		d.HTTP = &http.Client{Timeout: 30 * time.Second}
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Rand == nil {
		d.Rand = rand.Float64
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Enroller{deps: d, ready: make(chan struct{})}
}

// Ready is closed when there is an identity.
func (e *Enroller) Ready() <-chan struct{} { return e.ready }

// Identity is the current one, or ErrNone.
func (e *Enroller) Identity() (*Identity, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current == nil {
		return nil, ErrNone
	}
	return e.current, nil
}

func (e *Enroller) set(i *Identity) {
	e.mu.Lock()
	first := e.current == nil
	e.current = i
	e.mu.Unlock()
	if first {
		close(e.ready)
	}
	if e.deps.Renewed != nil {
		e.deps.Renewed()
	}
}

// Load reads the identity from disk; ErrNone when there is none. It may be called before Run, which calls it too.
func (e *Enroller) Load() error {
	i, err := e.read()
	if err != nil {
		return err
	}
	e.set(i)
	return nil
}

// Run gets the booth an identity if it has none, then renews it in time, until ctx ends.
func (e *Enroller) Run(ctx context.Context) error {
	if _, err := e.Identity(); err != nil {
		switch err := e.Load(); {
		case err == nil:
		case errors.Is(err, ErrNone):
			if err := e.join(ctx); err != nil {
				return ignoreEnd(ctx, err)
			}
		default:
			return err
		}
	}
	return ignoreEnd(ctx, e.renewals(ctx))
}

// ignoreEnd: being told to end is no failure.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
