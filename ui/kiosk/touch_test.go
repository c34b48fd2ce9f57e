package kiosk

import (
	"reflect"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/mobile"

	"github.com/laoyou/laoyou/ui/view"
)

// target finds the widget at the middle of an action's target, as the driver would: the topmost.
func (r *renderer) target(t *testing.T, at fyne.Position) *hit {
	t.Helper()
	for i := len(r.kiosk.stage.objects) - 1; i >= 0; i-- {
		h, ok := r.kiosk.stage.objects[i].(*hit)
		if !ok {
			continue
		}
		p, s := h.Position(), h.Size()
		if at.X >= p.X && at.Y >= p.Y && at.X < p.X+s.Width && at.Y < p.Y+s.Height {
			return h
		}
	}
	t.Fatalf("nothing to touch at %v", at)
	return nil
}

func TestTouch(t *testing.T) {
	r := newRenderer(t, Panel215)
	now := time.Unix(0, 0)
	r.kiosk.now = func() time.Time { now = now.Add(time.Second); return now }
	v := samples("zh")["S0-attract"]
	r.kiosk.Show(v)
	anywhere := r.target(t, fyne.NewPos(270, 300))
	inside := fyne.NewPos(5, 5)

	anywhere.MouseDown(&desktop.MouseEvent{})
	if !anywhere.pressed {
		t.Error("a press does not show")
	}
	anywhere.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: inside}})
	sos := r.target(t, fyne.NewPos(270, 905))
	sos.TouchDown(&mobile.TouchEvent{})
	sos.TouchUp(&mobile.TouchEvent{PointEvent: fyne.PointEvent{Position: inside}})
	sos.TouchDown(&mobile.TouchEvent{}) // slides off
	sos.TouchUp(&mobile.TouchEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(-5, 5)}})
	sos.MouseDown(&desktop.MouseEvent{}) // leaves and comes back
	sos.MouseOut()
	sos.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: inside}})
	if want := []string{"start", "sos"}; !reflect.DeepEqual(r.acts, want) {
		t.Errorf("actions %q, want %q", r.acts, want)
	}
}

func TestDebounce(t *testing.T) {
	now := time.Unix(100, 0)
	var acts []string
	k := &Kiosk{now: func() time.Time { return now }, onAction: func(id string) { acts = append(acts, id) }}
	for _, after := range []time.Duration{0, 100, 149, 2, 250} {
		now = now.Add(after * time.Millisecond)
		k.act("x")
	}
	if len(acts) != 3 { // at 0, 251 and 501 ms
		t.Errorf("%d actions, want 3", len(acts))
	}
}

// TestReuse: what did not change keeps its object, and an equal View draws nothing.
func TestReuse(t *testing.T) {
	r := newRenderer(t, Panel215)
	v := samples("zh")["S3-conversation"]
	r.kiosk.Show(v)
	before := append([]fyne.CanvasObject{}, r.kiosk.stage.objects...)
	r.kiosk.Show(samples("zh")["S3-conversation"])
	if !reflect.DeepEqual(before, r.kiosk.stage.objects) {
		t.Error("an equal View made new objects")
	}
	v.Clock = "09:42"
	r.kiosk.Show(v)
	kept := map[fyne.CanvasObject]bool{}
	for _, o := range before {
		kept[o] = true
	}
	fresh := 0
	for _, o := range r.kiosk.stage.objects {
		if !kept[o] {
			fresh++
		}
	}
	if fresh != 1 {
		t.Errorf("a minute made %d new objects, want 1", fresh)
	}
}

// TestWipe: nothing of a visit stays on the stage after the next View.
func TestWipe(t *testing.T) {
	r := newRenderer(t, Panel215)
	v := samples("zh")["S3-conversation"]
	v.Captions = []view.Caption{{Who: view.Citizen, Text: "记号词甲乙丙"}}
	r.kiosk.Show(v)
	r.kiosk.Show(samples("zh")["S0-attract"])
	for n := range r.kiosk.painter.kept {
		if n.text == "记号词甲乙丙" {
			t.Error("a citizen's words are still kept")
		}
	}
	for k := range r.kiosk.painter.widths {
		if k.text == "记号词甲乙丙" {
			t.Error("a citizen's words are still in the measuring memory")
		}
	}
}
