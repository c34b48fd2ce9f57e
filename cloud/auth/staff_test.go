package auth_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
)

// Accounts of the first run that an administrator removes or shuts stay so; the environment's password is the way back in.
func TestFirstRunIsTheFirst(t *testing.T) {
	s, env := newStore(t), map[string]string{"LAOYOU_ADMIN_PASSWORD": "tea at four"}
	run := func() {
		t.Helper()
		f := auth.FirstRun{
			Store: s, Tenant: "default", Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Env: func(k string) string { return env[k] },
		}
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run()
	staff := auth.NewStaff(s, "default")
	if err := staff.Drop(t.Context(), "agent"); err != nil {
		t.Fatal(err)
	}
	if err := staff.Add(t.Context(), auth.User{Name: "boss", Roles: []auth.Role{auth.Administrator}}, "long enough"); err != nil {
		t.Fatal(err)
	}
	shut := true
	if _, err := staff.Change(t.Context(), "admin", auth.Change{Disabled: &shut, Roles: []auth.Role{auth.Operator}}); err != nil {
		t.Fatal(err)
	}
	delete(env, "LAOYOU_ADMIN_PASSWORD")
	run()
	if _, err := s.User(t.Context(), "default", "agent"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("the removed account is back: %v", err)
	}
	if u, err := s.User(t.Context(), "default", "admin"); err != nil || !u.Disabled {
		t.Errorf("%+v, %v", u, err)
	}
	env["LAOYOU_ADMIN_PASSWORD"] = "tea at four"
	run()
	if u, err := s.User(t.Context(), "default", "admin"); err != nil || !u.Administers() {
		t.Errorf("the environment does not let admin back in: %+v, %v", u, err)
	}
	if _, _, err := auth.New(s, "default", time.Hour, nil).Login(t.Context(), "admin", "tea at four", "10.0.0.1"); err != nil {
		t.Error(err)
	}
}
