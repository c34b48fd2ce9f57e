package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// FirstRunFile is the name, in the data folder, of the passwords that were made up at the first start.
const FirstRunFile = "first-run.json"

// FirstRun makes the accounts "admin" and "agent" where there are none yet.
type FirstRun struct {
	Store  Accounts
	Tenant string
	Data   string              // folder for FirstRunFile
	Env    func(string) string // LAOYOU_ADMIN_PASSWORD, LAOYOU_AGENT_PASSWORD
	Log    *slog.Logger        // gets the path of the file, never a password
}

// Accounts is what FirstRun needs of a store: a part of Store and of Directory.
type Accounts interface {
	User(ctx context.Context, tenant, name string) (User, error)
	Users(ctx context.Context, tenant, after string, limit int) ([]User, error)
	SaveUser(ctx context.Context, u User) error
}

type credentials struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// Run makes the first accounts. Later ones, and which of these go, are the administrators' business. A password from the environment is set
// at every start: it is the way back in for who forgot theirs, or shut themselves out. Made-up passwords are on disk before the accounts are,
// and admin is stored last, so that a crash in between loses nothing.
func (f FirstRun) Run(ctx context.Context) error {
	first, err := f.first(ctx)
	if err != nil {
		return fmt.Errorf("first run: %w", err)
	}
	madeUp := map[string]credentials{}
	var save []User
	for _, a := range []account{
		{"agent", "LAOYOU_AGENT_PASSWORD", []Role{Agent}},
		{"admin", "LAOYOU_ADMIN_PASSWORD", []Role{Administrator, Operator, Supervisor}},
	} {
		u, password, err := f.wanted(ctx, a, first)
		if err != nil {
			return err
		}
		if u.Name == "" {
			continue
		}
		if password != "" {
			madeUp[a.name] = credentials{a.name, password}
		}
		save = append(save, u)
	}
	if err := f.publish(ctx, madeUp); err != nil {
		return fmt.Errorf("first run: %w", err)
	}
	for _, u := range save {
		if err := f.Store.SaveUser(ctx, u); err != nil {
			return fmt.Errorf("first run: %w", err)
		}
	}
	return nil
}

// account is one of the first.
type account struct {
	name, env string
	roles     []Role
}

// wanted is the account as it is to be stored, without a name when nothing is to be done; madeUp is its password if nobody gave one.
func (f FirstRun) wanted(ctx context.Context, a account, first bool) (u User, madeUp string, err error) {
	have, err := f.Store.User(ctx, f.Tenant, a.name)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, "", fmt.Errorf("first run: %w", err)
	}
	exists := err == nil
	password := f.Env(a.env)
	switch {
	case len(password) > maxPassword:
		return User{}, "", fmt.Errorf("%s: longer than %d bytes", a.env, maxPassword)
	case password == "" && !first, password != "" && exists && !have.Disabled && verify(have.Hash, password):
		return User{}, "", nil
	case password == "":
		password = Secret()
		madeUp = password
	}
	roles := a.roles
	if exists && (a.name != "admin" || have.Administers()) { // of admin it is the way back to everything
		roles = have.Roles
	}
	return User{Tenant: f.Tenant, Name: a.name, Hash: Hash(password), Roles: roles, Langs: have.Langs}, madeUp, nil
}

// publish writes the passwords that were made up.
func (f FirstRun) publish(ctx context.Context, madeUp map[string]credentials) error {
	if len(madeUp) == 0 {
		return nil
	}
	path := filepath.Join(f.Data, FirstRunFile)
	text, err := json.MarshalIndent(madeUp, "", "  ")
	if err != nil {
		return err
	}
	if err := writePrivate(path, append(text, '\n')); err != nil {
		return err
	}
	f.Log.InfoContext(ctx, "passwords of the first run written", slog.String("path", path))
	return nil
}

// first reports whether the first start has not come to its end yet: there is no account but, after a crash, agent.
func (f FirstRun) first(ctx context.Context) (bool, error) {
	list, err := f.Store.Users(ctx, f.Tenant, "", 2)
	return len(list) == 0 || len(list) == 1 && list[0].Name == "agent", err
}

// writePrivate puts a whole file in place or none, readable by its owner only.
func writePrivate(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // there only if something failed
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	// The new name is durable only with its folder; the accounts that need the file are stored right after.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
