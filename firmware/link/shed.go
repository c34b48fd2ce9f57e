package link

import (
	"context"
	"database/sql"
)

// shedding drops rows of one booth, in one transaction.
type shedding struct {
	ctx   context.Context // lives as long as one call
	tx    *sql.Tx
	booth int64
	lost  *Lost
	from  int64 // rows up to this place may have been sent
	bytes int64
}

func (s *shedding) run(e Excess) error {
	err := s.tx.QueryRowContext(s.ctx, "SELECT coalesce(sum(length(body) + ?), 0) FROM outbox WHERE booth = ?", overhead, s.booth).Scan(&s.bytes)
	if err != nil {
		return err
	}
	var oldest int64
	if err := s.tx.QueryRowContext(s.ctx, "SELECT coalesce(min(born), ?) FROM outbox WHERE booth = ?", e.Before, s.booth).Scan(&oldest); err != nil {
		return err
	}
	if s.bytes <= e.Bytes && oldest >= e.Before {
		return nil
	}
	// the rows with the numbers acked+1 … mark
	err = s.tx.QueryRowContext(s.ctx, `SELECT coalesce(max(pos), 0) FROM (SELECT pos FROM outbox WHERE booth = ?1 ORDER BY pos
		LIMIT (SELECT max(0, mark - acked) FROM booth WHERE id = ?1))`, s.booth).Scan(&s.from)
	if err != nil {
		return err
	}
	for _, drop := range []struct {
		class Class
		where string
		arg   any
	}{
		{ClassSample, "born < ?", e.Before},
		{ClassEvent, "born < ?", e.Before},
		{ClassSample, "pos % 10 <> ?", 0},
	} {
		if drop.where != "born < ?" && s.bytes <= e.Bytes {
			break
		}
		if err := s.drop(drop.class, drop.where, drop.arg); err != nil {
			return err
		}
	}
	if err := s.oldest(ClassSample, e.Bytes); err != nil {
		return err
	}
	if !e.Samples {
		if err := s.oldest(ClassEvent, e.Bytes); err != nil {
			return err
		}
	}
	_, err = s.tx.ExecContext(s.ctx, "UPDATE booth SET dropped = dropped + ? WHERE id = ?", s.lost.Rows(), s.booth)
	return err
}

// oldest drops as many of the oldest rows of a class as it takes to have at most bytes left.
func (s *shedding) oldest(class Class, bytes int64) error {
	over := s.bytes - bytes
	if over <= 0 {
		return nil
	}
	// the first row with which enough is dropped, or the last there is
	var upto int64
	err := s.tx.QueryRowContext(s.ctx, `SELECT coalesce(min(CASE WHEN total >= ? THEN pos END), max(pos), 0) FROM
		(SELECT pos, sum(length(body) + ?) OVER (ORDER BY pos) AS total FROM outbox WHERE booth = ? AND pos > ? AND class = ?)`,
		over, overhead, s.booth, s.from, class).Scan(&upto)
	if err != nil {
		return err
	}
	return s.drop(class, "pos <= ?", upto)
}

// drop deletes and counts rows that were never sent.
func (s *shedding) drop(class Class, where string, arg any) error {
	const of = " FROM outbox WHERE booth = ? AND pos > ? AND class = ? AND "
	var n, bytes int64
	err := s.tx.QueryRowContext(s.ctx, "SELECT count(*), coalesce(sum(length(body) + ?), 0)"+of+where, overhead, s.booth, s.from, class, arg).
		Scan(&n, &bytes)
	if err != nil || n == 0 {
		return err
	}
	if _, err := s.tx.ExecContext(s.ctx, "DELETE"+of+where, s.booth, s.from, class, arg); err != nil {
		return err
	}
	if class == ClassSample {
		s.lost.Samples += n
	} else {
		s.lost.Events += n
	}
	s.lost.Bytes += bytes
	s.bytes -= bytes
	return nil
}
