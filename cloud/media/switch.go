package media

import (
	"context"
	"sync/atomic"
)

// Switch decides what one party hears now, and who hears it: silence and nobody at first. Its goroutine alone writes to the party, another
// one alone reads it, so that a party is never left unread: what it says to nobody is dropped.
type Switch struct {
	party Party
	to    chan order
	other atomic.Pointer[Party] // who hears the party
	stop  context.CancelFunc
	gone  chan struct{} // the party speaks no more
	done  chan struct{}
}

// hearing is what the party hears: the other party, or a Sound.
type hearing struct {
	party Party
	sound Sound
}

// NewSwitch takes over the party until Close.
func NewSwitch(p Party) *Switch {
	ctx, stop := context.WithCancel(context.Background())
	s := &Switch{party: p, to: make(chan order), stop: stop, gone: make(chan struct{}), done: make(chan struct{})}
	go s.speak(ctx)
	go s.run(ctx)
	return s
}

// order is a change of what the party hears; begun is closed once it is so.
type order struct {
	hearing
	begun chan struct{}
}

// Hear plays a Sound to the party, and lets nobody hear it.
func (s *Switch) Hear(sound Sound) { s.turn(hearing{sound: sound}) }

// Connect lets the party and the other one hear each other. The Switch reads the other one from now on until something else is to be heard.
func (s *Switch) Connect(other Party) { s.turn(hearing{party: other}) }

// turn may be called by anybody, and returns once the party hears h, and what it heard before is free for another reader.
func (s *Switch) turn(h hearing) {
	o := order{h, make(chan struct{})}
	select {
	case s.to <- o:
		<-o.begun
	case <-s.done:
	}
}

// Gone is closed once the party speaks no more.
func (s *Switch) Gone() <-chan struct{} { return s.gone }

// Close lets go of the party and of whom it heard, and waits for that. The party itself stays open.
func (s *Switch) Close() {
	s.stop()
	<-s.gone
	<-s.done
}

func (s *Switch) speak(ctx context.Context) {
	defer close(s.gone)
	for {
		if c := s.unheard(); c != nil {
			p, err := c.ReadCoded(ctx)
			if err != nil {
				return
			}
			if other := s.other.Load(); other != nil {
				if _, b, ok := alike(c, *other); ok {
					_ = b.WriteCoded(p) // lost: whoever owns the other party is told by its leg
				}
			}
			continue
		}
		frame, err := s.party.Read(ctx)
		if err != nil {
			return
		}
		if other := s.other.Load(); other != nil {
			_ = (*other).Write(frame) // lost: as above
		}
	}
}

// unheard is the party when what it says need not be decoded: nobody hears it, or somebody who can do so themselves.
func (s *Switch) unheard() Coded {
	c, other := coded(s.party), s.other.Load()
	if c == nil || other == nil {
		return c
	}
	if _, _, ok := alike(c, *other); !ok {
		return nil
	}
	return c
}

// run owns what is written to the party.
func (s *Switch) run(ctx context.Context) {
	defer close(s.done)
	now := s.start(ctx, hearing{})
	for {
		select {
		case o := <-s.to:
			s.other.Store(nil)
			now.Stop()
			now = s.start(ctx, o.hearing)
			if o.party != nil {
				s.other.Store(&o.party)
			}
			close(o.begun)
		case <-ctx.Done():
			now.Stop()
			return
		}
	}
}

// start lets the party hear h. When the other party is gone, the party hears silence: its line stays alive.
func (s *Switch) start(ctx context.Context, h hearing) *Player {
	ctx, stop := context.WithCancel(ctx)
	pl := &Player{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(pl.done)
		if h.party != nil {
			_ = pass(ctx, h.party, s.party, nil)
		}
		_ = play(ctx, s.party, h.sound)
	}()
	return pl
}
