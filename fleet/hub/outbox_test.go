package hub

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A booth with an outbox on a bad line: rows are lost, doubled and overtaken, acknowledgments are lost, and the booth drops rows of its own.
// Whatever happens, no row takes effect twice, the booth never deletes a row that is not stored, and once the line is good all gets through.
func TestOutboxOnABadLine(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		b := &boothOutbox{t: t, seed: seed, stored: map[int64]bool{}}
		for range 60 {
			b.fact(r)
			b.send(r)
			if t.Failed() {
				return
			}
		}
		b.flush()
		if len(b.held) != 0 {
			t.Fatalf("seed %d: rows %v were never acknowledged; %+v", seed, b.held, b.box)
		}
	}
}

type boothOutbox struct {
	t      *testing.T
	seed   uint64
	last   int64
	held   []int64
	box    Outbox
	stored map[int64]bool
}

// fact adds rows, and sometimes drops old ones.
func (b *boothOutbox) fact(r *rand.Rand) {
	for range r.IntN(6) {
		b.last++
		b.held = append(b.held, b.last)
	}
	if r.IntN(4) == 0 {
		b.held = slices.DeleteFunc(b.held, func(int64) bool { return r.IntN(3) == 0 })
	}
	if r.IntN(40) == 0 { // the fleet's database was put back from a backup
		b.box = Outbox{Upto: b.box.Upto - min(b.box.Upto, r.Int64N(5))}
		for seq := range b.stored {
			if seq > b.box.Upto {
				delete(b.stored, seq)
			}
		}
	}
}

type sentRow struct{ seq, before int64 }

// row is a row as it is sent now, with the next older one that is still held.
func (b *boothOutbox) row(i int) sentRow {
	if i == 0 {
		return sentRow{b.held[0], 0}
	}
	return sentRow{b.held[i], b.held[i-1]}
}

func (b *boothOutbox) send(r *rand.Rand) {
	var line []sentRow
	for i := range b.held[:min(len(b.held), 32)] {
		for n := r.IntN(3); n > 0; n-- { // lost, sent, sent twice
			line = append(line, b.row(i))
		}
	}
	if r.IntN(3) == 0 {
		r.Shuffle(len(line), func(i, j int) { line[i], line[j] = line[j], line[i] })
	}
	for _, s := range line {
		b.arrive(s)
		if r.IntN(3) > 0 {
			b.acknowledge()
		}
	}
}

func (b *boothOutbox) arrive(s sentRow) {
	switch b.box.take(s.seq, s.before) {
	case rowNew:
		if b.stored[s.seq] {
			b.t.Errorf("seed %d: row %d took effect twice", b.seed, s.seq)
		}
		b.stored[s.seq] = true
	case rowAgain:
		if !b.stored[s.seq] {
			b.t.Errorf("seed %d: row %d was taken for known and is not stored", b.seed, s.seq)
		}
	case rowBeyond:
	}
}

func (b *boothOutbox) acknowledge() {
	b.held = slices.DeleteFunc(b.held, func(seq int64) bool {
		if seq <= b.box.Upto && !b.stored[seq] {
			b.t.Errorf("seed %d: row %d was acknowledged and is not stored", b.seed, seq)
		}
		return seq <= b.box.Upto
	})
}

func (b *boothOutbox) flush() {
	for range 3 {
		for i := range b.held {
			b.arrive(b.row(i))
		}
		b.acknowledge()
	}
}

func TestAheadIsBounded(t *testing.T) {
	var box Outbox
	beyond := 0
	for seq := int64(2); seq < 1000; seq++ {
		if box.take(seq, seq-1) == rowBeyond {
			beyond++
		}
	}
	if len(box.Ahead) != mostAhead || beyond != 998-mostAhead || box.Upto != 0 {
		t.Errorf("%d ahead, %d refused, up to %d", len(box.Ahead), beyond, box.Upto)
	}
	if box.take(1, 0); box.Upto != 1+mostAhead || len(box.Ahead) != 0 {
		t.Errorf("after the hole was filled: up to %d, %d ahead", box.Upto, len(box.Ahead))
	}
}
