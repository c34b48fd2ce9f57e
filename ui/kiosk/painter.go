package kiosk

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// painter turns scenes into Fyne objects and keeps those that the next scene has too. It belongs to Fyne's goroutine.
type painter struct {
	app    fyne.App
	faces  map[face]fyne.Resource
	assets *assets
	act    func(id string)
	widths map[widthKey]float32

	kept  map[node][]fyne.CanvasObject
	scale float32
	at    fyne.Position
}

type widthKey struct {
	text string
	face face
}

// Measuring is remembered up to this many texts; then the memory starts anew, so that nothing a citizen said stays for long.
const maxWidths = 4096

func newPainter(app fyne.App, f Fonts, act func(string)) *painter {
	p := &painter{app: app, act: act, assets: newAssets(), widths: map[widthKey]float32{}, faces: map[face]fyne.Resource{}}
	for fc, data := range map[face][]byte{regular: f.Regular, bold: f.Bold, arabic: arabicFont, devanagari: devanagariFont, thai: thaiFont} {
		if len(data) > 0 {
			p.faces[fc] = &fyne.StaticResource{StaticName: fc.name(), StaticContent: data}
		}
	}
	return p
}

// measure is a measurer.
func (p *painter) measure(text string, f face) float32 {
	key := widthKey{text, f}
	if w, ok := p.widths[key]; ok {
		return w
	}
	size, _ := p.app.Driver().RenderedTextSize(text, 100, p.textStyle(f), p.faces[f])
	if len(p.widths) >= maxWidths {
		clear(p.widths)
	}
	p.widths[key] = size.Width
	return size.Width
}

// forget drops what was measured: a visit's words end with it.
func (p *painter) forget() { clear(p.widths) }

func (p *painter) textStyle(f face) fyne.TextStyle { return fyne.TextStyle{Bold: f == bold} }

// paint returns the scene's objects in order.
func (p *painter) paint(sc scene, scale float32, at fyne.Position) []fyne.CanvasObject {
	if scale != p.scale || at != p.at {
		p.kept, p.scale, p.at = nil, scale, at
	}
	next := make(map[node][]fyne.CanvasObject, len(sc.nodes))
	out := make([]fyne.CanvasObject, 0, len(sc.nodes))
	for _, n := range sc.nodes {
		o := p.take(n)
		next[n] = append(next[n], o)
		out = append(out, o)
	}
	p.kept = next
	return out
}

// take reuses the object of an equal node or makes one.
func (p *painter) take(n node) fyne.CanvasObject {
	if had := p.kept[n]; len(had) > 0 {
		p.kept[n] = had[1:]
		return had[0]
	}
	o := p.object(n)
	o.Move(fyne.NewPos(p.at.X+n.box.x*p.scale, p.at.Y+n.box.y*p.scale))
	o.Resize(fyne.NewSize(n.box.w*p.scale, n.box.h*p.scale))
	return o
}

func (p *painter) object(n node) fyne.CanvasObject {
	switch n.kind {
	case textNode:
		t := canvas.NewText(n.text, n.fill)
		t.TextSize, t.Alignment, t.FontSource, t.TextStyle = pixels(n.size*p.scale), n.align, p.faces[n.face], p.textStyle(n.face)
		return t
	case iconNode:
		return picture(p.assets.icon(n.name, n.fill))
	case artNode:
		return picture(p.assets.art(n.name))
	case qrNode:
		return qrRaster(n.name)
	case hitNode:
		id := n.name
		return newHit(n, n.radius*p.scale, func() { p.act(id) })
	case shapeNode:
	}
	r := canvas.NewRectangle(n.fill)
	if n.stroke > 0 {
		r.FillColor, r.StrokeColor, r.StrokeWidth = color.Transparent, n.line, n.stroke*p.scale
	}
	r.CornerRadius = n.radius * p.scale
	return r
}

// pixels takes away what is left of a whole number after scaling to and fro.
func pixels(size float32) float32 { return float32(math.Round(float64(size))) }

func picture(img image.Image) fyne.CanvasObject {
	if img == nil {
		return canvas.NewRectangle(color.Transparent)
	}
	i := canvas.NewImageFromImage(img)
	i.FillMode = canvas.ImageFillStretch
	return i
}
