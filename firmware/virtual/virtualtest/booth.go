// Package virtualtest is a booth of cardboard: it implements the ports of firmware/virtual with a few canned screens and a simulated
// handset that plays a tone, for tests and for looking at the page without the firmware.
package virtualtest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/ui/view"
)

// Booth is a fake. Its methods may be called from any goroutine.
type Booth struct {
	mu      sync.Mutex
	seq     uint64
	off     bool
	calls   []string
	v       view.View
	changed chan struct{}
	events  []firmware.Event
	more    chan struct{}
	fail    error
}

// NewBooth returns a booth at rest.
func NewBooth() *Booth {
	return &Booth{v: Attract(), changed: make(chan struct{}), more: make(chan struct{})}
}

// Calls lists what was done to the booth, one word a call: "hook:off", "key:1", "say:zh:你好", "touch:home", "sos:1.2s", "link:up".
func (b *Booth) Calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Fail makes every further input fail with err; nil ends that.
func (b *Booth) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

// Show changes the screen.
func (b *Booth) Show(v view.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.show(v)
}

func (b *Booth) show(v view.View) {
	b.v = v
	close(b.changed)
	b.changed = make(chan struct{})
	b.emit(firmware.EventView, map[string]any{"screen": v.Screen, "lang": v.Lang})
}

// Emit adds an event to the journal.
func (b *Booth) Emit(t firmware.EventType, data map[string]any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.emit(t, data)
}

func (b *Booth) emit(t firmware.EventType, data map[string]any) {
	b.events = append(b.events, firmware.Event{
		ID: uint64(len(b.events)) + 1, At: time.Now(), Type: t, CauseSeq: b.seq, Visit: b.v.Visit, Data: maps.Clone(data),
	})
	close(b.more)
	b.more = make(chan struct{})
}

func (b *Booth) say(who, lang, text string) {
	b.v.Captions = append(slices.Clone(b.v.Captions), view.Caption{Who: who, Text: text})
	b.emit(firmware.EventTurn, map[string]any{"who": who, "lang": lang, "text": text})
}

// do records one input and applies it.
func (b *Booth) do(call string, apply func() error) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return 0, b.fail
	}
	b.seq++
	b.calls = append(b.calls, call)
	if err := apply(); err != nil {
		return 0, err
	}
	return b.seq, nil
}

// Hook implements virtual.Booth.
func (b *Booth) Hook(_ context.Context, off bool) (uint64, error) {
	return b.do("hook:"+map[bool]string{true: "off", false: "on"}[off], func() error {
		if off == b.off {
			return firmware.ErrHook
		}
		b.off = off
		if !off {
			b.emit(firmware.EventLED, map[string]any{"lamp": "call", "on": false})
			b.emit(firmware.EventLED, map[string]any{"lamp": "sos", "on": false})
			b.emit(firmware.EventVisit, map[string]any{"state": "ended"})
			b.show(Attract())
			return nil
		}
		v := Home("zh")
		v.Visit = id.New()
		b.v.Visit = v.Visit
		b.emit(firmware.EventVisit, map[string]any{"state": "started"})
		b.emit(firmware.EventLED, map[string]any{"lamp": "ready", "on": true})
		b.show(v)
		b.say(view.Bot, "zh", "您好，这里是老友亭。想做什么，直接说就行。")
		b.say(view.Bot, "en", "Hello. Just tell me what you need.")
		return nil
	})
}

// Key implements virtual.Booth.
func (b *Booth) Key(_ context.Context, key byte) (uint64, error) {
	return b.do("key:"+string(key), func() error {
		b.emit(firmware.EventKey, map[string]any{"key": string(key)})
		return nil
	})
}

// Say implements virtual.Booth.
func (b *Booth) Say(_ context.Context, text, lang string) (uint64, error) {
	return b.do("say:"+lang+":"+text, func() error {
		if !b.off {
			return firmware.ErrHook
		}
		b.say(view.Citizen, lang, text)
		reply, v := "没听明白，请再说一遍。", Talk("zh")
		switch {
		case strings.Contains(text, "ticket"):
			reply, v = "Yu Garden, two tickets, tomorrow morning. Shall I book them?", Talk("en")
		case strings.Contains(text, "豫园"):
			reply = "豫园，明天上午，两张票。要帮您订吗？"
		}
		v.Visit, v.Captions = b.v.Visit, b.v.Captions
		b.v = v
		b.say(view.Bot, v.Lang, reply)
		b.show(b.v)
		return nil
	})
}

// Touch implements virtual.Booth.
func (b *Booth) Touch(_ context.Context, action string) (uint64, error) {
	return b.do("touch:"+action, func() error {
		if _, ok := b.v.Find(action); !ok {
			return &firmware.FieldError{Field: "action", Msg: "is not on offer"}
		}
		if action == "yes" {
			v := Done("zh")
			v.Visit = b.v.Visit
			b.show(v)
			b.say(view.Bot, "zh", "订好了，取票码四八二六。")
		}
		return nil
	})
}

// SOS implements virtual.Booth.
func (b *Booth) SOS(_ context.Context, held time.Duration) (uint64, error) {
	return b.do("sos:"+held.String(), func() error {
		if held < time.Second {
			return nil
		}
		b.emit(firmware.EventLED, map[string]any{"lamp": "sos", "on": true})
		b.emit(firmware.EventLED, map[string]any{"lamp": "call", "on": true})
		b.emit(firmware.EventCall, map[string]any{"state": "ringing", "to": "lab"})
		return nil
	})
}

// Link implements virtual.Booth.
func (b *Booth) Link(_ context.Context, up bool) (uint64, error) {
	return b.do("link:"+map[bool]string{true: "up", false: "down"}[up], func() error { return nil })
}

// View implements virtual.Booth.
func (b *Booth) View() (view.View, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.v, b.changed
}

// Since implements virtual.Events.
func (b *Booth) Since(after uint64) ([]firmware.Event, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events[min(after, uint64(len(b.events))):]), b.more
}
