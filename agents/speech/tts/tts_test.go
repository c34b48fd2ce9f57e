package tts_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/tts"
	"github.com/laoyou/laoyou/internal/audio"
)

// counter speaks half a second per request and counts them.
type counter struct {
	calls int
	err   error
}

func (c *counter) Synthesize(context.Context, tts.Request) (audio.Source, error) {
	c.calls++
	if c.err != nil {
		return nil, c.err
	}
	return audio.FromSamples(audio.Render(-20, audio.Beat{Hz: 300, For: 500 * time.Millisecond})), nil
}

func drink(t *testing.T, e tts.Engine, r tts.Request) {
	t.Helper()
	src, err := e.Synthesize(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := audio.ReadAll(t.Context(), src, time.Second); err != nil || len(s) != audio.Rate/2 {
		t.Fatalf("%d samples, %v", len(s), err)
	}
}

func TestCache(t *testing.T) {
	e := &counter{}
	c := tts.NewCache(e, 2*16000) // two requests fit
	a, b, d := tts.Request{Text: "a", Fixed: true}, tts.Request{Text: "b", Fixed: true}, tts.Request{Text: "d", Fixed: true}
	for _, step := range []struct {
		r     tts.Request
		calls int
	}{
		{a, 1},
		{a, 1},
		{b, 2},
		{tts.Request{Text: "a", Fixed: true, Slow: true}, 3}, // a is the oldest: gone
		{b, 3},
		{a, 4},
		{d, 5},
		{tts.Request{Text: "a"}, 6}, // not Fixed: never kept, never served
		{tts.Request{Text: "x"}, 7},
		{tts.Request{Text: "x"}, 8},
	} {
		drink(t, c, step.r)
		if e.calls != step.calls {
			t.Errorf("%+v: %d calls, want %d", step.r, e.calls, step.calls)
		}
	}
}

func TestCacheKeepsWholeAnswersOnly(t *testing.T) {
	e := &counter{}
	c := tts.NewCache(e, 1<<20)
	src, err := c.Synthesize(t.Context(), tts.Request{Text: "a", Fixed: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	drink(t, c, tts.Request{Text: "a", Fixed: true})
	if e.calls != 2 {
		t.Error("half an answer was kept")
	}
}

func TestWarm(t *testing.T) {
	e := &counter{}
	c := tts.NewCache(e, 1<<20)
	if err := c.Warm(t.Context(), []tts.Request{{Text: "a"}, {Text: "b"}}); err != nil {
		t.Fatal(err)
	}
	drink(t, c, tts.Request{Text: "a", Fixed: true})
	if e.calls != 2 {
		t.Errorf("%d calls", e.calls)
	}
	e.err = io.ErrUnexpectedEOF
	if err := c.Warm(t.Context(), []tts.Request{{Text: "c"}}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestChain(t *testing.T) {
	bad, good := &counter{err: errors.New("broken")}, &counter{}
	c := tts.NewChain(map[agents.Lang][]tts.Engine{agents.LangZh: {bad, good}, agents.LangEn: {bad}}, nil)
	drink(t, c, tts.Request{Text: "a", Lang: agents.LangZh})
	if _, err := c.Synthesize(t.Context(), tts.Request{Text: "a", Lang: agents.LangEn}); !errors.Is(err, bad.err) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Synthesize(t.Context(), tts.Request{Text: "a", Lang: "fr"}); !errors.Is(err, tts.ErrLanguage) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := good.calls
	if _, err := c.Synthesize(ctx, tts.Request{Text: "a", Lang: agents.LangZh}); !errors.Is(err, context.Canceled) || good.calls != before {
		t.Errorf("a cancelled request went on: %v", err)
	}
}
