package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
	_ "time/tzdata" // a container need not bring time zones

	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/cloud/api"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/services"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/logging"
	"github.com/laoyou/laoyou/internal/sqlite"
)

// drainTime is how long requests that are under way may take after SIGTERM.
const drainTime = 10 * time.Second

// serve runs the core until ctx ends.
func serve(ctx context.Context, cfg Config, env func(string) string) (err error) {
	log := logging.New(cfg.Log, os.Stderr)
	data, err := openDataDir(cfg.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	// The port before the database: a port in use is the likelier mistake, and then nothing has been created.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return usage("listen: address %s is in use by another program", cfg.Listen)
		}
		return usage("%v", err)
	}
	defer func() { _ = listener.Close() }() // closed by the server already, unless the start failed
	db, err := store.Open(ctx, data.path("cloud", "laoyou.db"))
	if err != nil {
		return usage("%v", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	core, err := wire(ctx, cfg, env, db, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, core.fleet.close()) }()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	stop, err := core.voice.start(ctx, data, fail)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	stopFleet, err := core.fleet.start(ctx, data, fail)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopFleet()) }()
	if err := data.publish(httpAddress, listener.Addr().String()); err != nil {
		return fmt.Errorf("publish address: %w", err)
	}
	log.InfoContext(ctx, "ready", slog.String("addr", listener.Addr().String()), slog.Any("roles", cfg.Roles))
	srv := api.HTTPServer(core.handler, log)
	srv.RegisterOnShutdown(core.fleet.hangUp)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	if !errors.Is(context.Cause(ctx), errDrain) {
		return errors.Join(srv.Close(), closed(<-served))
	}
	core.voice.drain(ctx, cfg.Drain, log)
	return errors.Join(finish(ctx, srv, log), closed(<-served))
}

// core is what one process runs.
type core struct {
	handler http.Handler
	voice   *voice        // nil without the role
	fleet   *fleetManager // nil without the role
}

// wire puts the parts together that the roles ask for.
func wire(ctx context.Context, cfg Config, env func(string) string, db *sqlite.DB, log *slog.Logger) (*core, error) {
	accounts := store.NewAuth(db)
	if err := (auth.FirstRun{Store: accounts, Tenant: cfg.Tenant, Data: cfg.Data, Env: env, Log: log}).Run(ctx); err != nil {
		return nil, usage("%v", err)
	}
	pack, err := city.Load()
	if err != nil {
		return nil, fmt.Errorf("city pack: %w", err)
	}
	zone, err := zoneOf(cfg, pack)
	if err != nil {
		return nil, err
	}
	town, err := cityServices(cfg, pack, zone, db, log)
	if err != nil {
		return nil, err
	}
	deps := api.Deps{
		Logins: auth.New(accounts, cfg.Tenant, cfg.Auth.SessionTTL, nil), Tenant: cfg.Tenant,
		Ready: db.Ping, Metrics: prometheus.NewRegistry(), Config: cfg.HTTP, Version: version, Log: log,
	}
	if cfg.runs(roleServices) {
		deps.Tools = town
	}
	if cfg.runs(roleAPI) {
		deps.Overview, deps.Staff = town, auth.NewStaff(accounts, cfg.Tenant)
	}
	f, booths, err := wireFleet(ctx, cfg, zone, &deps)
	if err != nil {
		return nil, err
	}
	var v *voice
	if cfg.runs(roleVoice) {
		if v, err = newVoice(cfg, db, booths.line, log); err != nil {
			return nil, errors.Join(err, f.close())
		}
		deps.Voice = &api.Voice{Contacts: v.contacts, Desk: v.desk, Calls: v.calls}
		deps.SIP = v.sipAddress
		v.measure(deps.Metrics)
	}
	c := &core{voice: v, fleet: f}
	if c.handler, err = pages(deps, c, pack, zone); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return c, nil
}

// pages is all that this process serves over HTTP.
func pages(deps api.Deps, c *core, pack *city.Pack, zone *time.Location) (http.Handler, error) {
	var handler http.Handler
	handler, err := api.New(deps)
	if err == nil && c.voice != nil {
		handler, err = withDesk(handler, pack, zone)
	}
	if err == nil && c.fleet != nil {
		handler, err = c.fleet.with(handler)
	}
	return handler, err
}

func zoneOf(cfg Config, pack *city.Pack) (*time.Location, error) {
	if cfg.Timezone == "" {
		return pack.Zone, nil
	}
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return nil, usage("timezone: %v", err)
	}
	return zone, nil
}

func cityServices(cfg Config, pack *city.Pack, zone *time.Location, db *sqlite.DB, log *slog.Logger) (*services.Service, error) {
	places, err := newCatalogue(pack)
	if err != nil {
		return nil, fmt.Errorf("city pack: %w", err)
	}
	return services.New(services.Deps{
		Store: store.NewServices(db), Catalogue: places, Tenant: cfg.Tenant, Zone: zone, Log: log,
	}), nil
}

// finish takes no more requests and waits for those under way.
func finish(ctx context.Context, srv *http.Server, log *slog.Logger) error {
	log.InfoContext(ctx, "draining: waiting for requests under way", slog.Duration("at_most", drainTime))
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := srv.Shutdown(limit)
	if errors.Is(err, context.DeadlineExceeded) {
		log.WarnContext(ctx, "requests were cut", slog.Duration("after", drainTime))
		err = srv.Close()
	}
	return err
}

// closed drops the error with which Serve reports an ordinary end.
func closed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
