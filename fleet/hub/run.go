package hub

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// How often Run looks after what.
const (
	newsPause     = 250 * time.Millisecond // rows with news are gathered for this long
	tickPause     = time.Second            // presence, expiry, sending again
	seenPause     = 15 * time.Second       // when booths were heard last is stored
	behindPause   = time.Minute            // desired config of booths that have not answered it is sent again
	sweepPause    = time.Hour              // old rows are deleted
	sweepFirst    = 5 * time.Minute        // after the start
	sweepingPause = time.Second            // while there are more
)

// Run does what batches lead to and looks after time, until ctx ends. It returns an error only when it cannot begin.
func (h *Hub) Run(ctx context.Context) error {
	if err := h.ensure(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // told to stop before it had begun
		}
		return err
	}
	show, tick := time.NewTicker(newsPause), time.NewTicker(tickPause)
	seen, behind := time.NewTicker(seenPause), time.NewTicker(behindPause)
	defer func() { show.Stop(); tick.Stop(); seen.Stop(); behind.Stop() }()
	var sweeper sync.WaitGroup
	defer sweeper.Wait()
	sweeper.Go(func() { h.sweep(ctx) }) // a look at every booth: nobody waits for it
	for {
		select {
		case <-ctx.Done():
			h.seen(context.WithoutCancel(ctx)) // the last chance to say who was there
			return nil
		case <-h.todo.more:
			h.do(ctx, h.todo.take())
		case <-show.C:
			h.show(ctx)
		case <-tick.C:
			h.tick(ctx)
		case <-seen.C:
			h.seen(ctx)
		case <-behind.C:
			h.behind(ctx)
		}
	}
}

// try logs the error of something that will be tried again.
func (h *Hub) try(ctx context.Context, what string, err error) bool {
	if err != nil && ctx.Err() == nil {
		h.deps.Log.WarnContext(ctx, "not done, will be tried again", slog.String("what", what), slog.Any("error", err))
	}
	return err == nil
}

// show sends the rows that have news to those who watch.
func (h *Hub) show(ctx context.Context) {
	h.mu.Lock()
	touched := h.touched
	n := len(touched)
	if n > 0 {
		h.touched = map[fleet.Key]bool{}
	}
	h.mu.Unlock()
	if n == 0 || !h.news.watched() {
		return
	}
	keys := make([]fleet.Key, 0, len(touched))
	for k := range touched {
		keys = append(keys, k)
	}
	rows, err := h.deps.Store.Rows(ctx, keys)
	if !h.try(ctx, "read rows", err) {
		return
	}
	for k, row := range rows {
		h.news.publish(k, httpapi.Live{Booth: &row})
	}
}

// tick looks whose time has run out.
func (h *Hub) tick(ctx context.Context) {
	now := h.deps.Now()
	h.mu.Lock()
	h.try(ctx, "store presence", h.changed(ctx, h.tracker.Tick(now)))
	h.mu.Unlock()
	h.lapse(ctx, now)
	h.again(ctx, now)
}

// lapse ends commands whose time is over and of which nothing more is to be expected: the booth never took it, or it is silent.
func (h *Hub) lapse(ctx context.Context, now time.Time) {
	over, err := h.deps.Commands.Overdue(ctx, now.Add(-command.Patience))
	if !h.try(ctx, "find expired commands", err) {
		return
	}
	var ids []command.ID
	for _, r := range over {
		if r.State == command.Queued || r.State == command.Sent || h.silent(r.Key) {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	lapsed, err := h.deps.Commands.Lapse(ctx, ids, now)
	if h.try(ctx, "end expired commands", err) {
		h.moved(lapsed)
	}
}

func (h *Hub) silent(k fleet.Key) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tracker.Silent(k)
}

// moved tells of commands that have changed.
func (h *Hub) moved(records []command.Record) {
	h.mu.Lock()
	for _, r := range records {
		h.touched[r.Key] = true
		if r.State.Open() { // also one that the line did not take: it is tried again
			h.flight[r.ID] = r.Again()
		} else {
			delete(h.flight, r.ID)
		}
	}
	h.mu.Unlock()
	for _, r := range records {
		view := r.View()
		h.news.publish(r.Key, httpapi.Live{Command: &view})
	}
}

// again sends commands whose time has come once more, to booths that are there. The others get theirs when they are born.
func (h *Hub) again(ctx context.Context, now time.Time) {
	h.mu.Lock()
	keys := map[fleet.Key]bool{}
	for id, due := range h.flight {
		switch {
		case now.Before(due):
		case h.tracker.Here(id.Key):
			keys[id.Key] = true
		case h.tracker.Silent(id.Key):
			delete(h.flight, id)
		}
	}
	h.mu.Unlock()
	if len(keys) == 0 {
		return
	}
	list := make([]fleet.Key, 0, len(keys))
	for k := range keys {
		list = append(list, k)
	}
	h.replay(ctx, list, func(r *command.Record) bool { return r.Sent.Times == 0 || !now.Before(r.Again()) })
}

// seen stores when booths were heard last.
func (h *Hub) seen(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.deps.Now()
	heard := h.tracker.HeardSince(h.flushed)
	if len(heard) == 0 || h.try(ctx, "store when booths were heard", h.deps.Store.SetPresence(ctx, nil, heard)) {
		h.flushed = now
	}
}

func (h *Hub) behind(ctx context.Context) {
	keys, err := h.deps.Twins.Behind(ctx)
	if !h.try(ctx, "find booths with an older config", err) {
		return
	}
	for _, k := range keys {
		h.sendDesired(ctx, k)
	}
}

// sweep deletes old rows, a little at a time, until ctx ends.
func (h *Hub) sweep(ctx context.Context) {
	next := time.NewTimer(sweepFirst)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		more, err := h.deps.Store.Sweep(ctx, h.deps.Keep, h.deps.Now())
		if h.try(ctx, "delete old rows", err) && more {
			next.Reset(sweepingPause)
		} else {
			next.Reset(sweepPause)
		}
	}
}
