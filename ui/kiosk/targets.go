package kiosk

import "github.com/laoyou/laoyou/ui/view"

// Target is where an action can be touched, in panel pixels.
type Target struct {
	ID         string
	X, Y, W, H float32
}

// Targets lists where the actions of a View stand on the panel: for tests that touch a real screen. It belongs to Fyne's goroutine.
func (k *Kiosk) Targets(v view.View) []Target {
	var out []Target
	for _, n := range compose(&v, k.panel, k.brk, k.zoom).nodes {
		if n.kind == hitNode {
			out = append(out, Target{n.name, n.box.x, n.box.y, n.box.w, n.box.h})
		}
	}
	return out
}
