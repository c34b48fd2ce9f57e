package sqlite

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/hub"
)

// sweepRows bounds how much one sweep deletes, so that messages do not wait for it.
const sweepRows = 500

// Sweep implements hub.Store. Rows are kept in the order of booth and time, so a sweep looks at the oldest of each booth and no further.
func (s *Store) Sweep(ctx context.Context, keep hub.Keep, now time.Time) (more bool, err error) {
	keys, err := s.keys(ctx)
	if err != nil {
		return false, err
	}
	if err := s.forgetOutboxes(ctx); err != nil {
		return false, err
	}
	left := int64(sweepRows)
	for _, k := range keys {
		old, err := s.hasOld(ctx, k, keep, now)
		if err != nil {
			return false, err
		}
		if !old {
			continue
		}
		if err := s.tx(ctx, func(w *work) error { return w.sweep(ctx, k, keep, now, &left) }); err != nil {
			return false, err
		}
		if left <= 0 {
			return true, nil
		}
	}
	n := int64(0)
	err = s.tx(ctx, func(w *work) error {
		n, err = w.exec(ctx, `DELETE FROM command WHERE (tenant, booth, id) IN (SELECT tenant, booth, id FROM command
			WHERE open = 0 AND expires < ? LIMIT ?)`, millis(now.Add(-keep.Commands)), sweepRows)
		return err
	})
	return n == sweepRows, err
}

// mostOutboxes is how many outboxes of a booth are remembered: it makes a new one when its disk was wiped, and never goes back.
const mostOutboxes = 32

func (s *Store) forgetOutboxes(ctx context.Context) error {
	var many bool
	err := s.db.Read.QueryRowContext(ctx, `SELECT COUNT(*) > 0 FROM (SELECT 1 FROM outbox GROUP BY tenant, booth HAVING COUNT(*) > ? LIMIT 1) crowded`,
		mostOutboxes).Scan(&many)
	if err != nil || !many {
		return err
	}
	return s.tx(ctx, func(w *work) error {
		_, err := w.exec(ctx, `DELETE FROM outbox WHERE n <= (SELECT MAX(o.n) FROM outbox o WHERE o.tenant = outbox.tenant AND o.booth = outbox.booth) - ?`,
			mostOutboxes)
		return err
	})
}

func (s *Store) keys(ctx context.Context) ([]fleet.Key, error) {
	var keys []fleet.Key
	rows, err := s.db.Read.QueryContext(ctx, `SELECT tenant, id FROM booth ORDER BY tenant, id`)
	err = each(rows, err, func(row scanner) error {
		var k fleet.Key
		err := row.Scan(&k.Tenant, &k.Booth)
		keys = append(keys, k)
		return err
	})
	return keys, err
}

// hasOld reads without holding up those who write: most sweeps find nothing.
func (s *Store) hasOld(ctx context.Context, k fleet.Key, keep hub.Keep, now time.Time) (bool, error) {
	var old bool
	err := s.db.Read.QueryRowContext(ctx, `SELECT
			COALESCE((SELECT at FROM series_5m WHERE tenant = ? AND booth = ? ORDER BY at LIMIT 1) < ?, FALSE) OR
			COALESCE((SELECT received FROM event WHERE tenant = ? AND booth = ? ORDER BY ob, seq, sub LIMIT 1) < ?, FALSE)`,
		k.Tenant, k.Booth, millis(now.Add(-keep.Series)), k.Tenant, k.Booth, millis(now.Add(-keep.Events))).Scan(&old)
	return old, err
}

func (w *work) sweep(ctx context.Context, k fleet.Key, keep hub.Keep, now time.Time, left *int64) error {
	n, err := w.exec(ctx, `DELETE FROM series_5m WHERE tenant = ? AND booth = ? AND at IN (SELECT at FROM series_5m WHERE tenant = ? AND booth = ?
		AND at < ? ORDER BY at LIMIT ?)`, k.Tenant, k.Booth, k.Tenant, k.Booth, millis(now.Add(-keep.Series)), *left)
	if err != nil {
		return err
	}
	*left -= n
	// Only as far as the oldest rows are too old: a row that was received late keeps those behind it.
	n, err = w.exec(ctx, `DELETE FROM event WHERE tenant = ? AND booth = ? AND (ob, seq, sub) IN (SELECT ob, seq, sub FROM (SELECT ob, seq, sub, received
		FROM event WHERE tenant = ? AND booth = ? ORDER BY ob, seq, sub LIMIT ?) oldest WHERE received < ?)`,
		k.Tenant, k.Booth, k.Tenant, k.Booth, max(*left, 1), millis(now.Add(-keep.Events)))
	*left -= n
	return err
}
