package enrol

import (
	"context"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // RFC 8760 keeps MD5 for digest; phones know no other
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/issuer"
	"github.com/laoyou/laoyou/internal/id"
)

// Times and bounds.
const (
	ClaimLife   = 15 * time.Minute // of a claim code
	TokenLife   = 24 * time.Hour   // of a one-time token, unless said otherwise
	TokenMost   = 30 * 24 * time.Hour
	joinedLife  = 24 * time.Hour // how long after its claim a booth can fetch its identity again
	pollSeconds = 2
	mostWaiting = 1000
	maxBoard    = 64
)

// Signer makes certificates; issuer.Authority is one.
type Signer interface {
	Sign(key fleet.Key, csr string) (issuer.Certificate, string, error)
	CA() string
	Derive(label string) []byte
}

// Deps is what the service needs.
type Deps struct {
	Store  Store
	Signer Signer
	Tenant string
	Realm  string                                               // of the voice line's digest
	Zone   string                                               // IANA name of the city's time zone
	Seen   func(ctx context.Context, k fleet.Key) (bool, error) // reports whether a booth has been online since it was claimed; nil: not known
	Known  func(booth string) string                            // token that a booth has already by the core's configuration, "" for none; nil: none has
	Taken  func(booth string) bool                              // ids that mean something else; nil: none do
	Now    func() time.Time                                     // nil: the wall clock
	Log    *slog.Logger
}

// Service lets booths in.
type Service struct {
	deps   Deps
	secret []byte   // booth tokens are derived from it: a booth that lost the answer gets the same one again, and nobody keeps it
	codes  *limiter // wrong claim codes, by operator
	tokens *limiter // wrong tokens, by address
	wishes *limiter // claims asked for, by address
	all    *limiter // wrong codes and tokens, of everybody
}

// New returns a Service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Service{
		deps: d, secret: d.Signer.Derive("booth tokens"),
		codes: newLimiter(5, 15*time.Minute), tokens: newLimiter(10, 15*time.Minute),
		wishes: newLimiter(60, 10*time.Minute), all: newLimiter(500, 15*time.Minute),
	}
}

// Contact is what the service says of where booth and operator find the fleet; it depends on the name by which they reached it.
type Contact struct {
	Broker string // mqtts://host:port
	Claim  string // URL of the claim page, to which the code is appended
}

// Enrol takes a booth's wish: with a token it is a member at once and gets its identity, without it waits and gets a claim to show. Exactly
// one of the two is set. from is where the wish came from, for the count of attempts. Errors: issuer.ErrRequest, issuer.ErrKeyTaken,
// ErrUnknown (the token), ErrIDTaken, ErrFull, ErrTooMany, *fleet.FieldError.
func (s *Service) Enrol(ctx context.Context, from string, e fleet.Enrolment, at Contact) (*fleet.Claim, *fleet.Identity, error) {
	if !short(e.Board, maxBoard) || !short(e.Firmware, maxBoard) {
		return nil, nil, &fleet.FieldError{Field: "board", Msg: fmt.Sprintf("board and fw have at most %d characters", maxBoard)}
	}
	if e.Token != "" {
		w, err := s.invited(ctx, from, e)
		if err != nil {
			return nil, nil, err
		}
		return nil, s.identity(w, at), nil
	}
	if !s.wishes.take(from, s.deps.Now()) {
		return nil, nil, ErrTooMany
	}
	w, err := s.waiting(e, ClaimLife)
	if err != nil {
		return nil, nil, err
	}
	code, secret := fleet.NewClaimCode(), randomText()
	w.CodeHash, w.SecretHash = sum(code), sum(secret)
	if err := s.deps.Store.AddWaiting(ctx, w, mostWaiting); err != nil {
		return nil, nil, err
	}
	s.deps.Log.InfoContext(ctx, "a booth waits to be claimed", slog.String("claim", w.ID), slog.String("board", w.Board))
	return &fleet.Claim{
		ID: w.ID, Code: code, Secret: secret, Expires: w.Expires.UnixMilli(), Poll: pollSeconds, URL: at.Claim + code,
	}, nil, nil
}

// waiting is the row of a new wish.
func (s *Service) waiting(e fleet.Enrolment, life time.Duration) (Waiting, error) {
	public, err := issuer.ReadRequest(e.CSR)
	if err != nil {
		return Waiting{}, err
	}
	now := s.deps.Now()
	return Waiting{
		ID: id.New(), Tenant: s.deps.Tenant, CSR: e.CSR, PublicKey: public.Hash, Board: e.Board, Firmware: e.Firmware,
		Created: now, Expires: now.Add(life),
	}, nil
}

// invited lets a booth in that brings a one-time token. The same booth with the same token again gets the same identity: its first answer
// may have been lost.
func (s *Service) invited(ctx context.Context, from string, e fleet.Enrolment) (Waiting, error) {
	w, err := s.waiting(e, ClaimLife)
	if err != nil {
		return w, err
	}
	now := s.deps.Now()
	if s.tokens.full(from, now) || s.all.full("", now) {
		return w, ErrTooMany
	}
	inv, err := s.deps.Store.Invitation(ctx, sum(e.Token))
	if err == nil && (inv.Key.Tenant != s.deps.Tenant || (inv.UsedBy == "" && !now.Before(inv.Expires))) {
		err = ErrUnknown
	}
	if err == nil && inv.UsedBy != "" {
		if w, err = s.again(ctx, inv, w); err == nil {
			return w, nil
		}
	}
	if err != nil {
		if errors.Is(err, ErrUnknown) {
			s.tokens.take(from, now)
			s.all.take("", now)
		}
		return w, err
	}
	return s.join(ctx, w, Join{TokenHash: inv.TokenHash, Key: inv.Key, Place: inv.Place, Actor: inv.Actor})
}

// again finds the wish with which a used token was used, if it was the same booth's.
func (s *Service) again(ctx context.Context, inv Invitation, wish Waiting) (Waiting, error) {
	w, err := s.deps.Store.Waiting(ctx, inv.UsedBy)
	if err != nil {
		return w, err
	}
	if w.PublicKey != wish.PublicKey || !s.deps.Now().Before(w.Expires.Add(joinedLife)) {
		return w, ErrUnknown
	}
	return w, s.unseen(ctx, w)
}

// unseen is ErrUnknown for a booth that has been online: it has its identity, and whoever asks for it again is not it.
func (s *Service) unseen(ctx context.Context, w Waiting) error {
	if s.deps.Seen == nil {
		return nil
	}
	seen, err := s.deps.Seen(ctx, fleet.Key{Tenant: w.Tenant, Booth: w.Booth})
	if err == nil && seen {
		return ErrUnknown
	}
	return err
}

// join signs and stores: who has joined has everything.
func (s *Service) join(ctx context.Context, w Waiting, j Join) (Waiting, error) {
	cert, chain, err := s.deps.Signer.Sign(j.Key, w.CSR)
	if err != nil {
		return w, err
	}
	w.Booth, w.Cert, w.PlaceZh, w.PlaceEn = j.Key.Booth, chain, j.Place.PlaceZh, j.Place.PlaceEn
	j.Waiting, j.Cert, j.At = w, cert, s.deps.Now()
	j.Line = lineSecrets(j.Key.Booth, s.deps.Realm, s.token(w))
	if err := s.deps.Store.Join(ctx, j); err != nil {
		return w, err
	}
	s.deps.Log.InfoContext(ctx, "booth joined", slog.String("booth", j.Key.Booth), slog.String("actor", j.Actor))
	return w, nil
}

// Enrolled answers a booth that asks again: nil while nobody has claimed it. ErrUnknown when the claim is unknown, expired, or not proven,
// or the booth has been online since.
func (s *Service) Enrolled(ctx context.Context, claim, secret string, at Contact) (*fleet.Identity, error) {
	if !id.Valid(claim) {
		return nil, ErrUnknown
	}
	w, err := s.deps.Store.Waiting(ctx, claim)
	if err != nil {
		return nil, err
	}
	if w.SecretHash == "" || subtle.ConstantTimeCompare([]byte(w.SecretHash), []byte(sum(secret))) != 1 {
		return nil, ErrUnknown
	}
	now := s.deps.Now()
	if w.Booth == "" {
		if !now.Before(w.Expires) {
			return nil, ErrUnknown
		}
		return nil, nil
	}
	if !now.Before(w.Expires.Add(joinedLife)) {
		return nil, ErrUnknown
	}
	if err := s.unseen(ctx, w); err != nil {
		return nil, err
	}
	return s.identity(w, at), nil
}

func (s *Service) identity(w Waiting, at Contact) *fleet.Identity {
	return &fleet.Identity{
		Tenant: w.Tenant, Booth: w.Booth, Cert: w.Cert, CA: s.deps.Signer.CA(), Broker: at.Broker, Token: s.token(w),
		PlaceZh: w.PlaceZh, PlaceEn: w.PlaceEn, TimeZone: s.deps.Zone,
	}
}

// Claim lets in the booth that shows the code, under the id and at the place the operator says. Errors: ErrUnknown (the code),
// ErrIDTaken, ErrTooMany, issuer.ErrKeyTaken, *fleet.FieldError.
func (s *Service) Claim(ctx context.Context, actor, typed, booth string, p Place) (fleet.Key, error) {
	key := fleet.Key{Tenant: s.deps.Tenant, Booth: booth}
	if err := s.check(key, p); err != nil {
		return key, err
	}
	now := s.deps.Now()
	// Counted before the look, so that guesses in parallel cannot slip in under the limit.
	if !s.codes.take(actor, now) || !s.all.take("", now) {
		return key, ErrTooMany
	}
	code, ok := fleet.CanonicalClaimCode(typed)
	if !ok {
		return key, ErrUnknown
	}
	w, err := s.deps.Store.WaitingByCode(ctx, s.deps.Tenant, sum(code), now)
	if err != nil {
		return key, err
	}
	s.codes.giveBack(actor)
	s.all.giveBack("")
	_, err = s.join(ctx, w, Join{Key: key, Place: p, Actor: actor})
	return key, err
}

// Invite makes a one-time token for a booth that nobody stands before. Errors: ErrIDTaken cannot come yet, it comes when the token is used.
func (s *Service) Invite(ctx context.Context, actor, booth string, p Place, life time.Duration) (token string, expires time.Time, err error) {
	key := fleet.Key{Tenant: s.deps.Tenant, Booth: booth}
	if err := s.check(key, p); err != nil {
		return "", expires, err
	}
	if life == 0 {
		life = TokenLife
	}
	if life < time.Minute || life > TokenMost {
		return "", expires, &fleet.FieldError{Field: "expires_s", Msg: "must be between 60 and 2592000"}
	}
	token, now := randomText(), s.deps.Now()
	expires = now.Add(life)
	return token, expires, s.deps.Store.AddInvitation(ctx, Invitation{
		TokenHash: sum(token), Key: key, Place: p, Actor: actor, Created: now, Expires: expires,
	})
}

// Invited reports whether a one-time token will still let a booth in at the given time.
func (s *Service) Invited(ctx context.Context, token string, at time.Time) (bool, error) {
	inv, err := s.deps.Store.Invitation(ctx, sum(token))
	if errors.Is(err, ErrUnknown) {
		return false, nil
	}
	return err == nil && inv.UsedBy == "" && at.Before(inv.Expires), err
}

// Sweep forgets what expired, until ctx ends.
func (s *Service) Sweep(ctx context.Context) {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		if err := s.deps.Store.Forget(ctx, s.deps.Now()); err != nil && ctx.Err() == nil {
			s.deps.Log.WarnContext(ctx, "expired claims were not forgotten", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// token is a booth's secret towards the core. One that the core's configuration knows keeps what it has: it would be refused with another.
func (s *Service) token(w Waiting) string {
	if s.deps.Known != nil {
		if known := s.deps.Known(w.Booth); known != "" {
			return known
		}
	}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(w.ID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func lineSecrets(booth, realm, token string) LineSecrets {
	a1 := []byte(booth + ":" + realm + ":" + token) // RFC 7616 §3.4.2
	m := md5.Sum(a1)                                //nolint:gosec // as above
	h := sha256.Sum256(a1)
	return LineSecrets{TokenSHA256: sum(token), HA1MD5: hex.EncodeToString(m[:]), HA1SHA256: hex.EncodeToString(h[:])}
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

func randomText() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(b)
}

func short(s string, most int) bool { return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most }
