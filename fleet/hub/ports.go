package hub

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/presence"
	"github.com/laoyou/laoyou/fleet/twin"
)

// Store is the database as messages need it. Every method is one transaction.
type Store interface {
	// Batch loads what want names, lets apply change it, and stores what changed, all or nothing. apply may be called once only; it does no I/O.
	// What a booth has never said is there with zero values; a booth that does not exist is not in World.Members.
	Batch(ctx context.Context, want Want, apply func(*World)) error
	// Members lists every booth that is not retired, of all tenants, with its presence as it was stored last.
	Members(ctx context.Context) ([]presence.Member, error)
	// SetPresence stores changes of presence, and when booths were heard last.
	SetPresence(ctx context.Context, changes []presence.Change, heard map[fleet.Key]time.Time) error
	// Rows returns the booths as operators see them, those that exist.
	Rows(ctx context.Context, keys []fleet.Key) (map[fleet.Key]httpapi.Booth, error)
	// Sweep deletes a bounded part of what is older than keep allows, and reports whether there may be more.
	Sweep(ctx context.Context, keep Keep, now time.Time) (more bool, err error)
}

// Registry is what operators decide about a booth.
type Registry interface {
	// SetStanding changes a booth's standing. Retiring revokes its certificates and its token; letting a booth in again forgets its epoch, so
	// that the next birth is believed whatever it counts. Errors: fleet.ErrNoBooth, fleet.ErrState, *fleet.FieldError.
	SetStanding(ctx context.Context, key fleet.Key, c httpapi.StandingChange, act audit.Act, at time.Time) (httpapi.Booth, error)
}

// Twins keeps desired config.
type Twins interface {
	// SetDesired stores the next version. Errors: fleet.ErrNoBooth, fleet.ErrState, fleet.ErrVersion.
	SetDesired(ctx context.Context, c twin.Change, at time.Time) (httpapi.Twin, error)
	// Desired returns the newest, version 0 when there is none.
	Desired(ctx context.Context, key fleet.Key) (mqttapi.Config, error)
	// Behind lists booths that are online and have not answered the newest desired config.
	Behind(ctx context.Context) ([]fleet.Key, error)
}

// Commands keeps commands.
type Commands interface {
	// AddCommand stores a queued command, or returns the one of that id when it wants the same. Errors: fleet.ErrNoBooth; fleet.ErrState.
	AddCommand(ctx context.Context, r command.Record, act audit.Act) (_ command.Record, added bool, err error)
	// CancelCommand ends a queued one. Errors: fleet.ErrNoCommand; fleet.ErrState.
	CancelCommand(ctx context.Context, id command.ID, act audit.Act, at time.Time) (command.Record, error)
	// OpenCommands lists those that have no end yet, oldest first; of all booths when keys is nil.
	OpenCommands(ctx context.Context, keys []fleet.Key) ([]command.Record, error)
	// Delivered notes that commands were put on the line, and returns them as they are then.
	Delivered(ctx context.Context, ids []command.ID, at time.Time) ([]command.Record, error)
	// Overdue lists open commands whose time was over before the given one.
	Overdue(ctx context.Context, over time.Time) ([]command.Record, error)
	// Lapse takes those that are still open for expired, and returns them.
	Lapse(ctx context.Context, ids []command.ID, at time.Time) ([]command.Record, error)
}

// Bus is the line to booths; broker.Bus is one.
type Bus interface {
	Publish(ctx context.Context, topic string, payload []byte) error
	Kick(ctx context.Context, key fleet.Key) error
}

// Renewer signs the next certificate of a booth that is in service; issuer.Authority is one.
type Renewer interface {
	Renew(ctx context.Context, key fleet.Key, csr string) (chain string, err error)
}

// Keep says how long things are kept. What is 0 is kept as long as DefaultKeep says.
type Keep struct {
	Series   time.Duration
	Events   time.Duration
	Commands time.Duration // that have ended
}

// DefaultKeep is a month of telemetry and half a year of facts.
func DefaultKeep() Keep {
	const day = 24 * time.Hour
	return Keep{Series: 30 * day, Events: 180 * day, Commands: 180 * day}
}

func (k Keep) orDefault() Keep {
	d := DefaultKeep()
	for _, f := range []struct{ set, usual *time.Duration }{{&k.Series, &d.Series}, {&k.Events, &d.Events}, {&k.Commands, &d.Commands}} {
		if *f.set <= 0 {
			*f.set = *f.usual
		}
	}
	return k
}
