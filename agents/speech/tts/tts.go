// Package tts is how a bot speaks: the port of an engine, a chain that moves on to the next engine when one fails, and a cache for the
// sentences that never change. Engines are its children. It may import agents and internal/audio; what is said is never logged.
package tts

import (
	"context"
	"errors"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/internal/audio"
)

// Request is one text to be spoken.
type Request struct {
	Text  string
	Lang  agents.Lang
	Slow  bool // four fifths of the usual speed
	Fixed bool // a sentence of the catalogue, the same for everybody: it may be kept
}

// MaxText is the longest text of one request, in bytes: some three minutes of speech.
const MaxText = 4096

// Errors of engines.
var (
	ErrText     = errors.New("text is empty or too long")
	ErrLanguage = errors.New("no engine speaks this language")
)

// Engine turns text into sound. Synthesize returns once the first sound is there, so that its error still allows another engine; the
// Source ends with ctx.
type Engine interface {
	Synthesize(ctx context.Context, r Request) (audio.Source, error)
}

// EngineFunc is a function that is an Engine.
type EngineFunc func(ctx context.Context, r Request) (audio.Source, error)

// Synthesize calls the function.
func (f EngineFunc) Synthesize(ctx context.Context, r Request) (audio.Source, error) {
	return f(ctx, r)
}
