package kiosk

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// look is what an emphasis means in colours.
type look struct {
	ground, ink, badge, onBadge color.NRGBA
	raised, edged               bool
}

func (pg *page) lookOf(a view.Action) look {
	p := pg.pal
	switch {
	case a.Emphasis == view.Danger:
		return look{ground: p.sos, ink: p.onSOS, badge: alpha(p.onSOS, 0x38), onBadge: p.onSOS, raised: true}
	case a.Emphasis == view.Primary, a.On:
		return look{ground: p.jade, ink: p.onJade, badge: alpha(p.onJade, 0x34), onBadge: p.onJade, raised: true}
	case a.Emphasis == view.Human:
		return look{ground: p.human, ink: p.onHuman, badge: alpha(p.humanIcon, 0x24), onBadge: p.onHuman, raised: true, edged: p.contrast}
	case a.Emphasis == view.Quiet:
		return look{ground: p.tint, ink: p.jade, badge: p.card, onBadge: p.jade, edged: p.contrast}
	}
	return look{ground: p.card, ink: p.ink, badge: p.tint, onBadge: p.jade, raised: true, edged: p.contrast}
}

// ground draws what a touch target stands on, and the target.
func (pg *page) ground(b box, a view.Action, lk look, radius float32) {
	if lk.raised {
		pg.shadow(b, radius)
	}
	if a.ID != "" && a.ID == pg.v.Focus {
		g := pg.line * 2.4
		pg.outline(b.inset(-g, -g), pg.pal.hot, pg.line*1.4, radius+g)
	}
	pg.shape(b, lk.ground, radius)
	if lk.edged {
		pg.outline(b, pg.pal.line, pg.line, radius)
	}
}

// badge shows the key that does the same.
func (pg *page) badge(b box, key string, lk look) {
	pg.shape(b, lk.badge, b.h/2)
	pg.text(b.inset(b.w*0.12, 0), key, style{size: b.h * 0.64, face: bold, color: lk.onBadge, align: fyne.TextAlignCenter})
}

// button is a wide target: key, icon, label, second line.
func (pg *page) button(b box, a view.Action, size float32) {
	lk := pg.lookOf(a)
	radius := min(pg.radius, b.h*0.3)
	pg.ground(b, a, lk, radius)
	in := b.inset(b.h*0.17, b.h*0.1)
	if d := min(b.h*0.46, pg.label*1.2); a.Key != "" && b.w > 3.2*d {
		pg.badge(box{in.x, b.y + (b.h-d)/2, d, d}, a.Key, lk)
		in = box{in.x + d*1.25, in.y, in.w - d*1.25, in.h}
	} else if a.Key != "" && a.Key != a.Label {
		pg.badge(box{b.right() - d*0.9, b.y + d*0.14, d * 0.74, d * 0.74}, a.Key, lk)
	}
	pg.buttonWords(in, b, a, lk, size)
	pg.hit(b, radius, a.ID)
}

// buttonWords sets icon and words in the middle of what is left beside the key.
func (pg *page) buttonWords(in, b box, a view.Action, lk look, size float32) {
	size = min(size*pg.scale, b.h*0.48)
	ink := lk.ink
	iconW := float32(0)
	side := min(b.h*0.42, size*1.1)
	if a.Icon != "" && in.w > side*4.2 && pg.width(a.Label, bold, size)*0.75 <= in.w-side*1.32 { // words count more than pictures
		iconW = side * 1.32
	}
	text := min(in.w-iconW, max(pg.width(a.Label, bold, size), pg.width(a.Sub, regular, size*0.62))+4)
	if text < in.w-iconW && pg.width(a.Label, bold, size) > in.w-iconW {
		text = in.w - iconW
	}
	x := in.x + (in.w-iconW-text)/2
	if a.Key != "" && in.x > b.x+b.h*0.3 { // keep the words in the middle of the whole button where they can be
		x = max(in.x, min(b.x+(b.w-iconW-text)/2, in.right()-iconW-text))
	}
	if iconW > 0 {
		c := ink
		if a.Emphasis == view.Human {
			c = pg.pal.humanIcon
		}
		pg.icon(a.Icon, box{x, b.y + (b.h-side)/2, side, side}, c)
	}
	tb := box{x + iconW, in.y, text, in.h}
	if a.Sub == "" {
		pg.text(tb, a.Label, style{size: size, face: bold, color: ink, align: fyne.TextAlignCenter, one: 0.72})
		return
	}
	align := fyne.TextAlignCenter
	if iconW > 0 {
		align = fyne.TextAlignLeading
	}
	up, down := tb, tb
	up.h = tb.h * 0.58
	down.y, down.h = tb.y+tb.h*0.58, tb.h*0.42
	pg.text(up, a.Label, style{size: min(size, up.h*0.84), face: bold, color: ink, align: align, one: 0.72})
	pg.text(down, a.Sub, style{size: min(size*0.62, down.h*0.8), color: ink, align: align})
}

// numberKey is an emergency number: the number as large as it goes, what it is under it.
func (pg *page) numberKey(b box, a view.Action) {
	number, word, two := strings.Cut(a.Label, " ")
	if !two || !numbered(a) {
		pg.button(b, a, pg.label*0.9)
		return
	}
	lk := pg.lookOf(a)
	radius := min(pg.radius, b.h*0.3)
	pg.ground(b, a, lk, radius)
	in := b.inset(b.h*0.08, b.h*0.07)
	up, down := in, in
	up.h = in.h * 0.6
	down.y, down.h = in.y+in.h*0.58, in.h*0.42
	pg.text(up, number, style{size: up.h * 0.8, face: bold, color: lk.ink, align: fyne.TextAlignCenter})
	pg.text(down, word, style{size: min(pg.body*0.95*pg.scale, down.h*0.72), color: lk.ink, align: fyne.TextAlignCenter, one: 0.72})
	pg.hit(b, radius, a.ID)
}

// tall is a target with its icon above its label, as in the footer.
func (pg *page) tall(b box, a view.Action, size float32) {
	lk := pg.lookOf(a)
	radius := pg.radius * 0.9
	pg.ground(b, a, lk, radius)
	side := min(b.h*0.38, b.w*0.5)
	top := b.y + b.h*0.13
	pg.icon(a.Icon, box{b.x + (b.w-side)/2, top, side, side}, lk.ink)
	if a.Icon == "sound" {
		pg.dots(box{b.x + b.w*0.2, top + side + b.h*0.025, b.w * 0.6, b.h * 0.06}, lk.ink)
	}
	pg.text(tallWords(b), a.Label, style{size: size, face: bold, color: lk.ink, align: fyne.TextAlignCenter})
	pg.hit(b, radius, a.ID)
}

// tallWords is where the label of a tall key stands.
func tallWords(b box) box { return box{b.x + tallEdge, b.y + b.h*0.58, b.w - 2*tallEdge, b.h * 0.38} }

// tallEdge is what stays free left and right of the words on a tall key.
const tallEdge = 4

// dots show the volume: four steps.
func (pg *page) dots(b box, c color.NRGBA) {
	const steps = 4
	r := b.h / 2
	for i := range steps {
		cx := b.x + b.w/2 + (float32(i)-1.5)*r*3.4
		if i <= pg.v.Volume {
			pg.disc(cx, b.y+r, r, c)
		} else {
			pg.disc(cx, b.y+r, r, alpha(c, 0x40))
		}
	}
}

// tile is a target of the grid: icon, label, second line, key.
func (pg *page) tile(b box, a view.Action, size float32) {
	lk := pg.lookOf(a)
	pg.ground(b, a, lk, pg.radius)
	pad := min(pg.radius*0.75, b.h*0.15)
	in := b.inset(pad, pad)
	soft := pg.pal.soft
	if a.On || a.Emphasis == view.Primary || a.Emphasis == view.Human {
		soft = lk.ink
	}
	if a.Icon != "" {
		side := min(in.h, b.w*0.25, pg.label*2.3)
		ib := box{in.x, b.y + (b.h-side)/2, side, side}
		pg.shape(ib, lk.badge, side*0.28)
		ink := lk.onBadge
		if a.Emphasis == view.Human {
			ink = pg.pal.humanIcon
		}
		pg.icon(a.Icon, ib.inset(side*0.2, side*0.2), ink)
		if a.Soon {
			pg.soon(box{ib.x - pad*0.4, ib.bottom() - side*0.16, side + pad*0.8, side * 0.32}, side*0.32, true)
			a.Soon = false
		}
		_, in = in.split(side, pad*0.8)
	}
	pg.tileWords(in, a, lk, soft, size)
	pg.hit(b, pg.radius, a.ID)
}

// tileSize is the size at which the labels of all tiles fit: tiles of different sizes look like different things.
func (pg *page) tileSize(as []view.Action, b box) float32 {
	pad := min(pg.radius*0.75, b.h*0.15)
	size := min(pg.label*pg.scale, b.h*0.4)
	for _, a := range as {
		in := b.inset(pad, pad)
		if a.Icon != "" {
			_, in = in.split(min(in.h, b.w*0.25, pg.label*2.3), pad*0.8)
		}
		up, _ := tileParts(in, a, pg.keyRoom(in, a))
		size, _ = pg.fit(a.Label, tileLabel(a, up, size), up.w, up.h)
	}
	return size
}

// small things of a tile, the key's number and the mark of what is to come, are this high.
func (pg *page) tileBadge(in box) float32 { return min(pg.smalltx*1.35, in.h*0.34) }

// keyRoom is what the key's number takes of the label's width.
func (pg *page) keyRoom(in box, a view.Action) float32 {
	if a.Key == "" {
		return 0
	}
	return pg.tileBadge(in) * 1.2
}

// tileParts are the places of label and second line.
func tileParts(in box, a view.Action, key float32) (up, down box) {
	up = box{in.x, in.y, in.w - key, in.h}
	if a.Sub == "" && !a.Soon {
		return up, box{}
	}
	up.h = in.h * 0.62
	return up, box{in.x, in.y + up.h, in.w, in.h - up.h}
}

func tileLabel(a view.Action, up box, size float32) style {
	part := float32(0.66)
	if a.Sub == "" && !a.Soon {
		part = 0.5
	}
	return style{size: min(size, up.h*part), face: bold, one: 0.93}
}

func (pg *page) tileWords(in box, a view.Action, lk look, soft color.NRGBA, size float32) {
	d := pg.tileBadge(in)
	if a.Key != "" {
		pg.badge(box{in.right() - d, in.y, d, d}, a.Key, lk)
	}
	up, down := tileParts(in, a, pg.keyRoom(in, a))
	if a.Soon {
		down.w -= pg.soon(down, d*0.92, false) + pg.gap*0.5
	}
	label := tileLabel(a, up, size)
	label.color = lk.ink
	pg.text(up, a.Label, label)
	pg.text(down, a.Sub, style{size: min(pg.smalltx*1.06*pg.scale, down.h*0.62), color: soft, floor: pg.smalltx * 0.6})
}

// soon marks what is not there yet, in the middle or at the right end of a line; it returns how wide the mark is.
func (pg *page) soon(line box, h float32, middle bool) float32 {
	word := "筹备中"
	if pg.v.Lang != "zh" {
		word = "Soon"
	}
	size := h * 0.6
	w := pg.width(word, bold, size) + h*0.9
	b := box{line.right() - w, line.y + (line.h-h)/2, w, h}
	if middle {
		b.x = line.x + (line.w-w)/2
	}
	pg.shape(b, pg.pal.human, h/2)
	pg.outline(b, alpha(pg.pal.humanIcon, 0x70), 1.5, h/2)
	pg.text(b, word, style{size: size, face: bold, color: pg.pal.onHuman, align: fyne.TextAlignCenter})
	return w
}
