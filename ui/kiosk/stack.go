package kiosk

// block is one part of a screen's column.
type block struct {
	name           string
	min, pref, max float32 // heights; max > pref: takes what is left
	rank           int     // 0 stays; else dropped when there is no room, highest first
	soft           float32 // a minimum that optional blocks are dropped for; 0: min
	spring         bool    // only takes what is left
	draw           func(box)
}

// stack lays blocks one under the other between top and bottom. Nothing can overlap: what has no room is made smaller, then dropped.
func (pg *page) stack(area box, blocks []block) {
	blocks = pg.affordable(area.h, blocks)
	if len(blocks) == 0 {
		return
	}
	solid, springs := 0, 0
	for _, b := range blocks {
		if b.spring {
			springs++
		} else {
			solid++
		}
	}
	heights, left := share(blocks, area.h-pg.gap*float32(solid-1))
	gap := min(left/float32(solid+1+2*springs), 1.4*pg.gap) // a little more air everywhere, the rest to the springs
	y, stretch := area.y, max(0, left-gap*float32(solid-1))
	if springs == 0 {
		y += stretch / 2
	}
	for i, b := range blocks {
		if b.spring {
			y += stretch / float32(springs)
			continue
		}
		b.draw(box{area.x, y, area.w, heights[i]})
		y += heights[i] + pg.gap + gap
	}
}

// spring pushes what is below it down to where hands are.
func spring() block { return block{name: "spring", spring: true} }

// affordable drops what may be dropped until the rest has room.
func (pg *page) affordable(room float32, in []block) []block {
	blocks := make([]block, 0, len(in))
	for _, b := range in {
		if b.draw != nil || b.spring {
			blocks = append(blocks, b)
		}
	}
	for {
		need, hard, victim := -pg.gap, -pg.gap, -1
		for i, b := range blocks {
			if !b.spring {
				hard += b.min + pg.gap
				need += max(b.min, b.soft) + pg.gap
			}
			if b.rank > 0 && (victim < 0 || b.rank > blocks[victim].rank) {
				victim = i
			}
		}
		if need <= room+0.5 || victim < 0 {
			if hard > room+0.5 {
				pg.sc.dropped = append(pg.sc.dropped, "no room")
			}
			return blocks
		}
		pg.sc.dropped = append(pg.sc.dropped, blocks[victim].name)
		blocks = append(blocks[:victim:victim], blocks[victim+1:]...)
	}
}

// share gives each block its minimum, then up to what it prefers, then up to its maximum, and says what is left.
func share(blocks []block, room float32) ([]float32, float32) {
	heights := make([]float32, len(blocks))
	for i, b := range blocks {
		heights[i] = b.min
		room -= b.min
	}
	grow := func(limit func(block) float32) {
		var want float32
		for i, b := range blocks {
			want += max(0, limit(b)-heights[i])
		}
		if want <= 0 || room <= 0 {
			return
		}
		part := min(1, room/want)
		for i, b := range blocks {
			more := max(0, limit(b)-heights[i]) * part
			heights[i] += more
			room -= more
		}
	}
	grow(func(b block) float32 { return b.pref })
	grow(func(b block) float32 { return b.max })
	return heights, max(0, room)
}
