// Package inbox is the letter box of a goroutine that owns something: many put, one takes, nobody ever waits to put. Two owners that
// write to each other through bounded channels could block each other for good; through these they cannot.
package inbox

import "sync"

// Inbox holds what its owner has not taken yet. The zero value is not ready; use New.
type Inbox[T any] struct {
	mu   sync.Mutex
	list []T
	wake chan struct{}
}

// New returns an empty inbox.
func New[T any]() *Inbox[T] { return &Inbox[T]{wake: make(chan struct{}, 1)} }

// Put adds v. It may be called from any goroutine and never blocks.
func (b *Inbox[T]) Put(v T) {
	b.mu.Lock()
	b.list = append(b.list, v)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default: // the owner has been woken already
	}
}

// Wake tells the owner that there is something to take; at times there is nothing.
func (b *Inbox[T]) Wake() <-chan struct{} { return b.wake }

// Take returns all there is, in the order it was put.
func (b *Inbox[T]) Take() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.list
	b.list = nil
	return list
}

// Empty reports whether there is nothing to take.
func (b *Inbox[T]) Empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.list) == 0
}
