package hub

import (
	"context"
	"log/slog"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/presence"
)

// Commit implements ingest.Sink.
func (h *Hub) Commit(ctx context.Context, batch []ingest.Record) ([]ingest.Ack, error) {
	begun := time.Now()
	if err := h.ensure(ctx); err != nil {
		return nil, err
	}
	var world *World
	var out *outcome
	err := h.deps.Store.Batch(ctx, wants(batch), func(w *World) { world, out = w, apply(w, batch) })
	if err != nil {
		return nil, err
	}
	h.metrics.committed(batch, out, time.Since(begun))
	// What was stored must be acknowledged, whatever becomes of the news about it.
	if err := h.hear(ctx, out); err != nil {
		h.deps.Log.WarnContext(ctx, "presence was not stored", slog.Any("error", err))
	}
	h.react(out)
	return acks(world, out), nil
}

func (h *Hub) ensure(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.start(ctx)
}

func acks(w *World, out *outcome) []ingest.Ack {
	var list []ingest.Ack
	for id := range out.acked {
		if upto := w.Outboxes[id].Upto; upto > 0 {
			list = append(list, ingest.Ack{Key: id.Key, Ack: mqttapi.Ack{Outbox: id.Outbox, Upto: upto}})
		}
	}
	return list
}

// hear lets presence know who spoke, and stores who came online.
func (h *Hub) hear(ctx context.Context, out *outcome) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var changes []presence.Change
	for _, s := range out.heard {
		if s.will {
			h.tracker.Will(s.key, s.epoch, s.at)
			continue
		}
		if c, ok := h.tracker.Heard(s.key, s.epoch, s.at); ok {
			changes = append(changes, c)
		}
		if s.beat > 0 {
			h.tracker.Beat(s.key, s.beat)
		}
	}
	for k := range out.touched {
		h.touched[k] = true
	}
	for _, c := range out.moved {
		if c.State.Open() {
			h.flight[c.ID] = c.Again()
		} else {
			delete(h.flight, c.ID)
		}
	}
	return h.changed(ctx, changes)
}

// changed stores changes of presence while the lock is held, so that they are stored in the order in which they came about. A booth that came
// online without a birth, because its engine kept the connection while the fleet was away, is looked after like one that was born.
func (h *Hub) changed(ctx context.Context, changes []presence.Change) error {
	for _, c := range changes {
		h.touched[c.Key] = true
		if c.Presence == fleet.Online {
			h.todo.online(c.Key, c.Since)
		}
	}
	h.unsaved = append(h.unsaved, changes...)
	if len(h.unsaved) == 0 {
		return nil
	}
	if err := h.deps.Store.SetPresence(ctx, h.unsaved, nil); err != nil {
		h.unsaved = latest(h.unsaved)
		return err
	}
	h.unsaved = nil
	return nil
}

// latest keeps the last change of each booth: while the store is unwell the list grows no longer than the fleet.
func latest(changes []presence.Change) []presence.Change {
	last := map[fleet.Key]int{}
	for i, c := range changes {
		last[c.Key] = i
	}
	kept := changes[:0]
	for i, c := range changes {
		if last[c.Key] == i {
			kept = append(kept, c)
		}
	}
	return kept
}

// react hands what follows to Run, and tells those who watch.
func (h *Hub) react(out *outcome) {
	h.todo.add(out)
	for _, c := range out.moved {
		view := c.View()
		h.news.publish(c.Key, httpapi.Live{Command: &view})
	}
	for _, p := range out.passing {
		h.news.publish(p.key, httpapi.Live{Command: &p.view})
	}
	for i := range out.events {
		h.news.publish(out.events[i].Key, httpapi.Live{Event: &out.events[i].Event})
	}
}
