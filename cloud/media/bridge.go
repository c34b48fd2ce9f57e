package media

import (
	"context"
	"sync"
)

// Options of a bridge.
type Options struct {
	TapA, TapB Tap // what a says, what b says
}

// Bridge lets two parties hear each other.
type Bridge struct {
	stop context.CancelFunc
	done chan struct{}
}

// Join bridges a and b until one of them is gone or Close is called. It owns the reading of both meanwhile.
func Join(a, b Party, o Options) *Bridge {
	ctx, stop := context.WithCancel(context.Background())
	br := &Bridge{stop: stop, done: make(chan struct{})}
	var ways sync.WaitGroup
	way := func(from, to Party, tap Tap) {
		_ = pass(ctx, from, to, tap) // whichever party was lost: its leg knows why
		stop()
	}
	ways.Go(func() { way(a, b, o.TapA) })
	ways.Go(func() { way(b, a, o.TapB) })
	go func() {
		ways.Wait()
		close(br.done)
	}()
	return br
}

// Done is closed once nothing flows any more.
func (b *Bridge) Done() <-chan struct{} { return b.done }

// Close stops the bridge and waits until both parties are free for another reader.
func (b *Bridge) Close() {
	b.stop()
	<-b.done
}
