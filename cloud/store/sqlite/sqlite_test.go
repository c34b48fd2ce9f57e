package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/services"
	"github.com/laoyou/laoyou/cloud/services/servicestest"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/sqlite"
)

func open(t *testing.T) *sqlite.DB {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "laoyou.db"))
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

func TestServices(t *testing.T) {
	servicestest.Store(t, func(t *testing.T) services.Store { return store.NewServices(open(t)) })
}

func TestAccountsAndSessions(t *testing.T) {
	ctx, a := t.Context(), store.NewAuth(open(t))
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	if _, err := a.User(ctx, "t1", "mei"); !errors.Is(err, auth.ErrNoUser) {
		t.Fatalf("unknown user: %v", err)
	}
	mei := auth.User{Tenant: "t1", Name: "mei", Hash: "h1", Roles: []auth.Role{auth.Agent, auth.Supervisor}}
	if err := a.SaveUser(ctx, mei); err != nil {
		t.Fatal(err)
	}
	if err := a.SaveUser(ctx, auth.User{Tenant: "t1", Name: "x", Roles: []auth.Role{"king"}}); err == nil {
		t.Error("an unknown role was stored")
	}
	s := auth.Session{User: "mei", Roles: mei.Roles, Expires: now.Add(time.Hour)}
	if err := a.AddSession(ctx, "t1", "token", s, now); err != nil {
		t.Fatal(err)
	}
	got, err := a.Session(ctx, "t1", "token", now)
	if err != nil || got.User != "mei" || !got.Has(auth.Supervisor) || got.Has(auth.Administrator) || !got.Expires.Equal(s.Expires) {
		t.Errorf("session %+v, %v", got, err)
	}
	for name, ask := range map[string]func() (auth.Session, error){
		"expired":      func() (auth.Session, error) { return a.Session(ctx, "t1", "token", s.Expires) },
		"other tenant": func() (auth.Session, error) { return a.Session(ctx, "t2", "token", now) },
		"unknown":      func() (auth.Session, error) { return a.Session(ctx, "t1", "nope", now) },
	} {
		if _, err := ask(); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mei.Hash = "h2"
	if err := a.SaveUser(ctx, mei); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Session(ctx, "t1", "token", now); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("a new password left the old session open: %v", err)
	}
}

func TestAttempts(t *testing.T) {
	ctx, a := t.Context(), store.NewAuth(open(t))
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	try := func(at time.Time) bool {
		t.Helper()
		ok, err := a.Attempt(ctx, auth.Attempt{Tenant: "t1", Subject: "s", At: at, Until: at.Add(time.Minute), Max: 2})
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !try(now) || !try(now) || try(now) {
		t.Error("want two attempts, then none")
	}
	if !try(now.Add(time.Minute)) {
		t.Error("failures do not expire")
	}
	if err := a.Forgive(ctx, "t1", "s"); err != nil {
		t.Fatal(err)
	}
	if !try(now) || !try(now) {
		t.Error("failures were not forgiven")
	}
}
