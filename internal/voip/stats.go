package voip

import "time"

// Stats count RTP packets.
type Stats struct {
	Received, Sent uint64
	Lost           uint64        // never came
	Late           uint64        // came too late to be of use
	Foreign        uint64        // came from elsewhere than the peer and were ignored
	Invalid        uint64        // were no RTP that was agreed on
	Made           uint64        // frames made up because nothing was there to play
	Dropped        uint64        // frames thrown away to keep the delay small
	Jitter         time.Duration // interarrival jitter, RFC 3550 §6.4.1
	Delay          time.Duration // of sound in the jitter buffer now
	LastReceived   time.Time     // zero before the first
}

// Stats are the session's packets so far.
func (s *Session) Stats() Stats {
	r := &s.in
	r.mu.Lock()
	defer r.mu.Unlock()
	counts, delay := s.ear.Stats()
	if r.wide != nil && r.stream.codec == Opus {
		coded, wide := r.wide.Stats()
		counts.Late, counts.Made, counts.Dropped, delay = counts.Late+coded.Late, counts.Made+coded.Made, counts.Dropped+coded.Dropped, wide
	}
	return Stats{
		Received: r.counted.received, Sent: s.out.sent.Load(), Lost: r.counted.lost(), Late: counts.Late,
		Foreign: r.foreign, Invalid: r.invalid, Made: counts.Made, Dropped: counts.Dropped,
		Jitter: r.jitter.value(), Delay: delay, LastReceived: r.last,
	}
}

func (s *Session) lastReceived() time.Time {
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	return s.in.last
}

// lossCounter counts sequence numbers as RFC 3550 §A.1 does, and knows duplicates among the last 64.
type lossCounter struct {
	received       uint64 // of all streams
	streamReceived uint64
	base, highest  uint64 // extended by the wraps
	seen           uint64 // bit i: highest-i has come
	gone           uint64 // lost in the streams before this one
}

// restart begins a stream whose first packet is seq.
func (c *lossCounter) restart(seq uint16) {
	if c.streamReceived > 0 {
		c.gone = c.lost()
	}
	c.base = 1<<16 + uint64(seq)
	c.highest, c.seen, c.streamReceived = c.base-1, 0, 0
}

// count says whether seq is new.
func (c *lossCounter) count(seq uint16) bool {
	step := int64(int16(seq - uint16(c.highest)))
	switch {
	case step > 0:
		c.seen = c.seen<<min(uint64(step), 64) | 1
		c.highest += uint64(step)
	case step > -64:
		if c.seen&(1<<-step) != 0 {
			return false
		}
		c.seen |= 1 << -step
	}
	c.received++
	c.streamReceived++
	return true
}

func (c *lossCounter) lost() uint64 {
	expected := c.highest + 1 - c.base
	if c.streamReceived >= expected {
		return c.gone
	}
	return c.gone + expected - c.streamReceived
}

// jitterMeter is RFC 3550 §A.8.
type jitterMeter struct {
	start   time.Time
	rate    int64 // ticks in a second
	transit int64 // in ticks
	valid   bool
	j       float64
}

// clock says how many ticks a second has.
func (m *jitterMeter) clock(hz uint32) {
	if m.rate != int64(hz) {
		m.rate, m.valid, m.j = int64(hz), false, 0
	}
}

func (m *jitterMeter) restart() { m.valid = false }

func (m *jitterMeter) take(now time.Time, ts uint32) {
	if m.start.IsZero() {
		m.start = now
	}
	arrival := now.Sub(m.start).Microseconds() * m.rate / 1e6
	transit := int64(int32(uint32(arrival) - ts))
	if d := transit - m.transit; m.valid && -m.rate < d && d < m.rate {
		m.j += (float64(max(d, -d)) - m.j) / 16
	}
	m.transit, m.valid = transit, true
}

func (m *jitterMeter) value() time.Duration {
	return time.Duration(m.j * float64(time.Second) / float64(max(m.rate, 1)))
}
