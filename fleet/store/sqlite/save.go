package sqlite

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/hub"
)

// save stores what a batch changed.
func (w *work) save(ctx context.Context, world *hub.World) error {
	for _, save := range []func(context.Context, *hub.World) error{
		w.saveLinks, w.saveTwins, w.saveOutboxes, w.saveEvents, w.saveSamples, w.saveCommands, w.saveActs,
	} {
		if err := save(ctx, world); err != nil {
			return err
		}
	}
	return nil
}

// The row is there since the booth was claimed, so that the values of a new one are never stored.
const upsertLink = `INSERT INTO booth_live (tenant, booth, presence, since, drift, last_seen, epoch, boot, births, birth_at, birth_mono, skew,
		fw, board, cfgv, beat, visit, pulse) %VALUES%
	ON CONFLICT (tenant, booth) DO UPDATE SET last_seen = excluded.last_seen, epoch = excluded.epoch, boot = excluded.boot,
		births = excluded.births, birth_at = excluded.birth_at, birth_mono = excluded.birth_mono, skew = excluded.skew, fw = excluded.fw,
		board = excluded.board, cfgv = excluded.cfgv, beat = excluded.beat, visit = excluded.visit, pulse = excluded.pulse`

func (w *work) saveLinks(ctx context.Context, world *hub.World) error {
	var changed []*hub.Member
	for _, m := range world.Members {
		if m.Link.Changed {
			changed = append(changed, m)
		}
		if m.Cut {
			if _, err := w.exec(ctx, `UPDATE booth SET standing = ?, reason = ? WHERE tenant = ? AND id = ?`,
				m.Standing, m.Reason, m.Key.Tenant, m.Key.Booth); err != nil {
				return err
			}
		}
	}
	pulses := make([]string, len(changed))
	for i, m := range changed {
		if m.Link.Pulse == nil {
			continue
		}
		doc, err := json.Marshal(m.Link.Pulse)
		if err != nil {
			return err
		}
		pulses[i] = string(doc)
	}
	return chunked(len(changed), 18, func(i int) []any {
		m := changed[i]
		l := &m.Link
		return []any{
			m.Key.Tenant, m.Key.Booth, fleet.Unknown, 0, 0, millis(l.LastSeen), l.Epoch, l.Boot, strings.Join(l.Births, " "),
			millis(l.BirthAt), l.BirthMono, l.Skew, l.Firmware, l.Board, l.Config, int64(l.Beat.Seconds()), flag(l.Visit), pulses[i],
		}
	}, func(values string, args []any) error {
		_, err := w.exec(ctx, strings.Replace(upsertLink, "%VALUES%", values, 1), args...)
		return err
	})
}

func (w *work) saveTwins(ctx context.Context, world *hub.World) error {
	for _, m := range world.Members {
		if !m.Twin.Changed {
			continue
		}
		errs := ""
		if len(m.Twin.Errors) > 0 {
			doc, err := json.Marshal(m.Twin.Errors)
			if err != nil {
				return err
			}
			errs = string(doc)
		}
		if _, err := w.exec(ctx, `INSERT INTO twin (tenant, booth, version, answers, applied, errors, at) VALUES (?, ?, 0, ?, ?, ?, ?)
			ON CONFLICT (tenant, booth) DO UPDATE SET answers = excluded.answers, applied = excluded.applied, errors = excluded.errors,
			at = excluded.at`, m.Key.Tenant, m.Key.Booth, m.Twin.Answers, string(m.Twin.Applied), errs, millis(m.Twin.At)); err != nil {
			return err
		}
		if _, err := w.exec(ctx, updateDrift, m.Twin.Drift, m.Key.Tenant, m.Key.Booth); err != nil {
			return err
		}
	}
	return nil
}

const updateDrift = `UPDATE booth_live SET drift = ? WHERE tenant = ? AND booth = ?`

const upsertOutbox = `INSERT INTO outbox (tenant, booth, outbox, n, upto, ahead) %VALUES%
	ON CONFLICT (tenant, booth, outbox) DO UPDATE SET upto = excluded.upto, ahead = excluded.ahead`

func (w *work) saveOutboxes(ctx context.Context, world *hub.World) error {
	var ids []hub.OutboxID
	for id, b := range world.Outboxes {
		if b.Changed {
			ids = append(ids, id)
		}
	}
	ahead := make([]string, len(ids))
	for i, id := range ids {
		if b := world.Outboxes[id]; len(b.Ahead) > 0 {
			doc, err := json.Marshal(b.Ahead)
			if err != nil {
				return err
			}
			ahead[i] = string(doc)
		}
	}
	return chunked(len(ids), 6, func(i int) []any {
		id, b := ids[i], world.Outboxes[ids[i]]
		return []any{id.Key.Tenant, id.Key.Booth, id.Outbox, b.N, b.Upto, ahead[i]}
	}, func(values string, args []any) error {
		_, err := w.exec(ctx, strings.Replace(upsertOutbox, "%VALUES%", values, 1), args...)
		return err
	})
}

// A row that is there already can only be the same one: rather that than a batch which fails for ever.
const insertEvent = `INSERT INTO event (tenant, booth, ob, seq, sub, id, at, received, type, visit, data) %VALUES%
	ON CONFLICT (tenant, booth, ob, seq, sub) DO NOTHING`

func (w *work) saveEvents(ctx context.Context, world *hub.World) error {
	var told, found []*hub.Event
	for i := range world.Events {
		if e := &world.Events[i]; e.Sub < 0 {
			found = append(found, e)
		} else {
			told = append(told, e)
		}
	}
	if err := w.addEvents(ctx, told); err != nil {
		return err
	}
	for _, e := range found { // behind the newest that there is
		if _, err := w.one(ctx, []any{&e.Outbox, &e.Seq, &e.Sub}, `SELECT ob, seq, sub FROM event WHERE tenant = ? AND booth = ?
			ORDER BY ob DESC, seq DESC, sub DESC LIMIT 1`, e.Key.Tenant, e.Key.Booth); err != nil {
			return err
		}
		e.Sub = max(e.Sub, 0) + 1
		if err := w.addEvents(ctx, []*hub.Event{e}); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) addEvents(ctx context.Context, events []*hub.Event) error {
	return chunked(len(events), 11, func(i int) []any {
		e := events[i]
		return []any{
			e.Key.Tenant, e.Key.Booth, e.Outbox, e.Seq, e.Sub, e.Event.ID, e.Event.At, millis(e.Received), e.Event.Type, e.Event.Visit,
			string(e.Event.Data),
		}
	}, func(values string, args []any) error {
		_, err := w.exec(ctx, strings.Replace(insertEvent, "%VALUES%", values, 1), args...)
		return err
	})
}

func (w *work) saveCommands(ctx context.Context, world *hub.World) error {
	for _, c := range world.Commands {
		if c.Changed {
			if err := w.updateCommand(ctx, &c.Record); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *work) saveActs(ctx context.Context, world *hub.World) error {
	for _, a := range world.Acts {
		if err := w.record(ctx, a.Tenant, a.Act, a.At); err != nil {
			return err
		}
	}
	return nil
}
