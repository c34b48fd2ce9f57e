package link

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// Bounds of the outbox.
const (
	maxBytes    = 64 << 20
	maxAge      = 7 * 24 * time.Hour
	ageEvery    = time.Hour // how often the oldest rows are looked for
	maxBody     = 32 << 10  // of one row; far below what the wire takes
	maxPerWrite = 256
	writeWithin = 20 * time.Second
	waitAtMost  = 30 * time.Second // for the disk, where the caller sets no deadline
)

// Event puts a fact into the outbox. When it returns nil, the fact is on disk and will reach the fleet. ErrNotSaved, or the context's error
// when its deadline was earlier, says that it is in memory so far.
func (l *Link) Event(ctx context.Context, e mqttapi.Event) error {
	return l.put(ctx, classOf(e.Type), e)
}

func (l *Link) put(ctx context.Context, class Class, body any) error {
	doc, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	if len(doc) > maxBody {
		return fmt.Errorf("%w: %d bytes", ErrTooBig, len(doc))
	}
	now, _ := l.clock.now()
	r := Row{
		ID: id.New(), Class: class, TS: now.UnixMilli(), Mono: l.clock.mono().Milliseconds(), Boot: l.boot, Body: doc,
	}
	saved, start := l.ring.add(r)
	if start {
		go l.write(context.WithoutCancel(ctx))
	}
	ctx, cancel := context.WithTimeout(ctx, waitAtMost)
	defer cancel()
	select {
	case err := <-saved:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ran is how long the program has run with this outbox, in seconds. It means something once the head is loaded.
func (l *Link) ran() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head.Ran + int64(l.clock.mono()/time.Second)
}

// write moves rows from memory to disk until none is left or the disk refuses. One goroutine at a time does it.
func (l *Link) write(ctx context.Context) {
	for {
		rows := l.ring.batch(maxPerWrite)
		if len(rows) == 0 {
			return
		}
		err := l.append(ctx, rows)
		if err != nil {
			l.deps.Log.WarnContext(ctx, "outbox does not take rows", "rows", len(rows), "error", err)
			err = fmt.Errorf("%w: %w", ErrNotSaved, err)
		}
		if !l.ring.written(len(rows), err) {
			return
		}
	}
}

func (l *Link) append(ctx context.Context, rows []Row) error {
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	if err := l.load(ctx); err != nil {
		return err
	}
	born := l.ran()
	for i := range rows {
		rows[i].Born = born
	}
	if err := l.deps.Store.Append(ctx, rows); err != nil {
		return err
	}
	l.mu.Lock()
	for _, r := range rows {
		l.head.Rows++
		l.head.Bytes += r.Size()
	}
	l.mu.Unlock()
	poke(l.wake)
	return nil
}

// load reads the head once, before anything else is done with the store. Others may ask for the state meanwhile.
func (l *Link) load(ctx context.Context) error {
	l.loading.Lock()
	defer l.loading.Unlock()
	if l.loaded {
		return nil
	}
	h, err := l.deps.Store.Load(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.head, l.reserved = h, h.Epoch
	l.mu.Unlock()
	l.loaded = true
	if h.Floor > 0 {
		l.clock.raise(time.UnixMilli(h.Floor))
	}
	return nil
}

// shed drops what is too much or too old. spare asks for that many bytes of samples,
// because the disk is full.
func (l *Link) shed(ctx context.Context, spare int64) {
	l.mu.Lock()
	ran := l.head.Ran + int64(l.clock.mono()/time.Second)
	e := Excess{Bytes: maxBytes, Before: ran - int64(maxAge/time.Second)}
	due := spare > 0 || l.head.Bytes > maxBytes || ran >= l.agedAt
	if due {
		l.agedAt = ran + int64(ageEvery/time.Second)
	}
	if spare > 0 {
		e.Bytes, e.Samples = max(0, min(e.Bytes, l.head.Bytes-spare)), true
	} else if l.head.Bytes > maxBytes {
		e.Bytes = maxBytes / 10 * 9 // not again for every row
	}
	l.mu.Unlock()
	if !due {
		return
	}
	lost, err := l.deps.Store.Shed(ctx, e)
	if err != nil || lost.Rows() == 0 {
		if err != nil {
			l.deps.Log.WarnContext(ctx, "outbox cannot drop rows", "error", err)
		}
		return
	}
	l.mu.Lock()
	l.head.Rows -= lost.Rows()
	l.head.Bytes -= lost.Bytes
	l.head.Dropped += lost.Rows()
	l.mu.Unlock()
	l.deps.Log.WarnContext(ctx, "outbox dropped rows", "samples", lost.Samples, "events", lost.Events)
	l.tell(ctx, mqttapi.EventDropped, map[string]any{"tm": lost.Samples, "ev": lost.Events})
}

// tell puts an event of the link's own into the outbox. That it may stay in memory is logged where it happens.
func (l *Link) tell(ctx context.Context, t mqttapi.EventType, data map[string]any) {
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	if err := l.Event(ctx, mqttapi.Event{Type: t, Data: data}); err != nil {
		l.deps.Log.DebugContext(ctx, "event stays in memory", "type", string(t), "error", err)
	}
}
