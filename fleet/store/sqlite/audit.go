package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// record adds an entry to the chain, in the transaction of what it tells of.
func (w *work) record(ctx context.Context, tenant string, act audit.Act, at time.Time) error {
	e := httpapi.AuditEntry{Actor: act.Actor, Action: act.Action, Booth: act.Booth, Data: json.RawMessage("{}")}
	if act.Data != nil {
		doc, err := json.Marshal(act.Data)
		if err != nil {
			return err
		}
		e.Data = doc
	}
	var n int64
	var prev string
	if _, err := w.one(ctx, []any{&n, &prev}, `SELECT n, hash FROM audit WHERE tenant = ? ORDER BY n DESC LIMIT 1`, tenant); err != nil {
		return err
	}
	e.ID, e.At = id.New(), millis(at)
	hash, err := audit.Hash(prev, tenant, e)
	if err != nil {
		return err
	}
	_, err = w.exec(ctx, `INSERT INTO audit (tenant, n, id, at, actor, action, booth, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		tenant, n+1, e.ID, e.At, e.Actor, e.Action, e.Booth, string(e.Data), hash)
	return err
}

// Record implements api.Audit.
func (s *Store) Record(ctx context.Context, tenant string, a audit.Act) error {
	return s.tx(ctx, func(w *work) error { return w.record(ctx, tenant, a, time.Now()) })
}

// Entries implements api.Audit.
func (s *Store) Entries(ctx context.Context, tenant, booth, actor string, p api.Page) (httpapi.Audit, error) {
	page := httpapi.Audit{Entries: []httpapi.AuditEntry{}}
	before, err := numberCursor(p.Cursor)
	if err != nil {
		return page, err
	}
	where, args := `tenant = ? AND n < ?`, []any{tenant, before}
	if booth != "" {
		where, args = where+` AND booth = ?`, append(args, booth)
	}
	if actor != "" {
		where, args = where+` AND actor = ?`, append(args, actor)
	}
	limit := pageSize(p.Limit)
	var last int64
	rows, err := s.db.Read.QueryContext(ctx, text(`SELECT n, id, at, actor, action, booth, data, hash FROM audit WHERE`, where, `ORDER BY n DESC LIMIT ?`),
		append(args, limit+1)...)
	err = each(rows, err, func(row scanner) error {
		var e httpapi.AuditEntry
		var n int64
		var data string
		if err := row.Scan(&n, &e.ID, &e.At, &e.Actor, &e.Action, &e.Booth, &data, &e.Hash); err != nil {
			return err
		}
		e.Data = json.RawMessage(data)
		if len(page.Entries) == limit {
			page.Next = strconv.FormatInt(last, 10)
			return nil
		}
		page.Entries, last = append(page.Entries, e), n
		return nil
	})
	return page, err
}

// VerifyAudit checks the whole chain of a tenant. The error wraps audit.ErrBroken when it does not hold.
func (s *Store) VerifyAudit(ctx context.Context, tenant string) error {
	prev, next := "", int64(1)
	rows, err := s.db.Read.QueryContext(ctx, `SELECT n, id, at, actor, action, booth, data, hash FROM audit WHERE tenant = ? ORDER BY n`, tenant)
	return each(rows, err, func(row scanner) error {
		var e httpapi.AuditEntry
		var n int64
		var data string
		if err := row.Scan(&n, &e.ID, &e.At, &e.Actor, &e.Action, &e.Booth, &data, &e.Hash); err != nil {
			return err
		}
		e.Data = json.RawMessage(data)
		if n != next {
			return fmt.Errorf("%w: entry %d is missing", audit.ErrBroken, next)
		}
		next++
		err := audit.Verify(prev, tenant, []httpapi.AuditEntry{e})
		prev = e.Hash
		return err
	})
}
