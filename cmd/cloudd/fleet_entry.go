package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// claimTokenFile is the name, in the data folder, of the one-time token of the booth that runs beside the core.
const claimTokenFile = "claim-token"

func uploadsOf(data string) string { return filepath.Join(data, "cloud", "uploads") }

// inviteDev leaves a one-time token for the booth on this machine while it does not belong yet, as it leaves it a token for the core.
func (f *fleetManager) inviteDev(ctx context.Context, data *dataDir) error {
	path := data.path(claimTokenFile)
	remove := func() error {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if !f.cfg.Auth.DevBooth {
		return remove()
	}
	st, err := f.store.Standing(ctx, fleet.Key{Tenant: f.cfg.Tenant, Booth: auth.DevBoothID})
	switch {
	case err == nil && st != fleet.Retired:
		return remove()
	case err != nil && !errors.Is(err, fleet.ErrNoBooth):
		return err
	}
	// One that was left by an earlier start and holds for a while stays.
	if text, err := os.ReadFile(path); err == nil {
		if ok, err := f.enrol.Invited(ctx, strings.TrimSpace(string(text)), time.Now().Add(24*time.Hour)); ok || err != nil {
			return err
		}
	}
	lat, lon := 31.2272, 121.4921 // Yu Garden, on the map of the fleet
	place := enrol.Place{
		Name: "Virtual booth", PlaceZh: "豫园 · 福佑路口", PlaceEn: "Yu Garden · Fuyou Road", District: "黄浦", Group: "lab", Lat: &lat, Lon: &lon,
	}
	token, _, err := f.enrol.Invite(ctx, audit.Fleet, auth.DevBoothID, place, enrol.TokenMost)
	if err != nil {
		return err
	}
	// A new file: the mode of one that is there would stay.
	if err := remove(); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(token+"\n"), 0o600)
}

// at says where the fleet is found, by the name under which the caller reached us unless it is configured.
func (f *fleetManager) at(r *http.Request) enrol.Contact {
	base := strings.TrimSuffix(f.cfg.Fleet.URL, "/")
	if base == "" {
		scheme := "http"
		if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
			scheme = "https"
		}
		base = (&url.URL{Scheme: scheme, Host: r.Host}).String()
	}
	return enrol.Contact{Broker: f.brokerFor(r.Host), Claim: base + "/fleet/claim?code="}
}

func (f *fleetManager) brokerFor(host string) string {
	switch {
	case f.cfg.MQTT.Public != "":
		return f.cfg.MQTT.Public
	case f.cfg.MQTT.Broker != "":
		return f.cfg.MQTT.Broker
	}
	_, port, err := net.SplitHostPort(f.address())
	if err != nil {
		return ""
	}
	name := (&url.URL{Host: host}).Hostname()
	return "mqtts://" + net.JoinHostPort(name, port)
}

// refused notes that a booth says what we do not understand.
func (f *fleetManager) refused(key fleet.Key, leaf mqttapi.Leaf, why error) {
	f.log.Warn("message of a booth refused", slog.String("booth", key.String()), slog.String("leaf", string(leaf)), slog.Any("error", why))
}

// logins finds the session of a token.
type logins interface {
	Session(ctx context.Context, token string) (auth.Session, error)
}

// gate lets staff in, by cookie or by bearer token.
type gate struct{ logins logins }

// Authorize implements api.Authorizer.
func (g gate) Authorize(r *http.Request) (api.Actor, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		cookie, err := r.Cookie(sessionCookie)
		if err != nil {
			return api.Actor{}, api.ErrNobody
		}
		token = cookie.Value
	}
	s, err := g.logins.Session(r.Context(), token)
	if errors.Is(err, auth.ErrNoSession) {
		return api.Actor{}, api.ErrNobody
	}
	actor := api.Actor{Name: "desk:" + s.User}
	switch {
	case s.Has(auth.Operator, auth.Administrator):
		actor.May = api.Act
	case s.Has(auth.Supervisor):
		actor.May = api.Read
	}
	return actor, err
}

// sessionCookie is the cookie of cloud/api.
const sessionCookie = "laoyou_session"

// lookTime bounds a look for a booth while it waits at the door.
const lookTime = 5 * time.Second

// boothTokens knows the booths of the configuration, and then those that were claimed.
type boothTokens struct {
	configured auth.Booths
	claimed    enrol.Lines
	tenant     string
	log        *slog.Logger
}

// Booth implements the core's Booths.
func (b boothTokens) Booth(token string) (string, bool) {
	if id, ok := b.configured.Booth(token); ok || token == "" || b.claimed == nil {
		return id, ok
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	sum := sha256.Sum256([]byte(token))
	id, err := b.claimed.BoothByToken(ctx, b.tenant, hex.EncodeToString(sum[:]))
	if err != nil && !errors.Is(err, enrol.ErrUnknown) {
		b.log.Error("booths were not looked up", slog.Any("error", err))
	}
	return id, err == nil
}

// line knows claimed booths at the voice line.
func (b boothTokens) line(id string) (voip.Secret, bool) {
	if b.claimed == nil {
		return voip.Secret{}, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	l, err := b.claimed.LineSecrets(ctx, fleet.Key{Tenant: b.tenant, Booth: id})
	if err != nil && !errors.Is(err, enrol.ErrUnknown) {
		b.log.Error("booths were not looked up", slog.Any("error", err))
	}
	return voip.Secret{MD5: l.HA1MD5, SHA256: l.HA1SHA256}, err == nil
}
