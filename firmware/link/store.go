package link

import (
	"context"

	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Class says how dear a row is.
type Class int

// Classes of row, the least dear first.
const (
	ClassSample Class = iota + 1
	ClassEvent
	ClassKept // never dropped
)

func classOf(t mqttapi.EventType) Class {
	switch t {
	case mqttapi.EventCallStarted, mqttapi.EventCallEnded, mqttapi.EventEmergency, mqttapi.EventFault, mqttapi.EventDropped:
		return ClassKept
	default:
		return ClassEvent
	}
}

// Row is one durable message.
type Row struct {
	Pos   int64 // place in the store, rising; set by the store
	ID    string
	Class Class
	TS    int64 // wall clock, ms since 1970
	Mono  int64 // ms since the boot
	Boot  string
	Born  int64 // s that the program had run with this outbox, so that no clock that jumps ages it
	Body  []byte
}

// overhead is what a row weighs beside its body.
const overhead = 120

// Size is what a row counts for, in bytes.
func (r Row) Size() int64 { return int64(len(r.Body)) + overhead }

// Head is what a store knows beside the rows. All but Outbox and Acked only ever rise.
type Head struct {
	Outbox  string // id of the outbox
	Acked   int64  // sequence number of the newest row that the fleet has; the n-th row of the store has Acked+n
	Mark    int64  // rows up to this sequence number may have been sent
	Epoch   int64  // highest that may have been used
	Dropped int64  // rows dropped so far
	Floor   int64  // ms since 1970 that have certainly passed
	Ran     int64  // s the program has run with this outbox
	Rows    int64  // waiting
	Bytes   int64  // Size of these
}

// Figures are the parts of a head that are saved while nothing is sent or acknowledged; what is lower than before stays as it is.
type Figures struct{ Mark, Epoch, Floor, Ran int64 }

// Excess says what to drop.
type Excess struct {
	Bytes   int64 // at most this may stay
	Before  int64 // rows born earlier go, whatever the bytes
	Samples bool  // no event goes for the bytes
}

// Lost is what was dropped.
type Lost struct{ Samples, Events, Bytes int64 }

// Rows is how many.
func (l Lost) Rows() int64 { return l.Samples + l.Events }

// Store keeps one booth's outbox. Every method is one transaction that is on disk when it returns; a failed one changed nothing.
type Store interface {
	// Load returns the head; a new store begins with an outbox id of its own.
	Load(ctx context.Context) (Head, error)
	// Append stores rows behind all others.
	Append(ctx context.Context, rows []Row) error
	// Read returns up to n rows behind a place, oldest first.
	Read(ctx context.Context, after int64, n int) ([]Row, error)
	// Trim removes the n oldest rows and adds them to Acked. It returns their bytes.
	Trim(ctx context.Context, n int64) (bytes int64, err error)
	// Shed drops rows behind Mark in the order of the package comment, and counts them.
	Shed(ctx context.Context, e Excess) (Lost, error)
	// Save raises figures.
	Save(ctx context.Context, f Figures) error
	// Renew starts a new outbox id with the rows there are, as if none had been sent.
	Renew(ctx context.Context, outbox string) error
}

// Entry is one command in the inbox.
type Entry struct {
	ID     string
	State  mqttapi.CommandState
	Step   int
	Result []byte // JSON
	Error  string
	Doc    []byte // what came, as its owner writes it
}
