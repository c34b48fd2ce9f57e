package kiosk

import (
	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// compose draws a View: header, banner, footer, and between them the parts in the order its screen wants.
// zoom says how many of the window's pixels a pixel of the panel has: below 1 on a page, 1 on the booth's own glass.
func compose(v *view.View, p Panel, brk *breaker, zoom float32) scene {
	pg := newPage(v, p, brk, zoom)
	if v.Screen == view.Attract {
		pg.attract()
		return pg.sc
	}
	if v.Screen == view.Home {
		pg.skyline(0.05)
	}
	bottom := pg.foot() - pg.gap*1.3
	pg.head()
	top := pg.bannerBar()
	pg.stack(box{pg.margin, top, pg.inner(), bottom - top}, pg.column())
	return pg.sc
}

// column lists the parts of the screens that are a single column.
func (pg *page) column() []block {
	v := pg.v
	left, mid := fyne.TextAlignLeading, fyne.TextAlignCenter
	title := func(size float32, a fyne.TextAlign) block { return pg.titleBlock(pg.title*size, a) }
	switch v.Screen {
	case view.Home:
		return pg.home()
	case view.Language:
		return []block{title(0.76, mid), pg.bodyBlock(mid), pg.tilesBlock(v.Tiles), pg.choicesBlock(pg.answer), pg.stripBlock()}
	case view.Form:
		return []block{
			title(0.88, left), pg.bodyBlock(left), pg.captionsBlock(1, 2), spring(), pg.cardBlock(v.Card, pg.body), pg.padBlock(), pg.tilesBlock(v.Tiles),
			pg.choicesBlock(pg.answer), pg.stripBlock(),
		}
	case view.Confirm:
		return []block{
			title(0.88, left), pg.bodyBlock(left), pg.captionsBlock(1, 2), spring(), pg.cardBlock(v.Card, pg.body*1.3), pg.tilesBlock(v.Tiles),
			spring(), pg.choicesBlock(pg.answer * 1.15), pg.stripBlock(),
		}
	case view.Waiting, view.Call, view.SOS:
		return []block{
			title(0.76, mid), spring(), pg.lineBlock(), pg.bodyBlock(mid), pg.placeBlock(), spring(), pg.captionsBlock(1, 1),
			pg.cardBlock(v.Card, pg.body), pg.padBlock(),
			pg.choicesBlock(pg.answer * 1.15), pg.stripBlock(),
		}
	case view.Ticket:
		return []block{pg.doneBlock(), title(0.8, mid), pg.slipBlock(), pg.bodyBlock(mid), spring(), pg.tilesBlock(v.Tiles), pg.choicesBlock(pg.answer), pg.stripBlock()} // it says it all, and large: no captions
	case view.Settings:
		return []block{title(0.88, left), pg.bodyBlock(left), spring(), pg.tilesBlock(v.Tiles), pg.choicesBlock(pg.answer), pg.stripBlock()}
	case view.OutOfService, view.Maintenance:
		if v.Slip != nil {
			return []block{title(0.9, mid), pg.bodyBlock(mid), spring(), pg.claimBlock(), spring(), pg.choicesBlock(pg.answer)}
		}
		return []block{pg.pictureBlock(), title(0.9, mid), pg.bodyBlock(mid), pg.lineBlock(), pg.placeBlock(), pg.tilesBlock(v.Tiles), pg.choicesBlock(pg.answer)}
	case view.Attract, view.Conversation:
	}
	return []block{
		title(0.7, left), pg.bodyBlock(left), spring(), pg.captionsBlock(2, 0), pg.lineBlock(), pg.placeBlock(), pg.cardBlock(v.Card, pg.body*1.1), pg.padBlock(), pg.slipBlock(),
		pg.tilesBlock(v.Tiles), pg.choicesBlock(pg.answer), pg.stripBlock(),
	}
}

// speakAction is what the big microphone does: the one primary or microphone action of home.
func speakAction(as []view.Action) (int, bool) {
	for i, a := range as {
		if a.Icon == "mic" || a.Emphasis == view.Primary {
			return i, true
		}
	}
	return 0, false
}

// home is the microphone and six tiles.
func (pg *page) home() []block {
	v := *pg.v
	mic := view.Action{}
	tiles := v.Tiles
	if i, ok := speakAction(tiles); ok {
		mic, tiles = tiles[i], without(tiles, i)
	} else if i, ok := speakAction(v.Choices); ok {
		mic = v.Choices[i]
		v.Choices = without(v.Choices, i)
		pg.v = &v
	}
	strip := pg.stripBlock()
	if mic.ID == "" && v.Strip != nil { // the microphone is only a sign: it says what the strip says
		mic = view.Action{Label: v.Strip.Label, Sub: v.Strip.Hint, Icon: "mic"}
		strip = block{}
	}
	if pg.small() {
		return []block{pg.besideBlock(mic), pg.bodyBlock(fyne.TextAlignCenter), pg.tilesBlock(tiles), pg.choicesBlock(pg.answer), strip}
	}
	return []block{
		pg.titleBlock(pg.title, fyne.TextAlignCenter), pg.bodyBlock(fyne.TextAlignCenter), pg.micBlock(mic), pg.tilesBlock(tiles),
		pg.choicesBlock(pg.answer), strip,
	}
}

func without(as []view.Action, i int) []view.Action {
	return append(append([]view.Action{}, as[:i]...), as[i+1:]...)
}

// small is the layout of the 10.1 inch panel.
func (pg *page) small() bool { return pg.w < 900 }

// microphone draws the big round key.
func (pg *page) microphone(cx, cy, d float32, a view.Action) {
	p, r := pg.pal, d/2
	b := box{cx - r, cy - r, d, d}
	pg.disc(cx, cy, r*1.2, alpha(p.jade, 0x16))
	pg.disc(cx, cy, r*1.1, alpha(p.jade, 0x26))
	pg.shadow(b, r)
	pg.disc(cx, cy, r, p.card)
	pg.disc(cx, cy, r*0.955, p.jade)
	if a.ID != "" && a.ID == pg.v.Focus {
		pg.outline(b.inset(-pg.line*3, -pg.line*3), p.hot, pg.line*1.4, r+pg.line*3)
	}
	pg.icon("mic", box{cx - r*0.5, cy - r*0.52, r, r}, p.onJade)
	if a.ID != "" {
		pg.hit(b, r, a.ID)
	}
}

// micBlock is the microphone with what it does under it.
func (pg *page) micBlock(a view.Action) block {
	words := pg.label * 1.5 * pg.scale
	hint := pg.height(a.Sub, regular, pg.body*0.9*pg.scale, pg.inner())
	rings := pg.mic * 1.2
	total := rings + words + hint
	if a.Label == "" {
		total = rings
	}
	return block{name: "mic", min: pg.mic*0.72*1.2 + (words+hint)*0.6, pref: total, max: total, draw: func(b box) {
		k := b.h / total
		pg.microphone(b.x+b.w/2, b.y+rings*k/2, pg.mic*k, a)
		pg.text(box{b.x, b.y + rings*k, b.w, words * k}, a.Label, style{size: pg.label * pg.scale, face: bold, color: pg.pal.jade, align: fyne.TextAlignCenter})
		pg.text(box{b.x, b.y + (rings+words)*k, b.w, hint * k}, a.Sub, style{size: pg.body * 0.9 * pg.scale, color: pg.pal.soft, align: fyne.TextAlignCenter})
	}}
}

// besideBlock is the microphone on the left and the title on its right.
func (pg *page) besideBlock(a view.Action) block {
	h := pg.mic * 1.24
	return block{name: "mic", min: h * 0.7, pref: h, max: h * 1.3, draw: func(b box) {
		d := min(pg.mic, b.h/1.22)
		ring := d * 1.2
		pg.microphone(b.x+ring/2, b.y+b.h/2, d, a)
		_, in := b.split(ring, pg.gap)
		words := a.Label
		parts := []float32{0.46, 0.26, 0.28}
		if words == "" {
			parts = []float32{0.62, 0.38, 0}
		}
		in = in.inset(0, b.h*0.04)
		y := in.y
		pg.text(box{in.x, y, in.w, in.h * parts[0]}, pg.v.Title, style{size: pg.title * pg.scale, face: bold, color: pg.pal.ink})
		y += in.h * parts[0]
		pg.text(box{in.x, y, in.w, in.h * parts[1]}, pg.v.Subtitle, style{size: pg.body * pg.scale, color: pg.pal.soft})
		y += in.h * parts[1]
		pg.text(box{in.x, y, in.w, in.h * parts[2]}, words, style{size: pg.label * pg.scale, face: bold, color: pg.pal.jade})
	}}
}

// skyline lays the city behind the upper part of a screen.
func (pg *page) skyline(at float32) {
	if pg.pal.contrast {
		return
	}
	h := pg.w * 460 / 1080
	y := pg.header + pg.w*at + pg.w*0.1
	if pg.small() {
		y = pg.header - h*0.15
	}
	pg.add(node{kind: artNode, name: "skyline", box: box{0, y, pg.w, h}})
}

// pictureBlock is the city in a frame: the booth at rest or out of order.
func (pg *page) pictureBlock() block {
	if pg.pal.contrast {
		return block{}
	}
	h := pg.inner() * 460 / 1080
	return block{name: "picture", min: h * 0.3, pref: h, max: h, rank: 4, draw: func(b box) {
		w := min(b.w, b.h*1080/460)
		pg.add(node{kind: artNode, name: "skyline", box: box{b.x + (b.w-w)/2, b.y, w, w * 460 / 1080}})
	}}
}
