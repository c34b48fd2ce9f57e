package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// authority signs what the core's own authority would, and what it would not: with its key, which lies in the data folder, or with another.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  crypto.Signer
}

func (y *yard) authority() *authority {
	y.t.Helper()
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(y.c.data, "ca", name))
		if err != nil {
			y.t.Fatal(err)
		}
		block, _ := pem.Decode(raw)
		return block.Bytes
	}
	cert, err := x509.ParseCertificate(read("ca.pem"))
	if err != nil {
		y.t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(read("ca.key"))
	if err != nil {
		y.t.Fatal(err)
	}
	return &authority{y.t, cert, key.(crypto.Signer)}
}

// issue makes a certificate with a number that the fleet may know; a nil authority lets it sign itself.
func (a *authority) issue(t testing.TB, serial *big.Int, uri string, until time.Time, use x509.ExtKeyUsage) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	name, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "x"}, URIs: []*url.URL{name},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{use}, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	parent, signer := c, crypto.Signer(key)
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// everyTopic is each topic of two booths of the city and of one elsewhere, and some that are none.
func everyTopic() (topics []string) {
	for _, k := range []fleet.Key{key(1), key(2), {Tenant: "other", Booth: key(1).Booth}} {
		for _, leaf := range []mqttapi.Leaf{
			mqttapi.State, mqttapi.Heartbeats, mqttapi.Telemetry, mqttapi.Events, mqttapi.Reported, mqttapi.Results, mqttapi.Requests,
			mqttapi.DesiredConfig, mqttapi.Commands, mqttapi.Acknowledgment, mqttapi.Replies,
		} {
			topics = append(topics, mqttapi.Topic{Key: k, Leaf: leaf}.String())
		}
	}
	base := "pb/v1/default/" + key(1).Booth
	return append(topics, base, base+"/up", base+"/up/hb/x", base+"/st/x", base+"/x/hb", "pb/v2/default/"+key(1).Booth+"/up/hb", "a")
}

// Whoever has no certificate that holds is not let in, over the listener of the real core. Nobody else notices.
func TestWhoGetsIn(t *testing.T) {
	t.Parallel()
	y := newYard(t, 3)
	honest, ca := y.booth(1).must(), y.authority()
	y.ask(http.MethodPost, path(httpapi.PathStanding, key(3).Booth), httpapi.StandingChange{Standing: fleet.Retired, Reason: "sold"}, nil)
	tomorrow, me := time.Now().Add(24*time.Hour), "booth:default/"+key(2).Booth
	const client = x509.ExtKeyUsageClientAuth
	known := y.identity(2).Pair.Leaf.SerialNumber // so that each is refused for its own fault
	for name, cert := range map[string]*tls.Certificate{
		"none":                      nil,
		"of a revoked booth":        &y.identity(3).Pair,
		"expired":                   ca.issue(t, known, me, time.Now().Add(-time.Minute), client),
		"self-signed":               (*authority)(nil).issue(t, known, me, tomorrow, client),
		"of a booth that is not":    ca.issue(t, known, "booth:default/nobody", tomorrow, client),
		"of another city":           ca.issue(t, known, "booth:other/"+key(2).Booth, tomorrow, client),
		"of an observer elsewhere":  ca.issue(t, known, "observer:other", tomorrow, client),
		"of a server":               ca.issue(t, known, me, tomorrow, x509.ExtKeyUsageServerAuth),
		"that nobody recorded":      ca.issue(t, big.NewInt(12345), me, tomorrow, client),
		"of something else":         ca.issue(t, known, "https://example.org/"+key(2).Booth, tomorrow, client),
		"of a booth with bad words": ca.issue(t, known, "booth:default/../"+key(2).Booth, tomorrow, client),
	} {
		t.Run(name, func(t *testing.T) {
			p := y.peer(name, cert, key(2).String())
			p.t = t
			if err := p.connect(); err == nil {
				t.Error("got in")
			}
		})
	}
	old := y.booth(2)
	old.dial.TLS12 = true
	plain := y.booth(2)
	plain.dial.Plain = true
	stolen := y.booth(2)
	stolen.dial.ID = key(1).String()
	for name, p := range map[string]*peer{"TLS 1.2": old, "no TLS": plain, "the id of another": stolen} {
		if err := p.connect(); err == nil {
			t.Errorf("%s: got in", name)
		}
	}
	if honest.line.Subscribe(mqttapi.Down(key(1))) != nil || !honest.line.Connected() {
		t.Error("an honest booth lost its line")
	}
	y.booth(2).must()
	y.peer("control", ca.issue(t, known, me, tomorrow, client), key(2).String()).must()
}

// Every topic as every role that gets in: what may be said arrives, what may not arrives nowhere.
func TestWhoMaySay(t *testing.T) {
	t.Parallel()
	y := newYard(t, 2)
	watch, victim := y.observer().must(), y.booth(2).must()
	if err := watch.line.Subscribe("pb/v1/default/#"); err != nil {
		t.Fatal(err)
	}
	if err := victim.line.Subscribe(mqttapi.Down(key(2))); err != nil {
		t.Fatal(err)
	}
	mayArrive, tried := map[string]bool{}, 0
	for name, p := range map[string]*peer{"booth": y.booth(1), "observer": y.observer()} {
		p.must()
		for _, topic := range everyTopic() {
			for qos := range byte(2) {
				text := fmt.Sprintf("%s on %s with QoS %d", name, topic, qos)
				at, ok := mqttapi.ParseTopic(topic)
				mayArrive[text] = ok && name == "booth" && at.Key == key(1) && at.Leaf.Up()
				_ = p.line.Publish(topic, qos, false, text)
				_ = p.line.Subscribe(mqttapi.Down(key(1))) // answered on the same connection: the message has been dealt with
				if !p.line.Connected() {
					p.must()
				}
				tried++
			}
		}
	}
	t.Logf("%d messages", tried)
	for text, ok := range mayArrive {
		if ok {
			watch.line.Got.Wait(t, text, func(h brokertest.Heard) bool { return h.Payload == text })
		}
	}
	y.tell(victim, 2)
	for _, h := range slices.Concat(watch.line.Got.All(), victim.line.Got.All()) {
		if ok, known := mayArrive[h.Payload]; known && !ok {
			t.Errorf("arrived: %s", h.Payload)
		}
	}
	if b := y.row(key(2).Booth); b.Standing != fleet.InService {
		t.Errorf("%+v", b)
	}
}

// tell makes the fleet say something to a booth and waits until it is there, and with it all that was said before.
func (y *yard) tell(p *peer, n int) {
	y.t.Helper()
	p.state(key(n), true, time.Now().Unix())
	var c httpapi.Command
	y.ask(http.MethodPost, path(httpapi.PathCommands, key(n).Booth), httpapi.NewCommand{Cmd: fleet.CommandSelfTest}, &c)
	p.line.Got.Wait(y.t, "command", func(h brokertest.Heard) bool {
		return strings.HasSuffix(h.Topic, "/"+string(mqttapi.Commands)) && strings.Contains(h.Payload, c.ID)
	})
}

// Whoever asks for everything is told only what is its own.
func TestWhoMayHear(t *testing.T) {
	t.Parallel()
	y := newYard(t, 2)
	ears := map[string]*peer{"booth": y.booth(1), "observer": y.observer()}
	filters := append(everyTopic(), "#", "+/#", "pb/#", "pb/v1/#", "pb/v1/default/#", "pb/v1/+/+/dn/+", "pb/v1/+/+/up/+", "pb/v1/+/+/st",
		"+/+/+/+/+/+", "pb/v1/default/+/dn/cm", mqttapi.Down(key(1)), mqttapi.Down(key(2)), "$SYS/#", "$share/g/#", "$share/g/"+mqttapi.Down(key(2)))
	for name, p := range ears {
		p.must()
		for _, f := range filters {
			_ = p.line.Subscribe(f)
			if !p.line.Connected() {
				t.Fatalf("%s lost its line when it asked for %s", name, f)
			}
		}
	}
	other := y.booth(2).must()
	if err := other.line.Subscribe(mqttapi.Down(key(2))); err != nil {
		t.Fatal(err)
	}
	y.tell(other, 2)
	ears["booth"].state(key(1), true, 1)
	other.say(key(2), mqttapi.Requests, mqttapi.Envelope{Kind: mqttapi.KindRequest}, mqttapi.Request{Ask: mqttapi.AskTime})
	for _, leaf := range []mqttapi.Leaf{mqttapi.State, mqttapi.Requests, mqttapi.Commands, mqttapi.Replies} {
		topic := mqttapi.Topic{Key: key(2), Leaf: leaf}.String()
		ears["observer"].line.Got.Wait(t, topic, func(h brokertest.Heard) bool { return h.Topic == topic })
	}
	y.tell(ears["booth"], 1)
	for _, h := range ears["booth"].line.Got.All() {
		if at, ok := mqttapi.ParseTopic(h.Topic); !ok || at.Key != key(1) || at.Leaf.Up() {
			t.Errorf("a booth was told %s", h.Topic)
		}
	}
	for _, h := range ears["observer"].line.Got.All() {
		if _, ok := mqttapi.ParseTopic(h.Topic); !ok {
			t.Errorf("an observer was told %s", h.Topic)
		}
	}
}
