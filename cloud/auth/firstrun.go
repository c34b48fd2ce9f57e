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

// FirstRun makes sure that the accounts "admin" and "agent" exist.
type FirstRun struct {
	Store  Store
	Tenant string
	Data   string              // folder for FirstRunFile
	Env    func(string) string // LAOYOU_ADMIN_PASSWORD, LAOYOU_AGENT_PASSWORD
	Log    *slog.Logger        // gets the path of the file, never a password
}

type credentials struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// Run creates missing accounts. A password from the environment is set at every start: it is the way back in for who forgot theirs.
// Made-up passwords are on disk before the accounts are, so that a crash in between loses nothing.
func (f FirstRun) Run(ctx context.Context) error {
	madeUp := map[string]credentials{}
	var save []User
	for _, a := range []struct {
		name, env string
		roles     []Role
	}{
		{"admin", "LAOYOU_ADMIN_PASSWORD", []Role{Administrator, Operator, Supervisor}},
		{"agent", "LAOYOU_AGENT_PASSWORD", []Role{Agent}},
	} {
		have, err := f.Store.User(ctx, f.Tenant, a.name)
		if err != nil && !errors.Is(err, ErrNoUser) {
			return fmt.Errorf("first run: %w", err)
		}
		exists := err == nil
		password := f.Env(a.env)
		if len(password) > maxPassword {
			return fmt.Errorf("%s: longer than %d bytes", a.env, maxPassword)
		}
		switch {
		case exists && (password == "" || verify(have.Hash, password)):
			continue
		case password == "":
			password = Secret()
			madeUp[a.name] = credentials{a.name, password}
		}
		save = append(save, User{f.Tenant, a.name, Hash(password), a.roles, have.Langs})
	}
	if len(madeUp) > 0 {
		path := filepath.Join(f.Data, FirstRunFile)
		text, err := json.MarshalIndent(madeUp, "", "  ")
		if err != nil {
			return err
		}
		if err := writePrivate(path, append(text, '\n')); err != nil {
			return fmt.Errorf("first run: %w", err)
		}
		f.Log.InfoContext(ctx, "passwords of the first run written", slog.String("path", path))
	}
	for _, u := range save {
		if err := f.Store.SaveUser(ctx, u); err != nil {
			return fmt.Errorf("first run: %w", err)
		}
	}
	return nil
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
