package link

import (
	"slices"
	"sync"
)

// maxInMemory bounds the rows that wait for the disk.
const maxInMemory = 1000

// ring holds rows on their way to the disk, in order.
type ring struct {
	mu      sync.Mutex
	rows    []waiting
	busy    bool // somebody writes …
	flight  int  // … so many of the first rows
	dropped int64
	failed  bool // the last write failed
}

type waiting struct {
	row   Row
	saved chan error // one answer, after the first attempt
}

// add puts a row at the end. start tells the caller to begin writing.
func (r *ring) add(row Row) (saved <-chan error, start bool) {
	w := waiting{row, make(chan error, 1)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rows) >= maxInMemory && !r.makeRoom(row.Class) {
		r.dropped++
		w.saved <- ErrNotSaved
		return w.saved, false
	}
	r.rows = append(r.rows, w)
	start = !r.busy
	r.busy = true
	return w.saved, start
}

// makeRoom drops the oldest row of the least dear class there is, none that is dearer than the one that comes.
func (r *ring) makeRoom(comes Class) bool {
	for c := ClassSample; c <= comes; c++ {
		for i := r.flight; i < len(r.rows); i++ {
			if r.rows[i].row.Class == c {
				r.rows = slices.Delete(r.rows, i, i+1)
				r.dropped++
				return true
			}
		}
	}
	return false
}

// batch returns the first rows to write; none left ends the writing.
func (r *ring) batch(n int) []Row {
	r.mu.Lock()
	defer r.mu.Unlock()
	n = min(n, len(r.rows))
	if n == 0 {
		r.busy, r.rows = false, nil
		return nil
	}
	r.flight = n
	out := make([]Row, n)
	for i := range out {
		out[i] = r.rows[i].row
	}
	return out
}

// written reports the outcome for the first n rows to those who wait. It returns false when the writing ends.
func (r *ring) written(n int, err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range n {
		select {
		case r.rows[i].saved <- err:
		default: // told at an earlier attempt
		}
	}
	r.flight, r.failed = 0, err != nil
	if err != nil {
		r.busy = false
		for i := n; i < len(r.rows); i++ { // those that came meanwhile must not wait for the next attempt
			select {
			case r.rows[i].saved <- err:
			default:
			}
		}
		return false
	}
	r.rows = slices.Delete(r.rows, 0, n)
	return true
}

// retry begins the writing if rows wait and nobody writes.
func (r *ring) retry() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy || len(r.rows) == 0 {
		return false
	}
	r.busy = true
	return true
}

// takeDropped returns how many rows were dropped in memory since the last call.
func (r *ring) takeDropped() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.dropped
	r.dropped = 0
	return n
}

func (r *ring) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rows)
}
