// Package mediatest has a party of a conversation that a test speaks for.
package mediatest

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// Party is a media.Party in memory. Make it inside the bubble of testing/synctest that uses it.
type Party struct {
	said chan []byte
	gone chan struct{}
	once sync.Once

	mu    sync.Mutex
	heard [][]byte
}

// NewParty returns one that says nothing yet. Up to 1,000 frames wait to be read.
func NewParty() *Party {
	return &Party{said: make(chan []byte, 1000), gone: make(chan struct{})}
}

// Say lets the party speak a frame.
func (p *Party) Say(frame []byte) { p.said <- frame }

// Leave ends the party once what it said has been read.
func (p *Party) Leave() { p.once.Do(func() { close(p.gone) }) }

// Heard returns what it heard since the last call.
func (p *Party) Heard() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	heard := p.heard
	p.heard = nil
	return heard
}

// Read implements media.Party.
func (p *Party) Read(ctx context.Context) ([]byte, error) {
	select { // what was said before it left comes first
	case f := <-p.said:
		return f, nil
	default:
	}
	select {
	case f := <-p.said:
		return f, nil
	case <-p.gone:
		return nil, io.EOF
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Write implements media.Party.
func (p *Party) Write(frame []byte) error {
	select {
	case <-p.gone:
		return io.ErrClosedPipe
	default:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, bytes.Clone(frame))
	return nil
}
