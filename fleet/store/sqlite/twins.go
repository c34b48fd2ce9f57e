package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/twin"
)

const selectDesired = `SELECT config FROM desired WHERE tenant = ? AND booth = ? AND version = ?`

// SetDesired implements hub.Twins.
func (s *Store) SetDesired(ctx context.Context, c twin.Change, at time.Time) (httpapi.Twin, error) {
	err := s.tx(ctx, func(w *work) error {
		standing, err := w.standing(ctx, c.Key)
		if err != nil {
			return err
		}
		if standing == fleet.Retired {
			return fmt.Errorf("%w: the booth is retired", fleet.ErrState)
		}
		var version int64
		var applied, errDoc string
		if _, err := w.one(ctx, []any{&version, &applied, &errDoc}, `SELECT version, applied, errors FROM twin WHERE tenant = ? AND booth = ?`,
			c.Key.Tenant, c.Key.Booth); err != nil {
			return err
		}
		if c.IfVersion != version {
			return fmt.Errorf("%w: it is %d", fleet.ErrVersion, version)
		}
		// What the booth said of an older config says nothing against this one.
		drift, err := twin.Drift(c.Config, json.RawMessage(applied), nil)
		if err != nil {
			return err
		}
		version++
		if _, err := w.exec(ctx, `INSERT INTO desired (tenant, booth, version, config, actor, note, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			c.Key.Tenant, c.Key.Booth, version, string(c.Config), c.Actor, c.Note, millis(at)); err != nil {
			return err
		}
		if _, err := w.exec(ctx, `INSERT INTO twin (tenant, booth, version, answers, applied, errors, at) VALUES (?, ?, ?, 0, '', '', 0)
			ON CONFLICT (tenant, booth) DO UPDATE SET version = excluded.version`, c.Key.Tenant, c.Key.Booth, version); err != nil {
			return err
		}
		if _, err := w.exec(ctx, updateDrift, len(drift), c.Key.Tenant, c.Key.Booth); err != nil {
			return err
		}
		return w.record(ctx, c.Key.Tenant, audit.Act{
			Actor: c.Actor, Action: audit.Twin, Booth: c.Key.Booth,
			Data: map[string]any{"version": version, "config": c.Config, "note": c.Note},
		}, at)
	})
	if err != nil {
		return httpapi.Twin{}, err
	}
	return s.Twin(ctx, c.Key)
}

// Desired implements hub.Twins.
func (s *Store) Desired(ctx context.Context, key fleet.Key) (mqttapi.Config, error) {
	var c mqttapi.Config
	var doc string
	err := s.db.Read.QueryRowContext(ctx, `SELECT version, config FROM desired WHERE tenant = ? AND booth = ? ORDER BY version DESC LIMIT 1`,
		key.Tenant, key.Booth).Scan(&c.Version, &doc)
	if none(err) {
		return c, nil
	}
	c.Config = json.RawMessage(doc)
	return c, err
}

// Behind implements hub.Twins.
func (s *Store) Behind(ctx context.Context) ([]fleet.Key, error) {
	var keys []fleet.Key
	rows, err := s.db.Read.QueryContext(ctx, `SELECT t.tenant, t.booth FROM twin t
		JOIN booth_live l ON l.tenant = t.tenant AND l.booth = t.booth
		JOIN booth b ON b.tenant = t.tenant AND b.id = t.booth
		WHERE t.version > 0 AND l.cfgv <> t.version AND t.answers <> t.version AND l.presence = ? AND b.standing = ?`, fleet.Online, fleet.InService)
	err = each(rows, err, func(row scanner) error {
		var k fleet.Key
		err := row.Scan(&k.Tenant, &k.Booth)
		keys = append(keys, k)
		return err
	})
	return keys, err
}

// Twin implements api.Twins.
func (s *Store) Twin(ctx context.Context, key fleet.Key) (httpapi.Twin, error) {
	t := httpapi.Twin{Desired: json.RawMessage("{}"), Reported: json.RawMessage("{}"), Errors: map[string]string{}, Drift: []httpapi.Drift{}}
	if _, err := s.Standing(ctx, key); err != nil {
		return t, err
	}
	var desired, applied, errDoc string
	err := s.db.Read.QueryRowContext(ctx, `SELECT t.version, t.answers, t.applied, t.errors, t.at, COALESCE(d.config, ''), COALESCE(d.actor, ''),
		COALESCE(d.at, 0) FROM twin t LEFT JOIN desired d ON d.tenant = t.tenant AND d.booth = t.booth AND d.version = t.version
		WHERE t.tenant = ? AND t.booth = ?`, key.Tenant, key.Booth).
		Scan(&t.Version, &t.Answers, &applied, &errDoc, &t.At, &desired, &t.Actor, &t.Changed)
	if none(err) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	if desired != "" {
		t.Desired = json.RawMessage(desired)
	}
	if applied != "" {
		t.Reported = json.RawMessage(applied)
	}
	if errDoc != "" {
		if err := json.Unmarshal([]byte(errDoc), &t.Errors); err != nil {
			return t, err
		}
	}
	errs := t.Errors
	if t.Answers != t.Version { // told of another version
		errs = nil
	}
	t.Drift, err = twin.Drift(t.Desired, t.Reported, errs)
	return t, err
}

// History implements api.Twins.
func (s *Store) History(ctx context.Context, key fleet.Key, p api.Page) (httpapi.TwinVersions, error) {
	page := httpapi.TwinVersions{Versions: []httpapi.TwinVersion{}}
	if _, err := s.Standing(ctx, key); err != nil {
		return page, err
	}
	before, err := numberCursor(p.Cursor)
	if err != nil {
		return page, err
	}
	limit := pageSize(p.Limit)
	rows, err := s.db.Read.QueryContext(ctx, `SELECT version, config, actor, note, at FROM desired WHERE tenant = ? AND booth = ? AND version < ?
		ORDER BY version DESC LIMIT ?`, key.Tenant, key.Booth, before, limit+1)
	err = each(rows, err, func(row scanner) error {
		var v httpapi.TwinVersion
		var config string
		err := row.Scan(&v.Version, &config, &v.Actor, &v.Note, &v.At)
		v.Config = json.RawMessage(config)
		page.Versions = append(page.Versions, v)
		return err
	})
	if len(page.Versions) > limit {
		page.Versions = page.Versions[:limit]
		page.Next = strconv.FormatInt(page.Versions[limit-1].Version, 10)
	}
	return page, err
}
