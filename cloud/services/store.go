package services

import (
	"context"
	"errors"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Errors of a Store.
var (
	ErrNoBooking    = errors.New("no such booking")
	ErrWrongCode    = errors.New("wrong code")
	ErrTooManyWrong = errors.New("too many wrong codes")
	ErrKeyReused    = errors.New("idempotency key was used for another request")
	ErrNumberTaken  = errors.New("booking number is taken")
)

// Store keeps bookings and the pools they draw from. Each method is one transaction: it happens whole and durably, or not at all.
// Selling out is a *tool.Error of kind SoldOut with the tickets left.
type Store interface {
	// Recall returns the booking that the act made or changed earlier, ErrNoBooking if it has not happened, ErrKeyReused if its key
	// did something else.
	Recall(ctx context.Context, act Act) (Booking, error)
	// Book takes the tickets out of the pool, creating it with the given capacity if need be, and stores b under act. A repeated act
	// returns the first booking as it stands now. ErrNumberTaken: nothing happened, try another number.
	Book(ctx context.Context, act Act, b Booking, capacity int) (Booking, error)
	// Find returns a booking by number if its code matches. A miss counts against the booth: ErrWrongCode, later ErrTooManyWrong.
	Find(ctx context.Context, l Lookup) (Booking, error)
	// Cancel marks the booking cancelled and returns its tickets, once.
	Cancel(ctx context.Context, act Act, number string, at time.Time) (Booking, error)
	// Pools returns the pools of one place and day that have sold at least once.
	Pools(ctx context.Context, tenant, place, date string) (map[tool.Session]Pool, error)
	// Bookings lists bookings, newest first, from before the given id (empty: from the newest).
	Bookings(ctx context.Context, tenant, before string, limit int) ([]Booking, error)
}

// Act is one confirmed wish to write. The same key never acts twice.
type Act struct {
	Tenant      string
	Key         string // ULID
	Fingerprint string // of booth, tool and arguments
}

// Booking is a booking with what only the back end knows of it.
type Booking struct {
	ID     string // ULID, sorts by time
	Tenant string
	Booth  string // that booked it
	At     time.Time
	tool.Booking
}

// Pool is the stock of one session of one day.
type Pool struct {
	Capacity int // tickets
	Sold     int
}

// Lookup is a search by number and code, with the rule that stops guessing.
type Lookup struct {
	Tenant   string
	Booth    string
	Number   string
	Match    func(code string) bool // must take the same time whatever the code
	At       time.Time
	Until    time.Time // when a miss noted now is forgotten
	MaxWrong int
}
