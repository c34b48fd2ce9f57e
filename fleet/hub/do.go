package hub

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// sendTime bounds how long one message to a booth may take to get into the engine.
const sendTime = 5 * time.Second

// do carries out what batches led to.
func (h *Hub) do(ctx context.Context, w work) {
	for k := range w.clones {
		h.deps.Log.WarnContext(ctx, "booth quarantined: two devices have its identity", slog.String("booth", k.String()))
		h.try(ctx, "cut off a quarantined booth", h.deps.Bus.Kick(ctx, k))
		h.forget(k)
	}
	if w.dropped > 0 {
		h.deps.Log.WarnContext(ctx, "requests of booths were dropped", slog.Int("n", w.dropped))
	}
	for _, r := range w.requests {
		h.answer(ctx, r)
	}
	keys := make([]fleet.Key, 0, len(w.births))
	for k, b := range w.births {
		if w.clones[k] {
			continue
		}
		keys = append(keys, k)
		if b.newest < 0 || (b.newest > 0 && b.config != b.newest) {
			h.sendDesired(ctx, k)
		}
	}
	// What was sent since the birth came has gone to the new connection.
	h.replay(ctx, keys, func(r *command.Record) bool {
		return r.Sent.Last.Before(w.births[r.Key].at.Truncate(time.Millisecond))
	})
}

// replayChunk bounds how long others wait to send.
const replayChunk = 64

// replay sends the open commands of booths that are due, and returns them as they are then.
func (h *Hub) replay(ctx context.Context, keys []fleet.Key, due func(*command.Record) bool) []command.Record {
	var sent []command.Record
	for chunk := range slices.Chunk(keys, replayChunk) {
		sent = append(sent, h.replaySome(ctx, chunk, due)...)
	}
	return sent
}

func (h *Hub) replaySome(ctx context.Context, keys []fleet.Key, due func(*command.Record) bool) []command.Record {
	h.sending.Lock()
	defer h.sending.Unlock()
	open, err := h.deps.Commands.OpenCommands(ctx, keys)
	if !h.try(ctx, "read open commands", err) {
		return nil
	}
	return h.deliver(ctx, slices.DeleteFunc(open, func(r command.Record) bool { return !due(&r) }))
}

// deliver puts commands on the line, notes those that the engine took and returns them. One whose time is over stays off the line.
func (h *Hub) deliver(ctx context.Context, records []command.Record) []command.Record {
	var ids []command.ID
	now := h.deps.Now()
	for i := range records {
		r := &records[i]
		if !now.Before(r.Expires) && r.State != command.Accepted && r.State != command.Running {
			continue
		}
		payload, err := r.Wire(now)
		if err == nil {
			err = h.send(ctx, mqttapi.Topic{Key: r.Key, Leaf: mqttapi.Commands}, payload)
		}
		if h.try(ctx, "send a command", err) {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	sent, err := h.deps.Commands.Delivered(ctx, ids, h.deps.Now())
	if h.try(ctx, "note that commands were sent", err) {
		h.moved(sent)
	}
	return sent
}

func (h *Hub) send(ctx context.Context, t mqttapi.Topic, payload []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if err := h.deps.Bus.Publish(ctx, t.String(), payload); err != nil {
		h.metrics.failed.Inc()
		return err
	}
	h.metrics.sent.WithLabelValues(string(t.Leaf)).Inc()
	return nil
}

// sendDesired sends the newest desired config, if there is any.
func (h *Hub) sendDesired(ctx context.Context, k fleet.Key) {
	c, err := h.deps.Twins.Desired(ctx, k)
	if !h.try(ctx, "read desired config", err) || c.Version == 0 {
		return
	}
	payload, err := mqttapi.Encode(mqttapi.Envelope{ID: id.New(), Kind: mqttapi.KindConfig, TS: h.deps.Now().UnixMilli()}, c)
	if err == nil {
		err = h.send(ctx, mqttapi.Topic{Key: k, Leaf: mqttapi.DesiredConfig}, payload)
	}
	h.try(ctx, "send desired config", err)
}

var errNoRenewal = errors.New("certificates are not renewed here")

// answer answers a request.
func (h *Hub) answer(ctx context.Context, r request) {
	now := h.deps.Now()
	reply := mqttapi.Reply{TS: now.UnixMilli()}
	switch r.Ask {
	case mqttapi.AskDesired:
		h.sendDesired(ctx, r.key)
	case mqttapi.AskRenew:
		err := errNoRenewal
		if h.deps.Renewer != nil {
			reply.Cert, err = h.deps.Renewer.Renew(ctx, r.key, r.CSR)
		}
		if err != nil {
			reply.Error = err.Error()
			h.deps.Log.WarnContext(ctx, "certificate not renewed", slog.String("booth", r.key.String()), slog.Any("error", err))
		}
	case mqttapi.AskTime:
	}
	payload, err := mqttapi.Encode(mqttapi.Envelope{ID: id.New(), Kind: mqttapi.KindReply, TS: now.UnixMilli(), CID: r.id}, reply)
	if err == nil {
		err = h.send(ctx, mqttapi.Topic{Key: r.key, Leaf: mqttapi.Replies}, payload)
	}
	if err != nil {
		h.deps.Log.WarnContext(ctx, "request not answered", slog.String("booth", r.key.String()), slog.Any("error", err))
	}
}
