package link

import (
	"sync"
	"time"
)

// clock makes the best of a wall clock that may be wrong: no booth is sure to have a battery behind it.
type clock struct {
	wall func() time.Time
	boot time.Time // for what has passed, which never jumps

	mu       sync.Mutex
	floor    time.Time // this has certainly passed …
	floorAt  time.Duration
	fleet    time.Time // what the fleet last said …
	fleetAt  time.Duration
	lastWall time.Time
	lastAt   time.Duration
}

func newClock(wall func() time.Time, built time.Time) *clock {
	c := &clock{wall: wall, boot: time.Now(), floor: built.Round(0)}
	c.lastWall = c.read()
	return c
}

// read is the wall clock without the monotonic reading, with which Sub would hide its jumps.
func (c *clock) read() time.Time { return c.wall().Round(0) }

func (c *clock) mono() time.Duration { return time.Since(c.boot) }

// known is the earliest that it can be now.
func (c *clock) known() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.floor.Add(c.mono() - c.floorAt)
}

// now is what messages are stamped with: the wall clock, but not before what is known. sane is false when the clock was overruled.
func (c *clock) now() (now time.Time, sane bool) {
	w, k := c.read(), c.known()
	if w.Before(k.Add(-time.Minute)) {
		return k, false
	}
	return w, true
}

func (c *clock) fleetTime() time.Time {
	c.mu.Lock()
	fleet, at := c.fleet, c.fleetAt
	c.mu.Unlock()
	if fleet.IsZero() {
		now, _ := c.now()
		return now
	}
	return fleet.Add(c.mono() - at)
}

// raise lifts the floor.
func (c *clock) raise(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.mono(); t.After(c.floor.Add(at - c.floorAt)) {
		c.floor, c.floorAt = t, at
	}
}

// heard takes the time of a message from the fleet.
func (c *clock) heard(ms int64) {
	t := time.UnixMilli(ms)
	c.mu.Lock()
	c.fleet, c.fleetAt = t, c.mono()
	c.mu.Unlock()
	c.raise(t)
}

// floorMs is what may be saved as certainly passed. Only what the fleet said counts: a wall clock that once stood in the future would
// otherwise keep the booth there.
func (c *clock) floorMs() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fleet.IsZero() {
		return 0
	}
	return c.fleet.Add(c.mono() - c.fleetAt).UnixMilli()
}

// step is how far the wall clock has jumped since the last call. Slow corrections do not add up to one: it is to be called often.
func (c *clock) step() time.Duration {
	wall, at := c.read(), c.mono()
	c.mu.Lock()
	defer c.mu.Unlock()
	step := wall.Sub(c.lastWall) - (at - c.lastAt)
	c.lastWall, c.lastAt = wall, at
	return step
}
