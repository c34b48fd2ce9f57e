package mediatest

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"

	"github.com/laoyou/laoyou/internal/voip/jitter"
)

// Coded is a media.Coded in memory: a Party that also has packets of one coding.
type Coded struct {
	*Party
	packets chan jitter.Packet
	coding  atomic.Pointer[string]
	passed  chan jitter.Packet
}

// NewCoded returns one whose packets are of a coding; "": it has none at first.
func NewCoded(coding string) *Coded {
	c := &Coded{Party: NewParty(), packets: make(chan jitter.Packet, 1000), passed: make(chan jitter.Packet, 1000)}
	c.Speak(coding)
	return c
}

// Speak changes the coding.
func (c *Coded) Speak(coding string) { c.coding.Store(&coding) }

// SayCoded lets the party speak a packet.
func (c *Coded) SayCoded(p jitter.Packet) { c.packets <- p }

// HeardCoded returns the payloads of the packets it heard since the last call, one after the other.
func (c *Coded) HeardCoded() []byte {
	var all []byte
	for {
		select {
		case p := <-c.passed:
			all = append(all, p.Payload...)
		default:
			return all
		}
	}
}

// Coding implements media.Coded.
func (c *Coded) Coding() string { return *c.coding.Load() }

// ReadCoded implements media.Coded.
func (c *Coded) ReadCoded(ctx context.Context) (jitter.Packet, error) {
	select {
	case p := <-c.packets:
		return p, nil
	case <-c.gone:
		return jitter.Packet{}, io.EOF
	case <-ctx.Done():
		return jitter.Packet{}, ctx.Err()
	}
}

// WriteCoded implements media.Coded.
func (c *Coded) WriteCoded(p jitter.Packet) error {
	select {
	case <-c.gone:
		return io.ErrClosedPipe
	default:
	}
	p.Payload = bytes.Clone(p.Payload)
	c.passed <- p
	return nil
}
