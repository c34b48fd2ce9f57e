package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// peer is somebody at the core's MQTT listener who may do as it likes.
type peer struct {
	t    testing.TB
	name string
	dial brokertest.Dial
	line *brokertest.Client
}

// yard is a fleet whose booths are peers: their identities are real, what they do is up to the test.
type yard struct {
	*scene
	c *core
}

// newYard starts a core and lets so many booths in. None of them is online.
func newYard(t *testing.T, booths int) *yard {
	t.Helper()
	c := startCore(t)
	cfg := c.config()
	cfg.Booths = booths
	op, err := newOperator(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	y := &yard{&scene{simulation: &simulation{cfg: cfg, op: op}, t: t, ctx: t.Context()}, c}
	for i := range booths {
		if _, err := y.enrolOne(t.Context(), y.ids(), i); err != nil {
			t.Fatal(err)
		}
	}
	return y
}

// ids is where the identities lie.
func (y *yard) ids() string { return filepath.Join(y.c.data, "boothsim", "identities") }

func key(n int) fleet.Key {
	return fleet.Key{Tenant: fleet.DefaultTenant, Booth: fmt.Sprintf("sim-%05d", n)}
}

func (y *yard) identity(n int) *enrol.Identity {
	y.t.Helper()
	return identity(y.t, filepath.Dir(y.ids()), key(n).Booth)
}

// booth is a peer with the identity of the n-th booth.
func (y *yard) booth(n int) *peer {
	y.t.Helper()
	return y.peer(key(n).Booth, &y.identity(n).Pair, key(n).String())
}

func (y *yard) peer(name string, cert *tls.Certificate, client string) *peer {
	y.t.Helper()
	ca, err := os.ReadFile(filepath.Join(y.c.data, "observer", "ca.pem"))
	if err != nil {
		y.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &peer{y.t, name, brokertest.Dial{Addr: y.c.mqtt, Roots: roots, Cert: cert, ID: client}, nil}
}

// observer is a peer with the certificate that the core leaves for people who look.
func (y *yard) observer() *peer {
	y.t.Helper()
	file := func(name string) string { return filepath.Join(y.c.data, "observer", name) }
	cert, err := tls.LoadX509KeyPair(file("cert.pem"), file("key.pem"))
	if err != nil {
		y.t.Fatal(err)
	}
	return y.peer("observer", &cert, "observer-"+id.New())
}

// connect connects, or connects again.
func (p *peer) connect() error {
	p.t.Helper()
	var err error
	p.line, err = p.dial.Connect(p.t)
	return err
}

func (p *peer) must() *peer {
	p.t.Helper()
	if err := p.connect(); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	return p
}

// say publishes a message of a booth's as it should be.
func (p *peer) say(k fleet.Key, leaf mqttapi.Leaf, e mqttapi.Envelope, body any) {
	p.t.Helper()
	if e.ID == "" {
		e.ID = id.New()
	}
	e.TS, e.Mono = time.Now().UnixMilli(), 1
	text, err := mqttapi.Encode(e, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.line.Publish(mqttapi.Topic{Key: k, Leaf: leaf}.String(), 1, leaf == mqttapi.State, string(text)); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

func (p *peer) state(k fleet.Key, on bool, epoch int64) {
	p.t.Helper()
	kind := mqttapi.KindWill
	if on {
		kind = mqttapi.KindBirth
	}
	p.say(k, mqttapi.State, mqttapi.Envelope{Kind: kind, Boot: "boot", Epoch: epoch},
		mqttapi.Birth{On: on, Epoch: epoch, Boot: "boot", Firmware: "sim", Board: "sim"})
}

// A will of an older connection comes late, as from an engine that noticed late: the booth stays online. One of the connection that there is
// counts.
func TestStaleWill(t *testing.T) {
	t.Parallel()
	y := newYard(t, 2)
	var p []*peer
	for n := 1; n <= 2; n++ {
		b := y.booth(n).must()
		b.state(key(n), true, 7)
		b.line.Kill()
		b.must().state(key(n), true, 8)
		p = append(p, b)
	}
	y.until(patience, "online", func() bool { return y.all(fleet.Online) })
	p[0].state(key(1), false, 7)
	p[1].state(key(2), false, 8)
	// Both go on holding their lines; the second is believed to be away when it would have been.
	y.until(patience, "who was said to be gone is offline", func() bool { return y.row(key(2).Booth).Presence == fleet.Offline })
	if b := y.row(key(1).Booth); b.Presence != fleet.Online || b.Epoch != 8 {
		t.Errorf("after a stale will: %+v", b)
	}
	p[1].say(key(2), mqttapi.Heartbeats, mqttapi.Envelope{Kind: mqttapi.KindHeartbeat, Boot: "boot", Epoch: 8}, mqttapi.Heartbeat{SIP: mqttapi.LineUp})
	y.until(patience, "who says something is there", func() bool { return y.row(key(2).Booth).Presence == fleet.Online })
	for _, e := range y.events(key(1).Booth, "") {
		if strings.HasPrefix(e.Type, "clone") {
			t.Errorf("%+v", e)
		}
	}
}
