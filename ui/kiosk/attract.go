package kiosk

import (
	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// artAspect is height by width of the picture of S0.
const artAspect = 900.0 / 1080

// attract is the booth at rest: the city, what to do in the largest type, hello in many scripts. Touching anywhere does the first action.
func (pg *page) attract() {
	v := pg.v
	anywhere, buttons := pg.anywhere()
	if anywhere.ID != "" {
		pg.hit(box{0, 0, pg.w, pg.h}, 0, anywhere.ID)
	}
	shown := *v
	shown.Tiles, shown.Choices = nil, buttons
	pg.v = &shown
	bottom := pg.foot() - pg.gap*0.8
	top := pg.header
	if !pg.pal.contrast {
		pg.add(node{kind: artNode, name: "city", box: box{0, 0, pg.w, pg.w * artAspect}})
		top = pg.w*artAspect - pg.gap
	}
	pg.head()
	if shown.Banner != nil {
		top = max(top, pg.bannerBar())
	}
	blocks := []block{pg.titleBlock(pg.title*1.16, fyne.TextAlignCenter), pg.invitation(anywhere), pg.bodyBlock(fyne.TextAlignCenter), pg.hellosBlock()}
	if len(buttons) > 0 {
		blocks = append(blocks, pg.choicesBlock(pg.answer))
	}
	pg.stack(box{pg.margin, top, pg.inner(), bottom - top}, blocks)
}

// anywhere takes the action that the whole panel stands for; the others stay buttons.
func (pg *page) anywhere() (view.Action, []view.Action) {
	all := append(append([]view.Action{}, pg.v.Tiles...), pg.v.Choices...)
	if len(all) == 0 {
		return view.Action{}, nil
	}
	i, _ := speakAction(all)
	return all[i], without(all, i)
}

// hellosBlock sets the greetings as words on one or two lines, in turn jade and grey.
func (pg *page) hellosBlock() block {
	hs := pg.v.Hellos
	if len(hs) == 0 {
		return block{}
	}
	size := pg.body * 1.2
	lines := pg.helloLines(hs, size)
	h := float32(len(lines)) * size * 1.75
	return block{name: "hellos", min: h * 0.7, pref: h, max: h, rank: 2, draw: func(b box) {
		row := b.h / float32(len(lines))
		n := 0
		for i, line := range lines {
			n = pg.helloLine(box{b.x, b.y + float32(i)*row, b.w, row}, line, min(size, row/1.3), n)
		}
	}}
}

// helloLines spreads the greetings evenly over as few lines as they need.
func (pg *page) helloLines(hs []string, size float32) [][]string {
	gap := size * 1.1
	total := float32(0)
	for _, s := range hs {
		total += pg.width(s, bold, size) + gap
	}
	for n := int(total/pg.inner()) + 1; ; n++ {
		lines := make([][]string, 0, n)
		want := total / float32(n)
		var line []string
		var w, widest, used float32
		for _, s := range hs {
			sw := pg.width(s, bold, size) + gap
			if len(line) > 0 && used+w+sw/2 > want*float32(len(lines)+1) {
				lines, line, used, w = append(lines, line), nil, used+w, 0
			}
			line = append(line, s)
			w += sw
			widest = max(widest, w-gap)
		}
		lines = append(lines, line)
		if widest <= pg.inner() || n >= len(hs) {
			return lines
		}
	}
}

func (pg *page) helloLine(b box, words []string, size float32, n int) int {
	gap := size * 1.1
	total := -gap
	for _, s := range words {
		total += pg.width(s, bold, size) + gap
	}
	x := b.x + (b.w-total)/2
	for _, s := range words {
		w := pg.width(s, bold, size)
		c := pg.pal.jade
		if n%2 == 1 {
			c = pg.pal.soft
		}
		pg.text(box{x - 2, b.y, w + 4, b.h}, s, style{size: size, face: bold, color: c, align: fyne.TextAlignCenter})
		x += w + gap
		n++
	}
	return n
}

// invitation shows what touching anywhere does: a handset, and the action's words if it has any.
func (pg *page) invitation(a view.Action) block {
	h := pg.answer * 1.05
	return block{name: "invitation", min: h * 0.7, pref: h, max: h, rank: 1, draw: func(b box) {
		p := pg.pal
		size := pg.label * pg.scale
		words := pg.width(a.Label, bold, size)
		if a.Label == "" {
			words = -b.h * 0.2
		}
		w := min(b.w, b.h*1.7+words)
		at := box{b.x + (b.w-w)/2, b.y, w, b.h}
		pg.shadow(at, b.h/2)
		pg.shape(at, p.jade, b.h/2)
		side := b.h * 0.54
		pg.icon("handset", box{at.x + b.h*0.46, at.y + (b.h-side)/2, side, side}, p.onJade)
		pg.text(box{at.x + b.h*1.2, at.y, w - b.h*1.66, b.h}, a.Label, style{size: size, face: bold, color: p.onJade, one: 0.5})
	}}
}
