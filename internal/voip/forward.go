package voip

import "github.com/zaf/g711"

// forward passes sound on to another session. The receiving goroutine alone uses it, under the receiver's lock.
type forward struct {
	to   *Session
	rest [FrameLen]byte // a frame that is not full yet: packets need not hold 20 ms
	have int
}

// Forward lets to's far end hear what this one's says, as it arrives and on the receiving goroutine: without buffer, timer or another
// goroutine, a relayed call costs what its packets cost. Both far ends have jitter buffers of their own. Read has silence meanwhile; a nil
// to ends it. Digits are not passed on: they are events of the leg.
func (s *Session) Forward(to *Session) {
	r := &s.in
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = nil
	if to != nil {
		r.on = &forward{to: to}
	}
}

func (f *forward) push(samples []byte, alaw bool) {
	for len(samples) > 0 {
		n := copy(f.rest[f.have:], samples)
		if alaw {
			for i, b := range samples[:n] {
				f.rest[f.have+i] = g711.Alaw2UlawFrame(b)
			}
		}
		f.have += n
		samples = samples[n:]
		if f.have == FrameLen {
			f.have = 0
			_ = f.to.Write(f.rest[:]) // an ended leg is its owner's news
		}
	}
}
