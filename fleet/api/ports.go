package api

import (
	"context"
	"net/http"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// Actor is who makes a request.
type Actor struct {
	Name string // for the record: "desk:" and the account's name
	May  Right
}

// Right is what an actor may do in the fleet; a greater one includes the smaller.
type Right int

// Rights.
const (
	Nothing Right = iota
	Read          // supervisors
	Act           // operators and administrators
)

// Authorizer knows who makes a request by its cookie or bearer token. ErrNobody when it is nobody.
type Authorizer interface {
	Authorize(r *http.Request) (Actor, error)
}

// Booths is the registry. Each answer has everything of a booth that httpapi.Booth shows. Errors: fleet.ErrNoBooth, fleet.ErrCursor.
type Booths interface {
	Booths(ctx context.Context, tenant string, q BoothQuery) (httpapi.Booths, error)
	Summary(ctx context.Context, tenant string) (httpapi.Summary, error)
	Points(ctx context.Context, tenant string) (httpapi.Points, error)
	Booth(ctx context.Context, key fleet.Key) (httpapi.Booth, error)
	// Patch changes what is set, with an audit entry in the same transaction, and returns the booth as it is then. The place was validated.
	Patch(ctx context.Context, key fleet.Key, actor string, p httpapi.BoothPatch) (httpapi.Booth, error)
}

// BoothQuery is which booths are wanted, in the order of their ids. Empty fields choose all.
type BoothQuery struct {
	Text     string // in id, name or place
	Standing fleet.Standing
	Presence fleet.Presence
	Group    string
	District string
	Drift    bool   // only those that are not as desired
	Cursor   string // Next of the page before
	Limit    int
}

// Twins is what booths should be and what they say they are.
type Twins interface {
	Twin(ctx context.Context, key fleet.Key) (httpapi.Twin, error)
	History(ctx context.Context, key fleet.Key, p Page) (httpapi.TwinVersions, error)
}

// Page is a part of a list, newest first.
type Page struct {
	Cursor string
	Limit  int
}

// Commands is the record of commands. Errors: fleet.ErrNoBooth, fleet.ErrNoCommand, fleet.ErrCursor.
type Commands interface {
	Commands(ctx context.Context, key fleet.Key, p Page) (httpapi.Commands, error)
	Command(ctx context.Context, key fleet.Key, id string) (httpapi.Command, error)
}

// Facts is what booths told: telemetry and events.
type Facts interface {
	// Series returns the roll-ups of the named series that begin in [from, to), and the newest value of every series.
	Series(ctx context.Context, key fleet.Key, names []string, from, to time.Time) (httpapi.SeriesSet, error)
	// Events returns those whose type begins with prefix.
	Events(ctx context.Context, key fleet.Key, prefix string, p Page) (httpapi.Events, error)
}

// Hub acts: what it is asked goes to the database first, with its audit entry, and then on the line. It checks what it is asked.
type Hub interface {
	// Command queues a command, or returns the one of that id. Errors: fleet.ErrNoBooth; fleet.ErrState for a booth that takes none, or an id that
	// is another booth's or another command's; *fleet.FieldError.
	Command(ctx context.Context, key fleet.Key, actor string, c httpapi.NewCommand) (httpapi.Command, error)
	// Cancel ends a command that is still queued. Errors: fleet.ErrNoCommand; fleet.ErrState when it was sent.
	Cancel(ctx context.Context, key fleet.Key, actor, id string) (httpapi.Command, error)
	// SetDesired replaces the desired config. Errors: fleet.ErrNoBooth, fleet.ErrVersion, *fleet.FieldError.
	SetDesired(ctx context.Context, key fleet.Key, actor string, c httpapi.TwinChange) (httpapi.Twin, error)
	// SetStanding quarantines, releases or retires; a booth that may not stay is cut off before it returns. Errors: fleet.ErrNoBooth, fleet.ErrState.
	SetStanding(ctx context.Context, key fleet.Key, actor string, c httpapi.StandingChange) (httpapi.Booth, error)
	// Subscribe brings news of a tenant's booths, or of one, until cancel is called; a channel that is not read from loses its place and is closed.
	Subscribe(tenant, booth string) (news <-chan httpapi.Live, cancel func())
}

// Audit is the record of who did what.
type Audit interface {
	// Record adds an entry about what leaves no other trace: that somebody read log lines. Everything else is recorded by who stores it.
	Record(ctx context.Context, tenant string, a audit.Act) error
	// Entries returns those of a booth and of an actor, "" for all.
	Entries(ctx context.Context, tenant, booth, actor string, p Page) (httpapi.Audit, error)
}

// Enrol lets booths in; enrol.Service is one.
type Enrol interface {
	Enrol(ctx context.Context, from string, e fleet.Enrolment, at enrol.Contact) (*fleet.Claim, *fleet.Identity, error)
	Enrolled(ctx context.Context, claim, secret string, at enrol.Contact) (*fleet.Identity, error)
	Claim(ctx context.Context, actor, code, booth string, p enrol.Place) (fleet.Key, error)
	Invite(ctx context.Context, actor, booth string, p enrol.Place, life time.Duration) (token string, expires time.Time, err error)
}
