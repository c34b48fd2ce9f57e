package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/internal/sqlite"
)

// Auth implements auth.Store.
type Auth struct{ db *sqlite.DB }

// NewAuth returns the store of accounts and sessions in db.
func NewAuth(db *sqlite.DB) *Auth { return &Auth{db} }

const accountColumns = `name, hash, roles, langs, disabled`

func scanAccount(tenant string) func(scanner) (auth.User, error) {
	return func(row scanner) (auth.User, error) {
		u := auth.User{Tenant: tenant}
		var roles, langs string
		err := row.Scan(&u.Name, &u.Hash, &roles, &langs, &u.Disabled)
		if errors.Is(err, sql.ErrNoRows) {
			return auth.User{}, auth.ErrNoUser
		}
		u.Roles, u.Langs = splitRoles(roles), splitWords(langs)
		return u, err
	}
}

const oneAccount = `SELECT ` + accountColumns + ` FROM account WHERE tenant = ? AND name = ?`

// User implements auth.Store.
func (a *Auth) User(ctx context.Context, tenant, name string) (auth.User, error) {
	return scanAccount(tenant)(a.db.Read.QueryRowContext(ctx, oneAccount, tenant, name))
}

// Users implements auth.Directory.
func (a *Auth) Users(ctx context.Context, tenant, after string, limit int) ([]auth.User, error) {
	return collect(ctx, a.db.Read, `SELECT `+accountColumns+` FROM account WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?`,
		scanAccount(tenant), tenant, after, limit)
}

// ChangeUser implements auth.Directory.
func (a *Auth) ChangeUser(ctx context.Context, tenant, name string, c auth.Change, hash string) (auth.User, error) {
	var now auth.User
	err := a.db.Tx(ctx, func(tx *sql.Tx) error {
		before, err := scanAccount(tenant)(tx.QueryRowContext(ctx, oneAccount, tenant, name))
		if err != nil {
			return err
		}
		now = c.Apply(before, hash)
		if err := now.Validate(); err != nil {
			return err
		}
		if before.Administers() && !now.Administers() {
			if err := keepAdministrator(ctx, tx, tenant, name); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE account SET hash = ?, roles = ?, langs = ?, disabled = ? WHERE tenant = ? AND name = ?`,
			now.Hash, joinRoles(now.Roles), joinLangs(now.Langs), now.Disabled, tenant, name)
		if err == nil && c.EndsSessions() {
			err = endSessions(ctx, tx, tenant, name)
		}
		return err
	})
	return now, err
}

// DropUser implements auth.Directory.
func (a *Auth) DropUser(ctx context.Context, tenant, name string) error {
	return a.db.Tx(ctx, func(tx *sql.Tx) error {
		u, err := scanAccount(tenant)(tx.QueryRowContext(ctx, oneAccount, tenant, name))
		if err == nil && u.Administers() {
			err = keepAdministrator(ctx, tx, tenant, name)
		}
		if err == nil {
			err = endSessions(ctx, tx, tenant, name)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM account WHERE tenant = ? AND name = ?`, tenant, name)
		}
		return err
	})
}

// keepAdministrator fails where nobody but name administers. In the transaction, so that two cannot take each other's.
func keepAdministrator(ctx context.Context, tx *sql.Tx, tenant, name string) error {
	var others int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM account WHERE tenant = ? AND name <> ? AND disabled = 0
		AND ',' || roles || ',' LIKE ?`, tenant, name, "%,"+string(auth.Administrator)+",%").Scan(&others)
	if err == nil && others == 0 {
		err = auth.ErrLastAdmin
	}
	return err
}

func endSessions(ctx context.Context, tx *sql.Tx, tenant, name string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM login WHERE tenant = ? AND name = ?`, tenant, name)
	return err
}

// AddUser implements auth.Directory.
func (a *Auth) AddUser(ctx context.Context, u auth.User) error {
	if err := u.Validate(); err != nil {
		return err
	}
	_, err := a.db.Write.ExecContext(ctx, `INSERT INTO account (tenant, name, hash, roles, langs) VALUES (?, ?, ?, ?, ?)`,
		u.Tenant, u.Name, u.Hash, joinRoles(u.Roles), joinLangs(u.Langs))
	if sqlite.IsConflict(err) {
		return auth.ErrUserKnown
	}
	return err
}

// SaveUser implements auth.Store.
func (a *Auth) SaveUser(ctx context.Context, u auth.User) error {
	if err := u.Validate(); err != nil {
		return err
	}
	return a.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO account (tenant, name, hash, roles, langs) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (tenant, name) DO UPDATE SET hash = excluded.hash, roles = excluded.roles, langs = excluded.langs, disabled = 0`,
			u.Tenant, u.Name, u.Hash, joinRoles(u.Roles), joinLangs(u.Langs))
		if err != nil {
			return err
		}
		return endSessions(ctx, tx, u.Tenant, u.Name)
	})
}

// AddSession implements auth.Store.
func (a *Auth) AddSession(ctx context.Context, tenant, tokenHash string, s auth.Session, now time.Time) error {
	return a.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM login WHERE expires <= ?`, millis(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO login (token_hash, tenant, name, expires) VALUES (?, ?, ?, ?)`,
			tokenHash, tenant, s.User, millis(s.Expires))
		return err
	})
}

// Session implements auth.Store.
func (a *Auth) Session(ctx context.Context, tenant, tokenHash string, now time.Time) (auth.Session, error) {
	var s auth.Session
	var roles, langs string
	var expires int64
	err := a.db.Read.QueryRowContext(ctx, `SELECT l.name, a.roles, a.langs, l.expires FROM login l
		JOIN account a ON a.tenant = l.tenant AND a.name = l.name
		WHERE l.token_hash = ? AND l.tenant = ? AND l.expires > ? AND a.disabled = 0`, tokenHash, tenant, millis(now)).
		Scan(&s.User, &roles, &langs, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.Session{}, auth.ErrNoSession
	}
	s.Roles, s.Langs, s.Expires = splitRoles(roles), splitWords(langs), fromMillis(expires)
	return s, err
}

// DropSession implements auth.Store.
func (a *Auth) DropSession(ctx context.Context, tenant, tokenHash string) error {
	_, err := a.db.Write.ExecContext(ctx, `DELETE FROM login WHERE tenant = ? AND token_hash = ?`, tenant, tokenHash)
	return err
}

// Attempt implements auth.Store.
func (a *Auth) Attempt(ctx context.Context, try auth.Attempt) (bool, error) {
	allowed := false
	err := a.db.Tx(ctx, func(tx *sql.Tx) error {
		f := failure{try.Tenant, try.Subject, try.At, try.Until}
		n, err := f.count(ctx, tx)
		if err != nil || n >= try.Max {
			return err
		}
		allowed = true
		return f.note(ctx, tx)
	})
	return allowed && err == nil, err
}

// Forgive implements auth.Store.
func (a *Auth) Forgive(ctx context.Context, tenant, subject string) error {
	_, err := a.db.Write.ExecContext(ctx, `DELETE FROM failure WHERE tenant = ? AND subject = ?`, tenant, subject)
	return err
}

func joinRoles(roles []auth.Role) string {
	text := make([]string, len(roles))
	for i, r := range roles {
		text[i] = string(r)
	}
	return strings.Join(text, ",")
}

func splitRoles(text string) []auth.Role {
	var roles []auth.Role
	for _, r := range splitWords(text) {
		roles = append(roles, auth.Role(r))
	}
	return roles
}

func joinLangs(langs []string) string {
	if len(langs) == 0 {
		langs = auth.DefaultLangs()
	}
	return strings.Join(langs, ",")
}

func splitWords(text string) []string {
	var words []string
	for w := range strings.SplitSeq(text, ",") {
		if w != "" {
			words = append(words, w)
		}
	}
	return words
}
