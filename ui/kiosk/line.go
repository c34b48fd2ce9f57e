package kiosk

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// lineBlock is a call: who, how far, and what can be done about it.
func (pg *page) lineBlock() block {
	l := pg.v.Line
	if l == nil {
		return block{}
	}
	circle := pg.mic * 0.72
	if pg.v.Screen == view.SOS || len(pg.v.Captions) > 1 {
		circle = pg.mic * 0.56
	}
	who := pg.title * 0.9 * pg.scale
	label := pg.body * 1.2 * pg.scale
	lh := pg.height(l.Label, bold, label, pg.inner())
	wh := float32(0)
	if l.Who != "" {
		wh = who * pitch
	}
	total := circle*1.25 + wh + lh
	return block{name: "line", min: total * 0.5, pref: total, max: total * 1.25, draw: func(b box) {
		k := b.h / total
		y := b.y
		pg.lineMark(box{b.x, y, b.w, circle * 1.25 * k}, circle*k, l)
		y += circle * 1.25 * k
		pg.text(box{b.x, y, b.w, wh * k}, l.Who, style{size: who, face: bold, color: pg.pal.ink, align: fyne.TextAlignCenter})
		y += wh * k
		pg.text(box{b.x, y, b.w, lh * k}, l.Label, style{size: label, face: bold, color: pg.lineColor(l), align: fyne.TextAlignCenter})
	}}
}

func (pg *page) lineColor(l *view.Line) color.NRGBA {
	switch {
	case l.State == view.LineFailed:
		return pg.pal.hot
	case l.State == view.LineAnswered:
		return pg.pal.jade
	}
	return pg.pal.soft
}

// lineMark is the round picture of the call: rings while it rings out, seconds while it can be cancelled.
func (pg *page) lineMark(b box, d float32, l *view.Line) {
	p := pg.pal
	ground, ink, name := p.jade, p.onJade, "phone"
	if pg.v.Screen == view.SOS {
		ground, ink, name = p.sos, p.onSOS, "siren"
	} else if pg.v.Screen == view.Call || pg.v.Screen == view.Waiting {
		name = "person"
	}
	if l.State == view.LineEnded || l.State == view.LineFailed {
		ground, ink = p.tint, p.soft
	}
	cx, cy, r := b.x+b.w/2, b.y+b.h/2, d/2
	if l.State == view.LineRinging || l.State == view.LineCountdown || l.State == view.LineAnswered {
		pg.disc(cx, cy, r*1.24, alpha(ground, 0x1C))
		pg.disc(cx, cy, r*1.12, alpha(ground, 0x2C))
	}
	pg.disc(cx, cy, r, ground)
	if l.State == view.LineCountdown && l.Seconds > 0 {
		pg.text(box{cx - r, cy - r, d, d}, strconv.Itoa(l.Seconds), style{size: d * 0.62, face: bold, color: ink, align: fyne.TextAlignCenter})
		return
	}
	pg.icon(name, box{cx - r*0.56, cy - r*0.56, r * 1.12, r * 1.12}, ink)
}

// placeBlock is where this booth stands, in the largest type that fits.
func (pg *page) placeBlock() block {
	l := pg.v.Line
	if l == nil || l.Location == "" {
		return block{}
	}
	size := pg.title * 0.8 * pg.scale
	h := min(3*pg.title*pitch, pg.height(l.Location, bold, size, pg.inner()-pg.gap*3.6-pg.label*1.5)) + 2.4*pg.gap
	return block{name: "place", min: h * 0.55, pref: h, max: h, draw: func(b box) { pg.place(b, l.Location) }}
}

// place shows where the booth stands: to be read out to 110 by whoever helps.
func (pg *page) place(b box, location string) {
	pg.sheet(b, pg.pal.card)
	side := min(b.h*0.5, pg.label*1.5)
	in := b.inset(pg.gap*1.3, pg.gap*0.7)
	pg.icon("map", box{in.x, b.y + (b.h-side)/2, side, side}, pg.pal.hot)
	_, words := in.split(side, pg.gap)
	pg.text(words, location, style{size: pg.title * 0.8 * pg.scale, face: bold, color: pg.pal.ink, align: fyne.TextAlignLeading})
}
