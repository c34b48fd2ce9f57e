package wyomingtts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/laoyou/laoyou/agents/speech/wyoming"
	"github.com/laoyou/laoyou/internal/audio"
)

// ahead is how far an engine may be ahead of the ear: it is let go as soon as it has finished, not when the last word has sounded.
const ahead = int(6 * time.Minute / audio.FrameDuration)

// errTooLong says that an engine went on and on.
var errTooLong = errors.New("engine speaks without end")

// stream is what an engine says, between its goroutine and the ear. It ends with the context of its request: then what waits in it is
// overwritten, as it may speak of a citizen.
type stream struct {
	request context.Context //nolint:containedctx // it outlives the call that made the stream
	ctx     context.Context //nolint:containedctx // of the engine's work, within request
	cancel  context.CancelFunc
	watch   func() bool   // stops watching the request's context
	news    chan struct{} // holds a token when there may be more

	mu    sync.Mutex // guards what follows
	queue []audio.Frame
	err   error // how it ended; nil while it has not

	// Owned by fill.
	resampler *audio.Resampler
	format    wyoming.AudioFormat
	framer    audio.Framer
}

func newStream(ctx context.Context) *stream {
	s := &stream{request: ctx, news: make(chan struct{}, 1)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.watch = context.AfterFunc(ctx, func() { _ = s.Close() })
	return s
}

// begun waits for the first sound, or the end of an answer without any.
func (s *stream) begun(ctx context.Context) error {
	for {
		s.mu.Lock()
		n, err := len(s.queue), s.err
		s.mu.Unlock()
		switch {
		case n > 0 || errors.Is(err, io.EOF):
			s.tell()
			return nil
		case err != nil:
			return err
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Read implements audio.Source.
func (s *stream) Read(ctx context.Context) (audio.Frame, error) {
	for {
		if err := errors.Join(s.request.Err(), ctx.Err()); err != nil {
			return nil, err
		}
		if f, err := s.pop(); f != nil || err != nil {
			return f, err
		}
		select {
		case <-s.news:
		case <-ctx.Done():
		}
	}
}

func (s *stream) pop() (audio.Frame, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 {
		f := s.queue[0]
		s.queue[0] = nil
		s.queue = s.queue[1:]
		return f, nil
	}
	if s.err != nil {
		s.watch()
	}
	return nil, s.err
}

// Close ends the engine's work and overwrites what waits. The reader of a source calls it when it gives up early.
func (s *stream) Close() error {
	s.cancel()
	s.watch()
	s.end(context.Canceled)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 {
		s.err = context.Canceled // the engine had finished, the reader has not
	}
	for _, f := range s.queue {
		f.Wipe()
	}
	s.queue = nil
	return nil
}

// end notes how it ended; the first to say so is right.
func (s *stream) end(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.tell()
}

func (s *stream) tell() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// fill asks the engine and takes its answer.
func (s *stream) fill(child *wyoming.Child, ask wyoming.Event) {
	defer s.cancel()
	err := child.Exchange(s.ctx, []wyoming.Event{ask}, wyoming.TypeAudioStop, s.take)
	if s.resampler != nil {
		rest := s.resampler.Flush()
		if err == nil {
			err = s.give(rest)
		}
	}
	if last := s.framer.Flush(); last != nil && err == nil {
		err = s.push(last)
	}
	if err == nil {
		err = io.EOF
	}
	s.end(err)
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
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil: // closed
		f.Wipe()
		return s.err
	case len(s.queue) >= ahead:
		return errTooLong
	}
	s.queue = append(s.queue, f)
	s.tell()
	return nil
}
