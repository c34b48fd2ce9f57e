package voip

import (
	"context"
	"time"
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
type Binding struct{ state chan BindingState }

// State has every change of the state, the newest replacing one that nobody took. It is closed after Close.
func (b *Binding) State() <-chan BindingState { return b.state }

// Close withdraws the registration, for as long as ctx lasts, and stops.
func (b *Binding) Close(ctx context.Context) {}
