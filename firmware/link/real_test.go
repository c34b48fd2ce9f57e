package link_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

const generous = 60 * time.Second

// engine is the fleet's own broker on a port of this machine, with mutual TLS, that can be ended and started again.
type engine struct {
	t     testing.TB
	ca    *brokertest.Authority
	cfg   broker.EmbeddedConfig
	fleet *linktest.Fleet
	bus   atomic.Pointer[broker.Embedded]
	addr  string
	halt  func()
}

func newEngine(t testing.TB) *engine {
	e := &engine{t: t, ca: brokertest.NewAuthority(t)}
	e.fleet = linktest.NewFleet(func(topic string, payload []byte) error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return e.bus.Load().Publish(ctx, topic, payload)
	}, time.Now)
	e.cfg = broker.EmbeddedConfig{
		Listen: "127.0.0.1:0", Admit: brokertest.Admit, Log: slog.New(slog.DiscardHandler),
		TLS:     &tls.Config{Certificates: []tls.Certificate{e.ca.Server(t)}, ClientCAs: e.ca.Pool(), MinVersion: tls.VersionTLS13},
		Receive: func(m broker.Message) { e.fleet.Receive(m.Topic, m.Payload) },
	}
	e.start()
	t.Cleanup(func() { e.halt() })
	return e
}

func (e *engine) start() {
	e.t.Helper()
	bus, err := broker.NewEmbedded(e.cfg)
	if err != nil {
		e.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- bus.Run(ctx) }()
	select {
	case <-bus.Ready():
	case err := <-done:
		e.t.Fatal(err)
	}
	e.bus.Store(bus)
	if e.addr == "" { // it stays when it starts again
		e.addr, e.cfg.Listen = bus.Addr().String(), bus.Addr().String()
	}
	ended := false
	e.halt = func() {
		if !ended {
			ended = true
			cancel()
			<-done
		}
	}
}

func (e *engine) line(certs ...tls.Certificate) func() (link.Line, error) {
	if len(certs) == 0 {
		certs = []tls.Certificate{e.ca.Booth(e.t, key())}
	}
	n := 0
	return func() (link.Line, error) {
		c := certs[min(n, len(certs)-1)]
		n++
		return link.Line{
			Key: key(), Broker: "mqtts://" + e.addr, TLS: &tls.Config{RootCAs: e.ca.Pool(), Certificates: []tls.Certificate{c}, MinVersion: tls.VersionTLS13},
		}, nil
	}
}

// quick reconnects at once, so that tests in real time are short.
func quick() link.Pace { return link.Pace{Spread: -1} }

func TestNothingIsLostWhileTheBrokerFalls(t *testing.T) {
	e := newEngine(t)
	l := link.New(link.Deps{
		Store: openBox(t, openFile(t, filepath.Join(t.TempDir(), "link.db")), ""), Line: e.line(), Pace: quick,
		Pulse: func() mqttapi.Heartbeat { return mqttapi.Heartbeat{} },
	})
	defer run(t, l)()
	const events = 1200
	for n := range events {
		if err := l.Event(t.Context(), fact(n)); err != nil {
			t.Fatal(err)
		}
		if n%300 == 299 {
			l.Hurry()
			if _, ok := e.fleet.Until(generous, func(s linktest.Seen) bool { return len(s.Rows) > n-299 }); !ok {
				t.Fatalf("stuck before %d: %+v", n, l.State())
			}
			e.halt()
			e.start()
		}
	}
	l.Hurry()
	s, ok := e.fleet.Until(generous, func(s linktest.Seen) bool { return len(s.Rows) >= events })
	if !ok || s.Gaps > 0 || len(s.Bad) > 0 || s.Outboxes != 1 {
		t.Fatalf("%d of %d rows, %d gaps, %v; %+v", len(s.Rows), events, s.Gaps, s.Bad, l.State())
	}
	ids := make(map[string]bool)
	for n, r := range s.Rows {
		var ev mqttapi.Event
		if err := r.Into(&ev); err != nil || fmt.Sprint(ev.Data["n"]) != fmt.Sprint(float64(n)) {
			t.Fatalf("row %d is event %v (%v)", n, ev.Data["n"], err)
		}
		ids[r.ID] = true
	}
	if len(ids) != events || s.Births[len(s.Births)-1].Epoch <= s.Births[0].Epoch {
		t.Errorf("%d ids; births %+v", len(ids), s.Births)
	}
}

func TestAskResultReport(t *testing.T) {
	e := newEngine(t)
	got := make(chan mqttapi.Command, 10)
	configs := make(chan mqttapi.Config, 10)
	var l *link.Link
	l = link.New(link.Deps{
		Store: new(linktest.Memory), Line: e.line(), Pace: quick,
		Reported: func() mqttapi.Applied { return mqttapi.Applied{Version: 3, Applied: []byte(`{"idle_s":60}`)} },
		OnCommand: func(ctx context.Context, env mqttapi.Envelope, c mqttapi.Command) {
			got <- c
			if err := l.Result(ctx, env.ID, mqttapi.Result{State: mqttapi.Done, Step: 1}); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		},
		OnConfig: func(_ context.Context, _ mqttapi.Envelope, c mqttapi.Config) { configs <- c },
	})
	if _, err := l.Ask(t.Context(), mqttapi.Request{Ask: mqttapi.AskTime}); err != link.ErrOffline { //nolint:errorlint // exactly this one
		t.Errorf("asked before anything: %v", err)
	}
	defer run(t, l)()
	if _, ok := e.fleet.Until(generous, func(s linktest.Seen) bool { return len(s.Reports) > 0 }); !ok {
		t.Fatalf("no report: %+v", l.State())
	}
	r, err := l.Ask(t.Context(), mqttapi.Request{Ask: mqttapi.AskTime})
	if err != nil || time.Since(time.UnixMilli(r.TS)).Abs() > generous || l.State().RTT == 0 {
		t.Errorf("time: %+v %v", r, err)
	}
	e.fleet.Set(false, nil, func(string) mqttapi.Reply { return mqttapi.Reply{Error: "no"} })
	if _, err := l.Ask(t.Context(), mqttapi.Request{Ask: mqttapi.AskRenew}); err == nil {
		t.Error("a refusal is no error")
	}
	order := e.fleet.Command(key(), mqttapi.Command{Cmd: "tone"}, time.Hour)
	e.fleet.Desire(key(), mqttapi.Config{Version: 4, Config: []byte(`{}`)})
	if c := <-configs; c.Version != 4 {
		t.Errorf("config %+v", c)
	}
	if c := <-got; c.Cmd != "tone" {
		t.Errorf("command %+v", c)
	}
	if _, ok := e.fleet.Until(generous, func(s linktest.Seen) bool { o := s.Orders[order]; return o.State() == mqttapi.Done }); !ok {
		t.Error("the result did not come")
	}
}

func TestANewCertificateIsUsedAtTheNextConnection(t *testing.T) {
	e := newEngine(t)
	first, second := e.ca.Booth(t, key()), e.ca.Booth(t, key())
	serials := make(chan string, 10)
	admit := e.cfg.Admit
	e.halt()
	e.cfg.Admit = brokertestAdmit(admit, serials)
	e.start()
	l := link.New(link.Deps{Store: new(linktest.Memory), Line: e.line(first, first, second), Pace: quick})
	defer run(t, l)()
	for n, want := range []tls.Certificate{first, first, second} { // the TLS session of the first must not outlive it
		s, ok := e.fleet.Until(generous, func(s linktest.Seen) bool { return born(s) == n+1 })
		if !ok {
			t.Fatalf("%d births, %+v", born(s), l.State())
		}
		var got string
		for len(serials) > 0 {
			got = <-serials
		}
		if got != want.Leaf.SerialNumber.String() {
			t.Errorf("connection %d came with certificate %s, want %s", n, got, want.Leaf.SerialNumber)
		}
		if err := e.bus.Load().Kick(t.Context(), key()); err != nil {
			t.Fatal(err)
		}
	}
}

// born counts births, without wills.
func born(s linktest.Seen) int {
	n := 0
	for _, b := range s.Births {
		if b.On {
			n++
		}
	}
	return n
}

func TestAnExpiredCertificateIsRefused(t *testing.T) {
	e := newEngine(t)
	l := link.New(link.Deps{Store: new(linktest.Memory), Line: e.line(e.ca.Expired(t, key())), Pace: quick})
	defer run(t, l)()
	for deadline := time.Now().Add(generous); l.State().Error == ""; pause(t) {
		if time.Now().After(deadline) {
			t.Fatal("no word of what is wrong")
		}
	}
	if l.State().Online {
		t.Error("it got in")
	}
}

// A wall clock in 2038 must not keep the booth out: it goes by the time that the fleet last vouched for.
func TestAClockInTheFutureDoesNotLockOut(t *testing.T) {
	e := newEngine(t)
	store := new(linktest.Memory)
	if err := store.Save(t.Context(), link.Figures{Floor: time.Now().Add(-time.Minute).UnixMilli()}); err != nil {
		t.Fatal(err)
	}
	for name, off := range map[string]time.Duration{"2038": 12 * 365 * 24 * time.Hour, "1970": -56 * 365 * 24 * time.Hour} {
		l := link.New(link.Deps{
			Store: store, Line: e.line(), Pace: quick, Clock: func() time.Time { return time.Now().Add(off) },
		})
		stop := run(t, l)
		for deadline := time.Now().Add(generous); !l.State().Online; pause(t) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %+v", name, l.State())
			}
		}
		s, _ := e.fleet.Until(generous, func(s linktest.Seen) bool { return len(s.Births) > 0 && s.Births[len(s.Births)-1].Boot == l.Boot() })
		if b := s.Births[len(s.Births)-1]; (b.Clock == "floor") != (off < 0) {
			t.Errorf("%s: birth says clock %q", name, b.Clock)
		}
		stop()
	}
}

// brokertestAdmit tells the serials of those who come.
func brokertestAdmit(admit broker.Admit, serials chan<- string) broker.Admit {
	return func(c *x509.Certificate) (broker.Peer, error) {
		select {
		case serials <- c.SerialNumber.String():
		default:
		}
		return admit(c)
	}
}
