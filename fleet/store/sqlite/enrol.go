package sqlite

import (
	"context"
	"encoding/json"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/twin"
)

const waitingColumns = `id, tenant, code_hash, secret_hash, csr, public_key, board, fw, created, expires, booth, cert, place_zh, place_en`

func scanWaiting(row scanner) (enrol.Waiting, error) {
	var w enrol.Waiting
	var created, expires int64
	err := row.Scan(&w.ID, &w.Tenant, &w.CodeHash, &w.SecretHash, &w.CSR, &w.PublicKey, &w.Board, &w.Firmware, &created, &expires, &w.Booth, &w.Cert,
		&w.PlaceZh, &w.PlaceEn)
	if none(err) {
		err = enrol.ErrUnknown
	}
	w.Created, w.Expires = fromMillis(created), fromMillis(expires)
	return w, err
}

func (w *work) putWaiting(ctx context.Context, v enrol.Waiting) error {
	if _, err := w.exec(ctx, `DELETE FROM waiting WHERE id = ?`, v.ID); err != nil {
		return err
	}
	_, err := w.exec(ctx, `INSERT INTO waiting (`+waitingColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.ID, v.Tenant, v.CodeHash, v.SecretHash, v.CSR, v.PublicKey, v.Board, v.Firmware, millis(v.Created), millis(v.Expires), v.Booth, v.Cert,
		v.PlaceZh, v.PlaceEn)
	return err
}

// AddWaiting implements enrol.Store.
func (s *Store) AddWaiting(ctx context.Context, v enrol.Waiting, most int) error {
	return s.tx(ctx, func(w *work) error {
		if _, err := w.exec(ctx, `DELETE FROM waiting WHERE tenant = ? AND public_key = ? AND booth = ''`, v.Tenant, v.PublicKey); err != nil {
			return err
		}
		var n int
		if _, err := w.one(ctx, []any{&n}, `SELECT COUNT(*) FROM waiting WHERE tenant = ? AND booth = '' AND expires > ?`, v.Tenant, millis(v.Created)); err != nil {
			return err
		}
		if n >= most {
			return enrol.ErrFull
		}
		return w.putWaiting(ctx, v)
	})
}

// Waiting implements enrol.Store.
func (s *Store) Waiting(ctx context.Context, id string) (enrol.Waiting, error) {
	return scanWaiting(s.db.Read.QueryRowContext(ctx, `SELECT `+waitingColumns+` FROM waiting WHERE id = ?`, id))
}

// WaitingByCode implements enrol.Store.
func (s *Store) WaitingByCode(ctx context.Context, tenant, codeHash string, at time.Time) (enrol.Waiting, error) {
	if codeHash == "" {
		return enrol.Waiting{}, enrol.ErrUnknown
	}
	return scanWaiting(s.db.Read.QueryRowContext(ctx, `SELECT `+waitingColumns+` FROM waiting WHERE tenant = ? AND code_hash = ? AND booth = '' AND expires > ?`,
		tenant, codeHash, millis(at)))
}

// AddInvitation implements enrol.Store.
func (s *Store) AddInvitation(ctx context.Context, inv enrol.Invitation) error {
	place, err := json.Marshal(inv.Place)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(w *work) error {
		_, err := w.exec(ctx, `INSERT INTO invitation (token_hash, tenant, booth, place, actor, created, expires, used_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			inv.TokenHash, inv.Key.Tenant, inv.Key.Booth, string(place), inv.Actor, millis(inv.Created), millis(inv.Expires), inv.UsedBy)
		if err != nil {
			return err
		}
		return w.record(ctx, inv.Key.Tenant, audit.Act{
			Actor: inv.Actor, Action: audit.Token, Booth: inv.Key.Booth, Data: map[string]any{"expires_ms": millis(inv.Expires)},
		}, inv.Created)
	})
}

// Invitation implements enrol.Store.
func (s *Store) Invitation(ctx context.Context, tokenHash string) (enrol.Invitation, error) {
	inv := enrol.Invitation{TokenHash: tokenHash}
	var place string
	var created, expires int64
	err := s.db.Read.QueryRowContext(ctx, `SELECT tenant, booth, place, actor, created, expires, used_by FROM invitation WHERE token_hash = ?`, tokenHash).
		Scan(&inv.Key.Tenant, &inv.Key.Booth, &place, &inv.Actor, &created, &expires, &inv.UsedBy)
	if none(err) {
		return enrol.Invitation{}, enrol.ErrUnknown
	}
	if err != nil {
		return enrol.Invitation{}, err
	}
	inv.Created, inv.Expires = fromMillis(created), fromMillis(expires)
	return inv, json.Unmarshal([]byte(place), &inv.Place)
}

// Join implements enrol.Store.
func (s *Store) Join(ctx context.Context, j enrol.Join) error {
	return s.tx(ctx, func(w *work) error {
		if err := w.useUp(ctx, j); err != nil {
			return err
		}
		standing, err := w.standing(ctx, j.Key)
		switch {
		case err == nil && standing != fleet.Retired:
			return enrol.ErrIDTaken
		case err == nil:
			err = w.rejoin(ctx, j)
		default:
			err = w.register(ctx, j, err)
		}
		if err != nil {
			return err
		}
		if err := w.addCertificate(ctx, j.Cert); err != nil {
			return err
		}
		if err := w.putWaiting(ctx, j.Waiting); err != nil {
			return err
		}
		return w.record(ctx, j.Key.Tenant, audit.Act{
			Actor: j.Actor, Action: audit.Claim, Booth: j.Key.Booth,
			Data: map[string]any{"by_token": j.TokenHash != "", "board": j.Waiting.Board, "serial": j.Cert.Serial},
		}, j.At)
	})
}

// useUp makes sure that a claim or an invitation works once.
func (w *work) useUp(ctx context.Context, j enrol.Join) error {
	if j.TokenHash != "" {
		n, err := w.exec(ctx, `UPDATE invitation SET used_by = ? WHERE token_hash = ? AND used_by = ''`, j.Waiting.ID, j.TokenHash)
		if err == nil && n == 0 {
			err = enrol.ErrUnknown
		}
		return err
	}
	var booth string
	found, err := w.one(ctx, []any{&booth}, `SELECT booth FROM waiting WHERE id = ?`, j.Waiting.ID)
	if err == nil && (!found || booth != "") {
		err = enrol.ErrUnknown
	}
	return err
}

func (w *work) register(ctx context.Context, j enrol.Join, why error) error {
	if !isNoBooth(why) {
		return why
	}
	p := j.Place
	if _, err := w.exec(ctx, `INSERT INTO booth (tenant, id, name, place_zh, place_en, district, grp, note, lat, lon, standing, reason, claimed_at, claimed_by,
		cert_expires, token_sha256, ha1_md5, ha1_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, '', ?, ?, 0, ?, ?, ?)`,
		j.Key.Tenant, j.Key.Booth, p.Name, p.PlaceZh, p.PlaceEn, p.District, p.Group, p.Lat, p.Lon, fleet.InService, millis(j.At), j.Actor,
		j.Line.TokenSHA256, j.Line.HA1MD5, j.Line.HA1SHA256); err != nil {
		return err
	}
	_, err := w.exec(ctx, `INSERT INTO booth_live (tenant, booth, presence, since, drift, last_seen, epoch, boot, births, birth_at, birth_mono, skew, fw,
		board, cfgv, beat, visit, pulse) VALUES (?, ?, ?, ?, 0, 0, 0, '', '', 0, 0, 0, ?, ?, 0, 0, 0, '')`,
		j.Key.Tenant, j.Key.Booth, fleet.Unknown, millis(j.At), j.Waiting.Firmware, j.Waiting.Board)
	return err
}

// rejoin puts a new device in the place of a retired one: what operators set and what was told stays.
func (w *work) rejoin(ctx context.Context, j enrol.Join) error {
	p := j.Place
	if _, err := w.exec(ctx, `UPDATE booth SET name = ?, place_zh = ?, place_en = ?, district = ?, grp = ?, lat = ?, lon = ?, standing = ?, reason = '',
		claimed_at = ?, claimed_by = ?, token_sha256 = ?, ha1_md5 = ?, ha1_sha256 = ? WHERE tenant = ? AND id = ?`,
		p.Name, p.PlaceZh, p.PlaceEn, p.District, p.Group, p.Lat, p.Lon, fleet.InService, millis(j.At), j.Actor,
		j.Line.TokenSHA256, j.Line.HA1MD5, j.Line.HA1SHA256, j.Key.Tenant, j.Key.Booth); err != nil {
		return err
	}
	if _, err := w.exec(ctx, `UPDATE booth_live SET presence = ?, since = ?, last_seen = 0, epoch = 0, boot = '', births = '', birth_at = 0, birth_mono = 0,
		fw = ?, board = ?, cfgv = 0, visit = 0, pulse = '' WHERE tenant = ? AND booth = ?`,
		fleet.Unknown, millis(j.At), j.Waiting.Firmware, j.Waiting.Board, j.Key.Tenant, j.Key.Booth); err != nil {
		return err
	}
	return w.unreported(ctx, j.Key)
}

// unreported forgets what another device said of its config: nothing of desired is in force.
func (w *work) unreported(ctx context.Context, k fleet.Key) error {
	var version int64
	var config string
	found, err := w.one(ctx, []any{&version, &config}, `SELECT version, config FROM desired WHERE tenant = ? AND booth = ? ORDER BY version DESC LIMIT 1`,
		k.Tenant, k.Booth)
	if err != nil || !found {
		return err
	}
	drift, err := twin.Drift(json.RawMessage(config), nil, nil)
	if err != nil {
		return err
	}
	if _, err := w.exec(ctx, `UPDATE twin SET answers = 0, applied = '', errors = '', at = 0 WHERE tenant = ? AND booth = ?`, k.Tenant, k.Booth); err != nil {
		return err
	}
	_, err = w.exec(ctx, updateDrift, len(drift), k.Tenant, k.Booth)
	return err
}

// Forget implements enrol.Store.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	dayBefore := millis(before.Add(-24 * time.Hour))
	return s.tx(ctx, func(w *work) error {
		if _, err := w.exec(ctx, `DELETE FROM waiting WHERE (booth = '' AND expires < ?) OR expires < ?`, millis(before), dayBefore); err != nil {
			return err
		}
		_, err := w.exec(ctx, `DELETE FROM invitation WHERE (used_by = '' AND expires < ?) OR expires < ?`, millis(before), dayBefore)
		return err
	})
}

// BoothByToken implements enrol.Lines.
func (s *Store) BoothByToken(ctx context.Context, tenant, tokenSHA256 string) (booth string, err error) {
	err = enrol.ErrUnknown
	if tokenSHA256 != "" {
		err = s.db.Read.QueryRowContext(ctx, `SELECT id FROM booth WHERE tenant = ? AND token_sha256 = ? AND standing <> ?`,
			tenant, tokenSHA256, fleet.Retired).Scan(&booth)
	}
	if none(err) {
		err = enrol.ErrUnknown
	}
	return booth, err
}

// LineSecrets implements enrol.Lines.
func (s *Store) LineSecrets(ctx context.Context, key fleet.Key) (enrol.LineSecrets, error) {
	var l enrol.LineSecrets
	err := s.db.Read.QueryRowContext(ctx, `SELECT token_sha256, ha1_md5, ha1_sha256 FROM booth WHERE tenant = ? AND id = ? AND standing <> ?`,
		key.Tenant, key.Booth, fleet.Retired).Scan(&l.TokenSHA256, &l.HA1MD5, &l.HA1SHA256)
	if none(err) {
		err = enrol.ErrUnknown
	}
	return l, err
}
