package auth

import (
	"context"
	"fmt"
	"slices"
)

// MinPassword is the shortest password of a new account in bytes.
const MinPassword = 8

// MaxPassword is the longest.
const MaxPassword = maxPassword

// Change is what an administrator changes of an account; nil leaves it.
type Change struct {
	Roles    []Role
	Langs    []string
	Disabled *bool
	Password *string
}

// Apply is the account after the change; hash is of the new password.
func (c Change) Apply(u User, hash string) User {
	if c.Roles != nil {
		u.Roles = c.Roles
	}
	if c.Langs != nil {
		u.Langs = c.Langs
	}
	if c.Disabled != nil {
		u.Disabled = *c.Disabled
	}
	if c.Password != nil {
		u.Hash = hash
	}
	return u
}

// EndsSessions reports whether who is in with the account must come in again.
func (c Change) EndsSessions() bool {
	return c.Password != nil || c.Disabled != nil && *c.Disabled
}

// Administers reports whether the account can make others administrators.
func (u User) Administers() bool { return !u.Disabled && slices.Contains(u.Roles, Administrator) }

// Directory lists and changes accounts. The last one that administers cannot be taken that away: ErrLastAdmin.
type Directory interface {
	// Users lists up to limit accounts by name, after the name given ("" for the first).
	Users(ctx context.Context, tenant, after string, limit int) ([]User, error)
	// AddUser creates an account, or returns ErrUserKnown.
	AddUser(ctx context.Context, u User) error
	// ChangeUser changes an account, and ends its sessions if the change does. ErrNoUser, ErrLastAdmin.
	ChangeUser(ctx context.Context, tenant, name string, c Change, hash string) (User, error)
	// DropUser ends the sessions of an account and removes it. ErrNoUser, ErrLastAdmin.
	DropUser(ctx context.Context, tenant, name string) error
}

// Staff is the accounts of a tenant as an administrator sees them.
type Staff struct {
	store  Directory
	tenant string
}

// NewStaff returns the accounts of tenant in store.
func NewStaff(store Directory, tenant string) *Staff { return &Staff{store, tenant} }

// Users lists accounts by name, without their hashes.
func (s *Staff) Users(ctx context.Context, after string, limit int) ([]User, error) {
	list, err := s.store.Users(ctx, s.tenant, after, limit)
	for i := range list {
		list[i].Hash = ""
	}
	return list, err
}

// Add creates an account with a password; u.Validate has passed. An existing one stays as it is: ErrUserKnown.
func (s *Staff) Add(ctx context.Context, u User, password string) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	u.Tenant, u.Hash = s.tenant, Hash(password)
	if len(u.Langs) == 0 {
		u.Langs = DefaultLangs()
	}
	return s.store.AddUser(ctx, u)
}

// Change changes an account; the result's Validate has passed.
func (s *Staff) Change(ctx context.Context, name string, c Change) (User, error) {
	hash := ""
	if c.Password != nil {
		if err := CheckPassword(*c.Password); err != nil {
			return User{}, err
		}
		hash = Hash(*c.Password)
	}
	u, err := s.store.ChangeUser(ctx, s.tenant, name, c, hash)
	u.Hash = ""
	return u, err
}

// Drop removes an account.
func (s *Staff) Drop(ctx context.Context, name string) error {
	return s.store.DropUser(ctx, s.tenant, name)
}

// CheckPassword checks the length of a new password.
func CheckPassword(password string) error {
	if n := len(password); n < MinPassword || n > MaxPassword {
		return fmt.Errorf("password: must have %d to %d bytes", MinPassword, MaxPassword)
	}
	return nil
}
