package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/services"
	"github.com/laoyou/laoyou/internal/sqlite"
)

// Services implements services.Store.
type Services struct{ db *sqlite.DB }

// NewServices returns the store of the city back end in db.
func NewServices(db *sqlite.DB) *Services { return &Services{db} }

const bookingColumns = `b.id, b.tenant, b.booth, b.created_at, b.number, b.code, b.place, b.date, b.session, b.opens, b.closes, b.tickets, b.status,
	COALESCE(r.document, ''), COALESCE(r.tail, ''), COALESCE(r.queue, 0), COALESCE(r.fee_yuan, 0), COALESCE(r.fee_verified, 0)`

const bookingTables = `booking b LEFT JOIN registration r ON r.tenant = b.tenant AND r.number = b.number`

type scanner interface{ Scan(dest ...any) error }

func scanBooking(row scanner) (services.Booking, error) {
	var b services.Booking
	var at int64
	reg := &b.Registration
	err := row.Scan(&b.ID, &b.Tenant, &b.Booth, &at, &b.Number, &b.Code, &b.Place, &b.Date, &b.Session, &b.From, &b.To, &b.Tickets, &b.Status,
		&reg.Document, &reg.Tail, &reg.Queue, &reg.FeeYuan, &reg.FeeVerified)
	if errors.Is(err, sql.ErrNoRows) {
		return services.Booking{}, services.ErrNoBooking
	}
	b.At = fromMillis(at)
	return b, err
}

// querier is what a pool and a transaction have in common.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// recall returns the booking of an act that has happened, services.ErrNoBooking if it has not.
func recall(ctx context.Context, q querier, act services.Act) (services.Booking, error) {
	var fingerprint, number string
	err := q.QueryRowContext(ctx, `SELECT fingerprint, number FROM act WHERE tenant = ? AND act_key = ?`, act.Tenant, act.Key).
		Scan(&fingerprint, &number)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return services.Booking{}, services.ErrNoBooking
	case err != nil:
		return services.Booking{}, err
	case fingerprint != act.Fingerprint:
		return services.Booking{}, services.ErrKeyReused
	}
	return byNumber(ctx, q, act.Tenant, number)
}

func byNumber(ctx context.Context, q querier, tenant, number string) (services.Booking, error) {
	return scanBooking(q.QueryRowContext(ctx, `SELECT `+bookingColumns+` FROM `+bookingTables+` WHERE b.tenant = ? AND b.number = ?`, tenant, number))
}

// Recall implements services.Store.
func (s *Services) Recall(ctx context.Context, act services.Act) (services.Booking, error) {
	return recall(ctx, s.db.Read, act)
}

// begin claims the key of act for number. done is true when the key had acted before; then b is what it did.
func begin(ctx context.Context, tx *sql.Tx, act services.Act, number string, at time.Time) (b services.Booking, done bool, err error) {
	res, err := tx.ExecContext(ctx,
		`INSERT INTO act (tenant, act_key, fingerprint, number, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant, act_key) DO NOTHING`,
		act.Tenant, act.Key, act.Fingerprint, number, millis(at))
	if err != nil {
		return b, false, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 1 {
		return b, false, err
	}
	b, err = recall(ctx, tx, act)
	return b, true, err
}

// Book implements services.Store.
func (s *Services) Book(ctx context.Context, act services.Act, b services.Booking, capacity int) (services.Booking, error) {
	out := b
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		earlier, done, err := begin(ctx, tx, act, b.Number, b.At)
		if err != nil {
			return err
		}
		if done {
			out = earlier
			return nil
		}
		if err := draw(ctx, tx, b, capacity); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO booking
			(tenant, number, id, code, booth, place, date, session, opens, closes, tickets, status, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			b.Tenant, b.Number, b.ID, b.Code, b.Booth, b.Place, b.Date, b.Session, b.From, b.To, b.Tickets, b.Status, millis(b.At))
		if sqlite.IsConflict(err) {
			return services.ErrNumberTaken
		}
		if err != nil || b.Registration == (tool.Registration{}) {
			return err
		}
		out.Registration.Queue, err = register(ctx, tx, b)
		return err
	})
	if err != nil {
		return services.Booking{}, err
	}
	return out, nil
}

// register keeps what a clinic needs, under the next number of that half-day's queue. The pool's row was written before in the same
// transaction, so that two patients wait for each other.
func register(ctx context.Context, tx *sql.Tx, b services.Booking) (queue int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(queue), 0) + 1 FROM registration WHERE tenant = ? AND place = ? AND date = ? AND session = ?`,
		b.Tenant, b.Place, b.Date, b.Session).Scan(&queue)
	if err != nil {
		return 0, err
	}
	r := b.Registration
	_, err = tx.ExecContext(ctx, `INSERT INTO registration
		(tenant, number, place, date, session, queue, document, tail, fee_yuan, fee_verified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.Tenant, b.Number, b.Place, b.Date, b.Session, queue, r.Document, r.Tail, r.FeeYuan, r.FeeVerified)
	return queue, err
}

// draw takes the tickets out of the pool: the condition and the count are one statement, so no two buyers can pass it for one ticket.
func draw(ctx context.Context, tx *sql.Tx, b services.Booking, capacity int) error {
	pool := []any{b.Tenant, b.Place, b.Date, b.Session}
	_, err := tx.ExecContext(ctx, `INSERT INTO pool (tenant, place, date, session, capacity, sold) VALUES (?, ?, ?, ?, ?, 0)
		ON CONFLICT (tenant, place, date, session) DO NOTHING`, append(pool[:4:4], capacity)...)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE pool SET sold = sold + ?
		WHERE tenant = ? AND place = ? AND date = ? AND session = ? AND sold + ? <= capacity`,
		b.Tickets, b.Tenant, b.Place, b.Date, b.Session, b.Tickets)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	var left int
	err = tx.QueryRowContext(ctx, `SELECT capacity - sold FROM pool WHERE tenant = ? AND place = ? AND date = ? AND session = ?`, pool...).Scan(&left)
	if err != nil {
		return err
	}
	return &tool.Error{Kind: tool.SoldOut, Field: "tickets", Message: "not enough tickets left", Left: left}
}

// Find implements services.Store. An unknown number counts like a wrong code, or the count would tell which numbers exist.
func (s *Services) Find(ctx context.Context, l services.Lookup) (services.Booking, error) {
	var b services.Booking
	var miss error
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		f := failure{l.Tenant, "booth:" + l.Booth, l.At, l.Until}
		n, err := f.count(ctx, tx)
		if err != nil {
			return err
		}
		if n >= l.MaxWrong {
			return services.ErrTooManyWrong
		}
		b, err = byNumber(ctx, tx, l.Tenant, l.Number)
		if err != nil && !errors.Is(err, services.ErrNoBooking) {
			return err
		}
		if l.Match(b.Code) && err == nil { // compared even when there is none
			return nil
		}
		miss = services.ErrWrongCode
		return f.note(ctx, tx)
	})
	if err = errors.Join(err, miss); err != nil {
		return services.Booking{}, err
	}
	return b, nil
}

// Cancel implements services.Store.
func (s *Services) Cancel(ctx context.Context, act services.Act, number string, at time.Time) (services.Booking, error) {
	var b services.Booking
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		var done bool
		var err error
		if b, done, err = begin(ctx, tx, act, number, at); err != nil || done {
			return err
		}
		res, err := tx.ExecContext(ctx,
			`UPDATE booking SET status = 'cancelled', cancelled_at = ? WHERE tenant = ? AND number = ? AND status = 'confirmed'`,
			millis(at), act.Tenant, number)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if b, err = byNumber(ctx, tx, act.Tenant, number); err != nil || n == 0 {
			return err // n == 0: cancelled before, the tickets are back already
		}
		_, err = tx.ExecContext(ctx, `UPDATE pool SET sold = sold - ? WHERE tenant = ? AND place = ? AND date = ? AND session = ?`,
			b.Tickets, b.Tenant, b.Place, b.Date, b.Session)
		return err
	})
	if err != nil {
		return services.Booking{}, err
	}
	return b, nil
}

// Pools implements services.Store.
func (s *Services) Pools(ctx context.Context, tenant, place, date string) (map[tool.Session]services.Pool, error) {
	rows, err := s.db.Read.QueryContext(ctx, `SELECT session, capacity, sold FROM pool WHERE tenant = ? AND place = ? AND date = ?`, tenant, place, date)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	pools := map[tool.Session]services.Pool{}
	for rows.Next() {
		var session tool.Session
		var p services.Pool
		if err := rows.Scan(&session, &p.Capacity, &p.Sold); err != nil {
			return nil, err
		}
		pools[session] = p
	}
	return pools, rows.Err()
}

// Bookings implements services.Store.
func (s *Services) Bookings(ctx context.Context, tenant, before string, limit int) ([]services.Booking, error) {
	rows, err := s.db.Read.QueryContext(ctx, `SELECT `+bookingColumns+` FROM `+bookingTables+`
		WHERE b.tenant = ? AND (? = '' OR b.id < ?) ORDER BY b.id DESC LIMIT ?`, tenant, before, before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []services.Booking
	for rows.Next() {
		b, err := scanBooking(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, rows.Err()
}
