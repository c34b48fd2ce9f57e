package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/registry"
	"github.com/laoyou/laoyou/fleet/twin"
	"github.com/laoyou/laoyou/internal/id"
)

// Command queues a command, and sends it when the booth is there. The one of that id is returned when it wants the same. Errors:
// fleet.ErrNoBooth; fleet.ErrState for a booth that takes none, or an id that is another command's; *fleet.FieldError.
func (h *Hub) Command(ctx context.Context, key fleet.Key, actor string, n httpapi.NewCommand) (httpapi.Command, error) {
	now := h.deps.Now()
	args, err := command.Check(n, now)
	if err != nil {
		return httpapi.Command{}, err
	}
	if n.ID == "" {
		n.ID = id.New()
	}
	o := command.Order{
		Cmd: n.Cmd, Args: args, Force: n.Force, Expires: whole(command.Expiry(n, now)), Actor: actor, Created: whole(now),
	}
	if n.NotBefore > 0 {
		o.NotBefore = time.UnixMilli(n.NotBefore)
	}
	r, added, err := h.deps.Commands.AddCommand(ctx, command.New(command.ID{Key: key, ID: n.ID}, o), audit.Act{
		Actor: actor, Action: audit.Command, Booth: key.Booth,
		Data: map[string]any{"id": n.ID, "cmd": n.Cmd, "force": n.Force},
	})
	if err != nil || !added {
		return r.View(), err
	}
	h.moved([]command.Record{r})
	if h.here(key) {
		for _, sent := range h.replay(ctx, []fleet.Key{key}, func(o *command.Record) bool { return o.ID == r.ID && o.Sent.Times == 0 }) {
			r = sent
		}
	}
	return r.View(), nil
}

// here reports whether it makes sense to send to a booth now.
func (h *Hub) here(k fleet.Key) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tracker.Here(k)
}

// Cancel ends a command that is still queued. Errors: fleet.ErrNoCommand; fleet.ErrState when it was sent.
func (h *Hub) Cancel(ctx context.Context, key fleet.Key, actor, cmd string) (httpapi.Command, error) {
	r, err := h.deps.Commands.CancelCommand(ctx, command.ID{Key: key, ID: cmd}, audit.Act{
		Actor: actor, Action: audit.Cancel, Booth: key.Booth, Data: map[string]any{"id": cmd},
	}, h.deps.Now())
	if err != nil {
		return httpapi.Command{}, err
	}
	h.moved([]command.Record{r})
	return r.View(), nil
}

// SetDesired replaces the desired config of a booth, and sends it. Errors: fleet.ErrNoBooth, fleet.ErrState, fleet.ErrVersion,
// *fleet.FieldError.
func (h *Hub) SetDesired(ctx context.Context, key fleet.Key, actor string, c httpapi.TwinChange) (httpapi.Twin, error) {
	config, err := twin.Canonical(c.Config)
	if err != nil {
		return httpapi.Twin{}, err
	}
	if note := json.RawMessage(c.Note); len(note) > 1000 {
		return httpapi.Twin{}, &fleet.FieldError{Field: "note", Msg: fmt.Sprintf("has %d bytes, at most 1000 are allowed", len(note))}
	}
	t, err := h.deps.Twins.SetDesired(ctx, twin.Change{Key: key, IfVersion: c.IfVersion, Config: config, Actor: actor, Note: c.Note}, h.deps.Now())
	if err != nil {
		return t, err
	}
	h.Changed(key)
	if h.here(key) {
		h.sendDesired(ctx, key)
	}
	return t, nil
}

// SetStanding quarantines a booth, lets it in again or retires it. One that may not stay is cut off before it returns. Errors:
// fleet.ErrNoBooth, fleet.ErrState, *fleet.FieldError.
func (h *Hub) SetStanding(ctx context.Context, key fleet.Key, actor string, c httpapi.StandingChange) (httpapi.Booth, error) {
	if len(c.Reason) > 1000 {
		return httpapi.Booth{}, &fleet.FieldError{Field: "reason", Msg: "must have at most 1000 bytes"}
	}
	b, err := h.deps.Registry.SetStanding(ctx, key, c, audit.Act{
		Actor: actor, Action: registry.Action(c.Standing), Booth: key.Booth, Data: map[string]any{"reason": c.Reason},
	}, h.deps.Now())
	if err != nil {
		return b, err
	}
	if c.Standing != fleet.InService {
		// It is no longer admitted; an engine that cannot cut it off refuses what it says all the same.
		if err := h.deps.Bus.Kick(ctx, key); err != nil {
			h.deps.Log.WarnContext(ctx, "booth not cut off", slog.String("booth", key.String()), slog.Any("error", err))
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.Standing == fleet.Retired {
		h.tracker.Forget(key)
	} else {
		h.tracker.Reset(key)
	}
	h.touched[key] = true
	return b, nil
}

// forget lets a booth count its epochs from anywhere: another device may come.
func (h *Hub) forget(k fleet.Key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tracker.Reset(k)
	h.touched[k] = true
}

// Changed tells those who watch that a booth is new or that what operators say of it has changed.
func (h *Hub) Changed(k fleet.Key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.touched[k] = true
}

// Line tells that the fleet's own line to the engine is lost or back. While it is lost no booth is called offline; then they have the time
// to come back.
func (h *Hub) Line(up bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tracker.Line(up, h.deps.Now())
}

func whole(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()) }
