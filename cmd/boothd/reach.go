package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"syscall"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/tts"
	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware/twin"
	"github.com/laoyou/laoyou/firmware/upkeep"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/internal/audio"
)

// uploadTime bounds how long log lines may take to reach the core.
const uploadTime = time.Minute

// reach is what of this booth an operator can reach from afar.
func (m *member) reach(cfg Config) upkeep.Deps {
	d := upkeep.Deps{
		Play: m.b.sound.Play, Message: m.b.setup.message, Look: m.b.front.View, Core: cfg.Cloud.URL,
		HTTP: &http.Client{Timeout: uploadTime}, Restart: func() { m.end(errRestart) },
		Checks: []upkeep.Check{
			{Name: "board", Run: m.b.checkOwnBoard},
			{Name: "bot", Run: checkBot},
			{Name: "words", Run: checkWords},
			{Name: "voice", Run: m.b.checkSpeech},
			{Name: "line", Run: m.b.checkLine},
			{Name: "disk", Run: func(context.Context) (string, error) { return checkDisk(cfg.Data) }},
		},
	}
	if !cfg.Log.PII {
		d.Log = m.b.tail.Last
	}
	return d
}

// checkOwnBoard switches a lamp to what it is and plays a breath of silence to the end: the board that is in use answers.
func (b *booth) checkOwnBoard(ctx context.Context) (string, error) {
	if err := b.hull.board.SetLamp(device.LampReady, true); err != nil {
		return "", fmt.Errorf("lamp: %w", err)
	}
	p := b.sound.Play(voiceio.Operator, audio.Silence(100*time.Millisecond))
	select {
	case <-p.Done():
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if err := p.Err(); err != nil && !errors.Is(err, voiceio.ErrTaken) { // a citizen's sound is proof enough
		return "", fmt.Errorf("ear: %w", err)
	}
	return b.cfg.Board.Profile + ": lamps and ear work", nil
}

// checkSpeech lets the engine that is in use say something that nobody hears.
func (b *booth) checkSpeech(ctx context.Context) (string, error) {
	for _, r := range []tts.Request{{Text: "您好，我是老友。", Lang: agents.LangZh}, {Text: "Hello, this is Laoyou.", Lang: agents.LangEn}} {
		src, err := b.engine.child.Synthesize(ctx, r)
		if err != nil {
			return "", fmt.Errorf("%s: %w", r.Lang, err)
		}
		samples, err := audio.ReadAll(ctx, src, time.Minute)
		if err != nil {
			return "", fmt.Errorf("%s: %w", r.Lang, err)
		}
		if level := audio.RMS(samples); level < -45 {
			return "", fmt.Errorf("%s: silent (%.0f dBFS)", r.Lang, level)
		}
	}
	return "speaks zh and en", nil
}

func (b *booth) checkLine(context.Context) (string, error) {
	if b.line.registered == nil {
		return "there is none here", nil
	}
	if !b.line.registered() {
		return "", errors.New("not registered with the core")
	}
	return "registered", nil
}

// leastDisk is what a booth needs free to work for days without its fleet.
const leastDisk = 128 // MiB

func checkDisk(data string) (string, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(data, &s); err != nil {
		return "", err
	}
	free := s.Bavail * uint64(s.Bsize) >> 20
	if free < leastDisk {
		return "", fmt.Errorf("%d MiB free, %d are needed", free, leastDisk)
	}
	return fmt.Sprintf("%d MiB free", free), nil
}

// appliers put the fleet's settings into force.
func (b *booth) appliers() []twin.Applier {
	return []twin.Applier{
		func(_ context.Context, s fleet.Settings) error { return b.dim(*s.Brightness) },
		func(_ context.Context, s fleet.Settings) error { return b.level.UnmarshalText([]byte(*s.LogLevel)) },
		func(_ context.Context, s fleet.Settings) error { b.setup.configure(s); return nil },
	}
}

// fullLight is how a panel is at start.
const fullLight = 100

func (b *booth) dim(percent int) error {
	if percent == b.light {
		return nil
	}
	if b.hull.dim == nil {
		return &fleet.FieldError{Field: "brightness", Msg: "this booth's panel has no light that can be set"}
	}
	if err := b.hull.dim(percent); err != nil {
		return &fleet.FieldError{Field: "brightness", Msg: err.Error()}
	}
	b.light = percent
	return nil
}

// settings are the booth's own, in force where the fleet wants nothing else.
func (s *setup) settings(cfg Config) fleet.Settings {
	own := s.current()
	text := func(by map[string]string, lang string) *string { t := by[lang]; return &t }
	whole := func(d time.Duration) *int { n := int(d / time.Second); return &n }
	none, light, out := "", fullLight, false
	level := levelName(cfg.Log.Level)
	return fleet.Settings{
		NameZh: text(own.Booth.Names, "zh"), NameEn: text(own.Booth.Names, "en"),
		AddressZh: text(own.Booth.Full, "zh"), AddressEn: text(own.Booth.Full, "en"), NoticeZh: &none, NoticeEn: &none,
		IdleS: whole(own.Idle), VolumeStep: &own.Volume, Brightness: &light, HeartbeatS: whole(cfg.Fleet.Heartbeat),
		TelemetryS: whole(cfg.Fleet.Telemetry), SpreadS: whole(cfg.Fleet.Spread), LogLevel: &level, OutOfOrder: &out,
	}
}

func levelName(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "debug"
	case l < slog.LevelWarn:
		return "info"
	case l < slog.LevelError:
		return "warn"
	}
	return "error"
}

// waits reports whether the booth asks to be claimed and has no code to show.
func (s *setup) waits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rest.Claim != nil && s.rest.Claim.Code == ""
}
