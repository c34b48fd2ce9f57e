package kiosk

import (
	"reflect"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// Fonts are the two weights the kiosk writes with, as OTF or TTF files.
type Fonts struct{ Regular, Bold []byte }

// Options say what a Kiosk needs.
type Options struct {
	Panel    Panel           // zero: Panel215
	Fonts    Fonts           // empty: Fyne's own, which has no Chinese
	OnAction func(id string) // called on Fyne's goroutine; must not block
}

// Kiosk draws Views.
type Kiosk struct {
	panel    Panel
	onAction func(string)
	now      func() time.Time
	brk      *breaker
	painter  *painter
	stage    *stage

	pending atomic.Pointer[view.View] // the newest View not drawn yet

	// Owned by Fyne's goroutine.
	shown view.View
	drawn bool
	zoom  float32 // of what was drawn last
	acted time.Time
}

// New makes a kiosk within a running or about to run Fyne app.
func New(app fyne.App, o Options) *Kiosk {
	if o.Panel.WidthPx == 0 {
		o.Panel = Panel215
	}
	k := &Kiosk{panel: o.Panel, onAction: o.OnAction, now: time.Now, zoom: 1}
	k.painter = newPainter(app, o.Fonts, k.act)
	k.brk = newBreaker(k.painter.measure)
	k.stage = newStage(k)
	return k
}

// Content is to be set as a window's content. It keeps the panel's proportions at any size, on a ground of paper.
func (k *Kiosk) Content() fyne.CanvasObject { return k.stage }

// Show draws a View. It may be called from any goroutine and does not wait; of several in a row only the newest is drawn.
func (k *Kiosk) Show(v view.View) {
	if k.pending.Swap(&v) == nil {
		fyne.Do(k.showPending)
	}
}

func (k *Kiosk) showPending() {
	v := k.pending.Swap(nil)
	if v == nil || k.drawn && reflect.DeepEqual(*v, k.shown) {
		return
	}
	if v.Visit != k.shown.Visit {
		k.painter.forget()
		k.brk.forget()
	}
	k.shown, k.drawn = *v, true
	k.stage.draw()
}

// act passes a touch on, once per debounce.
func (k *Kiosk) act(id string) {
	now := k.now()
	if now.Sub(k.acted) < debounce {
		return
	}
	k.acted = now
	if k.onAction != nil {
		k.onAction(id)
	}
}
