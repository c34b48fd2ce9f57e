// Package journal keeps the last events of a booth in memory, for the test door and, later, the fleet. Nothing of it is ever written to
// disk, and what a citizen said or dialled is struck out when the visit ends. It may import package firmware only.
package journal

import (
	"sync"
	"time"

	"github.com/laoyou/laoyou/firmware"
)

// Kept is how many events are remembered.
const Kept = 1000

// private are the fields of an event that hold a citizen's words or digits, or what was said to them.
var private = [...]string{"text", "key", "number"}

// Journal is a bounded list of events. Its methods may be called from any goroutine.
type Journal struct {
	mu     sync.Mutex
	last   uint64
	events []firmware.Event
	more   chan struct{}
	clock  func() time.Time
}

// New returns an empty journal.
func New(clock func() time.Time) *Journal {
	return &Journal{more: make(chan struct{}), clock: clock}
}

// Add numbers and keeps an event.
func (j *Journal) Add(e firmware.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	e.ID = j.last
	if e.At.IsZero() {
		e.At = j.clock()
	}
	if len(j.events) == Kept {
		copy(j.events, j.events[1:])
		j.events = j.events[:Kept-1]
	}
	j.events = append(j.events, e)
	close(j.more)
	j.more = make(chan struct{})
}

// Since returns the kept events after id, oldest first, and a channel that is closed when there are more.
func (j *Journal) Since(id uint64) ([]firmware.Event, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	from := len(j.events)
	for from > 0 && j.events[from-1].ID > id {
		from--
	}
	return append([]firmware.Event(nil), j.events[from:]...), j.more
}

// Scrub strikes the private fields out of every event of a visit. Readers hold copies that share Data, so the maps are replaced,
// never changed.
func (j *Journal) Scrub(visit string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.events {
		e := &j.events[i]
		if e.Visit != visit || !hasPrivate(e.Data) {
			continue
		}
		kept := make(map[string]any, len(e.Data))
		for k, v := range e.Data {
			kept[k] = v
		}
		for _, k := range private {
			delete(kept, k)
		}
		e.Data = kept
	}
}

func hasPrivate(data map[string]any) bool {
	for _, k := range private {
		if _, ok := data[k]; ok {
			return true
		}
	}
	return false
}
