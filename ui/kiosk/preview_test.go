package kiosk

import (
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/laoyou/laoyou/ui/kiosk/fonts"
	"github.com/laoyou/laoyou/ui/view"
)

var (
	previewDir  = flag.String("preview", "", "folder to render all sample views into, for looking at")
	previewOnly = flag.String("preview.only", "", "part of the names to render")
)

// TestPreview renders every sample at half size: go test ./ui/kiosk -run Preview -args -preview /tmp/x
func TestPreview(t *testing.T) {
	if *previewDir == "" {
		t.Skip("only with -preview")
	}
	r := newRenderer(t, Panel215)
	small := newRenderer(t, Panel101)
	for _, lang := range []string{"zh", "en"} {
		for name, v := range samples(lang) {
			plain := name + "-" + lang
			save(t, r, plain, v)
			save(t, small, plain+"-101", v)
			v.Style.Large = true
			save(t, r, plain+"-large", v)
			save(t, small, plain+"-101-large", v)
			v.Style = view.Style{Contrast: true}
			save(t, r, plain+"-contrast", v)
		}
	}
}

func save(t *testing.T, r *renderer, name string, v view.View) {
	t.Helper()
	if !strings.Contains(name, *previewOnly) {
		return
	}
	f, err := os.Create(filepath.Join(*previewDir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, r.render(v)); err != nil {
		t.Fatal(err)
	}
}

// renderer draws views with Fyne's software painter at half size.
type renderer struct {
	kiosk *Kiosk
	win   fyne.Window
	acts  []string
}

func newRenderer(t *testing.T, p Panel) *renderer {
	t.Helper()
	return newRendererScaled(t, p, 0.5)
}

func newRendererScaled(t *testing.T, p Panel, scale float32) *renderer {
	t.Helper()
	a := test.NewTempApp(t)
	r := &renderer{}
	r.win = test.NewTempWindow(t, nil)
	r.win.SetPadded(false)
	r.kiosk = New(a, Options{Panel: p, Fonts: Fonts{Regular: fonts.Regular, Bold: fonts.Bold}, OnAction: func(id string) { r.acts = append(r.acts, id) }})
	r.win.SetContent(r.kiosk.Content())
	r.win.Resize(fyne.NewSize(float32(p.WidthPx)*scale, float32(p.HeightPx)*scale))
	return r
}

func (r *renderer) render(v view.View) image.Image {
	r.kiosk.Show(v)
	return r.win.Canvas().Capture()
}
