package kiosk

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
)

// slipBlock is the ticket: what was booked, its number and code, and a QR code to take away.
func (pg *page) slipBlock() block {
	s := pg.v.Slip
	if s == nil {
		return block{}
	}
	size := pg.body * 1.15 * pg.scale
	pad := pg.gap * 1.7
	w := pg.inner() - 2*pad
	title := pg.height(s.Title, bold, pg.label*1.05*pg.scale, w) + pg.gap*0.5
	rows := float32(len(s.Rows)) * size * 1.6
	band := title + pg.gap*1.2
	stub := pg.stubHeight()
	note := pg.height(s.Note, regular, pg.smalltx*1.05*pg.scale, w)
	fixed := pad*1.6 + 3*pg.gap
	total := fixed + band + rows + stub + note
	return block{name: "slip", min: total * 0.55, pref: total, max: total * 1.12, draw: func(b box) {
		k := (b.h - fixed) / (total - fixed)
		pg.ticketShape(b, band*k)
		in := b.inset(pad, 0)
		pg.text(box{in.x, b.y, in.w, band * k}, s.Title, style{size: pg.label * 1.05 * pg.scale, face: bold, color: pg.pal.onJade})
		pg.rows(box{in.x, b.y + band*k + pad*0.3, in.w, rows * k}, s.Rows, size)
		y := b.y + (band+rows)*k + pad*0.3 + pg.gap
		pg.tear(b, y)
		pg.stub(box{in.x, y + pg.gap, in.w, stub * k})
		if note > 0 {
			pg.text(box{in.x, b.bottom() - pad*0.8 - note*k, in.w, note * k}, s.Note, style{size: pg.smalltx * 1.05 * pg.scale, color: pg.pal.soft})
		}
	}}
}

func (pg *page) stubHeight() float32 { return pg.inner() * 0.43 }

// ticketShape is a sheet with a jade band at the top.
func (pg *page) ticketShape(b box, band float32) {
	pg.shadow(b, pg.radius)
	pg.shape(b, pg.pal.card, pg.radius)
	pg.shape(box{b.x, b.y, b.w, band}, pg.pal.jade, pg.radius)
	pg.shape(box{b.x, b.y + band - pg.radius, b.w, pg.radius}, pg.pal.jade, 0)
	if pg.pal.contrast {
		pg.outline(b, pg.pal.line, pg.line, pg.radius)
	}
}

// tear is the perforation: two notches and a dashed line.
func (pg *page) tear(b box, y float32) {
	r := pg.gap * 0.9
	for _, cx := range []float32{b.x, b.right()} {
		pg.disc(cx, y, r, pg.pal.paper)
	}
	dash := pg.gap * 0.7
	for x := b.x + 2*r; x+dash < b.right()-2*r; x += 2 * dash {
		pg.shape(box{x, y - 1.5, dash, 3}, pg.pal.line, 1.5)
	}
}

// stub has the number and code on the left and the QR code on the right.
func (pg *page) stub(b box) {
	s := pg.v.Slip
	side := min(b.h, b.w*0.42)
	left := b
	if s.QR != "" {
		left.w = b.w - side - pg.gap
		pg.add(node{kind: qrNode, name: s.QR, box: box{b.right() - side, b.y + (b.h-side)/2, side, side}})
	}
	words := stubWords(pg.v.Lang)
	pg.big(box{left.x, left.y, left.w, left.h * 0.43}, words[0], group(s.Number), pg.title*1.25)
	pg.code(box{left.x, left.y + left.h*0.47, left.w, left.h * 0.53}, words[1], s.Code)
}

// stubWords name the two numbers of a ticket.
func stubWords(lang string) [2]string {
	if lang == "zh" {
		return [2]string{"订单号", "取票码"}
	}
	return [2]string{"Booking number", "Pick-up code"}
}

func (pg *page) big(b box, label, value string, size float32) {
	if value == "" {
		return
	}
	pg.text(box{b.x, b.y, b.w, b.h * 0.34}, label, style{size: pg.smalltx * pg.scale, color: pg.pal.soft})
	pg.text(box{b.x, b.y + b.h*0.34, b.w, b.h * 0.66}, value, style{size: size * pg.scale, face: bold, color: pg.pal.ink})
}

// code shows each digit in its own box: it is read aloud and copied by hand.
func (pg *page) code(b box, label, value string) {
	if value == "" {
		return
	}
	pg.text(box{b.x, b.y, b.w, b.h * 0.3}, label, style{size: pg.smalltx * pg.scale, color: pg.pal.soft})
	rs := []rune(strings.ReplaceAll(value, " ", ""))
	gap := pg.gap * 0.5
	h := b.h * 0.62
	w := min(h*0.8, (b.w-gap*float32(len(rs)-1))/float32(len(rs)))
	for i, r := range rs {
		at := box{b.x + float32(i)*(w+gap), b.bottom() - h, w, h}
		pg.shape(at, pg.pal.tint, w*0.22)
		pg.text(at, string(r), style{size: min(h*0.7, w*1.1), face: bold, color: pg.pal.jade, align: fyne.TextAlignCenter})
	}
}

// group puts thin spaces between groups of four digits.
func group(s string) string {
	rs := []rune(s)
	for _, r := range rs {
		if !unicode.IsDigit(r) {
			return s
		}
	}
	if len(rs) <= 5 {
		return s
	}
	var parts []string
	for len(rs) > 4 {
		n := 4
		if len(rs) == 6 {
			n = 3
		}
		parts, rs = append(parts, string(rs[:n])), rs[n:]
	}
	return strings.Join(append(parts, string(rs)), " ")
}

// doneBlock is the mark over a ticket that all went well, where there is room for it.
func (pg *page) doneBlock() block {
	if pg.v.Slip == nil {
		return block{}
	}
	d := pg.mic * 0.4
	return block{name: "done", min: d * 0.6, pref: d, max: d, rank: 4, draw: func(b box) {
		cx, cy, r := b.x+b.w/2, b.y+b.h/2, b.h/2
		pg.disc(cx, cy, r, pg.pal.tint)
		pg.disc(cx, cy, r*0.78, pg.pal.jade)
		pg.icon("check", box{cx - r*0.45, cy - r*0.45, r * 0.9, r * 0.9}, pg.pal.onJade)
	}}
}
