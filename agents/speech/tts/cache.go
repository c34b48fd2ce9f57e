package tts

import (
	"container/list"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/laoyou/laoyou/internal/audio"
)

// Cache keeps what was said for requests marked Fixed, so that prompts start at once and survive an engine's death. What is not marked is
// never kept: it may hold a citizen's data. The least recently used goes first.
type Cache struct {
	engine Engine
	limit  int // bytes of samples

	mu    sync.Mutex
	size  int
	byKey map[Request]*list.Element
	order *list.List // of entry, most recently used first
}

type entry struct {
	key     Request
	samples []int16
}

// NewCache returns a Cache in front of an engine that keeps at most limit bytes of sound: one second is 32,000.
func NewCache(e Engine, limit int) *Cache {
	return &Cache{engine: e, limit: limit, byKey: map[Request]*list.Element{}, order: list.New()}
}

// Synthesize implements Engine.
func (c *Cache) Synthesize(ctx context.Context, r Request) (audio.Source, error) {
	if !r.Fixed {
		return c.engine.Synthesize(ctx, r)
	}
	if s, ok := c.get(r); ok {
		return audio.FromSamples(s), nil
	}
	src, err := c.engine.Synthesize(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.record(r, src), nil
}

// Warm speaks requests into the cache and returns what failed.
func (c *Cache) Warm(ctx context.Context, all []Request) error {
	var failed []error
	for _, r := range all {
		r.Fixed = true
		src, err := c.Synthesize(ctx, r)
		for err == nil {
			_, err = src.Read(ctx)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, io.EOF) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// record passes a source on and keeps it once it was read to its end.
func (c *Cache) record(r Request, src audio.Source) audio.Source {
	var all []int16
	return audio.SourceFunc(func(ctx context.Context) (audio.Frame, error) {
		f, err := src.Read(ctx)
		switch {
		case err == nil && len(all)*2 <= c.limit:
			all = append(all, f...)
		case errors.Is(err, io.EOF):
			c.put(r, all)
		}
		return f, err
	})
}

func (c *Cache) get(r Request) ([]int16, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[r]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(entry).samples, true //nolint:forcetypeassert // the list holds nothing else
}

func (c *Cache) put(r Request, samples []int16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[r]; ok || len(samples) == 0 || len(samples)*2 > c.limit {
		return
	}
	c.byKey[r] = c.order.PushFront(entry{r, samples})
	c.size += 2 * len(samples)
	for c.size > c.limit {
		last := c.order.Back()
		old := c.order.Remove(last).(entry) //nolint:forcetypeassert // as above
		delete(c.byKey, old.key)
		c.size -= 2 * len(old.samples)
	}
}
