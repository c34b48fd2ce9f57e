package virtual

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/laoyou/laoyou/firmware"
)

// heartbeat keeps an idle stream alive through whatever stands between.
const heartbeat = 15 * time.Second

// events streams the journal as server-sent events: `id`, and data {"t_ms","cause_seq","type","visit",…}. It starts with what comes
// next; after the id in Last-Event-ID (or ?after=) where that is given, of which the journal knows the last 1,000. t_ms is wall time
// in ms since 1970.
func (h *Handler) events(w http.ResponseWriter, r *http.Request) {
	id, err := h.startAfter(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	unhurried(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := &stream{w: w, c: http.NewResponseController(w)}
	if out.write([]byte("retry: 1000\n: the booth's journal\n\n")) != nil {
		return
	}
	ctx, cancel := h.untilClosed(r.Context())
	defer cancel()
	h.stream(ctx, out, id)
}

func (h *Handler) stream(ctx context.Context, out *stream, id uint64) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		events, more := h.Events.Since(id)
		for i := range events {
			if out.event(&events[i]) != nil {
				return
			}
			id = events[i].ID
		}
		v, changed := h.Booth.View()
		if v.Visit == "" && out.forget() != nil {
			return
		}
		if !out.words {
			changed = nil // the view matters only while there is something to forget
		}
		select {
		case <-more:
		case <-changed:
		case <-beat.C:
			if out.write([]byte(": still here\n\n")) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// startAfter is the id of the event before the first one to send.
func (h *Handler) startAfter(r *http.Request) (uint64, error) {
	given := r.Header.Get("Last-Event-ID")
	if given == "" {
		given = r.URL.Query().Get("after")
	}
	newest := h.newest()
	if given == "" {
		return newest, nil
	}
	id, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		return 0, &firmware.FieldError{Field: "last-event-id", Msg: "must be the id of an event"}
	}
	if id > newest {
		return 0, nil // from an earlier run of boothd: everything here is new to the client
	}
	return id, nil
}

// newest is the id of the newest event, 0 when there was none.
func (h *Handler) newest() uint64 {
	events, _ := h.Events.Since(0)
	if len(events) == 0 {
		return 0
	}
	return events[len(events)-1].ID
}

// stream is one client's event stream.
type stream struct {
	w     http.ResponseWriter
	c     *http.ResponseController
	words bool // its write buffers may hold words of the visit
}

func (s *stream) write(b []byte) error {
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.c.Flush()
}

func (s *stream) event(e *firmware.Event) error {
	data, err := encodeEvent(e)
	if err != nil {
		return err
	}
	s.words = s.words || e.Visit != ""
	line := fmt.Appendf(nil, "id: %d\ndata: %s\n\n", e.ID, data)
	clear(data)
	defer clear(line)
	return s.write(line)
}

// forget overwrites the words of a visit that is over.
func (s *stream) forget() error {
	if !s.words {
		return nil
	}
	s.words = false
	if err := overwrite(s.w); err != nil {
		return err
	}
	return s.c.Flush()
}

// encodeEvent writes the JSON object with the common members first and the others by name, so that scripts can match it.
func encodeEvent(e *firmware.Event) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"t_ms":%d,"cause_seq":%d,"type":%q,"visit":%q`, e.At.UnixMilli(), e.CauseSeq, e.Type, e.Visit)
	for _, name := range slices.Sorted(maps.Keys(e.Data)) {
		switch name {
		case "t_ms", "cause_seq", "type", "visit":
			continue // ours
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(e.Data[name])
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", name, err)
		}
		b.WriteByte(',')
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
		clear(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
