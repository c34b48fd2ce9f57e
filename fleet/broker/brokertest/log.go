package brokertest

import (
	"sync"
	"testing"
	"time"
)

// patience is how long a condition may take to come true on a busy machine.
const patience = 30 * time.Second

// Log collects what arrives, for a test to wait for.
type Log[T any] struct {
	mu      sync.Mutex
	all     []T
	changed chan struct{}
}

// NewLog makes an empty one.
func NewLog[T any]() *Log[T] { return &Log[T]{changed: make(chan struct{})} }

// Add notes one more.
func (l *Log[T]) Add(v T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, v)
	close(l.changed)
	l.changed = make(chan struct{})
}

// All returns what has come so far.
func (l *Log[T]) All() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]T(nil), l.all...)
}

// Wait waits for one that fits, and returns it.
func (l *Log[T]) Wait(t testing.TB, what string, fits func(T) bool) T {
	t.Helper()
	late := time.After(patience)
	for seen := 0; ; {
		l.mu.Lock()
		rest, changed := l.all[seen:], l.changed
		l.mu.Unlock()
		for _, v := range rest {
			if fits(v) {
				return v
			}
		}
		seen += len(rest)
		select {
		case <-changed:
		case <-late:
			t.Fatalf("%s did not come; %d others did", what, seen)
		}
	}
}

// Count counts those that fit.
func (l *Log[T]) Count(fits func(T) bool) int {
	n := 0
	for _, v := range l.All() {
		if fits(v) {
			n++
		}
	}
	return n
}
