package sqlite

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/hub"
)

// Batch implements hub.Store.
func (s *Store) Batch(ctx context.Context, want hub.Want, apply func(*hub.World)) error {
	return s.tx(ctx, func(w *work) error {
		world := &hub.World{
			Members:  make(map[fleet.Key]*hub.Member, len(want.Members)),
			Outboxes: make(map[hub.OutboxID]*hub.Outbox, len(want.Outboxes)),
			Commands: map[command.ID]*hub.Command{},
		}
		if err := w.load(ctx, want, world); err != nil {
			return err
		}
		apply(world)
		return w.save(ctx, world)
	})
}

func (w *work) load(ctx context.Context, want hub.Want, world *hub.World) error {
	if err := w.members(ctx, want.Members, world); err != nil {
		return err
	}
	if err := w.outboxes(ctx, want.Outboxes, world); err != nil {
		return err
	}
	for _, k := range want.Twins {
		m := world.Members[k]
		if m == nil || m.Twin.Version == 0 {
			continue
		}
		var config string
		if _, err := w.one(ctx, []any{&config}, selectDesired, k.Tenant, k.Booth, m.Twin.Version); err != nil {
			return err
		}
		m.Twin.Desired = json.RawMessage(config)
	}
	for _, id := range want.Commands {
		r, ok, err := w.command(ctx, id)
		if err != nil {
			return err
		}
		if ok {
			world.Commands[id] = &hub.Command{Record: r}
		}
	}
	return nil
}

const selectMembers = `SELECT b.tenant, b.id, b.standing, b.reason, l.epoch, l.boot, l.births, l.birth_at, l.birth_mono, l.skew, l.fw, l.board,
		l.cfgv, l.beat, l.last_seen, l.visit, l.pulse, l.drift, COALESCE(t.version, 0)
	FROM (%VALUES%) v CROSS JOIN booth b CROSS JOIN booth_live l LEFT JOIN twin t ON t.tenant = b.tenant AND t.booth = b.id
	WHERE b.tenant = v.column1 AND b.id = v.column2 AND l.tenant = b.tenant AND l.booth = b.id`

func (w *work) members(ctx context.Context, keys []fleet.Key, world *hub.World) error {
	return chunked(len(keys), 2, func(i int) []any { return []any{keys[i].Tenant, keys[i].Booth} }, func(values string, args []any) error {
		return w.all(ctx, func(row scanner) error {
			m := &hub.Member{}
			var births, pulse string
			var birthAt, beat, seen int64
			l := &m.Link
			if err := row.Scan(&m.Key.Tenant, &m.Key.Booth, &m.Standing, &m.Reason, &l.Epoch, &l.Boot, &births, &birthAt, &l.BirthMono,
				&l.Skew, &l.Firmware, &l.Board, &l.Config, &beat, &seen, &l.Visit, &pulse, &m.Twin.Drift, &m.Twin.Version); err != nil {
				return err
			}
			l.Births, l.BirthAt, l.LastSeen = strings.Fields(births), fromMillis(birthAt), fromMillis(seen)
			l.Beat = time.Duration(beat) * time.Second
			p, err := readPulse(pulse)
			l.Pulse = p
			world.Members[m.Key] = m
			return err
		}, strings.Replace(selectMembers, "%VALUES%", values, 1), args...)
	})
}

func readPulse(doc string) (*httpapi.Pulse, error) {
	if doc == "" {
		return nil, nil
	}
	p := &httpapi.Pulse{}
	return p, json.Unmarshal([]byte(doc), p)
}

const selectOutboxes = `SELECT o.tenant, o.booth, o.outbox, o.n, o.upto, o.ahead FROM (%VALUES%) v CROSS JOIN outbox o
	WHERE o.tenant = v.column1 AND o.booth = v.column2 AND o.outbox = v.column3`

func (w *work) outboxes(ctx context.Context, ids []hub.OutboxID, world *hub.World) error {
	err := chunked(len(ids), 3, func(i int) []any {
		return []any{ids[i].Key.Tenant, ids[i].Key.Booth, ids[i].Outbox}
	}, func(values string, args []any) error {
		return w.all(ctx, func(row scanner) error {
			var id hub.OutboxID
			var ahead string
			b := &hub.Outbox{}
			if err := row.Scan(&id.Key.Tenant, &id.Key.Booth, &id.Outbox, &b.N, &b.Upto, &ahead); err != nil {
				return err
			}
			world.Outboxes[id] = b
			if ahead == "" {
				return nil
			}
			return json.Unmarshal([]byte(ahead), &b.Ahead)
		}, strings.Replace(selectOutboxes, "%VALUES%", values, 1), args...)
	})
	if err != nil {
		return err
	}
	newest := map[fleet.Key]int{}
	for _, id := range ids {
		if world.Outboxes[id] != nil || world.Members[id.Key] == nil {
			continue
		}
		if newest[id.Key] == 0 {
			var n int
			if _, err := w.one(ctx, []any{&n}, `SELECT COALESCE(MAX(n), 0) FROM outbox WHERE tenant = ? AND booth = ?`,
				id.Key.Tenant, id.Key.Booth); err != nil {
				return err
			}
			newest[id.Key] = n
		}
		newest[id.Key]++
		world.Outboxes[id] = &hub.Outbox{N: newest[id.Key]}
	}
	return nil
}
