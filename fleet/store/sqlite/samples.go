package sqlite

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/telemetry"
)

type window struct {
	key fleet.Key
	at  int64
}

type latest struct {
	at     int64
	values map[string]float64
}

// saveSamples rolls the samples of a batch up, first among themselves and then with what is stored.
func (w *work) saveSamples(ctx context.Context, world *hub.World) error {
	if len(world.Samples) == 0 {
		return nil
	}
	rolls, last := map[window]telemetry.Rolls{}, map[fleet.Key]latest{}
	for _, s := range world.Samples {
		at := window{s.Key, telemetry.Start(s.At)}
		if rolls[at] == nil {
			rolls[at] = telemetry.Rolls{}
		}
		rolls[at].Add(s.Values)
		if l, ok := last[s.Key]; !ok || s.At.UnixMilli() >= l.at {
			values := map[string]float64{}
			maps.Copy(values, l.values)
			maps.Copy(values, s.Values)
			last[s.Key] = latest{s.At.UnixMilli(), values}
		}
	}
	if err := w.mergeRolls(ctx, rolls); err != nil {
		return err
	}
	return w.mergeLast(ctx, last)
}

const (
	selectRolls = `SELECT s.tenant, s.booth, s.at, s.doc FROM (%VALUES%) v CROSS JOIN series_5m s
		WHERE s.tenant = v.column1 AND s.booth = v.column2 AND s.at = v.column3`
	upsertRolls = `INSERT INTO series_5m (tenant, booth, at, doc) %VALUES% ON CONFLICT (tenant, booth, at) DO UPDATE SET doc = excluded.doc`
	selectLast  = `SELECT s.tenant, s.booth, s.at, s.doc FROM (%VALUES%) v CROSS JOIN series_last s WHERE s.tenant = v.column1 AND s.booth = v.column2`
	upsertLast  = `INSERT INTO series_last (tenant, booth, at, doc) %VALUES% ON CONFLICT (tenant, booth) DO UPDATE SET at = excluded.at, doc = excluded.doc`
)

func (w *work) mergeRolls(ctx context.Context, rolls map[window]telemetry.Rolls) error {
	windows := make([]window, 0, len(rolls))
	for at := range rolls {
		windows = append(windows, at)
	}
	err := chunked(len(windows), 3, func(i int) []any {
		return []any{windows[i].key.Tenant, windows[i].key.Booth, windows[i].at}
	}, func(values string, args []any) error {
		return w.all(ctx, func(row scanner) error {
			var at window
			var doc string
			if err := row.Scan(&at.key.Tenant, &at.key.Booth, &at.at, &doc); err != nil {
				return err
			}
			var have telemetry.Rolls
			if err := json.Unmarshal([]byte(doc), &have); err != nil {
				return err
			}
			rolls[at].Merge(have)
			return nil
		}, strings.Replace(selectRolls, "%VALUES%", values, 1), args...)
	})
	if err != nil {
		return err
	}
	docs := make([]string, len(windows))
	for i, at := range windows {
		doc, err := json.Marshal(rolls[at])
		if err != nil {
			return err
		}
		docs[i] = string(doc)
	}
	return chunked(len(windows), 4, func(i int) []any {
		return []any{windows[i].key.Tenant, windows[i].key.Booth, windows[i].at, docs[i]}
	}, func(values string, args []any) error {
		_, err := w.exec(ctx, strings.Replace(upsertRolls, "%VALUES%", values, 1), args...)
		return err
	})
}

// mergeLast keeps the newest value of every series. What comes late, from an outbox that was full, does not replace what is newer.
func (w *work) mergeLast(ctx context.Context, last map[fleet.Key]latest) error {
	keys := make([]fleet.Key, 0, len(last))
	for k := range last {
		keys = append(keys, k)
	}
	err := chunked(len(keys), 2, func(i int) []any { return []any{keys[i].Tenant, keys[i].Booth} }, func(values string, args []any) error {
		return w.all(ctx, func(row scanner) error {
			var k fleet.Key
			var have latest
			var doc string
			if err := row.Scan(&k.Tenant, &k.Booth, &have.at, &doc); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(doc), &have.values); err != nil {
				return err
			}
			older, newer := have, last[k]
			if have.at > newer.at {
				older, newer = newer, have
			}
			maps.Copy(older.values, newer.values)
			last[k] = latest{newer.at, older.values}
			return nil
		}, strings.Replace(selectLast, "%VALUES%", values, 1), args...)
	})
	if err != nil {
		return err
	}
	docs := make([]string, len(keys))
	for i, k := range keys {
		doc, err := json.Marshal(last[k].values)
		if err != nil {
			return err
		}
		docs[i] = string(doc)
	}
	return chunked(len(keys), 4, func(i int) []any {
		return []any{keys[i].Tenant, keys[i].Booth, last[keys[i]].at, docs[i]}
	}, func(values string, args []any) error {
		_, err := w.exec(ctx, strings.Replace(upsertLast, "%VALUES%", values, 1), args...)
		return err
	})
}
