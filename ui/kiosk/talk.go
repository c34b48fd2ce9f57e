package kiosk

import (
	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// bubble is one caption, measured.
type bubble struct {
	caption view.Caption
	lines   []string
	size    float32
	w, h    float32
}

// captionsBlock shows as many of the last turns as there is room for, the newest at the bottom.
func (pg *page) captionsBlock(least int, rank int) block {
	cs := pg.v.Captions
	if len(cs) == 0 {
		return block{}
	}
	size := pg.caption * 0.8 * pg.scale
	var all, last float32
	for i := len(cs) - 1; i >= 0; i-- {
		h := pg.bubble(cs[i], size).h + pg.gap
		all += h
		if len(cs)-i <= least {
			last += h
		}
	}
	return block{name: "captions", min: min(last, pg.caption*2.2), pref: last, max: max(last, all), rank: rank, draw: func(b box) {
		pg.captions(b, size)
	}}
}

func (pg *page) bubble(c view.Caption, size float32) bubble {
	size = pg.real(size)
	pad := size * 0.62
	f := regular
	if c.Who != view.Citizen {
		f = bold
	}
	most := pg.inner()*0.86 - 2*pad
	lines := pg.brk.lines(c.Text, f, size, most)
	w := float32(0)
	for _, l := range lines {
		w = max(w, pg.width(l, f, size))
	}
	return bubble{caption: c, lines: lines, size: size, w: w + 2*pad + 2, h: float32(len(lines))*pitch*size + 1.3*pad}
}

// captions draws upwards from the newest; what has no room is not drawn, and the newest shrinks before it is cut.
func (pg *page) captions(b box, size float32) {
	cs := pg.v.Captions
	newest := pg.bubble(cs[len(cs)-1], size)
	for try := size; newest.h > b.h && try > size*smallest; try *= 0.95 {
		newest = pg.bubble(cs[len(cs)-1], try*0.95)
	}
	newest = pg.clip(newest, b.h)
	var kept []bubble
	room := b.h
	for i := len(cs) - 1; i >= 0; i-- {
		bb := newest
		if i < len(cs)-1 {
			bb = pg.bubble(cs[i], min(size, newest.size*1.05))
		}
		if bb.h > room+0.5 {
			break
		}
		room -= bb.h + pg.gap*0.9
		kept = append(kept, bb)
	}
	y := b.bottom()
	if pg.v.Screen != view.Conversation {
		y -= max(0, room) * 0.5
	}
	for i, bb := range kept {
		y -= bb.h
		pg.drawBubble(box{b.x, y, b.w, bb.h}, bb, i == 0)
		y -= pg.gap * 0.9
	}
}

// clip keeps the end of a text that does not fit even when small: the newest words count.
func (pg *page) clip(bb bubble, room float32) bubble {
	pad := bb.size * 0.62
	keep := max(1, int((room-1.3*pad)/(pitch*bb.size)))
	if keep < len(bb.lines) {
		bb.lines = append([]string{}, bb.lines[len(bb.lines)-keep:]...)
		if first := []rune(bb.lines[0]); len(first) > 2 {
			bb.lines[0] = "…" + string(first[2:])
		}
		bb.h = float32(keep)*pitch*bb.size + 1.3*pad
	}
	return bb
}

func (pg *page) drawBubble(b box, bb bubble, newest bool) {
	p := pg.pal
	at := box{b.x, b.y, min(bb.w, b.w), b.h}
	ground, ink, f := p.card, p.ink, bold
	radius := min(pg.radius, at.h*0.4)
	switch bb.caption.Who {
	case view.Citizen:
		at.x = b.right() - at.w
		ground, ink, f = p.said, p.onSaid, regular
	case view.Agent:
		ground, ink = p.human, p.onHuman
	}
	if newest {
		pg.shadow(at, radius)
	}
	pg.shape(at, ground, radius)
	tail := radius * 0.55
	if bb.caption.Who == view.Citizen { // one sharp corner points at who spoke
		pg.shape(box{at.right() - 2*tail, at.bottom() - 2*tail, 2 * tail, 2 * tail}, ground, tail*0.35)
	} else {
		pg.shape(box{at.x, at.bottom() - 2*tail, 2 * tail, 2 * tail}, ground, tail*0.35)
	}
	if p.contrast && bb.caption.Who != view.Citizen {
		pg.outline(at, p.line, pg.line, radius)
	}
	pad := bb.size * 0.62
	y := at.y + 0.65*pad
	for _, l := range bb.lines {
		pg.lineOf(box{at.x + pad, y, at.w - 2*pad + 2, pitch * bb.size}, l, style{size: bb.size, face: f, color: ink})
		y += pitch * bb.size
	}
}

// stripBlock says what the bot does right now.
func (pg *page) stripBlock() block {
	s := pg.v.Strip
	if s == nil {
		return block{}
	}
	return block{name: "strip", min: pg.strip * 0.74, pref: pg.strip, max: pg.strip, rank: 3, draw: func(b box) { pg.stripAt(b, s) }}
}

func (pg *page) stripAt(b box, s *view.Strip) {
	p := pg.pal
	pg.shape(b, p.tint, b.h/2)
	if p.contrast {
		pg.outline(b, p.line, pg.line, b.h/2)
	}
	r := b.h * 0.38
	cx, cy := b.x+b.h/2, b.y+b.h/2
	live := s.Activity == view.Listening || s.Activity == view.Speaking
	name, ground, ink := "mic", p.jade, p.onJade
	switch s.Activity {
	case view.Thinking:
		name = "more"
	case view.Speaking:
		name = "sound"
	case view.Idle:
		ground, ink = p.card, p.jade
	case view.Listening:
	}
	if s.Activity == view.Listening {
		pg.disc(cx, cy, r*1.22, alpha(p.jade, 0x2A))
	}
	pg.disc(cx, cy, r, ground)
	pg.icon(name, box{cx - r*0.55, cy - r*0.55, r * 1.1, r * 1.1}, ink)
	in := box{b.x + b.h*1.06, b.y + b.h*0.1, b.w - b.h*1.5, b.h * 0.8}
	if live {
		wave := min(b.w*0.24, 250*pg.margin/40)
		pg.wave(box{in.right() - wave, b.y + b.h*0.24, wave, b.h * 0.52}, s.Activity)
		in.w -= wave + pg.gap
	}
	pg.stripWords(in, s)
}

func (pg *page) stripWords(in box, s *view.Strip) {
	if s.Hint == "" {
		pg.text(in, s.Label, style{size: pg.label * 0.82 * pg.scale, face: bold, color: pg.pal.jade})
		return
	}
	pg.text(box{in.x, in.y, in.w, in.h * 0.52}, s.Label, style{size: min(pg.label*0.8*pg.scale, in.h*0.42), face: bold, color: pg.pal.jade})
	pg.text(box{in.x, in.y + in.h*0.52, in.w, in.h * 0.48}, s.Hint, style{size: min(pg.smalltx*1.06*pg.scale, in.h*0.36), color: pg.pal.soft, align: fyne.TextAlignLeading})
}

// wave is a still picture of sound: moving it would repaint the whole panel.
func (pg *page) wave(b box, a view.Activity) {
	heights := []float32{0.2, 0.42, 0.3, 0.85, 1, 0.35, 0.5, 0.78, 0.28, 0.62, 0.95, 0.4, 0.22, 0.56, 0.34, 0.18}
	step := b.w / float32(len(heights))
	for i, h := range heights {
		if a == view.Speaking {
			h = heights[(i*5+3)%len(heights)]
		}
		bh := b.h * h
		pg.shape(box{b.x + float32(i)*step, b.y + (b.h-bh)/2, step * 0.5, bh}, alpha(pg.pal.jade, 0xD0), step*0.25)
	}
}
