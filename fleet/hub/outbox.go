package hub

// What a row of an outbox is to the store.
type arrival int

const (
	rowNew    arrival = iota // to be stored
	rowAgain                 // stored before
	rowBeyond                // too far beyond a hole to be stored
)

// take notes that the row seq came, whose nearest older row in the booth's outbox is before (0: none). Rows come in order but for what was
// lost on the way; what lies beyond a hole is stored and not acknowledged, until the hole is filled or the booth says that there is nothing
// in it.
func (b *Outbox) take(seq, before int64) arrival {
	if seq <= b.Upto {
		return rowAgain
	}
	known, ahead := b.Ahead[seq]
	switch {
	case before <= b.Upto:
		delete(b.Ahead, seq)
		b.Upto, b.Changed = seq, true
		b.close()
	case ahead && known <= before:
	case ahead || len(b.Ahead) < mostAhead:
		if b.Ahead == nil {
			b.Ahead = map[int64]int64{}
		}
		b.Ahead[seq], b.Changed = before, true
	default:
		return rowBeyond
	}
	if ahead {
		return rowAgain
	}
	return rowNew
}

// close moves Upto over rows that are stored beyond it, as long as there is no hole between.
func (b *Outbox) close() {
	for len(b.Ahead) > 0 {
		next := int64(0)
		for seq := range b.Ahead {
			if seq <= b.Upto {
				delete(b.Ahead, seq)
			} else if next == 0 || seq < next {
				next = seq
			}
		}
		if next == 0 || b.Ahead[next] > b.Upto {
			return
		}
		delete(b.Ahead, next)
		b.Upto = next
	}
}
