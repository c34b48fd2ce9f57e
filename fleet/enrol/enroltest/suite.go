package enroltest

import (
	"errors"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/issuer"
	"github.com/laoyou/laoyou/internal/id"
)

const tenant = fleet.DefaultTenant

// Suite is what every store of enrolments and certificates passes; open returns an empty one.
func Suite(t *testing.T, open func(t *testing.T) Stores) {
	for name, run := range map[string]func(*testing.T, Stores){
		"a claim":        claim,
		"an invitation":  invitation,
		"a full house":   full,
		"certificates":   certificates,
		"keys of others": keys,
		"forgetting":     forgetting,
	} {
		t.Run(name, func(t *testing.T) { run(t, open(t)) })
	}
}

// epoch is the time of the suite: whole milliseconds, as a store may keep no more.
func epoch() time.Time { return time.UnixMilli(1_790_000_000_000).UTC() }

func waiter(code, public string) enrol.Waiting {
	return enrol.Waiting{
		ID: id.New(), Tenant: tenant, CodeHash: code, SecretHash: "secret of " + code, CSR: "csr", PublicKey: public, Board: "sim", Firmware: "1",
		Created: epoch(), Expires: epoch().Add(15 * time.Minute),
	}
}

func join(w enrol.Waiting, booth string) enrol.Join {
	w.Booth, w.Cert, w.PlaceZh, w.PlaceEn = booth, "chain", "外滩", "The Bund"
	lat, lon := 31.2, 121.5
	key := fleet.Key{Tenant: tenant, Booth: booth}
	return enrol.Join{
		Waiting: w, Key: key, Actor: "desk:op", At: epoch(),
		Place: enrol.Place{Name: booth, PlaceZh: "外滩", PlaceEn: "The Bund", District: "huangpu", Group: "north", Lat: &lat, Lon: &lon},
		Line:  enrol.LineSecrets{TokenSHA256: "token of " + booth, HA1MD5: "md5 of " + booth, HA1SHA256: "sha of " + booth},
		Cert:  cert(key, w.PublicKey),
	}
}

func cert(key fleet.Key, public string) issuer.Certificate {
	return issuer.Certificate{Serial: id.New(), Key: key, PublicKey: public, Issued: epoch(), Expires: epoch().Add(365 * 24 * time.Hour)}
}

func want(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func claim(t *testing.T, s Stores) {
	ctx := t.Context()
	w := waiter("code1", "public1")
	want(t, "add", s.AddWaiting(ctx, w, 10), nil)
	got, err := s.WaitingByCode(ctx, tenant, "code1", epoch())
	if err != nil || got.ID != w.ID || got.PublicKey != w.PublicKey || got.CSR != w.CSR || !got.Expires.Equal(w.Expires) {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = s.WaitingByCode(ctx, tenant, "code2", epoch())
	want(t, "another code", err, enrol.ErrUnknown)
	_, err = s.WaitingByCode(ctx, "other", "code1", epoch())
	want(t, "another tenant", err, enrol.ErrUnknown)
	_, err = s.WaitingByCode(ctx, tenant, "code1", w.Expires)
	want(t, "an expired code", err, enrol.ErrUnknown)
	// It starts anew: the old code is void.
	again := waiter("code3", "public1")
	want(t, "add again", s.AddWaiting(ctx, again, 10), nil)
	_, err = s.WaitingByCode(ctx, tenant, "code1", epoch())
	want(t, "the old code", err, enrol.ErrUnknown)

	j := join(again, "bund-1")
	want(t, "join", s.Join(ctx, j), nil)
	want(t, "join twice", s.Join(ctx, join(again, "bund-2")), enrol.ErrUnknown)
	_, err = s.WaitingByCode(ctx, tenant, "code3", epoch())
	want(t, "a used code", err, enrol.ErrUnknown)
	got, err = s.Waiting(ctx, again.ID)
	if err != nil || got.Booth != "bund-1" || got.Cert != "chain" || got.PlaceZh != "外滩" || got.PlaceEn != "The Bund" || got.SecretHash != again.SecretHash {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = s.Waiting(ctx, id.New())
	want(t, "nobody", err, enrol.ErrUnknown)
	other := waiter("code4", "public4")
	want(t, "add other", s.AddWaiting(ctx, other, 10), nil)
	want(t, "the id again", s.Join(ctx, join(other, "bund-1")), enrol.ErrIDTaken)
	if booth, err := s.BoothByToken(ctx, tenant, "token of bund-1"); booth != "bund-1" || err != nil {
		t.Errorf("%q, %v", booth, err)
	}
	_, err = s.BoothByToken(ctx, tenant, "another")
	want(t, "another token", err, enrol.ErrUnknown)
	if l, err := s.LineSecrets(ctx, j.Key); l != j.Line || err != nil {
		t.Errorf("%+v, %v", l, err)
	}
	_, err = s.LineSecrets(ctx, fleet.Key{Tenant: tenant, Booth: "nobody"})
	want(t, "nobody's line", err, enrol.ErrUnknown)
	if revoked, err := s.Revoked(ctx, j.Cert.Serial); revoked || err != nil {
		t.Errorf("a fresh certificate: %v, %v", revoked, err)
	}
}

func invitation(t *testing.T, s Stores) {
	ctx := t.Context()
	lat, lon := 31.0, 121.0
	inv := enrol.Invitation{
		TokenHash: "hash", Key: fleet.Key{Tenant: tenant, Booth: "bund-1"}, Actor: "desk:op", Created: epoch(), Expires: epoch().Add(time.Hour),
		Place: enrol.Place{Name: "n", PlaceZh: "z", PlaceEn: "e", District: "d", Group: "g", Lat: &lat, Lon: &lon},
	}
	want(t, "add", s.AddInvitation(ctx, inv), nil)
	got, err := s.Invitation(ctx, "hash")
	if err != nil || got.Key != inv.Key || got.Place.Name != "n" || got.Place.Lat == nil || *got.Place.Lon != lon || !got.Expires.Equal(inv.Expires) || got.UsedBy != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = s.Invitation(ctx, "other")
	want(t, "another", err, enrol.ErrUnknown)
	w := waiter("", "public1")
	j := join(w, "bund-1")
	j.TokenHash = "hash"
	want(t, "join", s.Join(ctx, j), nil)
	if got, err = s.Invitation(ctx, "hash"); err != nil || got.UsedBy != w.ID {
		t.Errorf("%+v, %v", got, err)
	}
	if back, err := s.Waiting(ctx, w.ID); err != nil || back.Booth != "bund-1" {
		t.Errorf("%+v, %v", back, err)
	}
	k := join(waiter("", "public2"), "bund-2")
	k.TokenHash = "hash"
	want(t, "the token again", s.Join(ctx, k), enrol.ErrUnknown)
	_, err = s.LineSecrets(ctx, k.Key)
	want(t, "who did not join", err, enrol.ErrUnknown)
}

func full(t *testing.T, s Stores) {
	ctx := t.Context()
	want(t, "1", s.AddWaiting(ctx, waiter("1", "p1"), 2), nil)
	want(t, "2", s.AddWaiting(ctx, waiter("2", "p2"), 2), nil)
	want(t, "3", s.AddWaiting(ctx, waiter("3", "p3"), 2), enrol.ErrFull)
	want(t, "2 again", s.AddWaiting(ctx, waiter("4", "p2"), 2), nil)
	late := waiter("5", "p5")
	late.Created = late.Expires
	late.Expires = late.Created.Add(time.Minute)
	want(t, "when the others have expired", s.AddWaiting(ctx, late, 2), nil)
}

func certificates(t *testing.T, s Stores) {
	ctx := t.Context()
	w := waiter("c", "p1")
	want(t, "add", s.AddWaiting(ctx, w, 9), nil)
	j := join(w, "b1")
	want(t, "join", s.Join(ctx, j), nil)
	second := cert(j.Key, "p2")
	want(t, "renew", s.AddCertificate(ctx, second), nil)
	third := cert(j.Key, "p2")
	want(t, "renew with the same key", s.AddCertificate(ctx, third), nil)
	if revoked, err := s.Revoked(ctx, "unknown"); !revoked || err != nil {
		t.Errorf("unknown: %v, %v", revoked, err)
	}
	if n, err := s.Revoke(ctx, j.Key, epoch().Add(time.Hour)); n != 3 || err != nil {
		t.Errorf("revoke: %d, %v", n, err)
	}
	if n, err := s.Revoke(ctx, j.Key, epoch().Add(2*time.Hour)); n != 0 || err != nil {
		t.Errorf("revoke again: %d, %v", n, err)
	}
	for _, c := range []issuer.Certificate{j.Cert, second, third} {
		if revoked, err := s.Revoked(ctx, c.Serial); !revoked || err != nil {
			t.Errorf("%v, %v", revoked, err)
		}
	}
	list, err := s.RevokedSerials(ctx, tenant, epoch())
	if err != nil || len(list) != 3 || !list[0].At.Equal(epoch().Add(time.Hour)) {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = s.RevokedSerials(ctx, tenant, epoch().Add(366*24*time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func keys(t *testing.T, s Stores) {
	ctx := t.Context()
	w := waiter("c", "p1")
	want(t, "add", s.AddWaiting(ctx, w, 9), nil)
	want(t, "join", s.Join(ctx, join(w, "b1")), nil)
	want(t, "its key for another", s.AddCertificate(ctx, cert(fleet.Key{Tenant: tenant, Booth: "b2"}, "p1")), issuer.ErrKeyTaken)
	thief := waiter("d", "p1")
	want(t, "add", s.AddWaiting(ctx, thief, 9), nil)
	want(t, "join with its key", s.Join(ctx, join(thief, "b2")), issuer.ErrKeyTaken)
	if back, err := s.Waiting(ctx, thief.ID); err != nil || back.Booth != "" {
		t.Errorf("half joined: %+v, %v", back, err)
	}
	_, err := s.LineSecrets(ctx, fleet.Key{Tenant: tenant, Booth: "b2"})
	want(t, "half registered", err, enrol.ErrUnknown)
}

func forgetting(t *testing.T, s Stores) {
	ctx := t.Context()
	waits, joined := waiter("1", "p1"), waiter("2", "p2")
	want(t, "add", s.AddWaiting(ctx, waits, 9), nil)
	want(t, "add", s.AddWaiting(ctx, joined, 9), nil)
	want(t, "join", s.Join(ctx, join(joined, "b1")), nil)
	want(t, "forget nothing", s.Forget(ctx, epoch()), nil)
	_, err := s.Waiting(ctx, waits.ID)
	want(t, "still there", err, nil)
	want(t, "forget", s.Forget(ctx, waits.Expires.Add(time.Minute)), nil)
	_, err = s.Waiting(ctx, waits.ID)
	want(t, "gone", err, enrol.ErrUnknown)
	_, err = s.Waiting(ctx, joined.ID)
	want(t, "who joined", err, nil)
	want(t, "forget later", s.Forget(ctx, joined.Expires.Add(25*time.Hour)), nil)
	_, err = s.Waiting(ctx, joined.ID)
	want(t, "who joined, later", err, enrol.ErrUnknown)
	_, err = s.LineSecrets(ctx, fleet.Key{Tenant: tenant, Booth: "b1"})
	want(t, "the booth itself", err, nil)
}
