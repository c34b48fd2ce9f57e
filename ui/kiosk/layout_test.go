package kiosk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/laoyou/laoyou/ui/kiosk/fonts"
	"github.com/laoyou/laoyou/ui/view"
)

func testBreaker(t *testing.T) *breaker {
	t.Helper()
	p := newPainter(test.NewTempApp(t), Fonts{Regular: fonts.Regular, Bold: fonts.Bold}, nil)
	return newBreaker(p.measure)
}

// TestLayout holds every screen to the rules in both languages, both sizes of text and on both panels.
func TestLayout(t *testing.T) {
	brk := testBreaker(t)
	for _, lang := range []string{"zh", "en"} {
		for name, v := range samples(lang) {
			for _, large := range []bool{false, true} {
				for panel, p := range map[string]Panel{"215": Panel215, "101": Panel101} {
					v.Style.Large = large
					for _, zoom := range []float32{1, 0.5, 0.27} { // the booth, a laptop, a phone
						t.Run(fmt.Sprintf("%s/%s/%s/large=%v/zoom=%v", name, lang, panel, large, zoom), func(t *testing.T) {
							checkLayout(t, compose(&v, p, brk, zoom), &v, p)
						})
					}
				}
			}
		}
	}
}

func checkLayout(t *testing.T, sc scene, v *view.View, p Panel) {
	t.Helper()
	if slices.Contains(sc.dropped, "no room") {
		t.Errorf("no room for what must be there (dropped %v)", sc.dropped)
	}
	if len(sc.cut) > 0 {
		t.Errorf("texts cut: %q", sc.cut)
	}
	targets := checkTargets(t, sc, v, p)
	checkTexts(t, sc, targets, p)
}

func checkTargets(t *testing.T, sc scene, v *view.View, p Panel) []node {
	t.Helper()
	least := float32(20*p.PxPerMM) - 0.5
	have := map[string]bool{}
	var targets []node
	for _, n := range sc.nodes {
		if n.kind != hitNode {
			continue
		}
		have[n.name] = true
		if n.box.w == float32(p.WidthPx) && n.box.h == float32(p.HeightPx) {
			continue // anywhere
		}
		if !within(n.box, panelBox(p)) {
			t.Errorf("target %s lies outside the panel: %v", n.name, n.box)
		}
		if n.box.w < least || n.box.h < least {
			t.Errorf("target %s is smaller than 20 mm: %v", n.name, n.box)
		}
		for _, o := range targets {
			if overlap(n.box, o.box) {
				t.Errorf("targets %s %v and %s %v overlap", n.name, n.box, o.name, o.box)
			}
		}
		targets = append(targets, n)
	}
	for _, a := range v.Actions() {
		if !have[a.ID] {
			t.Errorf("action %s cannot be touched", a.ID)
		}
	}
	return targets
}

func checkTexts(t *testing.T, sc scene, targets []node, p Panel) {
	t.Helper()
	brk := testBreaker(t)
	var seen []node
	for _, n := range sc.nodes {
		if n.kind != textNode {
			continue
		}
		if w := brk.measure(n.text, n.face) * n.size / 100; w > n.box.w+1 {
			t.Errorf("%q is %v wide in a box of %v", n.text, w, n.box.w)
		}
		n.box = inkBox(n, brk)
		if !within(n.box, panelBox(p)) {
			t.Errorf("%q lies outside the panel: %v", n.text, n.box)
		}
		for _, o := range seen {
			if overlap(n.box, o.box) {
				t.Errorf("%q %v and %q %v overlap", n.text, n.box, o.text, o.box)
			}
		}
		for _, o := range targets {
			if overlap(n.box, o.box) && !within(n.box, grow(o.box, 1)) {
				t.Errorf("%q %v crosses the edge of target %s %v", n.text, n.box, o.name, o.box)
			}
		}
		seen = append(seen, n)
	}
}

// inkBox is about where a line's ink is: from the height of a capital to a little below the baseline.
func inkBox(n node, brk *breaker) box {
	up, _ := n.face.rise()
	base := n.box.y + up*n.size
	w := brk.measure(n.text, n.face) * n.size / 100
	b := box{n.box.x, base - 0.78*n.size, w, 0.86 * n.size}
	switch n.align {
	case 1: // centre
		b.x += (n.box.w - w) / 2
	case 2: // trailing
		b.x += n.box.w - w
	}
	return b
}

func panelBox(p Panel) box { return box{0, 0, float32(p.WidthPx), float32(p.HeightPx)} }

func grow(b box, by float32) box { return b.inset(-by, -by) }

func within(b, in box) bool {
	return b.x >= in.x-0.5 && b.y >= in.y-0.5 && b.right() <= in.right()+0.5 && b.bottom() <= in.bottom()+0.5
}

func overlap(a, b box) bool {
	return a.x < b.right()-0.5 && b.x < a.right()-0.5 && a.y < b.bottom()-0.5 && b.y < a.bottom()-0.5
}

// TestFlood: whatever is said, the newest caption is on screen and nothing runs over the controls.
func TestFlood(t *testing.T) {
	brk := testBreaker(t)
	for name, text := range map[string]string{
		"chinese": strings.Repeat("请问豫园怎么走，", 1300), "latin": strings.Repeat("a", 10000), "emoji": strings.Repeat("😀 ", 3000), "spaces": strings.Repeat(" ", 4000),
	} {
		t.Run(name, func(t *testing.T) {
			v := samples("zh")["S3-conversation"]
			v.Captions = []view.Caption{{Who: view.Bot, Text: "您好"}, {Who: view.Citizen, Text: text}}
			sc := compose(&v, Panel215, brk, 1)
			checkTargets(t, sc, &v, Panel215)
			checkTexts(t, sc, nil, Panel215)
		})
	}
}

// TestReach: what a seated person must touch lies in the lower 60 % of the tall panel.
func TestReach(t *testing.T) {
	brk := testBreaker(t)
	for name, v := range samples("zh") {
		if v.Screen == view.Language || v.Screen == view.Attract {
			continue // twelve languages need the height; at rest the whole panel is a target
		}
		for _, n := range compose(&v, Panel215, brk, 1).nodes {
			if n.name == "speak" {
				continue // lifting the handset does the same
			}
			if n.kind == hitNode && n.box.bottom() < 0.4*float32(Panel215.HeightPx)-1 {
				t.Errorf("%s: target %s is too high: %v", name, n.name, n.box)
			}
		}
	}
}

// TestFooter: with five keys beside it, SOS is as wide as ever, and English labels can be read.
func TestFooter(t *testing.T) {
	brk := testBreaker(t)
	for _, lang := range []string{"zh", "en"} {
		v := samples(lang)["S5-confirm"]
		labels := map[string]bool{v.Home.Label: true}
		for _, a := range v.Footer[1:] {
			labels[a.Label] = true
		}
		for _, n := range compose(&v, Panel215, brk, 1).nodes {
			if n.kind == hitNode && n.name == "sos" && n.box.w < 372 {
				t.Errorf("%s: SOS is %v wide, want 372", lang, n.box.w)
			}
			if n.kind == textNode && labels[n.text] {
				delete(labels, n.text)
				if n.size < 28 {
					t.Errorf("%s: %s is written at %v, want 28", lang, n.text, n.size)
				}
			}
		}
		if len(labels) > 0 {
			t.Errorf("%s: in pieces: %v", lang, labels)
		}
	}
}

// TestNoHeight: what gets no room at all is drawn somehow, and soon.
func TestNoHeight(t *testing.T) {
	v := samples("zh")["S1-home"]
	pg := newPage(&v, Panel215, testBreaker(t), 1)
	if size, lines := pg.fit("您好", style{}, 100, 0); len(lines) != 1 || size < 1 {
		t.Errorf("size %v, lines %q", size, lines)
	}
}
