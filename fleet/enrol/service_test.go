package enrol_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic" //nolint:gosec // as the digest of SIP
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/enrol/enroltest"
	"github.com/laoyou/laoyou/fleet/issuer"
	"github.com/laoyou/laoyou/internal/id"
)

type bench struct {
	*enrol.Service
	t     *testing.T
	store *enroltest.Store
	mu    sync.Mutex
	now   time.Time
	seen  map[fleet.Key]bool
}

var at = enrol.Contact{Broker: "mqtts://core:8883", Claim: "http://core/fleet/claim?code="}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, store: enroltest.NewStore(), now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), seen: map[fleet.Key]bool{}}
	authority, err := issuer.Open(issuer.Deps{Data: t.TempDir(), Tenant: "default", Store: b.store, Now: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	b.Service = enrol.New(enrol.Deps{
		Store: b.store, Signer: authority, Tenant: "default", Realm: "laoyou", Zone: "Asia/Shanghai", Now: b.clock, Log: slog.New(slog.DiscardHandler),
		Known: func(booth string) string { return map[string]string{"dev": "a token it has already"}[booth] },
		Taken: func(booth string) bool { return booth == "queue" },
		Seen:  func(_ context.Context, k fleet.Key) (bool, error) { return b.seen[k], nil },
	})
	return b
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func request(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// wait enrols a booth without a token.
func (b *bench) wait(csr string) *fleet.Claim {
	b.t.Helper()
	c, ident, err := b.Enrol(b.t.Context(), "10.0.0.1", fleet.Enrolment{CSR: csr, Board: "sim", Firmware: "1"}, at)
	if err != nil || c == nil || ident != nil {
		b.t.Fatalf("%+v, %+v, %v", c, ident, err)
	}
	return c
}

func TestClaim(t *testing.T) {
	b := newBench(t)
	c := b.wait(request(t))
	if code, ok := fleet.CanonicalClaimCode(c.Code); !ok || code != c.Code || c.URL != at.Claim+c.Code || c.Poll < 1 {
		t.Errorf("%+v", c)
	}
	ident, err := b.Enrolled(t.Context(), c.ID, c.Secret, at)
	if ident != nil || err != nil {
		t.Fatalf("before the claim: %+v, %v", ident, err)
	}
	if _, err := b.Enrolled(t.Context(), c.ID, "other", at); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("with another secret: %v", err)
	}
	if _, err := b.Enrolled(t.Context(), id.New(), c.Secret, at); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("another claim: %v", err)
	}
	typed := strings.ToLower(c.Code[:4]) + " - " + c.Code[4:]
	key, err := b.Claim(t.Context(), "desk:op", typed, "bund-1", enrol.Place{PlaceZh: "外滩", PlaceEn: "The Bund"})
	if err != nil || key != (fleet.Key{Tenant: "default", Booth: "bund-1"}) {
		t.Fatalf("%v, %v", key, err)
	}
	ident, err = b.Enrolled(t.Context(), c.ID, c.Secret, at)
	if err != nil || ident == nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(ident.Cert))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := issuer.SubjectOf(cert); err != nil || s.Key != key {
		t.Errorf("%+v, %v", s, err)
	}
	if ident.Booth != "bund-1" || ident.Tenant != "default" || ident.Broker != at.Broker || ident.PlaceZh != "外滩" || ident.TimeZone != "Asia/Shanghai" || ident.CA == "" {
		t.Errorf("%+v", ident)
	}
	// The answer may have been lost: the same again, until the booth has been online.
	again, err := b.Enrolled(t.Context(), c.ID, c.Secret, at)
	if err != nil || *again != *ident {
		t.Errorf("%+v, %v", again, err)
	}
	b.checkLine(key, ident.Token)
	b.seen[key] = true
	if _, err := b.Enrolled(t.Context(), c.ID, c.Secret, at); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("after it was online: %v", err)
	}
	if _, err := b.Claim(t.Context(), "desk:op", c.Code, "bund-2", enrol.Place{}); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("the code twice: %v", err)
	}
}

// checkLine: the token opens HTTPS and SIP, and the store has not got it.
func (b *bench) checkLine(key fleet.Key, token string) {
	b.t.Helper()
	sum := sha256.Sum256([]byte(token))
	if got, err := b.store.BoothByToken(b.t.Context(), "default", hex.EncodeToString(sum[:])); got != key.Booth || err != nil {
		b.t.Errorf("%q, %v", got, err)
	}
	l, err := b.store.LineSecrets(b.t.Context(), key)
	ha1 := md5.Sum([]byte(key.Booth + ":laoyou:" + token)) //nolint:gosec // as above
	if err != nil || l.HA1MD5 != hex.EncodeToString(ha1[:]) {
		b.t.Errorf("%+v, %v", l, err)
	}
}

func TestClaimRefused(t *testing.T) {
	b := newBench(t)
	c := b.wait(request(t))
	var field *fleet.FieldError
	for want, p := range map[string]struct {
		id string
		enrol.Place
	}{
		"id":       {"Bund 1", enrol.Place{}},
		"id ":      {"queue", enrol.Place{}},
		"name":     {"b", enrol.Place{Name: strings.Repeat("x", 81)}},
		"place_zh": {"b", enrol.Place{PlaceZh: "\xff"}},
		"lat":      {"b", enrol.Place{Lat: new(float64)}},
	} {
		if _, err := b.Claim(t.Context(), "desk:op", c.Code, p.id, p.Place); !errors.As(err, &field) || field.Field != strings.TrimSpace(want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	b.later(enrol.ClaimLife)
	if _, err := b.Claim(t.Context(), "desk:op", c.Code, "b", enrol.Place{}); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("an expired code: %v", err)
	}
	if _, err := b.Enrolled(t.Context(), c.ID, c.Secret, at); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("an expired claim: %v", err)
	}
	first, second := b.wait(request(t)), b.wait(request(t))
	if _, err := b.Claim(t.Context(), "desk:op", first.Code, "b", enrol.Place{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Claim(t.Context(), "desk:op", second.Code, "b", enrol.Place{}); !errors.Is(err, enrol.ErrIDTaken) {
		t.Errorf("an id twice: %v", err)
	}
	if _, err := b.Claim(t.Context(), "desk:op", second.Code, "c", enrol.Place{}); err != nil {
		t.Errorf("the code still holds: %v", err)
	}
}

// Guessing is cut off per operator: another one goes on, and after a while so does the first. Good codes do not count.
func TestWrongCodes(t *testing.T) {
	b := newBench(t)
	for i := range 8 {
		c := b.wait(request(t))
		if _, err := b.Claim(t.Context(), "desk:busy", c.Code, fmt.Sprintf("b%d", i), enrol.Place{}); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		if _, err := b.Claim(t.Context(), "desk:op", fleet.NewClaimCode(), "x", enrol.Place{}); !errors.Is(err, enrol.ErrUnknown) {
			t.Fatal(err)
		}
	}
	c := b.wait(request(t))
	if _, err := b.Claim(t.Context(), "desk:op", c.Code, "x", enrol.Place{}); !errors.Is(err, enrol.ErrTooMany) {
		t.Errorf("%v", err)
	}
	if _, err := b.Claim(t.Context(), "desk:other", c.Code, "x", enrol.Place{}); err != nil {
		t.Error(err)
	}
	b.later(15 * time.Minute)
	c = b.wait(request(t))
	if _, err := b.Claim(t.Context(), "desk:op", c.Code, "y", enrol.Place{}); err != nil {
		t.Error(err)
	}
}

func TestToken(t *testing.T) {
	b := newBench(t)
	token, expires, err := b.Invite(t.Context(), "desk:op", "dev", enrol.Place{PlaceEn: "Here"}, 0)
	if err != nil || expires.Sub(b.clock()) != enrol.TokenLife {
		t.Fatal(expires, err)
	}
	invited := func(token string) bool {
		t.Helper()
		ok, err := b.Invited(t.Context(), token, b.clock())
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !invited(token) || invited("another") {
		t.Error("the token is not there, or another is")
	}
	csr := request(t)
	_, ident, err := b.Enrol(t.Context(), "10.0.0.1", fleet.Enrolment{CSR: csr, Token: token}, at)
	if err != nil || ident == nil || ident.Booth != "dev" || ident.PlaceEn != "Here" || ident.Token != "a token it has already" {
		t.Fatalf("%+v, %v", ident, err)
	}
	b.checkLine(fleet.Key{Tenant: "default", Booth: "dev"}, ident.Token)
	if invited(token) {
		t.Error("a used token is still there")
	}
	_, again, err := b.Enrol(t.Context(), "10.0.0.1", fleet.Enrolment{CSR: csr, Token: token}, at)
	if err != nil || *again != *ident {
		t.Errorf("the booth asks again: %+v, %v", again, err)
	}
	if _, _, err := b.Enrol(t.Context(), "10.0.0.1", fleet.Enrolment{CSR: request(t), Token: token}, at); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("another booth: %v", err)
	}
	token, _, err = b.Invite(t.Context(), "desk:op", "late", enrol.Place{}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.later(time.Hour)
	if invited(token) {
		t.Error("an expired token is still there")
	}
	if _, _, err := b.Enrol(t.Context(), "10.0.0.1", fleet.Enrolment{CSR: request(t), Token: token}, at); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("an expired token: %v", err)
	}
	var field *fleet.FieldError
	if _, _, err := b.Invite(t.Context(), "desk:op", "x", enrol.Place{}, time.Second); !errors.As(err, &field) || field.Field != "expires_s" {
		t.Errorf("%v", err)
	}
}

func TestWrongTokens(t *testing.T) {
	b := newBench(t)
	csr := request(t)
	for range 10 {
		if _, _, err := b.Enrol(t.Context(), "10.0.0.1", fleet.Enrolment{CSR: csr, Token: "guess"}, at); !errors.Is(err, enrol.ErrUnknown) {
			t.Fatal(err)
		}
	}
	if _, _, err := b.Enrol(t.Context(), "10.0.0.1", fleet.Enrolment{CSR: csr, Token: "guess"}, at); !errors.Is(err, enrol.ErrTooMany) {
		t.Errorf("%v", err)
	}
	if _, _, err := b.Enrol(t.Context(), "10.0.0.2", fleet.Enrolment{CSR: csr, Token: "guess"}, at); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("%v", err)
	}
}

func TestWishesAreBounded(t *testing.T) {
	b := newBench(t)
	csr := request(t)
	first := b.wait(csr)
	for range 59 {
		b.wait(csr)
	}
	if _, _, err := b.Enrol(t.Context(), "10.0.0.1", fleet.Enrolment{CSR: csr}, at); !errors.Is(err, enrol.ErrTooMany) {
		t.Errorf("%v", err)
	}
	if _, err := b.Enrolled(t.Context(), first.ID, first.Secret, at); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("the replaced claim: %v", err)
	}
	if _, _, err := b.Enrol(t.Context(), "10.0.0.2", fleet.Enrolment{CSR: "x"}, at); !errors.Is(err, issuer.ErrRequest) {
		t.Errorf("%v", err)
	}
}

func FuzzClaimCode(f *testing.F) {
	f.Add("ABCD2345")
	f.Add("abcd-2345")
	f.Add("０ABCD234")
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := fleet.CanonicalClaimCode(typed)
		if !ok {
			return
		}
		again, ok := fleet.CanonicalClaimCode(code)
		if len(code) != fleet.ClaimLen || !ok || again != code {
			t.Errorf("%q became %q", typed, code)
		}
	})
}
