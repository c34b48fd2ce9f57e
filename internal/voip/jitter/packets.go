package jitter

import (
	"slices"
	"time"
)

// Packet is one piece of coded sound, as RTP carried it.
type Packet struct {
	Source  uint32 // its SSRC
	Seq     uint16
	TS      uint32 // on the clock of its codec
	Payload []byte
}

// Do is what to do next for the ear.
type Do uint8

// What to do.
const (
	DoWait    Do = iota // nothing is there yet; a packet may end the wait
	DoPlay              // decode Payload
	DoSkip              // decode Payload and forget what it sounds like: the buffer holds more than it needs
	DoRecover           // Ticks are lost, and Payload comes after them: it may hold a copy
	DoConceal           // Ticks are missing
	DoSilence           // Ticks of silence: nothing has come for a while
)

// Step is one thing to do. Payload is valid until the buffer is used again.
type Step struct {
	Do      Do
	Ticks   uint32
	Payload []byte
	Wait    time.Duration // with DoWait, at most
}

const (
	tickRate   = 48     // per ms: RFC 7587 has no other clock
	frameTicks = 960    // 20 ms
	pauseTicks = 4800   // as pauseGap
	fullTicks  = 7680   // as tooFull
	farTicks   = 480000 // 10 s: no pause but another clock
	maxHeld    = 64     // packets
	maxUnread  = 10     // packets that wait to be passed on
	plcFrames  = 5      // that a decoder makes up in a row before silence is more honest
)

// Packets is Buffer for sound that only a decoder can cut: whole packets by timestamp, of any length. It follows the network in the same
// two ways, and what is lost is left to the decoder, with the packet behind it when that has come: it may hold a copy (Opus in-band FEC).
// It is pure: time comes in with each call.
//
// Who passes packets on as they are uses Take instead of Due and Next.
type Packets struct {
	Relay bool // only order, no pace: for an end that has its own buffer

	list  []held   // by timestamp; as they came while they are taken
	spare [][]byte // to hold payloads

	taking  bool
	started bool
	next    uint32 // timestamp of the next sample to play
	tick    time.Time
	ready   time.Time // playing starts not before this
	fresh   time.Time // when the newest packet came

	target time.Duration // the delay at a start
	calm   int           // packets since the last underrun
	lowest uint32        // ticks, in this window
	window int           // packets in this window
	holes  int           // frames made up in a row

	counts     Counts
	lateInARow int
}

type held struct {
	Packet
	ticks uint32
	came  time.Time
}

// Reset forgets the stream: another sender begins.
func (j *Packets) Reset() {
	for len(j.list) > 0 {
		j.drop()
	}
	j.started, j.holes, j.window, j.calm = false, 0, 0, 0
	j.target = max(j.target, startDelay)
}

// Delay is how much sound is buffered.
func (j *Packets) Delay() time.Duration {
	return time.Duration(j.depth()) * time.Millisecond / tickRate
}

// Counts are what had to be done so far.
func (j *Packets) Counts() Counts { return j.counts }

// depth is from the next sample to the end of the newest packet.
func (j *Packets) depth() uint32 {
	if len(j.list) == 0 {
		return 0
	}
	last := &j.list[len(j.list)-1]
	if d := int32(last.TS + last.ticks - j.next); d > 0 {
		return uint32(d)
	}
	return 0
}

// Push takes a packet that came now and sounds for ticks. It keeps a copy of the payload.
func (j *Packets) Push(now time.Time, p Packet, ticks uint32) {
	if j.target == 0 {
		j.Reset()
	}
	j.fresh = now
	if j.taking {
		j.keep(now, p, ticks)
		return
	}
	ahead := int32(p.TS - j.next)
	switch {
	case !j.started, j.lateInARow == otherClock, ahead > farTicks, len(j.list) == 0 && ahead > pauseTicks:
		j.begin(now, p.TS)
	case len(j.list) == 0 && ahead > 0 && j.holes > 0 && !j.Relay:
		j.next = p.TS // lost behind a dry buffer; what was made up meanwhile stands for it
	case ahead+int32(ticks) <= 0:
		j.counts.Late++
		j.lateInARow++
		return
	}
	j.lateInARow = 0
	at, have := slices.BinarySearchFunc(j.list, p.TS, func(h held, ts uint32) int { return int(int32(h.TS - ts)) })
	if have {
		return
	}
	if len(j.list) == maxHeld { // nobody reads
		j.drop()
		j.counts.Dropped++
		at = max(at-1, 0)
		j.next = j.list[0].TS
	}
	j.list = slices.Insert(j.list, at, j.hold(now, p, ticks))
}

// begin starts playing at ts. What is still buffered is forgotten.
func (j *Packets) begin(now time.Time, ts uint32) {
	for len(j.list) > 0 {
		j.drop()
	}
	j.started, j.next = true, ts
	j.ready, j.window, j.calm = now.Add(j.target), 0, 0
	j.holes = plcFrames // nothing to go on from yet
}

// keep adds a packet that will be taken.
func (j *Packets) keep(now time.Time, p Packet, ticks uint32) {
	if len(j.list) >= maxUnread {
		j.drop()
		j.counts.Dropped++
	}
	j.list = append(j.list, j.hold(now, p, ticks))
}

func (j *Packets) hold(now time.Time, p Packet, ticks uint32) held {
	var b []byte
	if n := len(j.spare); n > 0 {
		b, j.spare = j.spare[n-1], j.spare[:n-1]
	}
	p.Payload = append(b[:0], p.Payload...)
	return held{p, ticks, now}
}

// drop lets go of the first packet; its payload stays as it is until the next Push.
func (j *Packets) drop() held {
	h := j.list[0]
	j.list = slices.Delete(j.list, 0, 1)
	j.spare = append(j.spare, h.Payload)
	return h
}

// Due is how long it is until the next frame; with Relay, what is there is due.
func (j *Packets) Due(now time.Time) time.Duration {
	if j.taking {
		j.taking = false
		j.Reset()
	}
	if j.Relay {
		return 0
	}
	switch late := now.Sub(j.tick); {
	case j.tick.IsZero() || late > readerSlept:
		j.tick = now
		j.shorten(uint32(j.target/time.Millisecond) * tickRate)
	case late < 0:
		return -late
	}
	j.tick = j.tick.Add(FrameDuration)
	return 0
}

// shorten drops packets until no more than ticks wait.
func (j *Packets) shorten(ticks uint32) {
	for len(j.list) > 1 && j.depth() > ticks {
		j.drop()
		j.next = j.list[0].TS
		j.counts.Dropped++
	}
}

// Next is what to do for the frame that is due. It is called until the frame is full.
func (j *Packets) Next(now time.Time) Step {
	if j.Relay {
		return j.nextRelay(now)
	}
	switch {
	case !j.started || now.Before(j.ready):
		return Step{Do: DoSilence, Ticks: frameTicks}
	case len(j.list) == 0: // dry
		if j.holes == 0 && now.Sub(j.fresh) < relayPause {
			j.target = min(j.target+FrameDuration, maxDelay)
		}
		j.calm = 0
		return j.hole()
	}
	if j.trim() {
		return j.play(DoSkip)
	}
	s := j.step()
	if s.Do == DoPlay {
		if j.calm++; j.calm >= calmFrames {
			j.calm, j.target = 0, max(j.target-FrameDuration, minDelay)
		}
	}
	return s
}

// trim says whether the first packet is one too many.
func (j *Packets) trim() bool {
	if d := j.depth(); d > fullTicks {
		j.shorten(uint32(maxDelay/time.Millisecond) * tickRate)
		j.window = 0
	}
	depth := j.depth() - min(j.depth(), frameTicks) // after this frame
	if j.window == 0 || depth < j.lowest {
		j.lowest = depth
	}
	if j.window++; j.window < trimEvery {
		return false
	}
	j.window = 0
	return j.lowest >= 2*frameTicks && j.list[0].TS == j.next
}

// hole is a frame of what may have been said; time does not move on, what comes later plays later.
func (j *Packets) hole() Step {
	if j.holes >= plcFrames {
		return Step{Do: DoSilence, Ticks: frameTicks}
	}
	j.holes++
	j.counts.Made++
	return Step{Do: DoConceal, Ticks: frameTicks}
}

// step moves on by the first packet, or by what is lost before it.
func (j *Packets) step() Step {
	first := &j.list[0]
	gap := int32(first.TS - j.next)
	if gap <= 0 {
		return j.play(DoPlay)
	}
	ticks := uint32(min(gap, frameTicks))
	j.next += ticks
	if ticks < 120 { // 2.5 ms, the shortest that Opus knows
		return j.play(DoPlay)
	}
	j.counts.Made++
	s := Step{Do: DoConceal, Ticks: ticks}
	if j.next == first.TS {
		s.Do, s.Payload = DoRecover, first.Payload
	}
	return s
}

func (j *Packets) play(do Do) Step {
	h := j.drop()
	j.next, j.holes = h.TS+h.ticks, 0
	if do == DoSkip {
		j.counts.Dropped++
	}
	return Step{Do: do, Ticks: h.ticks, Payload: h.Payload}
}

// nextRelay gives what is there in order; a gap is given up when two frames have passed it.
func (j *Packets) nextRelay(now time.Time) Step {
	if j.depth() > ringSize/2*6 {
		j.shorten(frameTicks) // the reader has slept; nobody wants to hear that now
	}
	if len(j.list) > 0 && (int32(j.list[0].TS-j.next) <= 0 || j.depth() > 2*frameTicks) {
		j.tick = now
		return j.step()
	}
	if j.tick.IsZero() || now.Sub(j.tick) > readerSlept+relayPause {
		j.tick = now
	}
	if j.fresh.IsZero() {
		j.fresh = now // the wait for the first packet is a pause, too
	}
	due := j.tick.Add(FrameDuration)
	if pause := j.fresh.Add(relayPause); due.Before(pause) {
		due = pause
	}
	if now.Before(due) {
		return Step{Do: DoWait, Wait: due.Sub(now)}
	}
	j.tick = due
	if len(j.list) > 0 {
		return j.step()
	}
	return j.hole()
}

// Take gives packets as they came, to be passed on; false when there is none. Those that waited for long are forgotten: nobody wants to
// hear them now.
func (j *Packets) Take(now time.Time) (Packet, bool) {
	if !j.taking {
		j.taking, j.started = true, false
	}
	for len(j.list) > 0 {
		if h := j.drop(); now.Sub(h.came) <= readerSlept {
			return h.Packet, true
		}
		j.counts.Dropped++
	}
	return Packet{}, false
}
