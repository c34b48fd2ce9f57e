package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/laoyou/laoyou/internal/sqlite"
)

var first = fstest.MapFS{"001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE n (k TEXT PRIMARY KEY, v INTEGER NOT NULL);\n")}}

func open(t *testing.T, path string, m fstest.MapFS) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestOpenSetsDurability(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd name %3f?#.db")
	db := open(t, path, first)
	for name, pool := range map[string]*sql.DB{"write": db.Write, "read": db.Read} {
		var sync, mode string
		if err := pool.QueryRow("PRAGMA synchronous").Scan(&sync); err != nil {
			t.Fatal(err)
		}
		if err := pool.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil {
			t.Fatal(err)
		}
		if sync != "2" || mode != "wal" {
			t.Errorf("%s pool: synchronous %s, journal_mode %s", name, sync, mode)
		}
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		st, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", suffix, st.Mode())
		}
	}
	if _, err := db.Read.Exec("INSERT INTO n VALUES ('a', 1)"); err == nil {
		t.Error("the read pool wrote")
	}
}

func TestWritersQueue(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), first)
	if _, err := db.Write.Exec("INSERT INTO n VALUES ('a', 0)"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			err := db.Tx(context.Background(), func(tx *sql.Tx) error {
				var v int
				if err := tx.QueryRow("SELECT v FROM n").Scan(&v); err != nil {
					return err
				}
				_, err := tx.Exec("UPDATE n SET v = ?", v+1)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var v int
	if err := db.Read.QueryRow("SELECT v FROM n").Scan(&v); err != nil || v != 50 {
		t.Fatalf("v = %d, %v; want 50", v, err)
	}
}

func TestTxRollsBack(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), first)
	boom := errors.New("boom")
	err := db.Tx(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO n VALUES ('a', 1)"); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	var n int
	if err := db.Read.QueryRow("SELECT count(*) FROM n").Scan(&n); err != nil || n != 0 {
		t.Fatalf("%d rows, %v", n, err)
	}
}

func TestIsConflict(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), first)
	for i, want := range []bool{false, true} {
		if _, err := db.Write.Exec("INSERT INTO n VALUES ('a', 1)"); sqlite.IsConflict(err) != want {
			t.Errorf("insert %d: %v", i, err)
		}
	}
	if _, err := db.Write.Exec("INSERT INTO n VALUES ('b', NULL)"); err == nil || sqlite.IsConflict(err) {
		t.Errorf("NOT NULL counted as a conflict: %v", err)
	}
}

func TestRefusesDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, first); !errors.Is(err, sqlite.ErrDamaged) {
		t.Fatalf("got %v", err)
	}
}

func TestRefusesNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	two := fstest.MapFS{"001_first.sql": first["001_first.sql"], "002_more.sql": {Data: []byte("-- +goose Up\nCREATE TABLE m (k TEXT);\n")}}
	db, err := sqlite.Open(t.Context(), path, two)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, first); !errors.Is(err, sqlite.ErrNewer) {
		t.Fatalf("got %v", err)
	}
}
