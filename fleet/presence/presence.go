// Package presence says whether a booth is there, from what was heard of it. Whether a broker believes that a connection lives plays no part:
// a will is a hint that shortens the wait, and after a restart of the fleet or a loss of its own line nobody is called offline before they
// had the time to come back. At is pure; Tracker remembers one fleet. It may import package fleet only.
package presence

import (
	"time"

	"github.com/laoyou/laoyou/fleet"
)

// Policy holds the times.
type Policy struct {
	KeepAlive time.Duration // of the MQTT line
	Debounce  time.Duration // a will followed by a new connection within this time was a hiccup
	Grace     time.Duration // after a restart: how long the fleet waits for booths to come back
}

// Default fits booths that ping every 20 s: their engine misses them after 30 s, and its will, like that of any lost connection, counts after
// 20 s more. Where wills do not come, silence is seen after one and a half heartbeats.
func Default() Policy {
	return Policy{KeepAlive: 30 * time.Second, Debounce: 20 * time.Second, Grace: 90 * time.Second}
}

// Sight is what was heard of one booth.
type Sight struct {
	Heard time.Time     // its latest message, zero when there was none
	Epoch int64         // of its latest connection
	Lost  time.Time     // when the will of that connection came, zero when it did not
	Beat  time.Duration // how often it sends a heartbeat
}

// Deadline is when the booth counts as offline if nothing more is heard. Zero: nothing was ever heard.
func (p Policy) Deadline(s Sight) time.Time {
	if s.Heard.IsZero() {
		return time.Time{}
	}
	end := s.Heard.Add(max(p.KeepAlive, s.Beat) * 3 / 2)
	if !s.Lost.IsZero() && s.Lost.Add(p.Debounce).Before(end) {
		end = s.Lost.Add(p.Debounce)
	}
	return end
}

// At is the presence of a booth of which s was heard.
func (p Policy) At(s Sight, now time.Time) fleet.Presence {
	switch end := p.Deadline(s); {
	case end.IsZero():
		return fleet.Unknown
	case now.Before(end):
		return fleet.Online
	}
	return fleet.Offline
}
