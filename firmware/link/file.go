package link

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// File is a SQLite file with the outboxes and inboxes of one booth, or of many that are simulated together: what they write at the same
// time is one commit.
type File struct {
	db *sqlite.DB

	mu   sync.Mutex
	jobs []*job
	busy bool
	done sync.WaitGroup
}

type job struct {
	ctx  context.Context // of the caller, whose work another goroutine does
	work func(context.Context, *sql.Tx) error
	done chan error
}

// maxPerCommit bounds how many writers share one commit.
const maxPerCommit = 256

// cacheKiB bounds what SQLite keeps of the file in memory, per connection: rows go in and out in order, so a cache has little to give.
const cacheKiB = "512"

// Open opens or creates the file at path.
func Open(ctx context.Context, path string) (*File, error) {
	root, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, path, root)
	if err != nil {
		return nil, err
	}
	db.Read.SetMaxOpenConns(1)
	db.Read.SetMaxIdleConns(0) // all goes through the one writing connection; a reader would only hold a cache
	if _, err := db.Write.ExecContext(ctx, "PRAGMA cache_size = -"+cacheKiB); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return &File{db: db}, nil
}

// Close waits for writes under way and closes the file.
func (f *File) Close() error {
	f.done.Wait()
	return f.db.Close()
}

// Box is one booth's part of a file. It is a Store, the inbox of package remote, and keeps the twin's config.
type Box struct {
	file *File
	id   int64
}

// Box returns the part of the booth with the given name, which is new or as it was left.
func (f *File) Box(ctx context.Context, name string) (*Box, error) {
	b := &Box{file: f}
	err := f.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO booth (name, outbox) VALUES (?, ?) ON CONFLICT DO NOTHING", name, id.New())
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT id FROM booth WHERE name = ?", name).Scan(&b.id)
	})
	if err != nil {
		return nil, fmt.Errorf("booth %s: %w", name, err)
	}
	return b, nil
}

// tx does work in a transaction, together with whatever others want at the same time. Work may be done twice, when another's failed beside
// it, and then only the second counts.
func (f *File) tx(ctx context.Context, work func(context.Context, *sql.Tx) error) error {
	j := &job{ctx, work, make(chan error, 1)}
	f.mu.Lock()
	f.jobs = append(f.jobs, j)
	if !f.busy {
		f.busy = true
		f.done.Go(f.run)
	}
	f.mu.Unlock()
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
	}
	if f.withdraw(j) {
		return ctx.Err()
	}
	return <-j.done // it is being done: to give up on it now would be to do it again, and have it twice
}

// withdraw takes a job back that nobody has begun, and reports whether it could.
func (f *File) withdraw(j *job) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(f.jobs, j)
	if i < 0 {
		return false
	}
	f.jobs = slices.Delete(slices.Clone(f.jobs), i, i+1) // a batch that was taken shares the array
	return true
}

func (f *File) run() {
	for {
		f.mu.Lock()
		n := min(len(f.jobs), maxPerCommit)
		if n == 0 {
			f.busy, f.jobs = false, nil
			f.mu.Unlock()
			return
		}
		batch := f.jobs[:n:n]
		f.jobs = f.jobs[n:]
		f.mu.Unlock()
		f.commit(batch)
	}
}

func (f *File) commit(batch []*job) {
	if len(batch) > 1 {
		err := f.db.Tx(context.Background(), func(tx *sql.Tx) error {
			for _, j := range batch {
				if err := j.work(context.Background(), tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			for _, j := range batch {
				j.done <- nil
			}
			return
		}
	}
	for _, j := range batch { // each alone, so that one's mistake is not the others'
		j.done <- f.db.Tx(j.ctx, func(tx *sql.Tx) error { return j.work(j.ctx, tx) })
	}
}
