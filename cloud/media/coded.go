package media

import (
	"context"

	"github.com/laoyou/laoyou/internal/voip/jitter"
)

// Coded is a party whose sound can be passed on as it was coded: without the loss of coding twice, without its work, and with all that the
// far end's decoder needs to mend what the network loses. Frames can be read and written all the same.
type Coded interface {
	Party
	// Coding names the coding of its packets now, "" when it has none that can be passed on.
	Coding() string
	// ReadCoded is Read for packets, as they come. The payload is the caller's until the next Read.
	ReadCoded(ctx context.Context) (jitter.Packet, error)
	// WriteCoded is Write for a packet of another party in the same coding.
	WriteCoded(p jitter.Packet) error
}

// coded is the party as one that has packets to pass on now; nil when it has none.
func coded(p Party) Coded {
	if c, ok := p.(Coded); ok && c.Coding() != "" {
		return c
	}
	return nil
}

// alike says whether packets of one party can be passed on to the other.
func alike(from, to Party) (a, b Coded, ok bool) {
	a, b = coded(from), coded(to)
	return a, b, a != nil && b != nil && a.Coding() == b.Coding()
}
