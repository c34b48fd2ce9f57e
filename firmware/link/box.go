package link

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

var _ Store = (*Box)(nil)

// Load returns the head.
func (b *Box) Load(ctx context.Context) (Head, error) {
	var h Head
	err := b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT outbox, acked, mark, epoch, dropped, floor, ran FROM booth WHERE id = ?", b.id).
			Scan(&h.Outbox, &h.Acked, &h.Mark, &h.Epoch, &h.Dropped, &h.Floor, &h.Ran)
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(length(body) + ?), 0) FROM outbox WHERE booth = ?", overhead, b.id).
			Scan(&h.Rows, &h.Bytes)
	})
	return h, wrap("load outbox", err)
}

// Append stores rows behind all others.
func (b *Box) Append(ctx context.Context, rows []Row) error {
	return wrap("store rows", b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		insert, err := tx.PrepareContext(ctx, "INSERT INTO outbox (booth, class, id, ts, mono, boot, born, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, r := range rows {
			if _, err := insert.ExecContext(ctx, b.id, r.Class, r.ID, r.TS, r.Mono, r.Boot, r.Born, r.Body); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Read returns up to n rows behind a place, oldest first.
func (b *Box) Read(ctx context.Context, after int64, n int) ([]Row, error) {
	rows, err := b.file.db.Write.QueryContext(ctx,
		"SELECT pos, class, id, ts, mono, boot, born, body FROM outbox WHERE booth = ? AND pos > ? ORDER BY pos LIMIT ?", b.id, after, n)
	if err != nil {
		return nil, wrap("read outbox", err)
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		var r Row
		if err := rows.Scan(&r.Pos, &r.Class, &r.ID, &r.TS, &r.Mono, &r.Boot, &r.Born, &r.Body); err != nil {
			return nil, wrap("read outbox", err)
		}
		out = append(out, r)
	}
	return out, wrap("read outbox", rows.Err())
}

// Trim removes the n oldest rows.
func (b *Box) Trim(ctx context.Context, n int64) (freed int64, err error) {
	err = b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		const oldest = "SELECT pos, length(body) + ? AS size FROM outbox WHERE booth = ? ORDER BY pos LIMIT ?"
		var last, have int64
		err := tx.QueryRowContext(ctx, "SELECT coalesce(max(pos), 0), coalesce(sum(size), 0), count(*) FROM ("+oldest+")", overhead, b.id, n).
			Scan(&last, &freed, &have)
		if err != nil {
			return err
		}
		if have != n {
			return fmt.Errorf("only %d of %d rows are there", have, n)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE booth = ? AND pos <= ?", b.id, last); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE booth SET acked = acked + ? WHERE id = ?", n, b.id)
		return err
	})
	return freed, wrap("remove rows", err)
}

// Save raises figures.
func (b *Box) Save(ctx context.Context, f Figures) error {
	return wrap("save figures", b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE booth SET mark = max(mark, ?), epoch = max(epoch, ?), floor = max(floor, ?), ran = max(ran, ?)
			WHERE id = ?`, f.Mark, f.Epoch, f.Floor, f.Ran, b.id)
		return err
	}))
}

// Renew starts a new outbox id.
func (b *Box) Renew(ctx context.Context, outbox string) error {
	return wrap("renew outbox", b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE booth SET outbox = ?, acked = 0, mark = 0 WHERE id = ?", outbox, b.id)
		return err
	}))
}

// Shed drops rows behind the mark.
func (b *Box) Shed(ctx context.Context, e Excess) (lost Lost, err error) {
	err = b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		lost = Lost{}
		s := shedding{ctx: ctx, tx: tx, booth: b.id, lost: &lost}
		return s.run(e)
	})
	return lost, wrap("drop rows", err)
}

// Kept returns what was last given to Keep under a name, nil when nothing was.
func (b *Box) Kept(ctx context.Context, name string) (value []byte, err error) {
	err = b.file.db.Write.QueryRowContext(ctx, "SELECT value FROM kept WHERE booth = ? AND name = ?", b.id, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, wrap("read kept value", err)
}

// Keep stores a value under a name.
func (b *Box) Keep(ctx context.Context, name string, value []byte) error {
	return wrap("keep value", b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO kept (booth, name, value) VALUES (?, ?, ?)
			ON CONFLICT (booth, name) DO UPDATE SET value = excluded.value`, b.id, name, value)
		return err
	}))
}

// Of finished commands at least finalsKept are remembered, so that a repeated one is answered and not done again.
const (
	finalsKept  = 1000
	forgetEvery = 100
)

// Take stores a command that is new, or returns what is stored under its id.
func (b *Box) Take(ctx context.Context, e Entry) (kept Entry, fresh bool, err error) {
	err = b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		kept, fresh = e, false
		err := tx.QueryRowContext(ctx, "SELECT id, state, step, result, error, doc FROM inbox WHERE booth = ? AND id = ?", b.id, e.ID).
			Scan(&kept.ID, &kept.State, &kept.Step, &kept.Result, &kept.Error, &kept.Doc)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		fresh = true
		var ord int64
		err = tx.QueryRowContext(ctx, `INSERT INTO inbox (booth, id, ord, state, final, step, result, error, doc)
			VALUES (?1, ?2, (SELECT coalesce(max(ord), 0) + 1 FROM inbox WHERE booth = ?1), ?3, ?4, ?5, ?6, ?7, ?8) RETURNING ord`,
			b.id, e.ID, e.State, e.State.Final(), e.Step, e.Result, e.Error, e.Doc).Scan(&ord)
		if err != nil || ord%forgetEvery != 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM inbox WHERE booth = ? AND final AND ord <= ?", b.id, ord-finalsKept)
		return err
	})
	return kept, fresh, wrap("take command", err)
}

// Step stores the new state of a command.
func (b *Box) Step(ctx context.Context, e Entry) error {
	return wrap("store command", b.file.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE inbox SET state = ?, final = ?, step = ?, result = ?, error = ? WHERE booth = ? AND id = ?",
			e.State, e.State.Final(), e.Step, e.Result, e.Error, b.id, e.ID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fmt.Errorf("command %s is not in the inbox", e.ID))
		}
		return nil
	}))
}

// Unfinished returns the commands that are not final, in the order in which they came.
func (b *Box) Unfinished(ctx context.Context) ([]Entry, error) {
	rows, err := b.file.db.Write.QueryContext(ctx,
		"SELECT id, state, step, result, error, doc FROM inbox WHERE booth = ? AND NOT final ORDER BY ord", b.id)
	if err != nil {
		return nil, wrap("read inbox", err)
	}
	defer rows.Close()
	var out []Entry
	for rows.Next() {
		var e Entry
		if err := rows.Scan(&e.ID, &e.State, &e.Step, &e.Result, &e.Error, &e.Doc); err != nil {
			return nil, wrap("read inbox", err)
		}
		out = append(out, e)
	}
	return out, wrap("read inbox", rows.Err())
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
