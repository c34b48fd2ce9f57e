package presence

import (
	"time"

	"github.com/laoyou/laoyou/fleet"
)

// Member is a booth as it was remembered when the fleet started.
type Member struct {
	Key      fleet.Key
	Presence fleet.Presence
	Since    time.Time
	Sight    Sight
}

// Change is news of a booth's presence.
type Change struct {
	Key      fleet.Key
	Presence fleet.Presence
	Since    time.Time
}

// Tracker remembers what was heard of every booth. It is not safe for concurrent use.
type Tracker struct {
	policy  Policy
	members map[fleet.Key]*member
	down    bool // our own line is lost: silence says nothing
	grace   grace
}

type member struct {
	Sight
	presence fleet.Presence
	since    time.Time
	missing  bool      // was online before the grace and has not been heard of in it
	spared   time.Time // when a grace ended in which it was missed: from then on it has the time that any booth has
}

// grace is the time after a restart in which booths come back.
type grace struct {
	until    time.Time // zero: there is none
	expected int
	back     int
}

// NewTracker returns a tracker of a fleet that has just started and knows the members. Those that were online have the grace to come back.
func NewTracker(p Policy, members []Member, now time.Time) *Tracker {
	t := &Tracker{policy: p, members: make(map[fleet.Key]*member, len(members))}
	for _, m := range members {
		t.members[m.Key] = &member{Sight: m.Sight, presence: m.Presence, since: m.Since}
	}
	t.begin(now)
	return t
}

// begin starts a grace for everybody who is online.
func (t *Tracker) begin(now time.Time) {
	t.grace = grace{until: now.Add(t.policy.Grace)}
	for _, m := range t.members {
		m.Lost = time.Time{} // a will that a broker sends as it goes down says nothing about the booth
		if m.missing = m.presence == fleet.Online; m.missing {
			t.grace.expected++
		}
	}
}

// end gives those who are still missing the time that any booth has from its last message on: a booth whose turn to reconnect comes late is
// not offline because most others were faster.
func (t *Tracker) end(now time.Time) {
	t.grace = grace{}
	for _, m := range t.members {
		if m.missing {
			m.missing, m.spared = false, now
		}
	}
}

// Heard notes a message of a booth. epoch is that of its connection, 0 when the message does not say. A message that was on its way while a
// newer connection began says nothing new.
func (t *Tracker) Heard(k fleet.Key, epoch int64, at time.Time) (Change, bool) {
	m := t.member(k)
	if epoch != 0 && epoch < m.Epoch {
		return Change{}, false
	}
	m.Epoch = max(m.Epoch, epoch)
	if at.After(m.Heard) {
		m.Heard = at
	}
	m.Lost = time.Time{}
	if m.missing {
		m.missing = false
		t.grace.back++
	}
	if m.presence == fleet.Online {
		return Change{}, false
	}
	return m.become(k, fleet.Online, at), true
}

// Will notes that the broker saw a connection end. Of an older connection than the latest it is late and means nothing.
func (t *Tracker) Will(k fleet.Key, epoch int64, at time.Time) {
	m := t.member(k)
	if epoch < m.Epoch || m.missing {
		return
	}
	m.Epoch = epoch
	if m.Lost.IsZero() {
		m.Lost = at
	}
}

// Beat notes how often a booth sends its heartbeat.
func (t *Tracker) Beat(k fleet.Key, d time.Duration) { t.member(k).Beat = d }

// Reset forgets the epoch of a booth that an operator let in again: the device that comes may count from anywhere.
func (t *Tracker) Reset(k fleet.Key) { t.member(k).Epoch = 0 }

// Forget drops a booth that no longer belongs.
func (t *Tracker) Forget(k fleet.Key) { delete(t.members, k) }

// Line notes that our own line to the engine is lost or back. While it is lost nobody goes offline; when it is back a grace begins.
func (t *Tracker) Line(up bool, now time.Time) {
	if t.down && up {
		t.begin(now)
	}
	t.down = !up
}

// Down reports whether our own line to the engine is lost.
func (t *Tracker) Down() bool { return t.down }

// Tick returns whose time has run out.
func (t *Tracker) Tick(now time.Time) []Change {
	if t.down {
		return nil
	}
	if g := t.grace; !g.until.IsZero() && (!now.Before(g.until) || g.expected > 0 && g.back*10 >= g.expected*9) {
		t.end(now)
	}
	var changes []Change
	for k, m := range t.members {
		if m.presence == fleet.Online && !m.missing && t.policy.At(m.sight(), now) == fleet.Offline {
			changes = append(changes, m.become(k, fleet.Offline, now))
		}
	}
	return changes
}

// Presence is how a booth stands now.
func (t *Tracker) Presence(k fleet.Key) fleet.Presence {
	if m, ok := t.members[k]; ok {
		return m.presence
	}
	return fleet.Unknown
}

// Here reports whether a booth is online and, in a grace, has been heard of in it.
func (t *Tracker) Here(k fleet.Key) bool {
	m, ok := t.members[k]
	return ok && m.presence == fleet.Online && !m.missing
}

// Silent reports whether nothing can be expected of a booth now: it is not online. One that may still come back in a grace is not silent.
func (t *Tracker) Silent(k fleet.Key) bool {
	m, ok := t.members[k]
	return !ok || m.presence != fleet.Online
}

// HeardSince lists when booths that were heard after the given time were heard last.
func (t *Tracker) HeardSince(from time.Time) map[fleet.Key]time.Time {
	heard := map[fleet.Key]time.Time{}
	for k, m := range t.members {
		if m.Heard.After(from) {
			heard[k] = m.Heard
		}
	}
	return heard
}

func (t *Tracker) member(k fleet.Key) *member {
	m, ok := t.members[k]
	if !ok {
		m = &member{presence: fleet.Unknown}
		t.members[k] = m
	}
	return m
}

func (m *member) sight() Sight {
	s := m.Sight
	if m.spared.After(s.Heard) {
		s.Heard = m.spared
	}
	return s
}

func (m *member) become(k fleet.Key, p fleet.Presence, at time.Time) Change {
	m.presence, m.since = p, at
	return Change{k, p, at}
}
