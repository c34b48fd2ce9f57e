package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	coreapi "github.com/laoyou/laoyou/cloud/api"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/sip"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/issuer"
	fleetstore "github.com/laoyou/laoyou/fleet/store/sqlite"
	"github.com/laoyou/laoyou/ui/console"
)

// fleetManager is the parts that run the booths: the line to them, what they say, what operators want, and how new ones get in.
type fleetManager struct {
	cfg       Config
	log       *slog.Logger
	store     *fleetstore.Store
	authority *issuer.Authority
	bus       broker.Bus
	ingest    *ingest.Ingest
	hub       *hub.Hub
	enrol     *enrol.Service
	uploads   *api.Uploads
	api       *api.Server
}

// fleetDeps is what the fleet needs of the core.
type fleetDeps struct {
	store  *fleetstore.Store
	logins logins
	tokens map[string]auth.LineLogin // of the booths in the configuration
	zone   *time.Location
	reg    *prometheus.Registry
	log    *slog.Logger
}

// newFleet puts the parts together; it opens no port.
func newFleet(cfg Config, d fleetDeps) (*fleetManager, error) {
	f := &fleetManager{cfg: cfg, log: d.log, store: d.store}
	var err error
	f.authority, err = issuer.Open(issuer.Deps{Data: cfg.Data, Tenant: cfg.Tenant, Names: cfg.MQTT.Names, Store: d.store})
	if err != nil {
		return nil, usage("%v", err)
	}
	line := &laterBus{}
	f.hub = hub.New(hub.Deps{
		Store: d.store, Registry: d.store, Twins: d.store, Commands: d.store, Bus: line, Renewer: f.authority,
		Presence: cfg.Fleet.presence(), Keep: cfg.Fleet.keep(), Log: d.log, Metrics: d.reg,
	})
	f.ingest = ingest.New(ingest.Deps{Sink: f.hub, Publish: line.publish, Refused: f.refused, Log: d.log, Metrics: d.reg})
	if f.bus, err = f.newBus(d.reg); err != nil {
		return nil, err
	}
	line.Bus = f.bus
	f.enrol = enrol.New(enrol.Deps{
		Store: d.store, Signer: f.authority, Tenant: cfg.Tenant, Realm: cfg.SIP.Realm, Zone: d.zone.String(), Seen: f.seen,
		Known: func(booth string) string { return d.tokens[booth].Token }, Taken: taken, Log: d.log,
	})
	f.uploads = api.NewUploads(uploadsOf(cfg.Data), f.authority.Derive("log uploads"), cfg.Fleet.URL)
	f.api, err = api.New(api.Deps{
		Booths: heard{d.store, f.hub}, Twins: d.store, Commands: d.store, Facts: d.store, Hub: standing{f.hub, f.authority, d.log}, Audit: d.store,
		Enrol: joined{f.enrol, f.hub}, Who: gate{d.logins}, Uploads: f.uploads, Tenant: cfg.Tenant, At: f.at, Metrics: d.reg, Version: version, Log: d.log,
	})
	return f, err
}

// wireFleet opens the fleet's database and puts its parts together where the role asks for it. Whichever roles run, it tells the core who
// its booths are.
func wireFleet(ctx context.Context, cfg Config, zone *time.Location, deps *coreapi.Deps) (*fleetManager, boothTokens, error) {
	booths := boothTokens{tenant: cfg.Tenant, log: deps.Log}
	var err error
	if booths.configured, err = auth.LoadBooths(cfg.Auth, cfg.Data); err != nil {
		return nil, booths, usage("%v", err)
	}
	deps.Booths = &booths
	if !cfg.runs(roleFleet) {
		return nil, booths, nil
	}
	tokens, err := auth.LoadLines(cfg.Auth, cfg.Data)
	if err != nil {
		return nil, booths, usage("%v", err)
	}
	store, err := fleetstore.Open(ctx, filepath.Join(cfg.Data, "cloud", "fleet.db"))
	if err != nil {
		return nil, booths, usage("%v", err)
	}
	booths.claimed = store
	core := deps.Ready
	deps.Ready = func(ctx context.Context) error { return errors.Join(core(ctx), store.Ping(ctx)) }
	f, err := newFleet(cfg, fleetDeps{store: store, logins: deps.Logins, tokens: tokens, zone: zone, reg: deps.Metrics, log: deps.Log})
	if err != nil {
		return nil, booths, errors.Join(err, store.Close())
	}
	return f, booths, nil
}

// close closes the database, after stop.
func (f *fleetManager) close() error {
	if f == nil {
		return nil
	}
	return f.store.Close()
}

// hangUp ends what would never end by itself.
func (f *fleetManager) hangUp() {
	if f != nil {
		f.api.Close()
	}
}

// taken are the ids that no booth may have: services of the voice line, and the common names of the fleet's own certificates, which give
// their rights where an engine knows peers by them.
func taken(id string) bool {
	return sip.Reserved(id) || id == issuer.FleetURIScheme || id == issuer.ObserverURIScheme
}

// laterBus: the line brings messages to those who answer on it. Of the two one is known to the other before it exists.
type laterBus struct{ broker.Bus }

func (b *laterBus) publish(ctx context.Context, topic string, payload []byte) error {
	return b.Publish(ctx, topic, payload)
}

// newBus is the engine in this process, or a client of the one that the configuration names.
func (f *fleetManager) newBus(reg prometheus.Registerer) (broker.Bus, error) {
	if f.cfg.MQTT.Broker != "" {
		tls, err := f.authority.ClientTLS()
		if err != nil {
			return nil, err
		}
		engine, _ := broker.EngineOf(f.cfg.MQTT.Engine)
		return broker.NewExternal(broker.ExternalConfig{
			URL: strings.Replace(f.cfg.MQTT.Broker, "mqtts://", "ssl://", 1), TLS: tls, ClientID: "laoyou-fleet-" + f.cfg.Tenant,
			Receive: f.ingest.Receive, Engine: engine, Line: f.hub.Line, Log: f.log,
		})
	}
	tls, err := f.authority.ServerTLS()
	if err != nil {
		return nil, err
	}
	return broker.NewEmbedded(broker.EmbeddedConfig{
		Listen: f.cfg.MQTT.Listen, TLS: tls, Admit: f.admit, Receive: f.ingest.Receive, Log: f.log, Metrics: reg,
	})
}

// admitTime bounds a look at the registry while a booth connects.
const admitTime = 5 * time.Second

// admit lets in whom a certificate of ours names, if it holds and the booth is in service.
func (f *fleetManager) admit(cert *x509.Certificate) (broker.Peer, error) {
	s, err := issuer.SubjectOf(cert)
	if err != nil {
		return broker.Peer{}, err
	}
	if s.Key.Tenant != f.cfg.Tenant {
		return broker.Peer{}, fmt.Errorf("%w: another tenant", broker.ErrRefused)
	}
	if s.Observer {
		return broker.Peer{Key: s.Key, Observer: true}, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), admitTime)
	defer cancel()
	if revoked, err := f.store.Revoked(ctx, s.Serial); err != nil || revoked {
		return broker.Peer{}, errors.Join(broker.ErrRefused, errors.New("the certificate was revoked"), err)
	}
	st, err := f.store.Standing(ctx, s.Key)
	if err != nil || st != fleet.InService {
		return broker.Peer{}, errors.Join(broker.ErrRefused, fmt.Errorf("the booth is %s", st), err)
	}
	return broker.Peer{Key: s.Key}, nil
}

// start runs the parts and returns when the line to the booths is open; stop ends them, the line first. fail is told of a part that ended by
// itself.
func (f *fleetManager) start(ctx context.Context, data *dataDir, fail context.CancelCauseFunc) (stop func() error, err error) {
	if f == nil {
		return func() error { return nil }, nil
	}
	if err := f.prepare(ctx, data); err != nil {
		return nil, err
	}
	if f.cfg.MQTT.Broker != "" {
		f.hub.Line(false) // until it is there
	}
	// Not ctx: what booths have said is stored before we go.
	life := context.WithoutCancel(ctx)
	line, endLine := context.WithCancel(life)
	rest, endRest := context.WithCancel(life)
	busDone, others := make(chan error, 1), &errgroup.Group{}
	go func() {
		err := f.bus.Run(line)
		if err != nil {
			fail(err)
		}
		busDone <- err
	}()
	ingested, endIngest := context.WithCancel(life)
	taken := make(chan error, 1)
	go func() { taken <- f.ingest.Run(ingested) }()
	for _, run := range []func(context.Context) error{f.hub.Run, f.housekeeping} {
		others.Go(func() error {
			err := run(rest)
			if err != nil {
				fail(err)
			}
			return err
		})
	}
	stop = func() error {
		endLine()
		err := <-busDone
		endIngest()
		err = errors.Join(err, <-taken)
		endRest()
		return errors.Join(err, others.Wait())
	}
	if f.cfg.MQTT.Broker != "" {
		return stop, nil // it may be up later than we are
	}
	select {
	case <-f.bus.Ready():
	case err := <-busDone:
		busDone <- nil
		if errors.Is(err, syscall.EADDRINUSE) {
			err = usage("mqtt.listen: address %s is in use by another program", f.cfg.MQTT.Listen)
		}
		return nil, errors.Join(err, stop())
	case <-time.After(startTime):
		return nil, errors.Join(errors.New("mqtt: the line to the booths does not get ready"), stop())
	}
	return stop, data.publish(mqttAddress, f.address())
}

// prepare writes what people and programs on this machine need before the line is open.
func (f *fleetManager) prepare(ctx context.Context, data *dataDir) error {
	if err := f.certificates(ctx); err != nil {
		return err
	}
	return f.inviteDev(ctx, data)
}

// certificates writes those that lie in files, anew at every start and every day.
func (f *fleetManager) certificates(ctx context.Context) error {
	err := errors.Join(f.authority.WriteObserver(), f.authority.WriteRevocations(ctx))
	if f.cfg.MQTT.Broker != "" {
		err = errors.Join(err, f.authority.WriteServer())
	}
	return err
}

// housekeeping does what has to be done now and then, until ctx ends.
func (f *fleetManager) housekeeping(ctx context.Context) error {
	go f.uploads.Sweep(ctx)
	go f.enrol.Sweep(ctx)
	day := time.NewTicker(24 * time.Hour)
	defer day.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-day.C:
			if err := f.certificates(ctx); err != nil {
				f.log.ErrorContext(ctx, "certificates were not renewed", slog.Any("error", err))
			}
		}
	}
}

// address is where the embedded engine listens, "" for an engine elsewhere or before it does.
func (f *fleetManager) address() string {
	if e, ok := f.bus.(*broker.Embedded); ok && e.Addr() != nil {
		return e.Addr().String()
	}
	return ""
}

// with serves the fleet's paths and pages beside the rest of the core.
func (f *fleetManager) with(rest http.Handler) (http.Handler, error) {
	const base = "/fleet/"
	pages, err := console.NewFleet(base)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, prefix := range api.Prefixes() {
			if r.URL.Path == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(r.URL.Path, strings.TrimSuffix(prefix, "/")+"/") {
				f.api.ServeHTTP(w, r)
				return
			}
		}
		if r.URL.Path == strings.TrimSuffix(base, "/") || strings.HasPrefix(r.URL.Path, base) {
			pages.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	}), nil
}

// seen reports whether a booth has been online since it was claimed.
func (f *fleetManager) seen(ctx context.Context, k fleet.Key) (bool, error) {
	b, err := f.store.Booth(ctx, k)
	if errors.Is(err, fleet.ErrNoBooth) {
		return false, nil
	}
	return err == nil && b.LastSeen > b.Claimed, err
}

// heard is the registry, whose changes those who watch are told of.
type heard struct {
	*fleetstore.Store
	hub *hub.Hub
}

func (h heard) Patch(ctx context.Context, key fleet.Key, actor string, p httpapi.BoothPatch) (httpapi.Booth, error) {
	b, err := h.Store.Patch(ctx, key, actor, p)
	if err == nil {
		h.hub.Changed(key)
	}
	return b, err
}

// joined is the enrolment, of which those who watch are told too.
type joined struct {
	*enrol.Service
	hub *hub.Hub
}

func (j joined) Claim(ctx context.Context, actor, code, booth string, p enrol.Place) (fleet.Key, error) {
	key, err := j.Service.Claim(ctx, actor, code, booth, p)
	if err == nil {
		j.hub.Changed(key)
	}
	return key, err
}

func (j joined) Enrol(ctx context.Context, from string, e fleet.Enrolment, at enrol.Contact) (*fleet.Claim, *fleet.Identity, error) {
	c, ident, err := j.Service.Enrol(ctx, from, e, at)
	if ident != nil {
		j.hub.Changed(fleet.Key{Tenant: ident.Tenant, Booth: ident.Booth})
	}
	return c, ident, err
}

// standing is the hub, after which the revocation list is written anew.
type standing struct {
	*hub.Hub
	authority *issuer.Authority
	log       *slog.Logger
}

func (s standing) SetStanding(ctx context.Context, key fleet.Key, actor string, c httpapi.StandingChange) (httpapi.Booth, error) {
	b, err := s.Hub.SetStanding(ctx, key, actor, c)
	if err == nil && c.Standing == fleet.Retired {
		if err := s.authority.WriteRevocations(context.WithoutCancel(ctx)); err != nil {
			s.log.ErrorContext(ctx, "revocation list was not written", slog.Any("error", err))
		}
	}
	return b, err
}
