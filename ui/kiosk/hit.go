package kiosk

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/mobile"
	"fyne.io/fyne/v2/widget"
)

// debounce is how long after an action the panel ignores further ones: a trembling hand taps twice.
const debounce = 250 * time.Millisecond

var (
	_ desktop.Mouseable = (*hit)(nil)
	_ desktop.Hoverable = (*hit)(nil)
	_ mobile.Touchable  = (*hit)(nil)
)

// hit is a touch target: it darkens when pressed and acts when released inside. Mouse and finger are the same to it.
type hit struct {
	widget.BaseWidget
	shade   *canvas.Rectangle
	pressed bool
	tint    color.Color
	act     func()
}

func newHit(n node, radius float32, act func()) *hit {
	h := &hit{shade: canvas.NewRectangle(color.Transparent), tint: n.fill, act: act}
	h.shade.CornerRadius = radius
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer is Fyne's.
func (h *hit) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(h.shade) }

// MinSize is nothing: the scene says how large a target is.
func (h *hit) MinSize() fyne.Size { return fyne.Size{} }

func (h *hit) press() {
	h.pressed = true
	h.paint(h.tint)
}

func (h *hit) cancel() {
	if h.pressed {
		h.pressed = false
		h.paint(color.Transparent)
	}
}

func (h *hit) release(at fyne.Position) {
	if !h.pressed {
		return
	}
	h.cancel()
	s := h.Size()
	if at.X >= 0 && at.Y >= 0 && at.X <= s.Width && at.Y <= s.Height {
		h.act()
	}
}

func (h *hit) paint(c color.Color) {
	h.shade.FillColor = c
	canvas.Refresh(h.shade)
}

// MouseDown, MouseUp and the rest are Fyne's.
func (h *hit) MouseDown(*desktop.MouseEvent) { h.press() }

// MouseUp acts where the button was released inside.
func (h *hit) MouseUp(e *desktop.MouseEvent) { h.release(e.Position) }

// MouseIn does nothing: a kiosk has no hovering.
func (h *hit) MouseIn(*desktop.MouseEvent) {}

// MouseMoved does nothing.
func (h *hit) MouseMoved(*desktop.MouseEvent) {}

// MouseOut forgets the press.
func (h *hit) MouseOut() { h.cancel() }

// TouchDown is a finger's press.
func (h *hit) TouchDown(*mobile.TouchEvent) { h.press() }

// TouchUp acts where the finger was lifted inside.
func (h *hit) TouchUp(e *mobile.TouchEvent) { h.release(e.Position) }

// TouchCancel forgets the press.
func (h *hit) TouchCancel(*mobile.TouchEvent) { h.cancel() }
