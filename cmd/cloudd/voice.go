package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/desk"
	"github.com/laoyou/laoyou/cloud/sip"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/sqlite"
	"github.com/laoyou/laoyou/internal/voip/webrtc"
	"github.com/laoyou/laoyou/ui/console"
)

// voice is the parts that let a citizen and an agent talk. They know each other through ports; here the knot is tied.
type voice struct {
	queue    *acd.Matcher
	contacts *contact.Service
	desk     *desk.Hub
	sip      *sip.Server
	calls    *store.Calls
}

// The desk acts on contacts and contacts show themselves at the desk; contacts call booths through the server that brings them their
// citizens. Of each pair one is known to the other before it exists.
type (
	laterContacts struct{ *contact.Service }
	laterCaller   struct{ contact.Caller }
)

func newVoice(cfg Config, db *sqlite.DB, claimed sip.Claimed, log *slog.Logger) (*voice, error) {
	v := &voice{calls: store.NewCalls(db)}
	v.queue = acd.New(acd.Deps{Rules: cfg.ACD, NewID: id.New, Out: v.effect, Show: v.show})
	contacts, caller := &laterContacts{}, &laterCaller{}
	v.desk = desk.New(desk.Deps{Contacts: contacts, Queue: v.queue, Peers: peers(cfg, log, func(contact string) bool { return v.sip.SpeaksOpus(contact) }), Log: log})
	v.contacts = contact.NewService(contact.Deps{
		Store: store.NewContacts(db), Queue: v.queue, Desk: v.desk, Caller: caller, Tenant: cfg.Tenant, Log: log,
	})
	contacts.Service = v.contacts
	lines, err := auth.LoadLines(cfg.Auth, cfg.Data)
	if err != nil {
		return nil, usage("%v", err)
	}
	v.sip, err = sip.New(sip.Deps{Config: cfg.SIP, Tenant: cfg.Tenant, Booths: lines, Claimed: claimed, Contacts: v.contacts, Calls: v.calls, Log: log})
	if err != nil {
		return nil, usage("%v", err)
	}
	caller.Caller = v.sip
	return v, nil
}

// effect brings what the matcher decides to who it is about.
func (v *voice) effect(e acd.Effect) {
	v.desk.FromQueue(e)
	v.contacts.FromQueue(e)
}

func (v *voice) show(s acd.Snapshot) {
	v.contacts.Positions(s)
	v.desk.Show(s)
}

// peers makes the sound of browsers. A core that listens on this machine only keeps sound on it too. A browser is offered what the citizen
// speaks, so that nothing is coded twice.
func peers(cfg Config, log *slog.Logger, speaksOpus func(contact string) bool) func(contact string) (desk.Peer, error) {
	c := webrtc.Config{Log: log}
	if host, _, err := net.SplitHostPort(cfg.Listen); err == nil {
		if addr, err := netip.ParseAddr(host); err == nil {
			c.Loopback = addr.IsLoopback()
			if !c.Loopback && !addr.IsUnspecified() {
				c.Addrs = []netip.Addr{addr}
			}
		}
	}
	return func(contact string) (desk.Peer, error) {
		c := c
		c.Opus = speaksOpus(contact)
		return webrtc.New(c)
	}
}

// start runs the parts, once what an earlier life left open is taken up. It returns when the voice line answers; stop ends them, and may
// be called after a failure of theirs too, which fail is told.
func (v *voice) start(ctx context.Context, data *dataDir, fail context.CancelCauseFunc) (stop func() error, err error) {
	if v == nil {
		return func() error { return nil }, nil
	}
	if err := v.contacts.Recover(ctx); err != nil {
		return nil, fmt.Errorf("contacts: %w", err)
	}
	// Not ctx: requests under way are finished first, and calls are hung up after.
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	g, gctx := errgroup.WithContext(life)
	for _, run := range []func(context.Context) error{v.queue.Run, v.contacts.Run, v.desk.Run, v.sip.Run} {
		g.Go(func() error {
			err := run(gctx)
			if err != nil {
				fail(err)
			}
			return err
		})
	}
	stop = func() error { cancel(); return g.Wait() }
	select {
	case <-v.sip.Ready():
		return stop, data.publish(sipAddress, v.sip.Addr().String())
	case <-gctx.Done():
		err := stop()
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, usage("sip.listen: the address is in use by another program")
		}
		return nil, usage("sip: %v", err)
	case <-time.After(startTime):
		return nil, errors.Join(errors.New("sip: the voice line does not get ready"), stop())
	}
}

// startTime is how long the voice line may take to listen.
const startTime = 10 * time.Second

// measure adds the calls to what the process tells of itself.
func (v *voice) measure(reg *prometheus.Registry) {
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "laoyou_calls", Help: "Calls under way."}, func() float64 {
		calls, _ := v.sip.Load()
		return float64(calls)
	}))
	_, turned := v.sip.Load()
	for why := range turned {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "laoyou_calls_turned_away_total", Help: "Calls that were not let in, by why.", ConstLabels: prometheus.Labels{"why": why},
		}, func() float64 {
			_, turned := v.sip.Load()
			return float64(turned[why])
		}))
	}
}

// restartTime is how long the next life may take to answer after this one; callers are told to try again then.
const restartTime = 5 * time.Second

// drain lets the calls that are up come to their end, for limit at most: those who wait are offered a callback, new ones are told to try
// again, agents know why. A second signal ends the waiting.
func (v *voice) drain(ctx context.Context, limit time.Duration, log *slog.Logger) {
	if v == nil {
		return
	}
	until := time.Now().Add(limit)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM) // before anybody knows: the second signal may come at once
	defer stop()
	v.queue.Post(acd.Event{Kind: acd.Close})
	idle := v.sip.Drain(until.Add(restartTime))
	select {
	case <-idle:
		return
	default:
	}
	calls, _ := v.sip.Load()
	log.InfoContext(ctx, "draining: waiting for calls", slog.Int("calls", calls), slog.Duration("at_most", limit))
	v.desk.Restarting(until)
	select {
	case <-idle:
	case <-ctx.Done():
		calls, _ := v.sip.Load()
		log.WarnContext(ctx, "calls are hung up", slog.Int("calls", calls))
	}
}

// sipAddress is where booths register, "" before the voice line is up.
func (v *voice) sipAddress() string {
	select {
	case <-v.sip.Ready():
		return v.sip.Addr().String()
	default:
		return ""
	}
}

// withDesk serves the agents' page beside the API.
func withDesk(api http.Handler, pack *city.Pack, zone *time.Location) (http.Handler, error) {
	options := console.Options{Zone: zone.String()}
	for _, a := range pack.Attractions() {
		options.Places = append(options.Places, console.Place{ID: a.ID, Name: map[string]string{"zh": a.Name.In("zh"), "en": a.Name.In("en")}})
	}
	page, err := console.New("/desk/", options)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/desk", page)
	mux.Handle("/desk/", page)
	mux.Handle("/", api)
	return mux, nil
}
