package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/tts"
	"github.com/laoyou/laoyou/agents/speech/tts/wyomingtts"
	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/emergency"
	"github.com/laoyou/laoyou/firmware/speaker"
	"github.com/laoyou/laoyou/firmware/visit"
	"github.com/laoyou/laoyou/internal/config"
)

// voiceCache bounds the sentences kept ready: about two minutes of speech.
const voiceCache = 4 << 20

// gains are the loudness steps of the ear in dB.
var gains = [...]int{0, 6, 12, 20}

// mouthpiece is a speaker that can also set the ear's loudness.
type mouthpiece struct {
	*speaker.Speaker
	ear   device.Ear
	sound call.Sound
	log   *slog.Logger
}

// Join lets ear and mouth take part in a call, until Stop.
func (m *mouthpiece) Join(p emergency.Party) {
	if err := m.sound.On(context.Background(), p); err != nil {
		m.log.Error("call has no sound", "error", err)
	}
}

// Stop silences this owner at once, its call included.
func (m *mouthpiece) Stop() {
	m.sound.Off()
	m.Speaker.Stop()
}

// SetGain sets the loudness step.
func (m *mouthpiece) SetGain(step int) {
	if err := m.ear.SetGain(gains[step%len(gains)]); err != nil {
		m.log.Error("ear gain not set", "error", err)
	}
}

// engine is the child process that speaks.
type engine struct {
	child *wyomingtts.Child
	tts   *tts.Cache
}

func newEngine(cfg SpeechConfig, log *slog.Logger) (*engine, error) {
	command := cfg.Command
	if len(command) == 0 {
		exe, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("speech: %w", err)
		}
		command = []string{filepath.Join(filepath.Dir(exe), "engine-espeak")}
	}
	if _, err := os.Stat(command[0]); err != nil && strings.ContainsRune(command[0], filepath.Separator) {
		return nil, &config.UsageError{Msg: fmt.Sprintf("speech.command: %v", err)}
	}
	languages := []agents.Lang{agents.LangZh, agents.LangEn}
	child := wyomingtts.NewChild(wyomingtts.Config{Name: filepath.Base(command[0]), Command: command, Languages: languages}, log)
	return &engine{child: child, tts: tts.NewCache(child, voiceCache)}, nil
}

func (e *engine) run(ctx context.Context) error { return e.child.Run(ctx) }

// uplink is the way to the core, which the test door can cut.
type uplink struct {
	client *httpapi.Client
	cut    atomic.Bool
}

func newUplink(cfg Config, t *token) *uplink {
	return &uplink{client: &httpapi.Client{BaseURL: cfg.Cloud.URL, Token: t.get, Timeout: cfg.Cloud.Timeout}}
}

// Do calls a tool, unless the line is cut.
func (u *uplink) Do(ctx context.Context, call tool.Call) tool.Result {
	if u.cut.Load() || u.client.Token() == "" {
		return tool.Result{Name: call.Name, Err: &tool.Error{Kind: tool.Unavailable, Message: "there is no way to the core now"}}
	}
	return u.client.Do(ctx, call)
}

// linked lets the test door's cut reach the uplink before the visit shows it.
type linked struct {
	visit  *visit.Keeper
	uplink *uplink
	member *member
}

func (l linked) Apply(ctx context.Context, in firmware.Input) error {
	if in.Kind == firmware.InputLink {
		l.uplink.cut.Store(!in.Up)
		l.member.cut(!in.Up)
	}
	return l.visit.Apply(ctx, in)
}

// sweeps are the pauses before each collection after a visit: at once, and again when connections and calls that ended with it have
// let go of their buffers.
var sweeps = [...]time.Duration{0, 0, 300 * time.Millisecond, time.Second, 2 * time.Second}

// forget wipes what a visit left in buffers and in freed memory. Pools give their buffers up at the second collection after their use;
// the collector overwrites what it frees (see forgetful).
func (b *booth) forget() {
	b.sound.Wipe()
	if b.hull.wipe != nil {
		b.hull.wipe()
	}
	http.DefaultClient.CloseIdleConnections() // their buffers hold what was sent last
	go func() {
		for _, after := range sweeps {
			time.Sleep(after) //nolint:forbidigo // nothing happens here that one could wait for
			runtime.GC()
		}
		debug.FreeOSMemory()
	}()
}
