package media

import (
	"context"
	"time"
)

// Player lets one party hear a Sound.
type Player struct {
	stop context.CancelFunc
	done chan struct{}
}

// Play starts a Sound. It goes on in silence after the end of one that does not repeat, until Stop or until the party is gone.
func Play(p Party, s Sound) *Player {
	ctx, stop := context.WithCancel(context.Background())
	pl := &Player{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(pl.done)
		defer stop()
		_ = play(ctx, p, s) // gone: its leg knows why
	}()
	return pl
}

// Done is closed once the party hears nothing of it any more.
func (p *Player) Done() <-chan struct{} { return p.done }

// Stop ends it and waits.
func (p *Player) Stop() {
	p.stop()
	<-p.done
}

// play writes one frame every 20 ms. time.Ticker keeps to its schedule, so frames do not drift; it drops what a stalled machine missed.
func play(ctx context.Context, p Party, s Sound) error {
	tick := time.NewTicker(FrameDuration)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		if err := p.Write(s.Frame(n)); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}
