package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/tts"
	"github.com/laoyou/laoyou/firmware/front"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/internal/audio"
)

// check is one thing a booth needs, and how to see that it is there.
type check struct {
	name string
	run  func(ctx context.Context) (string, error)
}

// selftest tries every part that works without a citizen and without the core, and says of each whether it does.
func selftest(ctx context.Context, cfg Config, log *slog.Logger, out io.Writer) error {
	fmt.Fprintf(out, "boothd %s %s/%s\n", version, runtime.GOOS, runtime.GOARCH)
	failed := 0
	for _, c := range append([]check{
		{"bot", checkBot},
		{"screen words", checkWords},
		{"board", func(ctx context.Context) (string, error) { return checkBoard(ctx, cfg, log) }},
		{"voice line", checkLine},
		{"voice", func(ctx context.Context) (string, error) { return checkVoice(ctx, cfg, log) }},
	}, hullChecks()...) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		start := time.Now()
		found, err := c.run(ctx)
		cancel()
		if err != nil {
			failed++
			fmt.Fprintf(out, "FAIL  %-14s %v\n", c.name, err)
			continue
		}
		fmt.Fprintf(out, "ok    %-14s %s (%s)\n", c.name, found, time.Since(start).Round(time.Millisecond))
	}
	if failed > 0 {
		return fmt.Errorf("self-test: %d of the parts do not work", failed)
	}
	fmt.Fprintln(out, "self-test passed")
	return nil
}

func checkBot(context.Context) (string, error) {
	bot, err := newBot(time.Now)
	if err != nil {
		return "", err
	}
	state, _ := bot.Start(agents.LangUnknown)
	_, reply := bot.Next(state, agents.Input{Text: "Two tickets for Yu Garden tomorrow morning, please"})
	if reply.Lang != agents.LangEn || (reply.Call == nil && reply.Card == nil) {
		return "", errors.New("it does not understand a request for tickets")
	}
	return "understands a request for tickets", nil
}

func checkWords(context.Context) (string, error) {
	words, err := present.New()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d languages", len(words.Langs())), nil
}

func checkBoard(ctx context.Context, cfg Config, log *slog.Logger) (string, error) {
	h, err := openHull(cfg, front.New(), journal.New(time.Now), log)
	if err != nil {
		return "", err
	}
	defer h.board.Close()
	for range 5 {
		if err := h.board.Ear().Write(ctx, make(audio.Frame, audio.FrameLen)); err != nil {
			return "", fmt.Errorf("ear: %w", err)
		}
	}
	if _, err := h.board.Mouth().Read(ctx); err != nil {
		return "", fmt.Errorf("mouth: %w", err)
	}
	return cfg.Board.Profile + ": ear and mouth work", nil
}

func checkVoice(ctx context.Context, cfg Config, log *slog.Logger) (string, error) {
	e, err := newEngine(cfg.Speech, log)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			log.Error("engine ended badly", "error", err)
		}
	}()
	said := ""
	for _, r := range []tts.Request{{Text: "您好，我是老友。", Lang: agents.LangZh}, {Text: "Hello, this is Laoyou.", Lang: agents.LangEn}} {
		src, err := e.tts.Synthesize(ctx, r)
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
		said += fmt.Sprintf("%s %.1f s ", r.Lang, float64(len(samples))/audio.Rate)
	}
	return said, nil
}
