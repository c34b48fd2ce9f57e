package kiosk

import (
	"fyne.io/fyne/v2"

	"github.com/laoyou/laoyou/ui/view"
)

// width of what stands between the margins.
func (pg *page) inner() float32 { return pg.w - 2*pg.margin }

// titleBlock is the screen's question with the same in the second language under it.
func (pg *page) titleBlock(size float32, align fyne.TextAlign) block {
	v := pg.v
	if v.Title == "" && v.Subtitle == "" {
		return block{}
	}
	big := size * pg.scale
	if v.Title != "" && pg.width(v.Title, bold, big) > pg.inner() && pg.width(v.Title, bold, big*0.8) <= pg.inner() {
		big = big * pg.inner() / pg.width(v.Title, bold, big) * 0.995 // rather a little smaller than a second line
	}
	sub := pg.body * 1.1 * pg.scale
	th, sh := pg.height(v.Title, bold, big, pg.inner()), pg.height(v.Subtitle, regular, sub, pg.inner())
	part := th / max(1, th+sh)
	return block{name: "title", min: (th + sh) * 0.44, soft: (th + sh) * 0.72, pref: th + sh, max: th + sh, draw: func(b box) {
		up, down := b, b
		up.h = b.h * part
		down.y, down.h = b.y+up.h, b.h-up.h
		pg.text(up, v.Title, style{size: big, face: bold, color: pg.pal.ink, align: align})
		pg.text(down, v.Subtitle, style{size: sub, color: pg.pal.soft, align: align})
	}}
}

// bodyBlock is running text.
func (pg *page) bodyBlock(align fyne.TextAlign) block {
	if len(pg.v.Body) == 0 {
		return block{}
	}
	size := pg.body * pg.scale
	var heights []float32
	var total float32
	for _, s := range pg.v.Body {
		h := pg.height(s, regular, size, pg.inner())
		heights = append(heights, h)
		total += h + pg.gap*0.5
	}
	return block{name: "body", min: total * 0.6, pref: total, max: total, draw: func(b box) {
		y, k := b.y, b.h/total
		for i, s := range pg.v.Body {
			pg.text(box{b.x, y, b.w, heights[i] * k}, s, style{size: size, color: pg.pal.ink, align: align})
			y += (heights[i] + pg.gap*0.5) * k
		}
	}}
}

// choicesBlock lays the answers out in rows.
func (pg *page) choicesBlock(height float32) block {
	if len(pg.v.Choices) == 0 {
		return block{}
	}
	rows := pg.choiceRows()
	n, gap := float32(len(rows)), pg.gap*0.8
	low := max(pg.target, height*0.62)
	return block{
		name: "choices", min: n*low + (n-1)*gap, pref: n*height + (n-1)*gap, max: n*height*1.12 + (n-1)*gap,
		draw: func(b box) {
			h := (b.h - gap*(n-1)) / n
			for i, row := range rows {
				pg.choiceRow(box{b.x, b.y + float32(i)*(h+gap), b.w, h}, row)
			}
		},
	}
}

// choiceRows says which answers stand side by side, so that none has to shrink much and emergency numbers keep together.
func (pg *page) choiceRows() [][]view.Action {
	as := pg.v.Choices
	var rows [][]view.Action
	if pg.v.Screen == view.SOS {
		for i, a := range as {
			if i > 0 && numbered(a) && numbered(as[i-1]) {
				rows[len(rows)-1] = append(rows[len(rows)-1], a)
			} else {
				rows = append(rows, []view.Action{a})
			}
		}
		return rows
	}
	cols := 2
	room := ((pg.inner()-pg.gap)/2 - pg.answer*1.1) * 1.35
	for _, a := range as {
		if pg.width(a.Label, bold, pg.label*0.8*pg.scale) > room && len(as) <= 4 && pg.v.Pad == nil && pg.v.Slip == nil && pg.v.Card == nil {
			cols = 1
		}
	}
	for i := 0; i < len(as); i += cols {
		rows = append(rows, as[i:min(i+cols, len(as))])
	}
	return rows
}

// numbered tells an emergency number: its label begins with digits.
func numbered(a view.Action) bool {
	return a.Label != "" && a.Label[0] >= '0' && a.Label[0] <= '9'
}

func (pg *page) choiceRow(b box, row []view.Action) {
	x := b.x
	for i, w := range pg.widths(row, b.w-pg.gap*float32(len(row)-1)) {
		at := box{x, b.y, w, b.h}
		if len(row) == 3 {
			pg.numberKey(at, row[i])
		} else {
			pg.button(at, row[i], pg.label*0.9)
		}
		x += w + pg.gap
	}
}

// tilesBlock is the grid of two columns.
func (pg *page) tilesBlock(tiles []view.Action) block {
	n := len(tiles)
	if n == 0 {
		return block{}
	}
	const cols = 2
	rows := float32((n + cols - 1) / cols)
	gaps := (rows - 1) * pg.gap
	return block{
		name: "tiles", min: rows*max(pg.target, pg.cell*0.62) + gaps, pref: rows*pg.cell + gaps, max: rows*pg.cell*1.2 + gaps,
		draw: func(b box) {
			h := (b.h - gaps) / rows
			w := (b.w - pg.gap) / cols
			size := pg.tileSize(tiles, box{0, 0, w, h})
			for i, a := range tiles {
				at := box{b.x + float32(i%cols)*(w+pg.gap), b.y + float32(i/cols)*(h+pg.gap), w, h}
				if i == n-1 && i%cols == 0 {
					at.w = b.w
				}
				pg.tile(at, a, size)
			}
		},
	}
}

// widths shares a row's width; the primary answer of two gets more.
func (pg *page) widths(line []view.Action, room float32) []float32 {
	out := make([]float32, len(line))
	for i, a := range line {
		part := 1 / float32(len(line))
		if len(line) == 2 && (line[0].Emphasis == view.Primary) != (line[1].Emphasis == view.Primary) {
			part = 0.42
			if a.Emphasis == view.Primary {
				part = 0.58
			}
		}
		out[i] = room * part
	}
	return out
}

// cardBlock is the summary: labels on the left, what they stand for in bold on the right.
func (pg *page) cardBlock(c *view.Card, size float32) block {
	if c == nil {
		return block{}
	}
	size *= pg.scale
	pad := pg.gap * 1.6
	row := size * 1.62
	head := float32(0)
	if c.Title != "" {
		head = size * 1.65
	}
	w := pg.inner() - 2*pad
	note := pg.height(c.Note, regular, pg.smalltx*1.05*pg.scale, w)
	total := 2*pad + head + row*float32(len(c.Rows)) + note
	if note > 0 {
		total += pg.gap * 0.8
	}
	return block{name: "card", min: total * 0.5, pref: total, max: total * 1.15, draw: func(b box) {
		pg.sheet(b, pg.pal.card)
		k := b.h / total
		in := b.inset(pad, pad*k)
		pg.text(box{in.x, in.y, in.w, head * k}, c.Title, style{size: size * 0.86, face: bold, color: pg.pal.jade, top: true})
		rows := box{in.x, in.y + head*k, in.w, row * k * float32(len(c.Rows))}
		pg.rows(rows, c.Rows, size)
		if note > 0 {
			at := box{in.x, in.bottom() - note*k, in.w, note * k}
			pg.text(at, c.Note, style{size: pg.smalltx * 1.05 * pg.scale, color: pg.pal.soft})
		}
	}}
}

// rows draws label and value side by side with thin rules between.
func (pg *page) rows(b box, rows []view.Row, size float32) {
	if len(rows) == 0 {
		return
	}
	h := b.h / float32(len(rows))
	labels := float32(0)
	small := min(size*0.78, h*0.6)
	for _, r := range rows {
		labels = max(labels, pg.width(r.Label, regular, small))
	}
	labels = min(labels+pg.gap*1.4, b.w*0.4)
	for i, r := range rows {
		y := b.y + float32(i)*h
		if i > 0 {
			pg.shape(box{b.x, y, b.w, 1.5}, pg.pal.line, 0)
		}
		pg.text(box{b.x, y, labels - pg.gap*0.6, h}, r.Label, style{size: small, color: pg.pal.soft})
		pg.text(box{b.x + labels, y, b.w - labels, h}, r.Value, style{size: min(size, h*0.72), face: bold, color: pg.pal.ink})
	}
}
