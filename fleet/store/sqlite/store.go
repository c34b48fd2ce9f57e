// Package sqlite keeps what the fleet must not lose in one SQLite file of its own: an adapter of the store ports that the parts of the fleet
// declare. All SQL of fleet lives here, in words that PostgreSQL understands too where that costs nothing. It may touch the database file and
// the pure parts of the fleet.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/internal/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store implements the ports of hub, api, enrol and issuer. It is safe for concurrent use.
type Store struct {
	db *sqlite.DB

	mu     sync.Mutex
	stmts  map[string]*sql.Stmt // of the writing connection, by text
	closed bool
}

// Open opens or creates the fleet's database and brings its schema up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, path, dir)
	if err != nil {
		return nil, err
	}
	return &Store{db: db, stmts: map[string]*sql.Stmt{}}, nil
}

// Close closes the database.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	s.stmts, s.closed = nil, true
	return errors.Join(append(errs, s.db.Close())...)
}

// Ping reports whether the database still answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.Ping(ctx) }

// tx runs do in one writing transaction. Statements are prepared once: the first time inside the transaction, which has the only writing
// connection, and after it for all that follow.
func (s *Store) tx(ctx context.Context, do func(*work) error) error {
	w := &work{store: s, known: s.known()}
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		w.tx = tx
		return do(w)
	})
	if err != nil {
		return err
	}
	s.prepare(ctx, w.missed)
	return nil
}

func (s *Store) known() map[string]*sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stmts // replaced, never changed
}

// prepare keeps statements for later. One that cannot be prepared now is tried again the next time.
func (s *Store) prepare(ctx context.Context, queries []string) {
	if len(queries) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	stmts := maps.Clone(s.stmts)
	for _, q := range queries {
		if _, ok := stmts[q]; ok {
			continue
		}
		if st, err := s.db.Write.PrepareContext(ctx, q); err == nil {
			stmts[q] = st
		}
	}
	s.stmts = stmts
}

// work is a writing transaction.
type work struct {
	store  *Store
	tx     *sql.Tx
	known  map[string]*sql.Stmt
	missed []string
}

// stmt returns a statement that belongs to the transaction and ends with it.
func (w *work) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := w.known[query]; ok {
		return w.tx.StmtContext(ctx, st), nil
	}
	w.missed = append(w.missed, query)
	return w.tx.PrepareContext(ctx, query)
}

func (w *work) exec(ctx context.Context, query string, args ...any) (int64, error) {
	st, err := w.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one reads one row, or reports that there is none.
func (w *work) one(ctx context.Context, into []any, query string, args ...any) (bool, error) {
	st, err := w.stmt(ctx, query)
	if err != nil {
		return false, err
	}
	err = st.QueryRowContext(ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// all reads every row.
func (w *work) all(ctx context.Context, row func(scanner) error, query string, args ...any) error {
	st, err := w.stmt(ctx, query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, args...)
	return each(rows, err, row)
}

// text joins the parts of a query. They are this package's own words: what comes from outside goes in as arguments.
func text(parts ...string) string { return strings.Join(parts, " ") }

// scanner is a row.
type scanner interface{ Scan(into ...any) error }

func each(rows *sql.Rows, err error, row func(scanner) error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := row(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// chunks is how many rows go into one statement: few sizes, so that few statements are kept.
func chunks() []int { return []int{64, 8, 1} }

// chunked calls do with the text of VALUES and its arguments for n rows of the given width.
func chunked(n, width int, args func(i int) []any, do func(values string, args []any) error) error {
	tuple := "(" + strings.TrimSuffix(strings.Repeat("?, ", width), ", ") + ")"
	for _, size := range chunks() {
		for ; n >= size; n -= size {
			all := make([]any, 0, size*width)
			for i := n - size; i < n; i++ {
				all = append(all, args(i)...)
			}
			if err := do("VALUES "+strings.TrimSuffix(strings.Repeat(tuple+", ", size), ", "), all); err != nil {
				return err
			}
		}
	}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func isNoBooth(err error) bool { return errors.Is(err, fleet.ErrNoBooth) }
