package jitter

// Splice numbers packets of other streams as part of ours: as far apart as they were there, so that what was lost on their way is a hole in
// ours too, and the far end's decoder mends it. The zero Splice has nothing to go on with.
type Splice struct {
	on     bool
	source uint32
	first  uint16 // of theirs
	seq    uint16 // to be added to theirs
	ts     uint32
}

// Begins says whether a packet does not go on from the one before: Begin is to say where it stands.
func (s *Splice) Begins(p Packet) bool { return !s.on || s.source != p.Source }

// Begin gives a packet the numbers that follow ours.
func (s *Splice) Begin(p Packet, seq uint16, ts uint32) {
	*s = Splice{on: true, source: p.Source, first: p.Seq, seq: seq - p.Seq, ts: ts - p.TS}
}

// Place is where a packet stands in ours; false for one from before the first, whose number is taken.
func (s *Splice) Place(p Packet) (seq uint16, ts uint32, ok bool) {
	return p.Seq + s.seq, p.TS + s.ts, int16(p.Seq-s.first) >= 0
}

// End forgets it: we speak for ourselves.
func (s *Splice) End() { s.on = false }
