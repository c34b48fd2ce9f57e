package sip

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// door counts the calls under way, lets no more in than there is room for, and tells them to end.
type door struct {
	life context.Context // of every call; a field because calls come from the agent's goroutines, not from Run's caller
	stop context.CancelFunc
	most int // calls at once
	each int // of one booth

	mu      sync.Mutex
	closed  bool      // the core stops
	reopens time.Time // while it drains: when the next life can be expected
	inside  int
	booths  map[string]int
	empty   chan struct{} // closed when the last call has ended; nil while nobody waits for that
	turned  [entries]uint64
}

func newDoor(most, each int) *door {
	d := &door{most: most, each: each, booths: map[string]int{}}
	d.life, d.stop = context.WithCancel(context.Background())
	return d
}

// entry is what the door says to a new call.
type entry int

const (
	welcome   entry = iota
	stopping        // the core stops
	draining        // the core lets its calls end and then stops
	full            // as many calls as the core carries
	boothFull       // as many calls as one booth may have
	entries
)

func (e entry) String() string {
	return [...]string{"welcome", "stopping", "draining", "full", "booth_full"}[e]
}

// enter counts a call of a booth in. An emergency is let in as long as the core runs at all.
func (d *door) enter(booth string, emergency bool) entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	verdict := welcome
	switch {
	case d.closed:
		verdict = stopping
	case emergency:
	case !d.reopens.IsZero():
		verdict = draining
	case d.inside >= d.most:
		verdict = full
	case booth != "" && d.booths[booth] >= d.each:
		verdict = boothFull
	}
	if verdict != welcome {
		d.turned[verdict]++
		return verdict
	}
	d.inside++
	d.booths[booth]++
	return welcome
}

// leave counts a call out.
func (d *door) leave(booth string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside--
	if d.booths[booth]--; d.booths[booth] == 0 {
		delete(d.booths, booth)
	}
	if d.inside == 0 && d.empty != nil {
		close(d.empty)
		d.empty = nil
	}
}

// drain lets no more calls in but emergencies; the channel closes when the last has ended.
func (d *door) drain(reopens time.Time) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reopens = reopens
	return d.wait()
}

// end tells every call to end; the channel closes when all have.
func (d *door) end() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.stop()
	return d.wait()
}

// wait is called under the lock.
func (d *door) wait() <-chan struct{} {
	if d.inside == 0 {
		none := make(chan struct{})
		close(none)
		return none
	}
	if d.empty == nil {
		d.empty = make(chan struct{})
	}
	return d.empty
}

// back is when a caller who was turned away may try again.
func (d *door) back(e entry) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e == draining {
		return max(time.Until(d.reopens), time.Second)
	}
	return fullPause
}

// fullPause is how long a caller waits when the house is full; a few calls have ended by then.
const fullPause = 10 * time.Second

// turnAway refuses a call that was not let in, with when to try again. RFC 3261 §20.33, RFC 3326.
func (s *Server) turnAway(in *voip.Incoming, e entry) {
	header := map[string]string{}
	code, reason := 503, ""
	switch e {
	case draining:
		reason = sipapi.ReasonRestarting
	case full:
		reason = "Too Many Calls"
	case boothFull:
		code, reason = 486, "Too Many Calls Of This Booth"
	default:
	}
	if reason != "" {
		header[sipapi.HeaderReason] = `SIP;cause=` + strconv.Itoa(code) + `;text="` + reason + `"`
	}
	if code == 503 && e != stopping {
		header[sipapi.HeaderRetry] = strconv.Itoa(1 + int(s.door.back(e).Seconds()))
	}
	in.RejectWith(code, reason, header)
	s.log.Warn("call turned away", slog.String("why", e.String()), slog.String("booth", in.Login))
}

// Drain lets no more calls in, but emergencies, and returns a channel that closes when the last call has ended. reopens is when the next
// life of the core can be expected: callers are told to try again then. Run's end hangs up what is left.
func (s *Server) Drain(reopens time.Time) <-chan struct{} { return s.door.drain(reopens) }

// Load is how many calls are under way, and how many were turned away since the start, by why.
func (s *Server) Load() (calls int, turned map[string]uint64) {
	s.door.mu.Lock()
	defer s.door.mu.Unlock()
	turned = map[string]uint64{}
	for e := stopping; e < entries; e++ {
		turned[e.String()] = s.door.turned[e]
	}
	return s.door.inside, turned
}
