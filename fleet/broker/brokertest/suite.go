// Package brokertest is the contract of fleet/broker: what every engine must do with booths, observers and strangers, over real TLS. An engine
// that lacks something says so in its Caps, and the suite then only writes down what it does instead.
package brokertest

import (
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// The booths of the suite. An engine that lists its users lists these, with the observer of the default tenant and the fleet.
func Booths() []fleet.Key { return []fleet.Key{one, two, foreign} }

var (
	one     = fleet.Key{Tenant: fleet.DefaultTenant, Booth: "b-001"}
	two     = fleet.Key{Tenant: fleet.DefaultTenant, Booth: "b-002"}
	foreign = fleet.Key{Tenant: "other", Booth: "b-001"} // the same number in another city
)

// Engine is what the suite runs against.
type Engine struct {
	Addr     string // host:port of the booths' listener
	Watchers string // host:port of the observers', when that is another
	Bus      broker.Bus
	// Restart ends the engine and starts it on the same address. It returns the Bus, which is another one when the engine is the Bus.
	Restart func(t testing.TB) broker.Bus
}

// Start starts an engine that trusts a; receive is the Bus's.
type Start func(t *testing.T, a *Authority, receive func(broker.Message)) Engine

type suite struct {
	a    *Authority
	e    Engine
	said *Log[broker.Message] // what the Bus heard
}

// Run runs the contract.
func Run(t *testing.T, start Start) {
	s := &suite{a: NewAuthority(t), said: NewLog[broker.Message]()}
	s.e = start(t, s.a, func(m broker.Message) {
		s.said.Add(m)
		if m.Done != nil {
			m.Done()
		}
	})
	select {
	case <-s.e.Bus.Ready():
	case <-time.After(patience):
		t.Fatal("the bus is not ready")
	}
	for _, tt := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"who gets in", s.admission},
		{"who may publish", s.publishing},
		{"who may subscribe", s.subscribing},
		{"birth, state and will", s.birthAndWill},
		{"a proper goodbye has no will", s.goodbye},
		{"what goes down arrives in order", s.down},
		{"kick", s.kick},
		{"sizes", s.sizes},
		{"takeover", s.takeover},
		{"the id of another", s.stolenID},
		{"the will of another", s.foreignWill},
		{"retained is only the state", s.retained},
		{"a peer that does not read", s.deaf},
		{"restart of the engine", s.restart}, // last: it may replace the Bus
	} {
		t.Run(tt.name, tt.run)
	}
}

// as is how a booth connects.
func (s *suite) as(t testing.TB, k fleet.Key) Dial {
	cert := s.a.Booth(t, k)
	return Dial{Addr: s.e.Addr, Roots: s.a.Pool(), Cert: &cert, ID: k.String()}
}

func (s *suite) observer(t testing.TB) Dial {
	cert := s.a.Observer(t, fleet.DefaultTenant)
	addr := s.e.Watchers
	if addr == "" {
		addr = s.e.Addr
	}
	return Dial{Addr: addr, Roots: s.a.Pool(), Cert: &cert, ID: "observer-" + id.New()}
}

func (d Dial) must(t testing.TB) *Client {
	t.Helper()
	c, err := d.Connect(t)
	if err != nil {
		t.Fatalf("%s cannot connect: %v", d.ID, err)
	}
	return c
}

// booth connects and listens, as every booth does.
func (s *suite) booth(t testing.TB, k fleet.Key) *Client {
	t.Helper()
	c := s.as(t, k).must(t)
	c.listen(t, k)
	return c
}

func (c *Client) listen(t testing.TB, k fleet.Key) {
	t.Helper()
	if err := c.Subscribe(mqttapi.Down(k)); err != nil {
		t.Fatalf("%s cannot subscribe: %v", k, err)
	}
}

func topic(k fleet.Key, l mqttapi.Leaf) string { return mqttapi.Topic{Key: k, Leaf: l}.String() }

// hears waits until the Bus has a message with this payload.
func (s *suite) hears(t testing.TB, payload string) broker.Message {
	t.Helper()
	return s.said.Wait(t, "to the fleet: "+short(payload), func(m broker.Message) bool { return string(m.Payload) == payload })
}

// gets waits until the client has a message with this payload.
func (c *Client) gets(t testing.TB, payload string) Heard {
	t.Helper()
	return c.Got.Wait(t, "to the client: "+short(payload), func(h Heard) bool { return h.Payload == payload })
}

func short(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// tell publishes downwards.
func (s *suite) tell(t testing.TB, k fleet.Key, l mqttapi.Leaf, payload string) {
	t.Helper()
	if err := s.e.Bus.Publish(t.Context(), topic(k, l), []byte(payload)); err != nil {
		t.Fatalf("publish on %s: %v", topic(k, l), err)
	}
}

func closed(t testing.TB, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatal(what)
	}
}

// admission: only who has a certificate of the authority that is still good, over TLS 1.3.
func (s *suite) admission(t *testing.T) {
	stranger := NewAuthority(t).Booth(t, one)
	expired := s.a.Expired(t, one)
	server := s.a.Server(t)
	good := s.as(t, one)
	with := func(c *tls.Certificate) Dial {
		d := good
		d.Cert = c
		return d
	}
	old, plain := good, good
	old.TLS12, plain.Plain = true, true
	for name, d := range map[string]Dial{
		"anonymous": with(nil), "another authority": with(&stranger), "expired": with(&expired),
		"a server's certificate": with(&server), "TLS 1.2": old, "no TLS": plain,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := d.Connect(t); err == nil || errors.Is(err, errTimeout) {
				t.Errorf("got in, or was left without an answer: %v", err)
			}
		})
	}
	s.booth(t, one).Bye()
	s.observer(t).must(t).Bye()
}
