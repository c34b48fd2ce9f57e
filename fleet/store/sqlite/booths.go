package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/presence"
	"github.com/laoyou/laoyou/fleet/registry"
)

// Sizes of a page.
const (
	defaultPage = 100
	mostPage    = 1000
)

func pageSize(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, mostPage)
}

// numberCursor reads a cursor that is a number, descending: without one the list begins above all.
func numberCursor(cursor string) (int64, error) {
	if cursor == "" {
		return math.MaxInt64, nil
	}
	n, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil {
		return 0, fleet.ErrCursor
	}
	return n, nil
}

func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

const (
	boothColumns = `b.tenant, b.id, b.name, b.place_zh, b.place_en, b.district, b.grp, b.note, b.lat, b.lon, b.standing, l.presence, l.since,
		l.last_seen, l.fw, l.board, l.epoch, l.skew, b.cert_expires, l.drift, l.visit, l.pulse, b.claimed_at, b.claimed_by, b.reason,
		(SELECT COUNT(*) FROM command c WHERE c.open = 1 AND c.tenant = b.tenant AND c.booth = b.id)`
	boothTables = ` FROM booth b JOIN booth_live l ON l.tenant = b.tenant AND l.booth = b.id `
)

func scanBooth(row scanner) (fleet.Key, httpapi.Booth, error) {
	var k fleet.Key
	var b httpapi.Booth
	var lat, lon sql.NullFloat64
	var pulse string
	err := row.Scan(&k.Tenant, &b.ID, &b.Name, &b.PlaceZh, &b.PlaceEn, &b.District, &b.Group, &b.Note, &lat, &lon, &b.Standing, &b.Presence,
		&b.Since, &b.LastSeen, &b.Firmware, &b.Board, &b.Epoch, &b.SkewMS, &b.CertExpires, &b.Drift, &b.Visit, &pulse, &b.Claimed, &b.ClaimedBy,
		&b.Reason, &b.Pending)
	if err != nil {
		return k, b, err
	}
	k.Booth = b.ID
	if lat.Valid && lon.Valid {
		b.Lat, b.Lon = &lat.Float64, &lon.Float64
	}
	b.Pulse, err = readPulse(pulse)
	if b.Presence != fleet.Online { // whoever was at it when it was heard last may be gone
		b.Visit = false
	}
	return k, b, err
}

// Booth implements api.Booths.
func (s *Store) Booth(ctx context.Context, key fleet.Key) (httpapi.Booth, error) {
	_, b, err := scanBooth(s.db.Read.QueryRowContext(ctx, `SELECT `+boothColumns+boothTables+`WHERE b.tenant = ? AND b.id = ?`, key.Tenant, key.Booth))
	if none(err) {
		return b, fleet.ErrNoBooth
	}
	return b, err
}

// Rows implements hub.Store.
func (s *Store) Rows(ctx context.Context, keys []fleet.Key) (map[fleet.Key]httpapi.Booth, error) {
	rows := make(map[fleet.Key]httpapi.Booth, len(keys))
	err := chunked(len(keys), 2, func(i int) []any { return []any{keys[i].Tenant, keys[i].Booth} }, func(values string, args []any) error {
		found, err := s.db.Read.QueryContext(ctx, text(`SELECT`, boothColumns, `FROM (`, values, `) v CROSS JOIN booth b CROSS JOIN booth_live l
			WHERE b.tenant = v.column1 AND b.id = v.column2 AND l.tenant = b.tenant AND l.booth = b.id`), args...)
		return each(found, err, func(row scanner) error {
			k, b, err := scanBooth(row)
			rows[k] = b
			return err
		})
	})
	return rows, err
}

// Standing returns the standing of a booth, or fleet.ErrNoBooth.
func (s *Store) Standing(ctx context.Context, key fleet.Key) (standing fleet.Standing, err error) {
	err = s.db.Read.QueryRowContext(ctx, `SELECT standing FROM booth WHERE tenant = ? AND id = ?`, key.Tenant, key.Booth).Scan(&standing)
	if none(err) {
		return "", fleet.ErrNoBooth
	}
	return standing, err
}

func (w *work) standing(ctx context.Context, key fleet.Key) (standing fleet.Standing, err error) {
	found, err := w.one(ctx, []any{&standing}, `SELECT standing FROM booth WHERE tenant = ? AND id = ?`, key.Tenant, key.Booth)
	if err == nil && !found {
		err = fleet.ErrNoBooth
	}
	return standing, err
}

// Patch implements api.Booths.
func (s *Store) Patch(ctx context.Context, key fleet.Key, actor string, p httpapi.BoothPatch) (httpapi.Booth, error) {
	err := s.tx(ctx, func(w *work) error {
		var set []string
		var args []any
		for _, f := range []struct {
			column string
			value  *string
		}{
			{"name", p.Name}, {"place_zh", p.PlaceZh}, {"place_en", p.PlaceEn}, {"district", p.District}, {"grp", p.Group}, {"note", p.Note},
		} {
			if f.value != nil {
				set, args = append(set, f.column+` = ?`), append(args, *f.value)
			}
		}
		if p.Lat != nil && p.Lon != nil {
			set, args = append(set, `lat = ?`, `lon = ?`), append(args, *p.Lat, *p.Lon)
		}
		if len(set) == 0 {
			return nil
		}
		// Too rare, and of too many forms, to be kept as a prepared statement.
		if _, err := w.standing(ctx, key); err != nil {
			return err
		}
		if _, err := w.tx.ExecContext(ctx, text(`UPDATE booth SET`, strings.Join(set, `, `), `WHERE tenant = ? AND id = ?`),
			append(args, key.Tenant, key.Booth)...); err != nil {
			return err
		}
		return w.record(ctx, key.Tenant, audit.Act{Actor: actor, Action: audit.Patch, Booth: key.Booth, Data: p}, time.Now())
	})
	if err != nil {
		return httpapi.Booth{}, err
	}
	return s.Booth(ctx, key)
}

// SetStanding implements hub.Registry.
func (s *Store) SetStanding(ctx context.Context, key fleet.Key, c httpapi.StandingChange, act audit.Act, at time.Time) (httpapi.Booth, error) {
	err := s.tx(ctx, func(w *work) error {
		from, err := w.standing(ctx, key)
		if err != nil {
			return err
		}
		if err := registry.CheckStanding(from, c.Standing); err != nil {
			return err
		}
		if _, err := w.exec(ctx, `UPDATE booth SET standing = ?, reason = ? WHERE tenant = ? AND id = ?`, c.Standing, c.Reason, key.Tenant, key.Booth); err != nil {
			return err
		}
		switch c.Standing {
		case fleet.Retired:
			err = w.retire(ctx, key, at)
		case fleet.InService:
			_, err = w.exec(ctx, `UPDATE booth_live SET epoch = 0, boot = '', births = '' WHERE tenant = ? AND booth = ?`, key.Tenant, key.Booth)
		case fleet.Quarantined:
		}
		if err != nil {
			return err
		}
		return w.record(ctx, key.Tenant, act, at)
	})
	if err != nil {
		return httpapi.Booth{}, err
	}
	return s.Booth(ctx, key)
}

// retire takes from a booth all by which it could prove itself, and ends its commands.
func (w *work) retire(ctx context.Context, key fleet.Key, at time.Time) error {
	if _, err := w.revoke(ctx, key, at); err != nil {
		return err
	}
	if _, err := w.exec(ctx, `UPDATE booth SET token_sha256 = '', ha1_md5 = '', ha1_sha256 = '' WHERE tenant = ? AND id = ?`, key.Tenant, key.Booth); err != nil {
		return err
	}
	_, err := w.exec(ctx, `UPDATE booth_live SET presence = ?, since = ?, visit = 0 WHERE tenant = ? AND booth = ?`,
		fleet.Unknown, millis(at), key.Tenant, key.Booth)
	return err
}

// Members implements hub.Store.
func (s *Store) Members(ctx context.Context) ([]presence.Member, error) {
	var list []presence.Member
	rows, err := s.db.Read.QueryContext(ctx, `SELECT l.tenant, l.booth, l.presence, l.since, l.last_seen, l.epoch, l.beat`+boothTables+
		`WHERE b.standing <> ?`, fleet.Retired)
	err = each(rows, err, func(row scanner) error {
		var m presence.Member
		var since, seen, beat int64
		err := row.Scan(&m.Key.Tenant, &m.Key.Booth, &m.Presence, &since, &seen, &m.Sight.Epoch, &beat)
		m.Since, m.Sight.Heard, m.Sight.Beat = fromMillis(since), fromMillis(seen), time.Duration(beat)*time.Second
		list = append(list, m)
		return err
	})
	return list, err
}

// SetPresence implements hub.Store.
func (s *Store) SetPresence(ctx context.Context, changes []presence.Change, heard map[fleet.Key]time.Time) error {
	return s.tx(ctx, func(w *work) error {
		for _, c := range changes {
			if _, err := w.exec(ctx, `UPDATE booth_live SET presence = ?, since = ? WHERE tenant = ? AND booth = ?`,
				c.Presence, millis(c.Since), c.Key.Tenant, c.Key.Booth); err != nil {
				return err
			}
		}
		for k, at := range heard {
			if _, err := w.exec(ctx, `UPDATE booth_live SET last_seen = ? WHERE tenant = ? AND booth = ? AND last_seen < ?`,
				millis(at), k.Tenant, k.Booth, millis(at)); err != nil {
				return err
			}
		}
		return nil
	})
}

// list turns a query into conditions on b and l.
func list(tenant string, q api.BoothQuery) (string, []any) {
	where, args := []string{`b.tenant = ?`}, []any{tenant}
	add := func(condition string, values ...any) { where, args = append(where, condition), append(args, values...) }
	if q.Standing != "" {
		add(`b.standing = ?`, q.Standing)
	}
	if q.Presence != "" {
		add(`l.tenant = ? AND l.presence = ?`, tenant, q.Presence)
	}
	if q.Group != "" {
		add(`b.grp = ?`, q.Group)
	}
	if q.District != "" {
		add(`b.district = ?`, q.District)
	}
	if q.Drift {
		add(`l.tenant = ? AND l.drift > 0`, tenant)
	}
	if q.Text != "" {
		like := `%` + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(q.Text)) + `%`
		add(`(LOWER(b.id) LIKE ? ESCAPE '\' OR LOWER(b.name) LIKE ? ESCAPE '\' OR LOWER(b.place_zh) LIKE ? ESCAPE '\' OR LOWER(b.place_en) LIKE ? ESCAPE '\')`,
			like, like, like, like)
	}
	return strings.Join(where, ` AND `), args
}

// Booths implements api.Booths.
func (s *Store) Booths(ctx context.Context, tenant string, q api.BoothQuery) (httpapi.Booths, error) {
	page := httpapi.Booths{Booths: []httpapi.Booth{}}
	if q.Cursor != "" && !fleet.ValidID(q.Cursor) {
		return page, fleet.ErrCursor
	}
	where, args := list(tenant, q)
	if err := s.db.Read.QueryRowContext(ctx, text(`SELECT COUNT(*)`, boothTables, `WHERE`, where), args...).Scan(&page.Total); err != nil {
		return page, err
	}
	limit := pageSize(q.Limit)
	rows, err := s.db.Read.QueryContext(ctx, text(`SELECT`, boothColumns, boothTables, `WHERE`, where, `AND b.id > ? ORDER BY b.id LIMIT ?`),
		append(args, q.Cursor, limit+1)...)
	err = each(rows, err, func(row scanner) error {
		_, b, err := scanBooth(row)
		page.Booths = append(page.Booths, b)
		return err
	})
	if len(page.Booths) > limit {
		page.Booths = page.Booths[:limit]
		page.Next = page.Booths[limit-1].ID
	}
	return page, err
}
