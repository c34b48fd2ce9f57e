package call

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// ErrStopped says that the Recorder takes nothing any more.
var ErrStopped = errors.New("call records: stopped")

// Recorder writes calls to the store, many in one transaction when many come at once: a commit costs a sync of the disk, and a call that
// waits for its own would cap the calls per second.
type Recorder struct {
	store  Store
	tenant string
	log    *slog.Logger
	in     chan entry
	done   chan struct{}
}

type entry struct {
	call  Call
	saved chan error
}

// maxBatch bounds one transaction. It waits for company, longer the more company the last one had: alone, a call is answered at once, and
// at 300 calls a second sixty records share a commit, which costs as much as all of them.
const (
	maxBatch = 256
	linger   = 2 * time.Millisecond // for each record of the last batch
	longest  = 100 * time.Millisecond
)

// NewRecorder returns a Recorder; Run makes it work.
func NewRecorder(store Store, tenant string, log *slog.Logger) *Recorder {
	return &Recorder{store: store, tenant: tenant, log: log, in: make(chan entry, maxBatch), done: make(chan struct{})}
}

// Begin ends what a killed core has left open. It comes before the first call.
func (r *Recorder) Begin(ctx context.Context) error {
	n, err := r.store.CloseLost(ctx, r.tenant, time.Now())
	if err != nil {
		return fmt.Errorf("call records: %w", err)
	}
	if n > 0 {
		r.log.WarnContext(ctx, "calls were lost with the last run", slog.Int("calls", n))
	}
	return nil
}

// Save returns once the call is on disk, or *FreeTooSoonError. The Recorder keeps its own copy, so the caller may go on changing the call.
func (r *Recorder) Save(ctx context.Context, c Call) error {
	c.Legs = append([]Leg(nil), c.Legs...)
	e := entry{c, make(chan error, 1)}
	select {
	case r.in <- e:
	case <-r.done:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-e.saved:
		return err
	case <-r.done:
		select { // it may have been the last one
		case err := <-e.saved:
			return err
		default:
			return ErrStopped
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run writes until ctx ends, and then what has been handed in by then. Who saves calls must stop first.
func (r *Recorder) Run(ctx context.Context) {
	defer close(r.done)
	last := 0 // records in the last batch
	for {
		select {
		case e := <-r.in:
			last = r.write(ctx, r.gather(e, min(time.Duration(last)*linger, longest)))
		case <-ctx.Done():
			for len(r.in) > 0 {
				r.write(ctx, r.gather(<-r.in, 0))
			}
			return
		}
	}
}

// gather waits for company; while one batch is written the next one grows.
func (r *Recorder) gather(first entry, wait time.Duration) []entry {
	batch := []entry{first}
	enough := time.NewTimer(wait)
	defer enough.Stop()
	for len(batch) < maxBatch {
		select {
		case e := <-r.in:
			batch = append(batch, e)
		case <-enough.C:
			return batch
		}
	}
	return batch
}

// write stores a batch and returns how many it had.
func (r *Recorder) write(ctx context.Context, batch []entry) int {
	calls := make([]Call, len(batch))
	for i, e := range batch {
		calls[i] = e.call
	}
	const limit = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit) // what was accepted is written, whoever leaves
	defer cancel()
	each, err := r.store.SaveCalls(ctx, calls)
	if err != nil {
		r.log.ErrorContext(ctx, "call records were not stored", slog.Int("calls", len(calls)), slog.Any("error", err))
	}
	for i, e := range batch {
		if err == nil {
			e.saved <- each[i]
		} else {
			e.saved <- err
		}
	}
	return len(batch)
}
