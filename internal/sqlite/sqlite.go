// Package sqlite opens SQLite databases in the one way this project trusts: write-ahead log, synchronous=FULL, foreign keys on, one
// writing connection and a pool of readers. It may touch the database file it is given and nothing else; it knows no table of ours.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// maxReaders bounds the read pool: WAL readers never block the writer, but each holds a page cache.
const maxReaders = 4

// ErrDamaged says that the file is not a sound database. Nothing repairs it silently: a backup must be put in its place.
var ErrDamaged = errors.New("database is damaged: put a backup in its place")

// ErrNewer says that a newer program has already changed the schema. Running on would write rows that it cannot read.
var ErrNewer = errors.New("database was written by a newer version of this program")

// DB is one open database. Write has a single connection, so that writers queue in Go instead of failing with SQLITE_BUSY.
type DB struct {
	Write *sql.DB
	Read  *sql.DB
}

// Open opens or creates the database at path, readable by its owner only, and brings its schema up to date with the goose
// migrations in the root of migrations. The error wraps ErrDamaged or ErrNewer where that is the cause.
func Open(ctx context.Context, path string, migrations fs.FS) (_ *DB, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// SQLite gives its -wal and -shm files the mode of the main file, so creating this one 0600 protects all three.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := &DB{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open database %s: %w", path, explain(err)), db.Close())
		}
	}()
	if db.Write, err = open(ctx, path, "_txlock", "immediate"); err != nil {
		return nil, err
	}
	db.Write.SetMaxOpenConns(1)
	if err := soundness(ctx, db.Write); err != nil {
		return nil, err
	}
	if err := migrate(ctx, db.Write, migrations); err != nil {
		return nil, err
	}
	if db.Read, err = open(ctx, path, "_pragma", "query_only(1)"); err != nil {
		return nil, err
	}
	db.Read.SetMaxOpenConns(maxReaders)
	return db, nil
}

// open makes a pool whose every connection starts with our pragmas, and asserts on a first one that they took.
func open(ctx context.Context, path, key, value string) (*sql.DB, error) {
	q := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}}
	q.Add(key, value)
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	pool, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	if err := assertPragmas(ctx, pool); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

// assertPragmas exists because a pragma that is misspelt or not possible (WAL on a network disk) fails in silence.
func assertPragmas(ctx context.Context, pool *sql.DB) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, want := range []struct{ pragma, value string }{
		{"journal_mode", "wal"},
		{"synchronous", "2"}, // FULL: a commit that was reported survives a power cut
		{"foreign_keys", "1"},
	} {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+want.pragma).Scan(&got); err != nil {
			return err
		}
		if got != want.value {
			return fmt.Errorf("%s is %q, want %q", want.pragma, got, want.value)
		}
	}
	return nil
}

// soundness runs SQLite's quick check: better a refusal at start than wrong answers to citizens later.
func soundness(ctx context.Context, pool *sql.DB) error {
	var first string
	if err := pool.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&first); err != nil {
		return err
	}
	if first != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, first)
	}
	return nil
}

func migrate(ctx context.Context, pool *sql.DB, migrations fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, migrations, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	known := p.ListSources()
	if newest := known[len(known)-1].Version; have > newest {
		return fmt.Errorf("%w: schema %d, this program knows %d", ErrNewer, have, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

// Tx runs do in one writing transaction: committed when do returns nil, rolled back otherwise.
func (db *DB) Tx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := db.Write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

// ignoreDone: a cancelled context has rolled back already.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// Ping reports whether the database still answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.Read.QueryRowContext(ctx, "SELECT 1 FROM sqlite_schema LIMIT 1").Scan(&one)
}

// Close closes both pools. The last connection out folds the write-ahead log into the main file.
func (db *DB) Close() error {
	var errs []error
	for _, pool := range []*sql.DB{db.Read, db.Write} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// IsConflict reports whether err is a broken uniqueness rule (primary key or unique index).
func IsConflict(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) &&
		(e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// explain puts ErrDamaged before the codes with which SQLite says that the file is broken.
func explain(err error) error {
	var e *driver.Error
	if errors.As(err, &e) && !errors.Is(err, ErrDamaged) {
		switch e.Code() & 0xff { // the low byte is the primary code
		case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return err
}
