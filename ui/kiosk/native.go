//go:build cgo && !js

package kiosk

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/laoyou/laoyou/ui/view"
)

// RunNative opens the kiosk's window on the booth's own panel (X11) and draws what comes over views until ctx ends. It must be called on the
// main goroutine and blocks it. The environment should pin FYNE_SCALE=1: a panel that reports a wrong size would rescale everything.
func RunNative(ctx context.Context, o Options, views <-chan view.View, fullscreen bool) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	a := app.NewWithID("org.laoyou.kiosk")
	k := New(a, o)
	w := a.NewWindow("老友亭")
	w.SetPadded(false)
	w.SetCloseIntercept(func() {}) // nobody closes a booth but its service
	w.SetContent(k.Content())
	w.Resize(fyne.NewSize(float32(k.panel.WidthPx), float32(k.panel.HeightPx)))
	w.SetFullScreen(fullscreen)
	go func() {
		for {
			select {
			case <-ctx.Done():
				fyne.Do(a.Quit)
				return
			case v, ok := <-views:
				if !ok {
					views = nil
					continue
				}
				k.Show(v)
			}
		}
	}()
	w.ShowAndRun()
	return nil
}

var _ desktop.Cursorable = (*hit)(nil)

// Cursor hides the pointer over targets: a finger needs none.
func (h *hit) Cursor() desktop.Cursor { return desktop.HiddenCursor }
