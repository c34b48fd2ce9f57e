// Package enroltest has a store of enrolments and certificates in memory, and the suite that every such store passes. For tests only.
package enroltest

import (
	"context"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/issuer"
)

// Stores is all that enrolment and issuer keep.
type Stores interface {
	enrol.Store
	issuer.Store
	enrol.Lines
}

// Store keeps all in memory.
type Store struct {
	mu          sync.Mutex
	waiting     map[string]enrol.Waiting
	invitations map[string]enrol.Invitation
	members     map[fleet.Key]enrol.Join
	certs       map[string]certificate
}

type certificate struct {
	issuer.Certificate
	revoked time.Time
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{
		waiting: map[string]enrol.Waiting{}, invitations: map[string]enrol.Invitation{},
		members: map[fleet.Key]enrol.Join{}, certs: map[string]certificate{},
	}
}

// AddWaiting implements enrol.Store.
func (s *Store) AddWaiting(_ context.Context, w enrol.Waiting, most int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for id, old := range s.waiting {
		if old.Tenant != w.Tenant || old.Booth != "" {
			continue
		}
		if old.PublicKey == w.PublicKey {
			delete(s.waiting, id)
		} else if w.Created.Before(old.Expires) {
			n++
		}
	}
	if n >= most {
		return enrol.ErrFull
	}
	s.waiting[w.ID] = w
	return nil
}

// Waiting implements enrol.Store.
func (s *Store) Waiting(_ context.Context, id string) (enrol.Waiting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.waiting[id]
	if !ok {
		return w, enrol.ErrUnknown
	}
	return w, nil
}

// WaitingByCode implements enrol.Store.
func (s *Store) WaitingByCode(_ context.Context, tenant, codeHash string, at time.Time) (enrol.Waiting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.waiting {
		if w.Tenant == tenant && w.CodeHash == codeHash && codeHash != "" && w.Booth == "" && at.Before(w.Expires) {
			return w, nil
		}
	}
	return enrol.Waiting{}, enrol.ErrUnknown
}

// AddInvitation implements enrol.Store.
func (s *Store) AddInvitation(_ context.Context, inv enrol.Invitation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.invitations[inv.TokenHash] = inv
	return nil
}

// Invitation implements enrol.Store.
func (s *Store) Invitation(_ context.Context, tokenHash string) (enrol.Invitation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv, ok := s.invitations[tokenHash]
	if !ok {
		return inv, enrol.ErrUnknown
	}
	return inv, nil
}

// Join implements enrol.Store.
func (s *Store) Join(_ context.Context, j enrol.Join) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.members[j.Key]; taken {
		return enrol.ErrIDTaken
	}
	if w, ok := s.waiting[j.Waiting.ID]; ok && w.Booth != "" || !ok && j.TokenHash == "" {
		return enrol.ErrUnknown
	}
	if j.TokenHash != "" {
		inv, ok := s.invitations[j.TokenHash]
		if !ok || inv.UsedBy != "" {
			return enrol.ErrUnknown
		}
	}
	if s.keyTaken(j.Cert) {
		return issuer.ErrKeyTaken
	}
	if inv, ok := s.invitations[j.TokenHash]; ok {
		inv.UsedBy = j.Waiting.ID
		s.invitations[j.TokenHash] = inv
	}
	s.certs[j.Cert.Serial] = certificate{Certificate: j.Cert}
	s.waiting[j.Waiting.ID] = j.Waiting
	s.members[j.Key] = j
	return nil
}

// Forget implements enrol.Store.
func (s *Store) Forget(_ context.Context, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, w := range s.waiting {
		keep := w.Expires
		if w.Booth != "" {
			keep = keep.Add(24 * time.Hour)
		}
		if keep.Before(before) {
			delete(s.waiting, id)
		}
	}
	for hash, inv := range s.invitations {
		if inv.UsedBy == "" && inv.Expires.Before(before) {
			delete(s.invitations, hash)
		}
	}
	return nil
}

// BoothByToken implements enrol.Lines.
func (s *Store) BoothByToken(_ context.Context, tenant, tokenSHA256 string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, j := range s.members {
		if k.Tenant == tenant && j.Line.TokenSHA256 == tokenSHA256 {
			return k.Booth, nil
		}
	}
	return "", enrol.ErrUnknown
}

// LineSecrets implements enrol.Lines.
func (s *Store) LineSecrets(_ context.Context, key fleet.Key) (enrol.LineSecrets, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, ok := s.members[key]
	if !ok {
		return enrol.LineSecrets{}, enrol.ErrUnknown
	}
	return j.Line, nil
}

// AddCertificate implements issuer.Store.
func (s *Store) AddCertificate(_ context.Context, c issuer.Certificate) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keyTaken(c) {
		return issuer.ErrKeyTaken
	}
	s.certs[c.Serial] = certificate{Certificate: c}
	return nil
}

func (s *Store) keyTaken(c issuer.Certificate) bool {
	for _, old := range s.certs {
		if old.PublicKey == c.PublicKey && old.Key != c.Key {
			return true
		}
	}
	return false
}

// Revoked implements issuer.Store.
func (s *Store) Revoked(_ context.Context, serial string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.certs[serial]
	return !ok || !c.revoked.IsZero(), nil
}

// Revoke implements issuer.Store.
func (s *Store) Revoke(_ context.Context, key fleet.Key, at time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for serial, c := range s.certs {
		if c.Key == key && c.revoked.IsZero() {
			c.revoked = at
			s.certs[serial] = c
			n++
		}
	}
	return n, nil
}

// RevokedSerials implements issuer.Store.
func (s *Store) RevokedSerials(_ context.Context, tenant string, at time.Time) ([]issuer.Revocation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []issuer.Revocation
	for _, c := range s.certs {
		if c.Key.Tenant == tenant && !c.revoked.IsZero() && at.Before(c.Expires) {
			list = append(list, issuer.Revocation{Serial: c.Serial, At: c.revoked})
		}
	}
	return list, nil
}
