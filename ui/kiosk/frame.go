package kiosk

import (
	"strings"

	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// brandName stands in the header of every screen in every language.
const brandName = "老友亭 Laoyou"

// head draws brand, place and clock.
func (pg *page) head() {
	p := pg.pal
	b := box{pg.margin, pg.header * 0.2, pg.w - 2*pg.margin, pg.header * 0.64}
	mark := box{b.x, b.y, b.h, b.h}
	pg.shape(mark, p.jade, b.h*0.28)
	pg.icon("brand", mark.inset(b.h*0.16, b.h*0.16), p.onJade)
	_, words := b.split(b.h, pg.gap)
	clock := pg.width("00:00", bold, pg.label) + 8
	place := box{words.x, words.y, words.w - clock - pg.gap, words.h}
	if pg.v.Place == "" {
		pg.text(place, brandName, style{size: pg.label, face: bold, color: p.ink})
	} else {
		pg.text(box{place.x, place.y - words.h*0.03, place.w, words.h * 0.58}, brandName, style{size: pg.label * 0.94, face: bold, color: p.ink})
		pg.text(box{place.x, place.y + words.h*0.55, place.w, words.h * 0.45}, pg.v.Place, style{size: pg.smalltx, color: p.soft})
	}
	pg.text(box{b.right() - clock, b.y, clock, b.h}, pg.v.Clock, style{size: pg.label, face: bold, color: p.ink, align: fyne.TextAlignTrailing})
}

// bannerBar draws the line above everything and returns where the rest may start.
func (pg *page) bannerBar() float32 {
	top := pg.header
	if pg.v.Banner == nil {
		return top
	}
	b := box{0, top, pg.w, pg.banner}
	size := pg.body * 1.05 * pg.scale
	if pg.v.Banner.Kind == view.BannerTest {
		b.h *= 1.2
		size *= 1.2
	}
	if pg.width(pg.v.Banner.Text, bold, size) > pg.inner()-b.h*2 {
		b.h *= 1.35 // two lines
	}
	p := pg.pal
	ground, ink := p.human, p.onHuman
	side := pg.banner * 0.5
	if pg.v.Banner.Kind == view.BannerTest {
		ground, ink = p.warn, p.onWarn
		side = b.h * 1.5
	}
	pg.shape(b, ground, 0)
	in := b.inset(pg.margin, b.h*0.1)
	if pg.v.Banner.Kind == view.BannerTest {
		pg.add(node{kind: artNode, name: "hazard", box: box{0, b.y, side, b.h}})
		pg.add(node{kind: artNode, name: "hazard", box: box{pg.w - side, b.y, side, b.h}})
		in = b.inset(side+pg.gap, b.h*0.08)
	} else {
		pg.icon("info", box{in.x, b.y + (b.h-side)/2, side, side}, p.humanIcon)
		_, in = in.split(side, pg.gap)
	}
	pg.text(in, pg.v.Banner.Text, style{size: size, face: bold, color: ink, align: fyne.TextAlignCenter, floor: pg.smalltx * 0.7})
	return b.bottom() + pg.gap*0.6
}

// foot draws what is at hand on every screen: SOS first and wide, home within reach, then the rest. It returns where it starts.
func (pg *page) foot() float32 {
	items := pg.v.Footer
	var sos *view.Action
	if len(items) > 0 && items[0].Emphasis == view.Danger {
		sos, items = &items[0], items[1:]
	}
	if pg.v.Home != nil {
		items = append([]view.Action{*pg.v.Home}, items...)
	}
	if sos == nil && len(items) == 0 {
		return pg.h - pg.margin
	}
	h := max(pg.target, min(pg.footer*0.7, 150))
	gap := pg.gap * 0.8
	low, high := items, []view.Action(nil)
	if pg.inner()-float32(len(items))*(pg.target+gap) < pg.sos*0.85 { // too narrow: what leads away gets a row of its own
		low, high = pg.twoRows(items)
	}
	rows := float32(1)
	if len(high) > 0 {
		rows = 2
	}
	top := pg.h - (pg.footer - h) - rows*h - (rows-1)*gap
	pg.shape(box{0, top, pg.w, pg.h - top}, pg.pal.card, 0)
	pg.shape(box{0, top, pg.w, 2}, pg.pal.line, 0)
	b := box{pg.margin, top + (pg.footer-h)/2, pg.inner(), h}
	if len(high) > 0 {
		pg.wideKeys(b, high, gap)
		b.y += h + gap
	}
	pg.footRow(b, sos, low, gap)
	return top
}

// twoRows parts the footer of a small panel: home and the person above, the settings beside SOS.
func (pg *page) twoRows(items []view.Action) (low, high []view.Action) {
	for _, a := range items {
		if a.Emphasis == view.Human || pg.v.Home != nil && a.ID == pg.v.Home.ID {
			high = append(high, a)
		} else {
			low = append(low, a)
		}
	}
	return low, high
}

func (pg *page) wideKeys(b box, items []view.Action, gap float32) {
	w := (b.w - gap*float32(len(items)-1)) / float32(len(items))
	for i, a := range items {
		if a.Emphasis == "" {
			a.Emphasis = view.Quiet
		}
		pg.button(box{b.x + float32(i)*(w+gap), b.y, w, b.h}, a, pg.label*0.8)
	}
}

func (pg *page) footRow(b box, sos *view.Action, items []view.Action, gap float32) {
	n := float32(len(items))
	if sos != nil {
		at, rest := b.split(max(pg.target, min(pg.sos, b.w-n*(pg.target+gap))), gap)
		if n == 0 {
			at = b.centred(pg.sos*1.4, b.h)
		}
		pg.sosKey(at, *sos)
		b = rest
	}
	if n == 0 {
		return
	}
	size, widths := pg.footWidths(items, min(pg.smalltx*1.12*pg.scale, b.h*0.3), b.w-gap*(n-1))
	x := b.x
	for i, a := range items {
		if a.Emphasis == "" {
			a.Emphasis = view.Quiet
		}
		pg.tall(box{x, b.y, widths[i], b.h}, a, size)
		x += widths[i] + gap
	}
}

// footWidths finds the largest text, up to this size, at which every label has a line to itself, and how wide the keys are then: what
// nobody needs is shared. Labels that are too long even when small are left to break.
func (pg *page) footWidths(items []view.Action, size, room float32) (float32, []float32) {
	widths := make([]float32, len(items))
	for ; ; size *= 0.97 {
		left := room
		for i, a := range items {
			widths[i] = max(pg.target, pg.width(a.Label, bold, size)+2*tallEdge+1)
			left -= widths[i]
		}
		if size <= pg.smalltx*0.68 { // too long: long words get more room
			return size, pg.shared(items, size, room)
		}
		if left >= 0 {
			for i := range widths {
				widths[i] += left / float32(len(items))
			}
			return size, widths
		}
	}
}

// shared gives everyone the target's size, and long words more.
func (pg *page) shared(items []view.Action, size, room float32) []float32 {
	out := make([]float32, len(items))
	var all float32
	for i, a := range items {
		for _, word := range strings.Fields(a.Label) {
			out[i] = max(out[i], pg.width(word, bold, size))
		}
		all += out[i]
	}
	for i := range out {
		out[i] = pg.target + (room-pg.target*float32(len(items)))*out[i]/max(1, all)
	}
	return out
}

func (pg *page) sosKey(b box, a view.Action) {
	lk := pg.lookOf(a)
	radius := pg.radius * 0.9
	pg.ground(b, a, lk, radius)
	pg.sosWords(b.inset(b.h*0.13, b.h*0.1), a, lk)
	pg.hit(b, radius, a.ID)
}

// sosWords sets icon and label side by side, and under both of them what the key reaches.
func (pg *page) sosWords(in box, a view.Action, lk look) {
	up, down := in, in
	if a.Sub != "" {
		up.h = in.h * 0.64
		down.y, down.h = in.y+up.h, in.h-up.h
		pg.text(down, a.Sub, style{size: pg.smalltx * pg.scale, color: lk.ink, align: fyne.TextAlignCenter, one: 0.6})
	}
	side := min(up.h*0.86, in.w*0.24)
	gap := side * 0.24
	size := pg.label * 0.9 * pg.scale
	words := min(in.w-side-gap, pg.width(a.Label, bold, size)+4)
	x := in.x + (in.w-side-gap-words)/2
	pg.icon("siren", box{x, up.y + (up.h-side)/2, side, side}, lk.ink)
	pg.text(box{x + side + gap, up.y, words, up.h}, a.Label, style{size: size, face: bold, color: lk.ink, one: 0.6})
}
