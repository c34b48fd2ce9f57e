//go:build !board

package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/sim"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/front"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/firmware/virtual"
	"github.com/laoyou/laoyou/ui/view"
)

// hull is what a booth of this build stands in: the simulated board, shown in a browser.
type hull struct {
	board  device.Board
	door   http.Handler
	wipe   func()
	close  func()
	window func(context.Context) error
	dim    func(percent int) error         // nil: the panel has no light that can be set
	listen func(net.Listener) net.Listener // how the door listens
}

func openHull(cfg Config, f *front.Front, j *journal.Journal, log *slog.Logger) (*hull, error) {
	board := sim.New(sim.Config{OnLamp: func(l device.Lamp, on bool) {
		j.Add(firmware.Event{Type: firmware.EventLED, Data: map[string]any{"lamp": string(l), "on": on}})
	}})
	host, _, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return nil, err
	}
	door := virtual.New(virtual.Deps{
		Booth: &handle{board: board, front: f}, Events: j, Sound: board, Log: log, Token: cfg.Token, Loopback: loopback(host),
	})
	return &hull{board: board, door: door, wipe: board.Wipe, close: door.Close, listen: virtual.Forgetful}, nil
}

// handle lets the door do to the board and the screen what a person does.
type handle struct {
	board *sim.Board
	front *front.Front
	mu    sync.Mutex // one hand on the board at a time, so that each event's number is known
}

func (h *handle) onBoard(act func() error) (uint64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := act(); err != nil {
		return 0, err
	}
	return h.front.BoardSeq(), nil
}

// Hook implements virtual.Booth.
func (h *handle) Hook(ctx context.Context, off bool) (uint64, error) {
	return h.onBoard(func() error {
		if h.board.Off() == off {
			return firmware.ErrHook
		}
		return h.board.Hook(ctx, off)
	})
}

// Key implements virtual.Booth.
func (h *handle) Key(ctx context.Context, key byte) (uint64, error) {
	return h.onBoard(func() error { return h.board.Press(ctx, key) })
}

// SOS implements virtual.Booth.
func (h *handle) SOS(ctx context.Context, held time.Duration) (uint64, error) {
	return h.onBoard(func() error { return h.board.SOS(ctx, held) })
}

// Say implements virtual.Booth.
func (h *handle) Say(ctx context.Context, text, lang string) (uint64, error) {
	return h.front.Do(ctx, firmware.Input{Kind: firmware.InputSay, Text: text, Lang: lang})
}

// Touch implements virtual.Booth.
func (h *handle) Touch(ctx context.Context, action string) (uint64, error) {
	return h.front.Do(ctx, firmware.Input{Kind: firmware.InputTouch, Action: action})
}

// Link implements virtual.Booth.
func (h *handle) Link(ctx context.Context, up bool) (uint64, error) {
	return h.front.Do(ctx, firmware.Input{Kind: firmware.InputLink, Up: up})
}

// View implements virtual.Booth.
func (h *handle) View() (view.View, <-chan struct{}) { return h.front.View() }
