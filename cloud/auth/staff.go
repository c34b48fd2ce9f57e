package auth

import (
	"context"
	"fmt"
)

// MinPassword is the shortest password of a new account in bytes.
const MinPassword = 8

// MaxPassword is the longest.
const MaxPassword = maxPassword

// Directory lists and adds accounts.
type Directory interface {
	// Users lists up to limit accounts by name, after the name given ("" for the first).
	Users(ctx context.Context, tenant, after string, limit int) ([]User, error)
	// AddUser creates an account, or returns ErrUserKnown.
	AddUser(ctx context.Context, u User) error
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
	if n := len(password); n < MinPassword || n > MaxPassword {
		return fmt.Errorf("password: must have %d to %d bytes", MinPassword, MaxPassword)
	}
	u.Tenant, u.Hash = s.tenant, Hash(password)
	if len(u.Langs) == 0 {
		u.Langs = DefaultLangs()
	}
	return s.store.AddUser(ctx, u)
}
