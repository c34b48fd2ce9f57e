package broker_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine.func1"))
}

// world is an engine with an authority, and booths that want to talk to it.
type world struct {
	a    *brokertest.Authority
	bus  *broker.Embedded
	stop func()
	reg  *prometheus.Registry
	said *brokertest.Log[broker.Message]
}

func newWorld(t *testing.T, change func(*broker.EmbeddedConfig)) *world {
	t.Helper()
	w := &world{a: brokertest.NewAuthority(t), reg: prometheus.NewRegistry(), said: brokertest.NewLog[broker.Message]()}
	cfg := config(t, w.a, func(m broker.Message) { w.said.Add(m) })
	cfg.Metrics = w.reg
	cfg.Log = nil
	if change != nil {
		change(&cfg)
	}
	w.bus, w.stop = run(t, cfg)
	return w
}

func (w *world) dial(t testing.TB, k fleet.Key) brokertest.Dial {
	cert := w.a.Booth(t, k)
	return brokertest.Dial{Addr: w.bus.Addr().String(), Roots: w.a.Pool(), Cert: &cert, ID: k.String()}
}

// secure is a TLS connection of a booth that has not said CONNECT.
func (w *world) secure(t testing.TB, k fleet.Key) net.Conn {
	t.Helper()
	cert := w.a.Booth(t, k)
	d := tls.Dialer{Config: &tls.Config{RootCAs: w.a.Pool(), ServerName: "localhost", Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	c, err := d.DialContext(ctx, "tcp", w.bus.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// metric sums what has that name and, when given, that value of its label.
func (w *world) metric(t testing.TB, name, label string) float64 {
	t.Helper()
	families, err := w.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "laoyou_broker_"+name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// eventually waits until it holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	late, tick := time.After(30*time.Second), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal(what)
		}
	}
}

// cut waits until the other end closes the connection, whatever it says before.
func cut(t testing.TB, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}

func booth(n int) fleet.Key { return fleet.Key{Tenant: "default", Booth: fmt.Sprintf("b-%04d", n)} }

// alive fails unless a booth can come, speak and be spoken to.
func (w *world) alive(t *testing.T, k fleet.Key) {
	t.Helper()
	c, err := w.dial(t, k).Connect(t)
	if err != nil {
		t.Fatalf("an honest booth cannot connect: %v", err)
	}
	defer c.Bye()
	if err := c.Subscribe(mqttapi.Down(k)); err != nil {
		t.Fatal(err)
	}
	word := "alive in " + t.Name()
	if err := c.Publish(mqttapi.Topic{Key: k, Leaf: mqttapi.Heartbeats}.String(), 1, false, word); err != nil {
		t.Fatal(err)
	}
	w.said.Wait(t, word, func(m broker.Message) bool { return string(m.Payload) == word })
	if err := w.bus.Publish(t.Context(), mqttapi.Topic{Key: k, Leaf: mqttapi.Commands}.String(), []byte(word)); err != nil {
		t.Fatal(err)
	}
	c.Got.Wait(t, word, func(h brokertest.Heard) bool { return h.Payload == word })
}

// A thousand sockets that say nothing, more than there is room for: the honest come in, the silent go in time.
func TestSilentSockets(t *testing.T) {
	w := newWorld(t, func(c *broker.EmbeddedConfig) {
		c.Limits.Strangers, c.Limits.StrangersPerIP, c.Limits.ConnectDeadline = 400, 300, 5*time.Second
	})
	var d net.Dialer
	var silent []net.Conn
	for range 1000 {
		c, err := d.DialContext(t.Context(), "tcp", w.bus.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		silent = append(silent, c)
		if len(silent)%250 == 0 {
			w.alive(t, booth(1))
		}
	}
	if n := w.metric(t, "strangers", ""); n > 300 {
		t.Errorf("%v strangers of one address, at most 300 may be there", n)
	}
	for _, c := range silent {
		cut(t, c)
	}
	eventually(t, "strangers stay", func() bool { return w.metric(t, "strangers", "") == 0 })
	// those that made room are counted twice, as what made them go and as gone
	if n := w.metric(t, "refused_total", "silent"); n < 700 {
		t.Errorf("%v made room, want 700", n)
	}
	w.alive(t, booth(1))
}

// Who says hello and then nothing, or begins CONNECT and does not end it, goes after the same deadline.
func TestDeadlineBeforeConnect(t *testing.T) {
	w := newWorld(t, func(c *broker.EmbeddedConfig) { c.Limits.ConnectDeadline = 500 * time.Millisecond })
	var d net.Dialer
	hello, err := d.DialContext(t.Context(), "tcp", w.bus.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hello.Close() }()
	_, _ = hello.Write([]byte{22, 3, 1, 2, 0})
	mute, half := w.secure(t, booth(1)), w.secure(t, booth(2))
	_, _ = half.Write([]byte{16, 80, 0, 4, 'M', 'Q'})
	cut(t, hello)
	cut(t, mute)
	cut(t, half)
	w.alive(t, booth(3))
}

// Bytes that are no MQTT, from a booth with a good certificate, before and after CONNECT.
func TestGarbage(t *testing.T) {
	w := newWorld(t, nil)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 150 {
		c := w.secure(t, booth(n%5))
		if n%2 == 0 {
			_ = connectPacket(booth(n % 5)).Write(c)
		}
		junk := make([]byte, 1+random.IntN(300))
		for i := range junk {
			junk[i] = byte(random.UintN(256))
		}
		if n%3 == 0 { // a packet that begins well
			junk = append([]byte{byte(random.UintN(16)) << 4, byte(len(junk) % 128)}, junk...)
		}
		_, _ = c.Write(junk)
		_ = c.Close()
	}
	huge := w.secure(t, booth(7)) // 256 MB are announced
	_ = connectPacket(booth(7)).Write(huge)
	_, _ = huge.Write([]byte{0x32, 0xff, 0xff, 0xff, 0x7f})
	cut(t, huge)
	w.alive(t, booth(1))
	eventually(t, "sessions stay", func() bool { return w.bus.Connected() == 0 })
}

func connectPacket(k fleet.Key) *packets.ConnectPacket {
	p, _ := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion, p.CleanSession, p.ClientIdentifier, p.Keepalive = "MQTT", 4, true, k.String(), 60
	return p
}

// What a CONNECT may not ask for.
func TestRefusedConnect(t *testing.T) {
	w := newWorld(t, nil)
	for _, tt := range []struct {
		reason string
		change func(*packets.ConnectPacket)
	}{
		{"client_id", func(p *packets.ConnectPacket) { p.ClientIdentifier = booth(2).String() }},
		{"client_id", func(p *packets.ConnectPacket) { p.ClientIdentifier = "" }},
		{"client_id", func(p *packets.ConnectPacket) { p.ClientIdentifier = "inline" }},
		{"keep_alive", func(p *packets.ConnectPacket) { p.Keepalive = 0 }},
		{"keep_alive", func(p *packets.ConnectPacket) { p.Keepalive = 301 }},
		{"keep_alive", func(p *packets.ConnectPacket) { p.Keepalive = 65535 }},
		{"will", func(p *packets.ConnectPacket) {
			p.WillFlag, p.WillTopic = true, mqttapi.Topic{Key: booth(2), Leaf: mqttapi.State}.String()
		}},
		{"will", func(p *packets.ConnectPacket) { p.WillFlag, p.WillTopic = true, "pb/v1/default/b-0001/dn/cm" }},
		{"will", func(p *packets.ConnectPacket) {
			p.WillFlag, p.WillTopic, p.WillRetain = true, "pb/v1/default/b-0001/up/ev", true
		}},
		{"protocol", func(p *packets.ConnectPacket) { p.ProtocolName, p.ProtocolVersion = "MQIsdp", 3 }},
	} {
		before := w.metric(t, "refused_total", tt.reason)
		p := connectPacket(booth(1))
		p.WillMessage = []byte("x")
		tt.change(p)
		c := w.secure(t, booth(1))
		if err := p.Write(c); err != nil {
			t.Fatal(err)
		}
		cut(t, c)
		eventually(t, tt.reason+" is not counted", func() bool { return w.metric(t, "refused_total", tt.reason) == before+1 })
	}
	w.alive(t, booth(1))
}

// What a booth may not publish is counted: with QoS 0 it is dropped, else, as with what is retained, the connection ends.
func TestDeniedIsCounted(t *testing.T) {
	w := newWorld(t, nil)
	k := booth(1)
	c, err := w.dial(t, k).Connect(t)
	if err != nil {
		t.Fatal(err)
	}
	other := mqttapi.Topic{Key: booth(2), Leaf: mqttapi.Events}.String()
	_ = c.Publish(other, 0, false, "x")
	_ = c.Subscribe("#")
	eventually(t, "QoS 0", func() bool { return w.metric(t, "denied_total", "publish_qos0") == 1 })
	eventually(t, "subscribe", func() bool { return w.metric(t, "denied_total", "subscribe") == 1 })
	if !c.Connected() {
		t.Error("the connection ended for a message that is simply dropped")
	}
	_ = c.Publish(other, 1, false, "x")
	<-c.Lost
	if c, err = w.dial(t, k).Connect(t); err != nil {
		t.Fatal(err)
	}
	_ = c.Publish(mqttapi.Topic{Key: k, Leaf: mqttapi.Events}.String(), 0, true, "x")
	<-c.Lost
	if p, r := w.metric(t, "denied_total", "publish"), w.metric(t, "denied_total", "retain"); p != 1 || r != 1 {
		t.Errorf("counted %v publishes and %v retained, want one each", p, r)
	}
	eventually(t, "ended", func() bool { return w.metric(t, "ended_total", "denied") == 2 })
}

// A booth that is revoked while it connects is let in by neither check nor kick.
func TestRevokedWhileConnecting(t *testing.T) {
	var asked atomic.Int32
	w := newWorld(t, func(c *broker.EmbeddedConfig) {
		c.Admit = func(cert *x509.Certificate) (broker.Peer, error) {
			if asked.Add(1) > 1 {
				return broker.Peer{}, broker.ErrRefused
			}
			return brokertest.Admit(cert)
		}
	})
	c := w.secure(t, booth(1))
	if err := connectPacket(booth(1)).Write(c); err != nil {
		t.Fatal(err)
	}
	cut(t, c)
	eventually(t, "it is connected", func() bool { return w.bus.Connected() == 0 })
}

// A TLS session that is resumed by ticket is looked at like a new one.
func TestResumedIsAdmittedAnew(t *testing.T) {
	var revoked atomic.Bool
	w := newWorld(t, func(c *broker.EmbeddedConfig) {
		c.Admit = func(cert *x509.Certificate) (broker.Peer, error) {
			if revoked.Load() {
				return broker.Peer{}, broker.ErrRefused
			}
			return brokertest.Admit(cert)
		}
	})
	cert := w.a.Booth(t, booth(1))
	d := tls.Dialer{Config: &tls.Config{
		RootCAs: w.a.Pool(), ServerName: "localhost", Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13,
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
	}}
	connect := func() (c *tls.Conn, answered bool) {
		raw, err := d.DialContext(t.Context(), "tcp", w.bus.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = raw.Close() })
		if err := connectPacket(booth(1)).Write(raw); err != nil {
			t.Fatal(err)
		}
		_, err = packets.ReadPacket(raw)
		c, _ = raw.(*tls.Conn)
		return c, err == nil
	}
	if _, ok := connect(); !ok {
		t.Fatal("the first connection is refused")
	}
	if c, ok := connect(); !ok || !c.ConnectionState().DidResume {
		t.Fatalf("the second: let in %v, resumed %v", ok, c.ConnectionState().DidResume)
	}
	revoked.Store(true)
	if c, ok := connect(); ok || !c.ConnectionState().DidResume {
		t.Errorf("after the certificate was revoked: let in %v, resumed %v", ok, c.ConnectionState().DidResume)
	}
}

// The observer's widest wish, as people type it: everything of its own tenant and nothing of another.
func TestObserver(t *testing.T) {
	w := newWorld(t, nil)
	cert := w.a.Observer(t, fleet.DefaultTenant)
	d := brokertest.Dial{Addr: w.bus.Addr().String(), Roots: w.a.Pool(), Cert: &cert, ID: "somebody"}
	watch, err := d.Connect(t)
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Subscribe("pb/v1/#"); err != nil {
		t.Fatal(err)
	}
	if second, err := d.Connect(t); err != nil || !second.Connected() || !watch.Connected() {
		t.Errorf("two observers of one id: %v", err)
	}
	for _, k := range []fleet.Key{{Tenant: "other", Booth: "b-1"}, booth(1)} {
		c, err := w.dial(t, k).Connect(t)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Publish(mqttapi.Topic{Key: k, Leaf: mqttapi.State}.String(), 1, true, "birth"); err != nil {
			t.Fatal(err)
		}
		w.said.Wait(t, "the birth", func(m broker.Message) bool { return m.Client == k.String() })
		if err := w.bus.Publish(t.Context(), mqttapi.Topic{Key: k, Leaf: mqttapi.Commands}.String(), []byte("command")); err != nil {
			t.Fatal(err)
		}
	}
	for _, payload := range []string{"birth", "command"} { // the one to the fleet may be overtaken by the one from it
		watch.Got.Wait(t, payload, func(h brokertest.Heard) bool { return h.Payload == payload })
	}
	for _, h := range watch.Got.All() {
		if !strings.HasPrefix(h.Topic, "pb/v1/default/b-0001/") {
			t.Errorf("saw %+v", h)
		}
	}
	if n := w.bus.Connected(); n != 2 {
		t.Errorf("%d booths are connected, want 2: observers do not count", n)
	}
}
