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

// fail notes one failure of subject until expires, and forgets those of everybody that have expired.
func fail(ctx context.Context, tx *sql.Tx, tenant, subject string, now, expires time.Time) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM failure WHERE expires <= ?`, millis(now)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO failure (tenant, subject, expires) VALUES (?, ?, ?)`, tenant, subject, millis(expires))
	return err
}

// failures counts the failures of subject that still hold.
func failures(ctx context.Context, tx *sql.Tx, tenant, subject string, now time.Time) (int, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM failure WHERE tenant = ? AND subject = ? AND expires > ?`,
		tenant, subject, millis(now)).Scan(&n)
	return n, err
}
