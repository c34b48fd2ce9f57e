package kiosk

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// stage is the canvas object of a kiosk: paper with the scene in its middle.
type stage struct {
	widget.BaseWidget
	k       *Kiosk
	paper   *canvas.Rectangle
	objects []fyne.CanvasObject
	size    fyne.Size
}

func newStage(k *Kiosk) *stage {
	s := &stage{k: k, paper: canvas.NewRectangle(paletteFor(false).paper)}
	s.objects = []fyne.CanvasObject{s.paper}
	s.ExtendBaseWidget(s)
	return s
}

// draw composes what is shown and swaps the objects.
func (s *stage) draw() {
	if !s.k.drawn || s.size.Width < 1 || s.size.Height < 1 {
		return
	}
	w, h := float32(s.k.panel.WidthPx), float32(s.k.panel.HeightPx)
	scale := min(s.size.Width/w, s.size.Height/h)
	s.k.zoom = scale
	sc := compose(&s.k.shown, s.k.panel, s.k.brk, scale)
	at := fyne.NewPos((s.size.Width-w*scale)/2, (s.size.Height-h*scale)/2)
	objects := s.k.painter.paint(sc, scale, at)
	s.objects = append([]fyne.CanvasObject{s.paper}, objects...)
	if s.paper.FillColor != color.Color(sc.paper) {
		s.paper.FillColor = sc.paper
	}
	canvas.Refresh(s.paper) // repaints the window without reloading the textures of what stayed
}

// CreateRenderer is Fyne's.
func (s *stage) CreateRenderer() fyne.WidgetRenderer { return stageRenderer{s} }

type stageRenderer struct{ s *stage }

func (r stageRenderer) Destroy()                     {}
func (r stageRenderer) MinSize() fyne.Size           { return fyne.NewSize(108, 192) }
func (r stageRenderer) Objects() []fyne.CanvasObject { return r.s.objects }
func (r stageRenderer) Refresh()                     { r.s.draw() }

func (r stageRenderer) Layout(size fyne.Size) {
	r.s.size = size
	r.s.paper.Resize(size)
	r.s.draw()
}
