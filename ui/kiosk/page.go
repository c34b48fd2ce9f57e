package kiosk

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// page draws one View: it knows the panel's sizes, the palette, and collects nodes.
type page struct {
	metrics
	pal   palette
	brk   *breaker
	v     *view.View
	scale float32 // of text: 1, or 1.35
	zoom  float32 // of the whole panel
	sc    scene
}

// largeText is how much bigger text is in the large style.
const largeText = 1.35

func newPage(v *view.View, p Panel, brk *breaker, zoom float32) *page {
	pg := &page{metrics: p.metrics(), pal: paletteFor(v.Style.Contrast), brk: brk, v: v, scale: 1, zoom: zoom}
	if v.Style.Large {
		pg.scale = largeText
	}
	pg.sc.paper = pg.pal.paper
	return pg
}

func (pg *page) add(n node) { pg.sc.nodes = append(pg.sc.nodes, n) }

func (pg *page) shape(b box, fill color.NRGBA, radius float32) {
	pg.add(node{kind: shapeNode, box: b, fill: fill, radius: min(radius, b.w/2, b.h/2)})
}

func (pg *page) outline(b box, line color.NRGBA, stroke, radius float32) {
	pg.add(node{kind: shapeNode, box: b, line: line, stroke: stroke, radius: min(radius, b.w/2, b.h/2)})
}

func (pg *page) disc(cx, cy, r float32, fill color.NRGBA) {
	pg.shape(box{cx - r, cy - r, 2 * r, 2 * r}, fill, r)
}

// shadow lays soft layers under something that stands out of the paper; contrast mode has outlines instead.
func (pg *page) shadow(b box, radius float32) {
	if pg.pal.contrast {
		return
	}
	tone := rgb(0x5B4A2C)
	for _, s := range []struct {
		grow, drop float32
		alpha      uint8
	}{{9, 12, 5}, {6, 8, 7}, {3, 5, 9}, {1, 2, 12}} {
		g := s.grow * pg.margin / 40
		pg.shape(box{b.x - g, b.y - g + s.drop*pg.margin/40, b.w + 2*g, b.h + 2*g}, alpha(tone, s.alpha), radius+g)
	}
}

// sheet is a raised ground for other things.
func (pg *page) sheet(b box, fill color.NRGBA) {
	pg.shadow(b, pg.radius)
	pg.shape(b, fill, pg.radius)
	if pg.pal.contrast {
		pg.outline(b, pg.pal.line, pg.line, pg.radius)
	}
}

func (pg *page) icon(name string, b box, c color.NRGBA) {
	pg.add(node{kind: iconNode, box: b, fill: c, name: name})
}

func (pg *page) hit(b box, radius float32, id string) {
	pg.add(node{kind: hitNode, box: b, radius: radius, name: id, fill: alpha(pg.pal.ink, 0x30)})
}

// Proportions of a line of text, of its size.
const (
	pitch    = 1.34  // from line to line
	lift     = 0.055 // raises the line so that its letters, not its box, stand in the middle
	smallest = 0.45  // text shrinks to this part of its size before it is cut
)

// style says how a paragraph is set.
type style struct {
	size  float32
	face  face
	color color.NRGBA
	align fyne.TextAlign
	one   float32 // down to this part of its size rather a smaller single line than two; 0: never
	top   bool    // starts at the top of its box instead of in the middle
	floor float32 // smallest size, 0: a part of size
}

// fit finds the largest size at which s fits into w by h.
func (pg *page) fit(s string, st style, w, h float32) (float32, []string) {
	floor := st.floor
	if floor == 0 {
		floor = st.size * smallest
	}
	s = plain(s)
	if st.one > 0 {
		if size := min(st.size, h/1.2, pg.across(s, st.face, w)); size >= st.size*st.one {
			return pg.within(s, st.face, size, w), []string{s}
		}
	}
	for nominal := st.size; ; nominal *= 0.96 {
		size := pg.real(nominal)
		lines := pg.brk.lines(s, st.face, size, w)
		last := nominal*0.96 < floor || nominal < 1 // a box without height ends here too
		if pg.fits(lines, st.face, size, w, h) && (last || !pg.brk.torn(s, st.face, size, w)) {
			return size, lines
		}
		if last {
			pg.sc.cut = append(pg.sc.cut, s)
			keep := max(1, min(len(lines), int((h+0.1*size)/(pitch*size))))
			if keep < len(lines) {
				lines = append([]string{}, lines[:keep]...)
				lines[keep-1] += "…"
			}
			return size, lines
		}
	}
}

func (pg *page) fits(lines []string, f face, size, w, h float32) bool {
	if (float32(len(lines))-1)*pitch*size+1.2*size > h+0.5 {
		return false
	}
	for _, l := range lines {
		if pg.width(l, f, size) > w+0.5 {
			return false
		}
	}
	return true
}

// real is the size that text of this size is drawn at: the rasteriser knows whole pixels of the window only.
func (pg *page) real(size float32) float32 {
	return max(1, float32(math.Round(float64(size*pg.zoom)))) / pg.zoom
}

// width of a line as it will be drawn.
func (pg *page) width(s string, f face, size float32) float32 {
	return pg.perSize(s, f) * pg.real(size)
}

// perSize is the width of a line for each pixel of its size.
func (pg *page) perSize(s string, f face) float32 {
	s = plain(s)
	return pg.brk.measure(s, faceFor(s, f)) / 100
}

// across is the size at which a line is this wide.
func (pg *page) across(s string, f face, w float32) float32 {
	return w / max(0.01, pg.perSize(s, f)) * 0.998
}

// within is the size a line is drawn at, one pixel less where rounding up would make it too wide.
func (pg *page) within(s string, f face, size, w float32) float32 {
	if r := pg.real(size); pg.perSize(s, f)*r <= w || r*pg.zoom < 2 {
		return r
	}
	return pg.real(size) - 1/pg.zoom
}

// height of s set at its full size in this width.
func (pg *page) height(s string, f face, size, w float32) float32 {
	if s == "" {
		return 0
	}
	size = pg.real(size)
	return float32(len(pg.brk.lines(s, f, size, w))) * pitch * size
}

// text sets a paragraph into a box, smaller if it must be.
func (pg *page) text(b box, s string, st style) {
	if s == "" {
		return
	}
	size, lines := pg.fit(s, st, b.w, b.h)
	total := float32(len(lines)) * pitch * size
	y := b.y + (b.h-total)/2
	if st.top {
		y = b.y
	}
	st.size = size
	for _, l := range lines {
		pg.lineOf(box{b.x, y, b.w, pitch * size}, l, st)
		y += pitch * size
	}
}

// lineOf sets one line of text into a box of its pitch.
func (pg *page) lineOf(b box, l string, st style) {
	f := faceFor(l, st.face)
	st.size = pg.real(st.size)
	up, all := f.rise()
	main, mainAll := regular.rise()
	baseline := b.y + (pitch/2-lift-mainAll/2+main)*st.size
	pg.add(node{
		kind: textNode, box: box{b.x, baseline - up*st.size, b.w, all * st.size},
		text: l, size: st.size, face: f, fill: st.color, align: st.align,
	})
}
