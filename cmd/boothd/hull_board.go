//go:build board

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/board"
	"github.com/laoyou/laoyou/device/sim"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/front"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/ui/kiosk"
	"github.com/laoyou/laoyou/ui/kiosk/fonts"
	"github.com/laoyou/laoyou/ui/view"
)

// hull is what a booth of this build stands in: real hardware and a window of its own. There is no test door.
type hull struct {
	board  device.Board
	door   http.Handler
	wipe   func()
	close  func()
	window func(context.Context) error
	dim    func(percent int) error // nil: the panel has no light that can be set
	listen func(net.Listener) net.Listener
}

func openHull(cfg Config, f *front.Front, _ *journal.Journal, log *slog.Logger) (*hull, error) {
	h := &hull{}
	if cfg.Board.Profile == "sim" {
		b := sim.New(sim.Config{})
		h.board, h.wipe = b, b.Wipe
	} else {
		b, err := board.Open(cfg.Board.Profile, log)
		if err != nil {
			return nil, &config.UsageError{Msg: fmt.Sprintf("board.profile: %v", err)}
		}
		h.board, h.dim = b, board.FindBacklight().Set
	}
	panel := kiosk.Panel215
	if cfg.Screen.Panel == "10.1" {
		panel = kiosk.Panel101
	}
	h.window = func(ctx context.Context) error {
		options := kiosk.Options{
			Panel: panel, Fonts: kiosk.Fonts{Regular: fonts.Regular, Bold: fonts.Bold},
			OnAction: func(action string) { touch(ctx, f, log, action) },
		}
		return kiosk.RunNative(ctx, options, views(ctx, f), cfg.Screen.Fullscreen)
	}
	return h, nil
}

// touch hands an action of the screen on without holding up the screen.
func touch(ctx context.Context, f *front.Front, log *slog.Logger, action string) {
	go func() {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if _, err := f.Do(ctx, firmware.Input{Kind: firmware.InputTouch, Action: action}); err != nil {
			log.Warn("touch refused", "action", action, "error", err)
		}
	}()
}

// views yields the newest view, one after the other.
func views(ctx context.Context, f *front.Front) <-chan view.View {
	out := make(chan view.View)
	go func() {
		defer close(out)
		for {
			v, changed := f.View()
			select {
			case out <- v:
			case <-ctx.Done():
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
