package sqlite_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/contact/contacttest"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
)

func TestContacts(t *testing.T) {
	contacttest.Store(t, func(t *testing.T) contact.Store { return store.NewContacts(open(t)) })
}

// Accounts of staff: by name, each once, with the languages they speak, which a session knows too.
func TestDirectory(t *testing.T) {
	ctx, a := t.Context(), store.NewAuth(open(t))
	for _, u := range []auth.User{
		{Tenant: "t1", Name: "tom", Hash: "h", Roles: []auth.Role{auth.Agent}, Langs: []string{"en"}},
		{Tenant: "t1", Name: "mei", Hash: "h", Roles: []auth.Role{auth.Agent, auth.Supervisor}},
		{Tenant: "t2", Name: "eve", Hash: "h"},
	} {
		if err := a.AddUser(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.AddUser(ctx, auth.User{Tenant: "t1", Name: "tom", Hash: "other"}); !errors.Is(err, auth.ErrUserKnown) {
		t.Errorf("an account was replaced: %v", err)
	}
	list, err := a.Users(ctx, "t1", "", 10)
	if got := fmt.Sprint(list); err != nil || got != "[{t1 mei h [agent supervisor] [zh en] false} {t1 tom h [agent] [en] false}]" {
		t.Errorf("got %s, %v", got, err)
	}
	if list, err := a.Users(ctx, "t1", "mei", 1); err != nil || len(list) != 1 || list[0].Name != "tom" {
		t.Errorf("after mei: %v, %v", list, err)
	}
	now := time.Now()
	if err := a.AddSession(ctx, "t1", "token", auth.Session{User: "tom", Expires: now.Add(time.Hour)}, now); err != nil {
		t.Fatal(err)
	}
	if s, err := a.Session(ctx, "t1", "token", now); err != nil || fmt.Sprint(s.Langs) != "[en]" {
		t.Errorf("session %+v, %v", s, err)
	}
}
