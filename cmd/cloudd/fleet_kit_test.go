package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
	fleetapi "github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// fleetBooth is a booth with an identity of its own, and the least of a line.
type fleetBooth struct {
	t     *testing.T
	key   *ecdsa.PrivateKey
	ident fleet.Identity
	cert  tls.Certificate
	line  *brokertest.Client
	epoch int64
}

func newFleetBooth(t *testing.T) (*fleetBooth, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return &fleetBooth{t: t, key: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// invited is a booth that joined with a one-time token.
func invited(t *testing.T, c *child, s *httpapi.Staff, booth string) *fleetBooth {
	t.Helper()
	var token fleetapi.Token
	wish := fleetapi.NewToken{NewClaim: fleetapi.NewClaim{ID: booth}}
	if err := s.Do(t.Context(), http.MethodPost, fleetapi.PathTokens, wish, &token); err != nil {
		t.Fatal(err)
	}
	b, csr := newFleetBooth(t)
	var ident fleet.Identity
	if code := post(t, "http://"+c.addr+fleet.PathEnrol, fleet.Enrolment{CSR: csr, Token: token.Token}, &ident); code != http.StatusOK {
		t.Fatalf("enrol: %d", code)
	}
	b.is(ident)
	return b
}

// post sends JSON without a login and decodes what comes back.
func post(t *testing.T, url string, body, into any) int {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return ask(t, http.MethodPost, url, "", text, into)
}

func ask(t *testing.T, method, url, bearer string, body []byte, into any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode < 300 && len(text) > 0 && into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return resp.StatusCode
}

// is takes the identity.
func (b *fleetBooth) is(i fleet.Identity) {
	b.t.Helper()
	block, _ := pem.Decode([]byte(i.Cert))
	if block == nil {
		b.t.Fatalf("no certificate: %+v", i)
	}
	b.ident, b.cert = i, tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: b.key}
}

// connect comes online: subscribed and born.
func (b *fleetBooth) connect() error {
	b.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(b.ident.CA))
	b.epoch++
	key := fleet.Key{Tenant: b.ident.Tenant, Booth: b.ident.Booth}
	var err error
	b.line, err = brokertest.Dial{Addr: strings.TrimPrefix(b.ident.Broker, "mqtts://"), Roots: roots, Cert: &b.cert, ID: key.String()}.Connect(b.t)
	if err != nil {
		return err
	}
	if err := b.line.Subscribe(mqttapi.Down(key)); err != nil {
		return err
	}
	return b.say(mqttapi.State, mqttapi.KindBirth, "", mqttapi.Birth{On: true, Epoch: b.epoch, Boot: "boot", Firmware: "1.0", Board: "sim"})
}

func (b *fleetBooth) say(leaf mqttapi.Leaf, kind mqttapi.Kind, cid string, body any) error {
	b.t.Helper()
	e := mqttapi.Envelope{ID: id.New(), Kind: kind, TS: time.Now().UnixMilli(), Boot: "boot", Epoch: b.epoch, CID: cid}
	text, err := mqttapi.Encode(e, body)
	if err != nil {
		b.t.Fatal(err)
	}
	topic := mqttapi.Topic{Key: fleet.Key{Tenant: b.ident.Tenant, Booth: b.ident.Booth}, Leaf: leaf}
	return b.line.Publish(topic.String(), 1, leaf == mqttapi.State, string(text))
}

// staff logs in at a core.
func staff(t *testing.T, c *child) *httpapi.Staff {
	t.Helper()
	s := &httpapi.Staff{BaseURL: "http://" + c.addr, HTTP: &http.Client{}}
	if err := s.Login(t.Context(), "admin", "tea"); err != nil {
		t.Fatal(err)
	}
	return s
}

// until asks for the booth until it is as wanted.
func until(t *testing.T, s *httpapi.Staff, booth, what string, fits func(fleetapi.Booth) bool) fleetapi.Booth {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		var b fleetapi.Booth
		if err := s.Do(t.Context(), http.MethodGet, strings.Replace(fleetapi.PathBooth, "{id}", booth, 1), nil, &b); err != nil {
			t.Fatal(err)
		}
		if fits(b) {
			return b
		}
		select {
		case <-late:
			t.Fatalf("%s: %+v", what, b)
		case <-tick.C:
		}
	}
}

func online(b fleetapi.Booth) bool { return b.Presence == fleet.Online }

// again ends a core properly and starts it anew.
func again(t *testing.T, c *child, data string) *child {
	t.Helper()
	c.signal(t, syscall.SIGTERM)
	if err := c.wait(t); err != nil {
		t.Fatalf("%v\n%s", err, c.stderr)
	}
	return start(t, data, "127.0.0.1:0")
}

// obeys carries out a command.
func (b *fleetBooth) obeys(s *httpapi.Staff) {
	t := b.t
	t.Helper()
	base := strings.Replace(fleetapi.PathCommands, "{id}", b.ident.Booth, 1)
	var cmd fleetapi.Command
	if err := s.Do(t.Context(), http.MethodPost, base, fleetapi.NewCommand{Cmd: fleet.CommandSelfTest}, &cmd); err != nil {
		t.Fatal(err)
	}
	b.line.Got.Wait(t, "the command", func(h brokertest.Heard) bool {
		return strings.HasSuffix(h.Topic, string(mqttapi.Commands)) && strings.Contains(h.Payload, cmd.ID)
	})
	for i, state := range []mqttapi.CommandState{mqttapi.Accepted, mqttapi.Running, mqttapi.Done} {
		if err := b.say(mqttapi.Results, mqttapi.KindResult, cmd.ID, mqttapi.Result{State: state, Step: i + 1}); err != nil {
			t.Fatal(err)
		}
	}
	until(t, s, b.ident.Booth, "the command does not end", func(v fleetapi.Booth) bool { return v.Pending == 0 })
	if err := s.Do(t.Context(), http.MethodGet, base+"/"+cmd.ID, nil, &cmd); err != nil || cmd.State != string(mqttapi.Done) {
		t.Errorf("%+v, %v", cmd, err)
	}
}

// renews asks for a certificate for a new key over the line, and connects with it.
func (b *fleetBooth) renews() {
	t := b.t
	t.Helper()
	fresh, csr := newFleetBooth(t)
	if err := b.say(mqttapi.Requests, mqttapi.KindRequest, "", mqttapi.Request{Ask: mqttapi.AskRenew, CSR: csr}); err != nil {
		t.Fatal(err)
	}
	var reply mqttapi.Reply
	b.line.Got.Wait(t, "the new certificate", func(h brokertest.Heard) bool {
		topic, ok := mqttapi.ParseTopic(h.Topic)
		if !ok || topic.Leaf != mqttapi.Replies {
			return false
		}
		e, err := mqttapi.Decode(topic, []byte(h.Payload))
		return err == nil && e.Into(&reply) == nil
	})
	if reply.Error != "" {
		t.Fatal(reply.Error)
	}
	b.line.Bye()
	i := b.ident
	i.Cert, b.key = reply.Cert, fresh.key
	b.is(i)
	if err := b.connect(); err != nil {
		t.Fatalf("with the new certificate: %v", err)
	}
}
