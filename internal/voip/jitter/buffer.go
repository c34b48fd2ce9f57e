// Package jitter turns RTP packets of G.711, as they arrive, into frames of 20 ms at an even pace, or only into order. It is pure but for
// Reader, which waits with a timer of the runtime's; it touches nothing of the machine.
package jitter

import (
	"bytes"
	"time"

	"github.com/zaf/g711"
)

// FrameLen is the length in bytes of 20 ms of µ-law at 8 kHz.
const FrameLen = 160

// FrameDuration is the time of one frame.
const FrameDuration = 20 * time.Millisecond

// Silence is a µ-law sample of silence.
const Silence = 0xFF

const (
	ringSize   = 4096 // samples, a power of two: 512 ms
	startDelay = 40 * time.Millisecond
	minDelay   = 20 * time.Millisecond
	maxDelay   = 80 * time.Millisecond

	trimEvery   = 25                     // frames; what the buffer never went below in that time is not needed
	calmFrames  = 500                    // without an underrun for so long, the next start waits less
	tooFull     = 160 * 8                // samples; a burst that must go at once
	relayGap    = FrameLen               // samples that may pass a missing frame before it counts as lost
	pauseGap    = 5 * FrameLen           // samples: a sender that jumps so far, and was waited for, has paused
	fadeFrames  = 3                      // that a lost frame is repeated for
	relayPause  = 200 * time.Millisecond // without a packet, before silence is made
	readerSlept = 200 * time.Millisecond
	otherClock  = 10 // late packets in a row: the sender has turned its clock back
)

// Buffer turns packets as they arrive into frames at an even pace, or (relay) only into order. It is pure: time comes in with each call.
//
// One µ-law byte is one sample is one tick of the RTP clock, so the buffer is a ring of bytes indexed by timestamp, and any packet time works.
// The delay follows the network in two ways. When the buffer runs dry, a frame is made up without moving on: everything after it plays
// 20 ms later, which is how the delay grows. What was left in the buffer at its emptiest in the last half second was not needed: a frame of
// it is dropped, which is how the delay shrinks. A clock that drifts looks the same and is cured by the same.
type Buffer struct {
	Relay bool // only order, no pace: for an end that has its own buffer

	ring []byte // ringSize samples, from the first packet on: many a leg never has one
	have []byte // 1: the sample is there

	started bool
	next    uint32    // timestamp of the next sample to play
	end     uint32    // timestamp after the newest sample
	tick    time.Time // when the next frame is due
	ready   time.Time // playing starts not before this
	fresh   time.Time // when the newest packet came

	target time.Duration // the delay at a start
	calm   int           // frames since the last underrun
	lowest int           // samples, in this window
	window int           // frames in this window

	last  [FrameLen]byte // what was played last
	holes int            // frames made up in a row

	counts     Counts
	lateInARow int
}

// Counts are what had to be done.
type Counts struct {
	Late    uint64 // packets that came too late to be of use
	Made    uint64 // frames made up because nothing was there to play
	Dropped uint64 // frames thrown away to keep the delay small
}

// Reset forgets the stream: another sender begins.
func (j *Buffer) Reset() {
	clear(j.have)
	j.started, j.holes, j.window, j.calm = false, 0, 0, 0
	if j.target == 0 {
		j.target = startDelay
	}
}

// Delay is how much sound is buffered.
func (j *Buffer) Delay() time.Duration {
	return time.Duration(max(j.depth(), 0)) * FrameDuration / FrameLen
}

// Counts are what had to be done so far.
func (j *Buffer) Counts() Counts { return j.counts }

func (j *Buffer) depth() int { return int(int32(j.end - j.next)) }

// Push takes a packet's samples. alaw says that they want converting.
func (j *Buffer) Push(now time.Time, ts uint32, samples []byte, alaw bool) {
	if len(samples) > ringSize/4 {
		samples = samples[:ringSize/4]
	}
	if j.target == 0 {
		j.Reset()
	}
	j.fresh = now
	ahead := int(int32(ts - j.next))
	switch {
	case !j.started, j.lateInARow == otherClock, ahead > 8*ringSize, j.depth() <= 0 && ahead > pauseGap:
		// The first, another clock, or the end of a pause.
		j.begin(now, ts)
	case j.depth() <= 0 && ahead > 0 && j.holes > 0 && !j.Relay:
		j.next = ts // lost behind a dry buffer; the frames made up meanwhile stand for them
	case ahead+len(samples) <= 0:
		j.counts.Late++
		j.lateInARow++
		return
	}
	j.lateInARow = 0
	j.store(ts, samples, alaw)
}

// begin starts playing at ts. What is still buffered is forgotten.
func (j *Buffer) begin(now time.Time, ts uint32) {
	if j.ring == nil {
		both := make([]byte, 2*ringSize)
		j.ring, j.have = both[:ringSize], both[ringSize:]
	}
	clear(j.have)
	j.started, j.next, j.end = true, ts, ts
	j.ready, j.window, j.calm = now.Add(j.target), 0, 0
	j.holes = fadeFrames // nothing to repeat yet
}

func (j *Buffer) store(ts uint32, samples []byte, alaw bool) {
	end := ts + uint32(len(samples))
	for int32(end-j.next) > ringSize {
		j.skip(FrameLen) // nobody reads
		j.counts.Dropped++
	}
	if gone := int32(j.next - ts); gone > 0 {
		samples, ts = samples[gone:], j.next
	}
	for len(samples) > 0 { // twice where the ring ends
		at := ts % ringSize
		n := copy(j.ring[at:], samples)
		for i := range j.have[at : int(at)+n] {
			j.have[int(at)+i] = 1
		}
		if alaw {
			for i, b := range j.ring[at : int(at)+n] {
				j.ring[int(at)+i] = g711.Alaw2UlawFrame(b)
			}
		}
		samples, ts = samples[n:], ts+uint32(n)
	}
	if int32(end-j.end) > 0 {
		j.end = end
	}
}

// skip moves on by n samples, at most the ring.
func (j *Buffer) skip(n int) {
	for left := n; left > 0; {
		at := int(j.next % ringSize)
		step := min(left, ringSize-at)
		clear(j.have[at : at+step])
		j.next += uint32(step)
		left -= step
	}
	if j.depth() < 0 {
		j.end = j.next
	}
}

// Pop writes the next frame to out, or says how long to wait for it. wake says that a packet may end the wait earlier.
func (j *Buffer) Pop(now time.Time, out *[FrameLen]byte) (wait time.Duration, wake bool) {
	if j.Relay {
		return j.popRelay(now, out)
	}
	switch late := now.Sub(j.tick); {
	case j.tick.IsZero() || late > readerSlept:
		j.tick = now
		if j.started && j.depth() > FrameLen*int(j.target/FrameDuration) {
			j.skip(j.depth() - FrameLen*int(j.target/FrameDuration))
		}
	case late < 0:
		return -late, false
	}
	j.tick = j.tick.Add(FrameDuration)
	j.play(now, out)
	return 0, false
}

func (j *Buffer) play(now time.Time, out *[FrameLen]byte) {
	switch {
	case !j.started || now.Before(j.ready):
		j.conceal(out)
		return
	case j.depth() <= 0: // dry
		if j.holes == 0 && now.Sub(j.fresh) < relayPause {
			j.target = min(j.target+FrameDuration, maxDelay)
		}
		j.calm = 0
		j.conceal(out)
		return
	}
	j.trim()
	j.take(out)
	if j.calm++; j.calm >= calmFrames {
		j.calm, j.target = 0, max(j.target-FrameDuration, minDelay)
	}
}

// trim drops a frame when the buffer holds more than it needs.
func (j *Buffer) trim() {
	depth := j.depth() - FrameLen // after this frame
	if depth > tooFull {
		j.skip(depth - int(maxDelay/time.Millisecond)*8)
		j.counts.Dropped++
		j.window = 0
		return
	}
	if j.window == 0 || depth < j.lowest {
		j.lowest = depth
	}
	if j.window++; j.window < trimEvery {
		return
	}
	if j.lowest >= 2*FrameLen {
		j.skip(FrameLen)
		j.counts.Dropped++
	}
	j.window = 0
}

// popRelay gives what is there in order; a gap is given up when two frames have passed it.
func (j *Buffer) popRelay(now time.Time, out *[FrameLen]byte) (wait time.Duration, wake bool) {
	if j.started && j.depth() > ringSize/2 {
		j.skip(j.depth() - FrameLen) // the reader has slept; nobody wants to hear that now
	}
	if j.started && (j.whole() || j.depth() > FrameLen+relayGap) {
		j.take(out)
		j.tick = now
		return 0, false
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
		return due.Sub(now), true
	}
	j.tick = due
	j.conceal(out)
	return 0, false
}

// whole says whether the next frame is complete.
func (j *Buffer) whole() bool {
	if j.depth() < FrameLen {
		return false
	}
	at := int(j.next % ringSize)
	first := min(FrameLen, ringSize-at)
	return bytes.IndexByte(j.have[at:at+first], 0) < 0 && bytes.IndexByte(j.have[:FrameLen-first], 0) < 0
}

// take moves the next frame to out and makes up what is missing of it.
func (j *Buffer) take(out *[FrameLen]byte) {
	if !j.whole() {
		j.patch(out)
		return
	}
	from := int(j.next % ringSize)
	n := copy(out[:], j.ring[from:])
	copy(out[n:], j.ring[:FrameLen-n])
	j.skip(FrameLen)
	j.last, j.holes = *out, 0
}

// patch keeps the samples that are there and fades the last frame into the holes.
func (j *Buffer) patch(out *[FrameLen]byte) {
	var real int
	j.conceal(out)
	for i := range out {
		if at := (j.next + uint32(i)) % ringSize; j.have[at] != 0 {
			out[i] = j.ring[at]
			real++
		}
	}
	j.skip(FrameLen)
	if real > FrameLen/2 {
		j.last, j.holes = *out, 0
	}
}

// conceal repeats the last frame, softer each time: 60 ms of it, then silence.
func (j *Buffer) conceal(out *[FrameLen]byte) {
	fade := [fadeFrames]int16{3, 2, 1} // quarters
	if !j.started || j.holes >= fadeFrames {
		for i := range out {
			out[i] = Silence
		}
		return
	}
	for i, b := range j.last {
		out[i] = g711.EncodeUlawFrame(g711.DecodeUlawFrame(b) / 4 * fade[j.holes])
	}
	j.holes++
	j.counts.Made++
}
