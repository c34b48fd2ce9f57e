package tts

import (
	"context"
	"errors"
	"log/slog"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/internal/audio"
)

// Chain asks the engines of a language one after the other until one speaks.
type Chain struct {
	engines map[agents.Lang][]Engine
	log     *slog.Logger
}

// NewChain returns a Chain; the best engine of each language comes first.
func NewChain(engines map[agents.Lang][]Engine, log *slog.Logger) *Chain {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Chain{engines, log}
}

// Synthesize implements Engine.
func (c *Chain) Synthesize(ctx context.Context, r Request) (audio.Source, error) {
	if len(c.engines[r.Lang]) == 0 {
		return nil, ErrLanguage
	}
	var all []error
	for i, e := range c.engines[r.Lang] {
		src, err := e.Synthesize(ctx, r)
		if err == nil {
			return src, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.log.Warn("tts engine failed", "lang", r.Lang, "place", i, "err", err)
		all = append(all, err)
	}
	return nil, errors.Join(all...)
}
