// Package front is the one way in and the one way out of a booth. Every input, from the board, the screen or the test door, is numbered
// here, shown to the emergency first and to the visit second; of the views that the two draw, the emergency's goes on screen.
// It may import package firmware, firmware/journal, device and ui/view.
package front

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/ui/view"
)

// wedged is how long the visit may take to apply one input before its caller stops waiting.
const wedged = 2 * time.Second

// ErrBusy tells that the visit did not take an input in time.
var ErrBusy = errors.New("the booth is busy")

// emergency takes inputs without blocking and says whether one was meant for it alone.
type emergency interface {
	Offer(in firmware.Input) (mine bool)
}

// visit applies one input and returns when it has been applied.
type visit interface {
	Apply(ctx context.Context, in firmware.Input) error
}

// recorder keeps events.
type recorder interface {
	Add(e firmware.Event)
}

// Deps is what a Front needs.
type Deps struct {
	Emergency emergency
	Visit     visit
	Journal   recorder
	Clock     func() time.Time
}

// Front routes inputs and composes the screen. Its methods may be called from any goroutine.
type Front struct {
	deps     Deps
	seq      atomic.Uint64
	boardSeq atomic.Uint64

	mu      sync.Mutex
	off     bool               // handset lifted
	views   [layers]*view.View // the newest view of each layer
	shown   view.View          // the one on screen
	changed chan struct{}      // closed when shown is replaced
}

// layer is who drew a view; the higher one is on screen.
type layer int

// layers of the screen.
const (
	layerVisit layer = iota
	layerEmergency
	layers
)

// New returns a Front with an empty screen.
func New() *Front { return &Front{changed: make(chan struct{})} }

// Connect hands over the parts; it comes before the first input. (The parts themselves draw on the Front, hence not in New.)
func (f *Front) Connect(d Deps) { f.deps = d }

// Run takes the board's events until they end or ctx is done.
func (f *Front) Run(ctx context.Context, events <-chan device.Event) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-events:
			if !ok {
				return errors.New("front: the board went away")
			}
			f.fromBoard(ctx, e)
		}
	}
}

func (f *Front) fromBoard(ctx context.Context, e device.Event) {
	if e.Ack != nil {
		defer e.Ack()
	}
	seq, err := f.Do(ctx, firmware.FromDevice(e))
	f.boardSeq.Store(seq)
	if err != nil && ctx.Err() == nil {
		f.deps.Journal.Add(firmware.Event{Type: firmware.EventError, Data: map[string]any{"error": err.Error()}})
	}
}

// Do numbers an input, applies it and returns its number. A refused input has no number.
func (f *Front) Do(ctx context.Context, in firmware.Input) (uint64, error) {
	if err := f.check(in); err != nil {
		return 0, err
	}
	in.Seq = f.seq.Add(1)
	if in.At.IsZero() {
		in.At = f.deps.Clock()
	}
	if in.Kind == firmware.InputHook {
		f.setHook(in.Off)
	}
	if in.Kind == firmware.InputKey {
		f.deps.Journal.Add(firmware.Event{Type: firmware.EventKey, CauseSeq: in.Seq, Visit: f.visitID(), Data: map[string]any{"key": string(in.Key)}})
	}
	if f.deps.Emergency.Offer(in) {
		return in.Seq, nil
	}
	ctx, cancel := context.WithTimeout(ctx, wedged)
	defer cancel()
	if err := f.deps.Visit.Apply(ctx, in); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return in.Seq, ErrBusy
		}
		return in.Seq, err
	}
	return in.Seq, nil
}

// BoardSeq is the number of the board's newest event; it is set before that event is acked.
func (f *Front) BoardSeq() uint64 { return f.boardSeq.Load() }

// check refuses what cannot happen with the handset where it is, and touches of what is not on screen.
func (f *Front) check(in firmware.Input) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch in.Kind {
	case firmware.InputHook:
		if in.Off == f.off {
			return fmt.Errorf("%w: it is already %s the hook", firmware.ErrHook, offOn(in.Off))
		}
	case firmware.InputSay:
		if !f.off && f.shown.Visit == "" {
			return fmt.Errorf("%w: lift it, or touch the screen, before speaking", firmware.ErrHook)
		}
	case firmware.InputTouch:
		if _, ok := f.shown.Find(in.Action); !ok {
			return &firmware.FieldError{Field: "action", Msg: "not on offer on this screen"}
		}
	case firmware.InputKey, firmware.InputSOS, firmware.InputLink, firmware.InputNone:
	}
	return nil
}

func offOn(off bool) string {
	if off {
		return "off"
	}
	return "on"
}

func (f *Front) setHook(off bool) {
	f.mu.Lock()
	f.off = off
	f.mu.Unlock()
}

// Lifted reports whether the handset is off the hook.
func (f *Front) Lifted() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.off
}

func (f *Front) visitID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shown.Visit
}

// draw puts a layer's newest view on screen, or takes the layer away with nil.
func (f *Front) draw(l layer, v *view.View, cause uint64) {
	f.mu.Lock()
	f.views[l] = v
	var top view.View
	for _, layer := range f.views {
		if layer != nil {
			top = *layer
		}
	}
	before := f.shown
	f.shown = top
	close(f.changed)
	f.changed = make(chan struct{})
	f.mu.Unlock()
	if before.Screen != top.Screen || before.Lang != top.Lang || before.Visit != top.Visit {
		f.deps.Journal.Add(firmware.Event{
			Type: firmware.EventView, CauseSeq: cause, Visit: top.Visit,
			Data: map[string]any{"screen": string(top.Screen), "lang": top.Lang},
		})
	}
}

// VisitView returns what the visit shows, even while an emergency covers it.
func (f *Front) VisitView() view.View {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v := f.views[layerVisit]; v != nil {
		return *v
	}
	return view.View{}
}

// DrawVisit draws the visit's layer.
func (f *Front) DrawVisit(v *view.View, cause uint64) { f.draw(layerVisit, v, cause) }

// DrawEmergency draws the emergency's layer; nil takes it away.
func (f *Front) DrawEmergency(v *view.View, cause uint64) { f.draw(layerEmergency, v, cause) }

// View returns what is on screen and a channel that is closed when something newer is.
func (f *Front) View() (view.View, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shown, f.changed
}
