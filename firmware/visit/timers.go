package visit

import "time"

// timer names one thing that may happen by itself.
type timer int

const (
	timerGrace   timer = iota // the handset went down
	timerMenu                 // a menu digit takes effect
	timerField                // a digit field is taken as it is
	timerStar                 // a star was just a star
	timerSilence              // nothing comes
	timerIdle                 // nobody there: warn, then count down by the second
	timerClock                // the clock on screen
)

// Times of a visit (the booth as a citizen meets it, "Time").
const (
	graceTime   = 1500 * time.Millisecond
	menuTime    = 1500 * time.Millisecond
	fieldTime   = 2500 * time.Millisecond
	starTime    = 800 * time.Millisecond
	silenceTime = 8 * time.Second
	warnTime    = 20 * time.Second // of the idle time, at its end
)

// timers holds the deadlines that are armed; the earliest one drives the loop's only clock.
type timers struct {
	clock func() time.Time
	at    map[timer]time.Time
}

func newTimers(clock func() time.Time) timers {
	return timers{clock: clock, at: map[timer]time.Time{}}
}

func (t *timers) set(which timer, after time.Duration) { t.at[which] = t.clock().Add(after) }

func (t *timers) stop(which ...timer) {
	for _, w := range which {
		delete(t.at, w)
	}
}

// left is the time until the earliest deadline, an hour when there is none.
func (t *timers) left() time.Duration {
	left := time.Hour
	for _, at := range t.at {
		left = min(left, at.Sub(t.clock()))
	}
	return max(left, 0)
}

// due takes the earliest deadline that has passed.
func (t *timers) due() (timer, bool) {
	now := t.clock()
	var first timer
	found := false
	for which, at := range t.at {
		if at.After(now) {
			continue
		}
		if !found || at.Before(t.at[first]) || (at.Equal(t.at[first]) && which < first) {
			first, found = which, true
		}
	}
	if found {
		delete(t.at, first)
	}
	return first, found
}
