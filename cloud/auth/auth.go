// Package auth knows who may do what in the core: accounts of staff with roles, their passwords and sessions, and the tokens of booths.
// It may touch files of the data folder (first-run.json, booth-token) and its Store; it knows no HTTP.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Role is what an account may do.
type Role string

// Roles.
const (
	Agent         Role = "agent"         // a human who answers citizens
	Supervisor    Role = "supervisor"    // runs agents
	Operator      Role = "operator"      // runs the fleet and reads the stock
	Administrator Role = "administrator" // runs the core
)

// Roles lists every role.
func Roles() []Role { return []Role{Agent, Supervisor, Operator, Administrator} }

// User is an account of a member of staff.
type User struct {
	Tenant string
	Name   string
	Hash   string // of the password, see Hash
	Roles  []Role
	Langs  []string // primary tags of the languages an agent speaks, the best first; nil: DefaultLangs
	// Disabled keeps the account and lets nobody in with it.
	Disabled bool
}

// DefaultLangs are what an agent in this city speaks until somebody says otherwise.
func DefaultLangs() []string { return []string{"zh", "en"} }

// maxLangs bounds the languages of one account.
const maxLangs = 8

var (
	userName = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,63}$`)
	langTag  = regexp.MustCompile(`^[a-z]{2,3}$`)
)

// Validate checks the name, the roles and the languages.
func (u User) Validate() error {
	if !userName.MatchString(u.Name) {
		return errors.New("user: must be lower-case letters, digits, dots, dashes")
	}
	for _, r := range u.Roles {
		if !slices.Contains(Roles(), r) {
			return fmt.Errorf("role %q is unknown", r)
		}
	}
	if len(u.Langs) > maxLangs {
		return fmt.Errorf("langs: at most %d", maxLangs)
	}
	for _, l := range u.Langs {
		if !langTag.MatchString(l) {
			return fmt.Errorf("langs: %q must be a tag such as zh or en", l)
		}
	}
	return nil
}

// Session is a login that holds until Expires.
type Session struct {
	User    string
	Roles   []Role
	Langs   []string
	Expires time.Time
}

// Has reports whether the session has one of the roles.
func (s Session) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(s.Roles, r) })
}

// Errors.
var (
	ErrNoUser    = errors.New("no such account")
	ErrUserKnown = errors.New("there is an account of that name")
	ErrLastAdmin = errors.New("the last administrator must stay one")
	ErrNoSession = errors.New("no such session, or it has expired")
	ErrWrong     = errors.New("wrong user or password")
	ErrLocked    = errors.New("too many wrong passwords, wait 15 minutes")
)

// Store keeps accounts and sessions. Each method is one transaction.
type Store interface {
	// User returns an account or ErrNoUser.
	User(ctx context.Context, tenant, name string) (User, error)
	// SaveUser creates or replaces an account, lets it in, and ends its sessions.
	SaveUser(ctx context.Context, u User) error
	// AddSession stores a session under the hash of its token, and drops expired ones.
	AddSession(ctx context.Context, tenant, tokenHash string, s Session, now time.Time) error
	// Session returns a session that has not expired, with the roles the account has now, or ErrNoSession.
	Session(ctx context.Context, tenant, tokenHash string, now time.Time) (Session, error)
	// DropSession ends a session; one that does not exist is no error.
	DropSession(ctx context.Context, tenant, tokenHash string) error
	// Attempt notes a failure before the password is tried, or reports false if too many still hold.
	Attempt(ctx context.Context, a Attempt) (bool, error)
	// Forgive forgets the failures of subject.
	Forgive(ctx context.Context, tenant, subject string) error
}

// Attempt is a try to log in, counted as failed until it succeeds.
type Attempt struct {
	Tenant  string
	Subject string // who tries, hashed
	At      time.Time
	Until   time.Time // when the failure is forgotten
	Max     int       // failures that may hold at once
}

// Lock-out: per account and address, so that a stranger cannot lock the account's owner out from elsewhere.
const (
	maxWrong    = 5
	lockOut     = 15 * time.Minute
	tokenBytes  = 32
	maxPassword = 256 // bytes; argon2 would hash a megabyte too
)

// hashers bounds concurrent password checks: each takes 19 MiB.
const hashers = 4

// Service logs staff in and out.
type Service struct {
	store  Store
	tenant string
	ttl    time.Duration
	now    func() time.Time
	slots  chan struct{}
	dummy  string // hash of no password, checked for unknown accounts so that they take as long
}

// New returns a Service. ttl is the life of a session; now defaults to the wall clock.
func New(store Store, tenant string, ttl time.Duration, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{store, tenant, ttl, now, make(chan struct{}, hashers), Hash(Secret())}
}

// Login checks a password and opens a session. The error is ErrWrong, ErrLocked, or a failure of the store.
func (s *Service) Login(ctx context.Context, user, password, address string) (token string, _ Session, err error) {
	now := s.now().UTC()
	sum := sha256.Sum256([]byte(user + "\x00" + address)) // hashed: the store need not know addresses
	subject := "login:" + hex.EncodeToString(sum[:])
	// Counted before the check, so that parallel guesses cannot all slip in under the limit.
	ok, err := s.store.Attempt(ctx, Attempt{Tenant: s.tenant, Subject: subject, At: now, Until: now.Add(lockOut), Max: maxWrong})
	if err != nil {
		return "", Session{}, err
	}
	if !ok {
		return "", Session{}, ErrLocked
	}
	u, err := s.check(ctx, user, password)
	if err != nil {
		return "", Session{}, err
	}
	if err := s.store.Forgive(ctx, s.tenant, subject); err != nil {
		return "", Session{}, err
	}
	token = Secret()
	session := Session{User: u.Name, Roles: u.Roles, Langs: u.Langs, Expires: now.Add(s.ttl)}
	return token, session, s.store.AddSession(ctx, s.tenant, tokenHash(token), session, now)
}

// check compares the password with the account's, or with nobody's when there is no such account: both cost one argon2id run.
func (s *Service) check(ctx context.Context, user, password string) (User, error) {
	u, err := s.store.User(ctx, s.tenant, user)
	known := err == nil
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, err
	}
	hash := s.dummy
	if known {
		hash = u.Hash
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return User{}, ctx.Err()
	}
	defer func() { <-s.slots }()
	if len(password) > maxPassword {
		password = ""
	}
	if !verify(hash, password) || !known || u.Disabled { // as slow as any other wrong one
		return User{}, ErrWrong
	}
	return u, nil
}

// Session returns the session of a token, or ErrNoSession.
func (s *Service) Session(ctx context.Context, token string) (Session, error) {
	return s.store.Session(ctx, s.tenant, tokenHash(token), s.now().UTC())
}

// Logout ends the session of a token.
func (s *Service) Logout(ctx context.Context, token string) error {
	return s.store.DropSession(ctx, s.tenant, tokenHash(token))
}

// Secret returns 32 random bytes as text that fits a cookie, a header and a file.
func Secret() string {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// tokenHash needs no salt and no stretching: the token is 256 random bits.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
