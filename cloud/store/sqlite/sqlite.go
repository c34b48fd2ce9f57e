// Package sqlite keeps what the core must not lose in one SQLite file: an adapter of the store ports that the parts of cloud declare.
// All SQL of cloud lives here, in words that PostgreSQL understands too where that costs nothing.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"time"

	"github.com/laoyou/laoyou/internal/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens or creates the core's database and brings its schema up to date.
func Open(ctx context.Context, path string) (*sqlite.DB, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, path, dir)
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// failure is a wrong code or password that counts against subject until it expires.
type failure struct {
	tenant, subject string
	at, until       time.Time
}

// note stores f, and forgets the failures of everybody that have expired.
func (f failure) note(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM failure WHERE expires <= ?`, millis(f.at)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO failure (tenant, subject, expires) VALUES (?, ?, ?)`, f.tenant, f.subject, millis(f.until))
	return err
}

// count returns how many failures of the subject still hold.
func (f failure) count(ctx context.Context, tx *sql.Tx) (int, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM failure WHERE tenant = ? AND subject = ? AND expires > ?`,
		f.tenant, f.subject, millis(f.at)).Scan(&n)
	return n, err
}
