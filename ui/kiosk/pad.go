package kiosk

import (
	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// padBlock is a number being typed: its digits in boxes, and the twelve keys.
func (pg *page) padBlock() block {
	pad := pg.v.Pad
	if pad == nil {
		return block{}
	}
	boxes := pg.key * 1.05
	label := float32(0)
	if pad.Label != "" && pad.Label != pg.v.Title {
		label = pg.body * 1.5 * pg.scale
	}
	keys := func(h float32) float32 { return 4*h + 3*pg.gap*0.8 }
	low := max(pg.target, pg.key*0.8)
	return block{
		name: "pad", min: label*0.5 + boxes*0.5 + pg.gap + keys(low), pref: label + boxes + pg.gap + keys(pg.key),
		max: label + boxes + pg.gap + keys(pg.key*1.12),
		draw: func(b box) {
			head := b.h - keys(max(low, (b.h-label-boxes-pg.gap-3*pg.gap*0.8)/4)) - pg.gap
			l := label * head / (label + boxes)
			if l > 0 {
				pg.text(box{b.x, b.y, b.w, l}, pad.Label, style{size: pg.body * pg.scale, color: pg.pal.soft, align: fyne.TextAlignCenter})
			}
			pg.digits(box{b.x, b.y + l, b.w, head - l}, pad)
			pg.keys(box{b.x, b.y + head + pg.gap, b.w, b.h - head - pg.gap})
		},
	}
}

// digits shows what is typed, a box for each digit; a long number closes its ranks.
func (pg *page) digits(b box, pad *view.Pad) {
	typed := []rune(pad.Value)
	n := max(pad.Max, len(typed), 1)
	p := pg.pal
	gap := pg.gap * 0.6
	w := min(b.h*0.86, (b.w-gap*float32(n-1))/float32(n))
	if w < b.h*0.42 { // one long box
		pg.sheet(b, p.card)
		pg.outline(b, p.jade, pg.line*1.3, pg.radius)
		pg.text(b.inset(pg.gap, b.h*0.06), pad.Value, style{size: b.h * 0.62, face: bold, color: p.ink, align: fyne.TextAlignCenter})
		return
	}
	x := b.x + (b.w-w*float32(n)-gap*float32(n-1))/2
	for i := range n {
		at := box{x + float32(i)*(w+gap), b.y, w, b.h}
		radius := min(pg.radius*0.6, w*0.25)
		pg.shape(at, p.card, radius)
		edge, stroke := p.line, pg.line
		if i == len(typed) {
			edge, stroke = p.jade, pg.line*1.6
		}
		pg.outline(at, edge, stroke, radius)
		if i < len(typed) {
			pg.text(at.inset(2, 2), string(typed[i]), style{size: min(b.h*0.6, w*0.9), face: bold, color: p.ink, align: fyne.TextAlignCenter})
		} else if i == len(typed) {
			pg.shape(box{at.x + w*0.3, at.bottom() - b.h*0.2, w * 0.4, pg.line * 1.6}, p.jade, 2)
		}
	}
}

// keys stand as on the metal pad beside the panel, with erasing and confirming in the lowest row.
func (pg *page) keys(b box) {
	byID := map[string]view.Action{}
	for _, a := range view.PadActions() {
		byID[a.ID] = a
	}
	order := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "back", "0", "ok"}
	gap := pg.gap * 0.8
	w, h := (b.w-2*gap)/3, (b.h-3*gap)/4
	for i, id := range order {
		at := box{b.x + float32(i%3)*(w+gap), b.y + float32(i/3)*(h+gap), w, h}
		a := byID["digit."+id]
		lk := pg.lookOf(a)
		icon := ""
		switch id {
		case "back":
			lk, icon = pg.lookOf(view.Action{Emphasis: view.Quiet}), "erase"
		case "ok":
			lk, icon = pg.lookOf(view.Action{Emphasis: view.Primary}), "check"
			if pg.v.Pad.Value == "" {
				lk, icon = pg.lookOf(view.Action{Emphasis: view.Quiet}), "check"
			}
		}
		radius := min(pg.radius, h*0.3)
		pg.ground(at, a, lk, radius)
		if icon != "" {
			pg.icon(icon, at.centred(h*0.46, h*0.46), lk.ink)
			if id == "ok" {
				pg.badge(box{at.right() - h*0.42, at.y + h*0.1, h * 0.32, h * 0.32}, "#", lk)
			}
		} else {
			pg.text(at, a.Label, style{size: h * 0.56, face: bold, color: lk.ink, align: fyne.TextAlignCenter})
		}
		pg.hit(at, radius, a.ID)
	}
}
