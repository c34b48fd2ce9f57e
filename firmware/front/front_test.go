package front_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/front"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/ui/view"
)

// crew is an emergency and a visit that remember what they were given.
type crew struct {
	offered, applied []firmware.Input
	mine             bool
	stuck            chan struct{} // when not nil, Apply waits for it
}

func (c *crew) Offer(in firmware.Input) bool { c.offered = append(c.offered, in); return c.mine }

func (c *crew) Apply(ctx context.Context, in firmware.Input) error {
	if c.stuck != nil {
		select {
		case <-c.stuck:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c.applied = append(c.applied, in)
	return nil
}

func newFront(c *crew) *front.Front {
	f := front.New()
	f.Connect(front.Deps{Emergency: c, Visit: c, Journal: journal.New(time.Now), Clock: time.Now})
	return f
}

func TestNumbersAndOrder(t *testing.T) {
	c := &crew{}
	f := newFront(c)
	for want := uint64(1); want <= 3; want++ {
		seq, err := f.Do(t.Context(), firmware.Input{Kind: firmware.InputKey, Key: '5'})
		if seq != want || err != nil {
			t.Fatalf("seq %d, %v", seq, err)
		}
	}
	c.mine = true
	if _, err := f.Do(t.Context(), firmware.Input{Kind: firmware.InputSOS, Held: time.Second}); err != nil {
		t.Fatal(err)
	}
	if len(c.offered) != 4 || len(c.applied) != 3 {
		t.Fatalf("offered %d, applied %d", len(c.offered), len(c.applied))
	}
}

func TestRefusals(t *testing.T) {
	c := &crew{}
	f := newFront(c)
	do := func(in firmware.Input) error { _, err := f.Do(t.Context(), in); return err }
	if err := do(firmware.Input{Kind: firmware.InputHook}); !errors.Is(err, firmware.ErrHook) {
		t.Errorf("hanging up a handset that hangs: %v", err)
	}
	if err := do(firmware.Input{Kind: firmware.InputSay, Text: "hello"}); !errors.Is(err, firmware.ErrHook) {
		t.Errorf("speaking into a handset that hangs: %v", err)
	}
	var field *firmware.FieldError
	if err := do(firmware.Input{Kind: firmware.InputTouch, Action: "yes"}); !errors.As(err, &field) || field.Field != "action" {
		t.Errorf("touching what is not there: %v", err)
	}
	if len(c.applied) != 0 {
		t.Errorf("refused inputs were applied: %v", c.applied)
	}
}

func TestEmergencyCoversTheVisit(t *testing.T) {
	f := newFront(&crew{})
	f.DrawVisit(&view.View{Screen: view.Home, Visit: "01"}, 1)
	f.DrawEmergency(&view.View{Screen: view.SOS}, 2)
	_, changed := f.View()
	f.DrawVisit(&view.View{Screen: view.Attract}, 3)
	<-changed
	if v, _ := f.View(); v.Screen != view.SOS || f.VisitView().Screen != view.Attract {
		t.Errorf("on screen %s, visit %s", v.Screen, f.VisitView().Screen)
	}
	f.DrawEmergency(nil, 4)
	if v, _ := f.View(); v.Screen != view.Attract {
		t.Errorf("after the emergency %s", v.Screen)
	}
}

func TestWedgedVisitHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crew{stuck: make(chan struct{})}
		f := newFront(c)
		start := time.Now()
		if _, err := f.Do(t.Context(), firmware.Input{Kind: firmware.InputKey, Key: '1'}); !errors.Is(err, front.ErrBusy) {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(start); waited > 3*time.Second {
			t.Errorf("waited %s", waited)
		}
		if len(c.offered) != 1 {
			t.Error("the emergency did not see the input")
		}
	})
}

func TestBoardEventsAreAckedWhenApplied(t *testing.T) {
	c := &crew{}
	f := newFront(c)
	events := make(chan device.Event)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx, events) }()
	acked := make(chan struct{})
	events <- device.Event{Kind: device.EventHook, Off: true, At: time.Now(), Ack: func() { close(acked) }}
	<-acked
	if !f.Lifted() || f.BoardSeq() != 1 {
		t.Errorf("lifted %t, seq %d", f.Lifted(), f.BoardSeq())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
