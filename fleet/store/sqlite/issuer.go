package sqlite

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/issuer"
)

// AddCertificate implements issuer.Store.
func (s *Store) AddCertificate(ctx context.Context, c issuer.Certificate) error {
	return s.tx(ctx, func(w *work) error { return w.addCertificate(ctx, c) })
}

func (w *work) addCertificate(ctx context.Context, c issuer.Certificate) error {
	var others int
	if _, err := w.one(ctx, []any{&others}, `SELECT COUNT(*) FROM certificate WHERE public_key = ? AND (tenant <> ? OR booth <> ?)`,
		c.PublicKey, c.Key.Tenant, c.Key.Booth); err != nil {
		return err
	}
	if others > 0 {
		return issuer.ErrKeyTaken
	}
	if _, err := w.exec(ctx, `INSERT INTO certificate (serial, tenant, booth, public_key, issued, not_after, revoked_at) VALUES (?, ?, ?, ?, ?, ?, 0)`,
		c.Serial, c.Key.Tenant, c.Key.Booth, c.PublicKey, millis(c.Issued), millis(c.Expires)); err != nil {
		return err
	}
	_, err := w.exec(ctx, `UPDATE booth SET cert_expires = ? WHERE tenant = ? AND id = ?`, millis(c.Expires), c.Key.Tenant, c.Key.Booth)
	return err
}

// Revoked implements issuer.Store.
func (s *Store) Revoked(ctx context.Context, serial string) (bool, error) {
	var at int64
	err := s.db.Read.QueryRowContext(ctx, `SELECT revoked_at FROM certificate WHERE serial = ?`, serial).Scan(&at)
	if none(err) {
		return true, nil
	}
	return at != 0, err
}

// Revoke implements issuer.Store.
func (s *Store) Revoke(ctx context.Context, key fleet.Key, at time.Time) (n int, err error) {
	err = s.tx(ctx, func(w *work) error {
		n, err = w.revoke(ctx, key, at)
		return err
	})
	return n, err
}

func (w *work) revoke(ctx context.Context, key fleet.Key, at time.Time) (int, error) {
	n, err := w.exec(ctx, `UPDATE certificate SET revoked_at = ? WHERE tenant = ? AND booth = ? AND revoked_at = 0`, millis(at), key.Tenant, key.Booth)
	return int(n), err
}

// RevokedSerials implements issuer.Store.
func (s *Store) RevokedSerials(ctx context.Context, tenant string, at time.Time) ([]issuer.Revocation, error) {
	var list []issuer.Revocation
	rows, err := s.db.Read.QueryContext(ctx, `SELECT serial, revoked_at FROM certificate WHERE tenant = ? AND revoked_at > 0 AND not_after > ?
		ORDER BY revoked_at, serial`, tenant, millis(at))
	err = each(rows, err, func(row scanner) error {
		var r issuer.Revocation
		var ms int64
		err := row.Scan(&r.Serial, &ms)
		r.At = fromMillis(ms)
		list = append(list, r)
		return err
	})
	return list, err
}
