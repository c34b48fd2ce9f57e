package kiosk

import (
	"fyne.io/fyne/v2"
)

// claimBlock is what an operator needs to claim the booth: a QR code to scan, and the code to type in two groups of four large letters.
func (pg *page) claimBlock() block {
	s := pg.v.Slip
	side := pg.inner() * 0.46
	cell := min(pg.inner()/11.5, pg.title*1.4)
	label := pg.label * 1.6
	total := side + label + cell*1.3 + pg.gap*5
	return block{name: "claim", min: total * 0.6, pref: total, max: total * 1.1, draw: func(b box) {
		k := b.h / total
		pg.shadow(b, pg.radius)
		pg.shape(b, pg.pal.card, pg.radius)
		if pg.pal.contrast {
			pg.outline(b, pg.pal.line, pg.line, pg.radius)
		}
		y := b.y + pg.gap*1.5*k
		pg.add(node{kind: qrNode, name: s.QR, box: box{b.x + (b.w-side*k)/2, y, side * k, side * k}})
		y += side*k + pg.gap*k
		pg.text(box{b.x, y, b.w, label * k}, s.Title, style{size: pg.label * k, color: pg.pal.soft, align: fyne.TextAlignCenter})
		y += label * k
		pg.letters(box{b.x, y, b.w, cell * 1.3 * k}, s.Code, cell*k)
	}}
}

// letters sets a code in boxes, a wider gap in the middle: people read four at a time.
func (pg *page) letters(b box, code string, cell float32) {
	rs := []rune(code)
	gap := cell * 0.14
	middle := cell * 0.4
	x := b.x + (b.w-(cell+gap)*float32(len(rs))+gap-middle)/2
	for i, r := range rs {
		if i == len(rs)/2 {
			x += middle
		}
		at := box{x, b.y, cell, b.h}
		pg.shape(at, pg.pal.tint, cell*0.2)
		pg.text(at, string(r), style{size: cell * 0.86, face: bold, color: pg.pal.jade, align: fyne.TextAlignCenter})
		x += cell + gap
	}
}
