// Package wyomingtts speaks through any Wyoming engine that runs as a supervised child process.
// It may import agents/speech/{tts,wyoming} and internal/audio.
package wyomingtts

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/tts"
	"github.com/laoyou/laoyou/agents/speech/wyoming"
	"github.com/laoyou/laoyou/internal/audio"
)

// slowSpeed is the speed of a slow request.
const slowSpeed = 0.8

// Config says how the engine runs.
type Config struct {
	Name      string
	Command   []string // argv of the engine
	Env       []string // added to its small environment
	Languages []agents.Lang

	First time.Duration // until the first sound; 2 s by default
	Stall time.Duration // between two chunks; 2 s by default
}

// Child is an engine as a child process. It implements tts.Engine while Run runs.
type Child struct {
	languages []agents.Lang
	child     *wyoming.Child
}

// NewChild returns a Child.
func NewChild(c Config, log *slog.Logger) *Child {
	return &Child{
		languages: c.Languages,
		child: wyoming.NewChild(wyoming.Config{
			Name: c.Name, Command: c.Command, Env: c.Env, First: c.First, Stall: c.Stall,
		}, log),
	}
}

// Run keeps the engine running until ctx is done.
func (c *Child) Run(ctx context.Context) error { return c.child.Run(ctx) }

// Ready waits until the engine answers, or ctx is done.
func (c *Child) Ready(ctx context.Context) error { return c.child.Ready(ctx) }

// Synthesize implements tts.Engine.
func (c *Child) Synthesize(ctx context.Context, r tts.Request) (audio.Source, error) {
	if len(r.Text) == 0 || len(r.Text) > tts.MaxText {
		return nil, tts.ErrText
	}
	if !slices.Contains(c.languages, r.Lang) {
		return nil, tts.ErrLanguage
	}
	ask := wyoming.Synthesize{Text: r.Text, Voice: &wyoming.VoiceQuery{Language: string(r.Lang)}}
	if r.Slow {
		ask.Speed = slowSpeed
	}
	e, err := wyoming.New(wyoming.TypeSynthesize, ask)
	if err != nil {
		return nil, fmt.Errorf("synthesize: %w", err)
	}
	s := newStream(ctx)
	go s.fill(c.child, e)
	if err := s.begun(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}
