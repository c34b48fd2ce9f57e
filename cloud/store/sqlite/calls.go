package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/internal/sqlite"
)

// Calls implements call.Store.
type Calls struct {
	db      *sqlite.DB
	mu      sync.Mutex
	written *callWriter // nil before the first call
}

// NewCalls returns the store of call records in db.
func NewCalls(db *sqlite.DB) *Calls { return &Calls{db: db} }

// callWriter are the statements that each call needs. They are parsed once: that took half as long as running them. They end with the database.
type callWriter struct{ save, forget, claim *sql.Stmt }

func (s *Calls) writer(ctx context.Context) (*callWriter, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written != nil {
		return s.written, nil
	}
	w := &callWriter{}
	var errs [3]error
	w.save, errs[0] = s.db.Write.PrepareContext(ctx, saveCall)
	w.forget, errs[1] = s.db.Write.PrepareContext(ctx, forgetFree)
	w.claim, errs[2] = s.db.Write.PrepareContext(ctx, claimFree)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	s.written = w
	return w, nil
}

const (
	forgetFree = `DELETE FROM free_call WHERE until <= ?`
	claimFree  = `INSERT INTO free_call (tenant, number, until) VALUES (?, ?, ?)
	ON CONFLICT (tenant, number) DO UPDATE SET until = excluded.until WHERE free_call.until <= ?`
)

const saveCall = `INSERT INTO call (tenant, id, kind, from_user, to_user, booth, contact,
		started_at, answered_at, ended_at, cause, note, legs, messages, dropped)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (tenant, id) DO UPDATE SET contact = excluded.contact, answered_at = excluded.answered_at, ended_at = excluded.ended_at,
		cause = excluded.cause, note = excluded.note, legs = excluded.legs, messages = excluded.messages, dropped = excluded.dropped`

// SaveCalls implements call.Store.
func (s *Calls) SaveCalls(ctx context.Context, calls []call.Call) ([]error, error) {
	refused := make([]error, len(calls))
	w, err := s.writer(ctx)
	if err != nil {
		return refused, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		ctx := context.WithoutCancel(ctx) // the end of ctx ends the transaction; the driver would start a goroutine to end each statement
		save := tx.StmtContext(ctx, w.save)
		cl := claims{tx: tx, w: w}
		text := newText()
		for i, c := range calls {
			if refused[i], err = cl.take(ctx, c.Tenant, c.Claim); err != nil {
				return err
			}
			if refused[i] != nil {
				continue
			}
			if err := saveOne(ctx, save, text, c); err != nil {
				return err
			}
		}
		return nil
	})
	return refused, err
}

// text turns values into JSON in one buffer: a record is mostly that.
type text struct {
	buf bytes.Buffer
	enc *json.Encoder
}

func newText() *text {
	t := &text{}
	t.enc = json.NewEncoder(&t.buf)
	return t
}

func (t *text) of(v any) (string, error) {
	t.buf.Reset()
	if err := t.enc.Encode(v); err != nil {
		return "", err
	}
	t.buf.Truncate(t.buf.Len() - 1) // the encoder's line break
	return t.buf.String(), nil
}

func saveOne(ctx context.Context, save *sql.Stmt, t *text, c call.Call) error {
	legs, err := t.of(c.Legs)
	if err != nil {
		return err
	}
	messages, err := t.of(c.Messages)
	if err != nil {
		return err
	}
	_, err = save.ExecContext(ctx, c.Tenant, c.ID, c.Kind, c.From, c.To, c.Booth, c.Contact,
		instant(c.Started), instant(c.Answered), instant(c.Ended), c.Cause, c.Note, legs, messages, c.Dropped)
	return err
}

// claims takes free calls in one transaction.
type claims struct {
	tx     *sql.Tx
	w      *callWriter
	insert *sql.Stmt // nil before the first
}

// take claims the free call of a number: one statement, so two booths cannot both have it. refused says who was later.
func (c *claims) take(ctx context.Context, tenant string, f call.FreeCall) (refused, err error) {
	if f.Number == "" {
		return nil, nil
	}
	if c.insert == nil {
		if _, err := c.tx.StmtContext(ctx, c.w.forget).ExecContext(ctx, millis(f.At)); err != nil {
			return nil, err
		}
		c.insert = c.tx.StmtContext(ctx, c.w.claim)
	}
	res, err := c.insert.ExecContext(ctx, tenant, f.Number, millis(f.Until), millis(f.At))
	if err != nil {
		return nil, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return nil, err
	}
	var until int64
	err = c.tx.QueryRowContext(ctx, `SELECT until FROM free_call WHERE tenant = ? AND number = ?`, tenant, f.Number).Scan(&until)
	return &call.FreeTooSoonError{Next: fromMillis(until)}, err
}

// CloseLost implements call.Store. The legs are text to SQL, so each of the few calls is read, ended and written.
func (s *Calls) CloseLost(ctx context.Context, tenant string, at time.Time) (int, error) {
	open, err := s.list(ctx, wholeCalls+`WHERE tenant = ? AND ended_at = 0`, tenant)
	if err != nil || len(open) == 0 {
		return 0, err
	}
	for i := range open {
		open[i].End(call.Lost, at)
	}
	_, err = s.SaveCalls(ctx, open)
	return len(open), err
}

// Calls implements call.Store.
func (s *Calls) Calls(ctx context.Context, tenant, before string, limit int) ([]call.Call, error) {
	if before == "" {
		return s.list(ctx, listedCalls+`WHERE tenant = ? ORDER BY id DESC LIMIT ?`, tenant, limit)
	}
	return s.list(ctx, listedCalls+`WHERE tenant = ? AND id < ? ORDER BY id DESC LIMIT ?`, tenant, before, limit)
}

// CallsOf implements call.Store.
func (s *Calls) CallsOf(ctx context.Context, tenant, contact string) ([]call.Call, error) {
	return s.list(ctx, listedCalls+`WHERE tenant = ? AND contact = ? ORDER BY id DESC LIMIT ?`, tenant, contact, maxCallsOf)
}

// maxCallsOf bounds the calls of one contact: a phone gone mad must not fill the memory.
const maxCallsOf = 200

// Call implements call.Store.
func (s *Calls) Call(ctx context.Context, tenant, id string) (call.Call, error) {
	found, err := s.list(ctx, wholeCalls+`WHERE tenant = ? AND id = ?`, tenant, id)
	if err == nil && len(found) == 0 {
		err = call.ErrNoCall
	}
	if err != nil {
		return call.Call{}, err
	}
	return found[0], nil
}

// Queries for list. Messages are many bytes that a list does not show.
const (
	callColumns = `tenant, id, kind, from_user, to_user, booth, contact, started_at, answered_at, ended_at, cause, note, legs, dropped, `
	wholeCalls  = `SELECT ` + callColumns + `messages FROM call `
	listedCalls = `SELECT ` + callColumns + `'null' FROM call `
)

func (s *Calls) list(ctx context.Context, query string, args ...any) (_ []call.Call, err error) {
	rows, err := s.db.Read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var found []call.Call
	for rows.Next() {
		var c call.Call
		var started, answered, ended int64
		var legs, ladder string
		if err := rows.Scan(&c.Tenant, &c.ID, &c.Kind, &c.From, &c.To, &c.Booth, &c.Contact, &started, &answered, &ended,
			&c.Cause, &c.Note, &legs, &c.Dropped, &ladder); err != nil {
			return nil, err
		}
		c.Started, c.Answered, c.Ended = fromInstant(started), fromInstant(answered), fromInstant(ended)
		if err := errors.Join(json.Unmarshal([]byte(legs), &c.Legs), json.Unmarshal([]byte(ladder), &c.Messages)); err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// ReleaseFree implements call.Store.
func (s *Calls) ReleaseFree(ctx context.Context, tenant string, f call.FreeCall) error {
	_, err := s.db.Write.ExecContext(ctx, `DELETE FROM free_call WHERE tenant = ? AND number = ? AND until = ?`,
		tenant, f.Number, millis(f.Until))
	return err
}

// instant is t in ms since 1970, 0 for none.
func instant(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return millis(t)
}

func fromInstant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return fromMillis(ms)
}
