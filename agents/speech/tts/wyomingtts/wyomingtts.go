// Package wyomingtts speaks through any Wyoming engine that runs as a supervised child process.
// It may import agents/speech/{tts,wyoming} and internal/audio.
package wyomingtts

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// ahead is how far an engine may be ahead of the ear: it is let go as soon as it has finished, not when the last word has sounded.
const ahead = int(3 * time.Minute / audio.FrameDuration)

// errTooLong says that an engine went on for more than three minutes.
var errTooLong = errors.New("engine speaks without end")

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
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{frames: make(chan audio.Frame, ahead), cancel: cancel}
	go s.fill(ctx, c.child, e)
	first, err := s.Read(ctx)
	if err != nil && !errors.Is(err, io.EOF) {
		cancel()
		return nil, err
	}
	s.first = first
	return s, nil
}

// stream is what an engine says, from its goroutine to the ear.
type stream struct {
	first  audio.Frame
	frames chan audio.Frame
	err    error // set before frames is closed
	cancel context.CancelFunc

	resampler *audio.Resampler
	format    wyoming.AudioFormat
	framer    audio.Framer
}

// Read implements audio.Source. A reader that gives up ends the engine's work.
func (s *stream) Read(ctx context.Context) (audio.Frame, error) {
	if f := s.first; f != nil {
		s.first = nil
		return f, nil
	}
	select {
	case f, more := <-s.frames:
		if !more && s.err != nil {
			return nil, s.err
		}
		if !more {
			return nil, io.EOF
		}
		return f, nil
	case <-ctx.Done():
		s.cancel()
		return nil, ctx.Err()
	}
}

func (s *stream) fill(ctx context.Context, child *wyoming.Child, ask wyoming.Event) {
	defer s.cancel()
	defer close(s.frames)
	s.err = child.Exchange(ctx, []wyoming.Event{ask}, wyoming.TypeAudioStop, s.take)
	if s.err == nil && s.resampler != nil {
		s.err = s.give(s.resampler.Flush())
		if last := s.framer.Flush(); last != nil && s.err == nil {
			s.err = s.push(last)
		}
	}
}

func (s *stream) take(e wyoming.Event) error {
	if e.Type != wyoming.TypeAudioStart && e.Type != wyoming.TypeAudioChunk {
		return nil
	}
	var f wyoming.AudioFormat
	if err := e.Decode(&f); err != nil {
		return err
	}
	if s.resampler == nil || f != s.format {
		if f.Width != 2 || f.Channels != 1 {
			return fmt.Errorf("%w: audio of %d bytes, %d channels", wyoming.ErrProtocol, f.Width, f.Channels)
		}
		r, err := audio.NewResampler(f.Rate, audio.Rate)
		if err != nil {
			return fmt.Errorf("%w: %w", wyoming.ErrProtocol, err)
		}
		s.resampler, s.format = r, f
	}
	return s.give(s.resampler.Write(audio.PCM(e.Payload)))
}

func (s *stream) give(samples []int16) error {
	for _, f := range s.framer.Write(samples) {
		if err := s.push(f); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) push(f audio.Frame) error {
	select {
	case s.frames <- f:
		return nil
	default:
		return errTooLong
	}
}
