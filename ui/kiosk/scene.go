package kiosk

import (
	"image/color"

	"fyne.io/fyne/v2"
)

// box is a rectangle in panel pixels.
type box struct{ x, y, w, h float32 }

func (b box) right() float32  { return b.x + b.w }
func (b box) bottom() float32 { return b.y + b.h }

// inset moves the sides inward.
func (b box) inset(dx, dy float32) box { return box{b.x + dx, b.y + dy, b.w - 2*dx, b.h - 2*dy} }

// split cuts the left part of this width off and leaves a gap.
func (b box) split(w, gap float32) (left, rest box) {
	return box{b.x, b.y, w, b.h}, box{b.x + w + gap, b.y, b.w - w - gap, b.h}
}

// square is the largest centred square with this side.
func (b box) centred(w, h float32) box { return box{b.x + (b.w-w)/2, b.y + (b.h-h)/2, w, h} }

type nodeKind uint8

const (
	shapeNode nodeKind = iota + 1
	textNode
	iconNode
	artNode
	qrNode
	hitNode
)

// node is one thing of a scene. It is comparable: equal nodes share a Fyne object from one scene to the next.
type node struct {
	kind   nodeKind
	box    box
	fill   color.NRGBA // of a shape, text or icon
	line   color.NRGBA
	stroke float32
	radius float32
	name   string // of an icon or picture, content of a QR code, id of an action
	text   string
	size   float32
	face   face
	align  fyne.TextAlign
}

// scene is what a View looks like on a panel.
type scene struct {
	paper   color.NRGBA
	nodes   []node
	dropped []string // parts for which there was no room: for tests
	cut     []string // texts that did not fit at the smallest size: for tests
}

// face is one of the kiosk's fonts.
type face uint8

const (
	regular face = iota
	bold
	arabic
	devanagari
	thai
)

// rise is a face's ascent and its whole height, of the size.
func (f face) rise() (ascent, height float32) {
	switch f {
	case arabic:
		return 1.374, 2.112
	case devanagari:
		return 0.896, 1.304
	case thai:
		return 1.061, 1.511
	case regular, bold:
	}
	return 1.160, 1.448
}

// name tells the faces apart in Fyne's caches.
func (f face) name() string {
	return [...]string{"laoyou-regular", "laoyou-bold", "laoyou-arabic", "laoyou-devanagari", "laoyou-thai"}[f]
}

// faceFor takes the font that has the script of s; the two main fonts have nearly all.
func faceFor(s string, want face) face {
	for _, r := range s {
		switch {
		case r >= 0x0600 && r <= 0x06FF:
			return arabic
		case r >= 0x0900 && r <= 0x097F:
			return devanagari
		case r >= 0x0E00 && r <= 0x0E7F:
			return thai
		}
	}
	return want
}

// measurer tells how wide a text is in a face at size 100.
type measurer func(text string, f face) float32
