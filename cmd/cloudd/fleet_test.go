package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
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
	"github.com/laoyou/laoyou/internal/voip"
)

// A booth is claimed by the code on its screen, uses the core over HTTPS, SIP and MQTT with what it got, does what it is told, and is cut
// off within 5 s when it is retired.
func TestFleetStory(t *testing.T) {
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	core := "http://" + c.addr

	b, csr := newFleetBooth(t)
	var claim fleet.Claim
	if code := post(t, core+fleet.PathEnrol, fleet.Enrolment{CSR: csr, Board: "sim", Firmware: "1.0"}, &claim); code != http.StatusCreated {
		t.Fatalf("enrol: %d", code)
	}
	if !strings.HasPrefix(claim.URL, core+"/fleet/claim?code=") {
		t.Errorf("claim page %q", claim.URL)
	}
	var ident fleet.Identity
	mine := core + fleet.PathEnrolled + claim.ID
	if code := ask(t, http.MethodGet, mine, claim.Secret, nil, &ident); code != http.StatusAccepted {
		t.Errorf("before the claim: %d", code)
	}
	c = again(t, c, data) // a core that is restarted in between forgets nothing
	core = "http://" + c.addr
	s := staff(t, c)
	mine = core + fleet.PathEnrolled + claim.ID
	var made fleetapi.Booth
	wish := fleetapi.NewClaim{Code: claim.Code, ID: "bund-1", Name: "Bund", PlaceZh: "外滩", PlaceEn: "The Bund"}
	if err := s.Do(t.Context(), http.MethodPost, fleetapi.PathClaim, wish, &made); err != nil || made.ClaimedBy != "desk:admin" {
		t.Fatalf("%+v, %v", made, err)
	}
	if code := ask(t, http.MethodGet, mine, claim.Secret, nil, &ident); code != http.StatusOK || ident.Booth != "bund-1" {
		t.Fatalf("%d %+v", code, ident)
	}
	b.is(ident)

	var who httpapi.Booth
	if code := ask(t, http.MethodGet, core+httpapi.PathBooth, ident.Token, nil, &who); code != http.StatusOK || who.ID != "bund-1" {
		t.Errorf("HTTPS: %d %+v", code, who)
	}
	h := newHandset(t, data, core)
	bind, err := h.agent.Register(t.Context(), voip.Registration{Registrar: "sip:" + h.sip(), User: "bund-1", Password: ident.Token})
	if err != nil {
		t.Fatal(err)
	}
	for bound := false; !bound; {
		select {
		case st := <-bind.State():
			bound = st.Bound
		case <-time.After(patience):
			t.Fatal("SIP: cannot register")
		}
	}

	if err := b.connect(); err != nil {
		t.Fatal(err)
	}
	until(t, s, "bund-1", "not online", online)
	if code := ask(t, http.MethodGet, mine, claim.Secret, nil, nil); code != http.StatusNotFound {
		t.Errorf("the identity a third time, after it was online: %d", code)
	}
	b.obeys(s)
	b.renews()
	until(t, s, "bund-1", "not back with its new certificate", func(v fleetapi.Booth) bool { return v.Epoch == b.epoch && online(v) })

	begin := time.Now()
	change := fleetapi.StandingChange{Standing: fleet.Retired, Reason: "moved away"}
	if err := s.Do(t.Context(), http.MethodPost, strings.Replace(fleetapi.PathStanding, "{id}", "bund-1", 1), change, nil); err != nil {
		t.Fatal(err)
	}
	select {
	case <-b.line.Lost:
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("cut off after %v", took)
		}
	case <-time.After(patience):
		t.Fatal("a retired booth is still connected")
	}
	if err := b.connect(); err == nil {
		t.Error("a retired booth got in again")
	}
	if code := ask(t, http.MethodGet, core+httpapi.PathBooth, ident.Token, nil, nil); code != http.StatusUnauthorized {
		t.Errorf("a retired booth's token: %d", code)
	}
}

// The booth that runs beside the core finds a one-time token, once; an observer's certificate lies ready; the addresses go with the process.
func TestFleetOnThisMachine(t *testing.T) {
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	path := filepath.Join(data, claimTokenFile)
	once, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c = again(t, c, data)
	if text, err := os.ReadFile(path); err != nil || !bytes.Equal(text, once) {
		t.Errorf("another token after a restart: %v", err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
	b, csr := newFleetBooth(t)
	var ident fleet.Identity
	wish := fleet.Enrolment{CSR: csr, Token: strings.TrimSpace(string(once)), Board: "sim"}
	if code := post(t, "http://"+c.addr+fleet.PathEnrol, wish, &ident); code != http.StatusOK || ident.Booth != "dev" {
		t.Fatalf("%d %+v", code, ident)
	}
	if ident.Token != token(t, data) {
		t.Error("the booth has another token than the one it uses already")
	}
	b.is(ident)
	listens, err := os.ReadFile(filepath.Join(data, "run", mqttAddress))
	if err != nil || "mqtts://"+strings.TrimSpace(string(listens)) != ident.Broker {
		t.Errorf("%s is not %s, %v", listens, ident.Broker, err)
	}

	watcher := observer(t, data, strings.TrimSpace(string(listens)))
	if err := b.connect(); err != nil {
		t.Fatal(err)
	}
	watcher.Got.Wait(t, "the birth", func(h brokertest.Heard) bool { return h.Topic == "pb/v1/default/dev/st" })
	if err := watcher.Publish("pb/v1/default/dev/dn/cm", 1, false, "{}"); err == nil && watcher.Connected() {
		// The engine took it, or said so; what counts is that the booth does not hear it.
		if err := b.say(mqttapi.Requests, mqttapi.KindRequest, "", mqttapi.Request{Ask: mqttapi.AskTime}); err != nil {
			t.Fatal(err)
		}
	}
	until(t, staff(t, c), "dev", "not online", online)
	if n := b.line.Got.Count(func(h brokertest.Heard) bool { return h.Payload == "{}" }); n != 0 {
		t.Error("an observer spoke to a booth")
	}
	c = again(t, c, data)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the token is there again for a booth that has joined: %v", err)
	}
	c.signal(t, syscall.SIGTERM)
	if err := c.wait(t); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(data, "run", mqttAddress)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the address is still there: %v", err)
	}
}

// observer connects with the certificate that cloudd leaves for people who look.
func observer(t *testing.T, data, addr string) *brokertest.Client {
	t.Helper()
	file := func(name string) string { return filepath.Join(data, "observer", name) }
	cert, err := tls.LoadX509KeyPair(file("cert.pem"), file("key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(file("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	watcher, err := brokertest.Dial{Addr: addr, Roots: roots, Cert: &cert, ID: "watcher"}.Connect(t)
	if err != nil {
		t.Fatal(err)
	}
	if err := watcher.Subscribe("pb/v1/#"); err != nil {
		t.Fatal(err)
	}
	return watcher
}

func TestFleetUsage(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() })
	for _, c := range []struct{ name, arg, says string }{
		{"port in use", "-mqtt.listen=" + busy.Addr().String(), "mqtt.listen: address " + busy.Addr().String() + " is in use"},
		{"no port", "-mqtt.listen=here", "mqtt: listen"},
		{"plain broker", "-mqtt.broker=mqtt://host:1883", "mqtt: broker"},
		{"unknown engine", "-mqtt.engine=rabbit", "mqtt: engine"},
		{"engine of nobody", "-mqtt.engine=nats", "mqtt: engine"},
		{"no page", "-fleet.url=fleet", "fleet: url"},
		{"no keep", "-fleet.keep_events=1s", "fleet: keep_events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stderr bytes.Buffer
			cmd := command(t.Context(), "-data", t.TempDir(), "-listen", "127.0.0.1:0", "-sip.listen", "127.0.0.1:0", c.arg)
			cmd.Stderr = &stderr
			code := exitCode(t, cmd.Run())
			if lines := strings.Split(strings.TrimSpace(stderr.String()), "\n"); code != 2 || !strings.Contains(lines[len(lines)-1], c.says) {
				t.Errorf("exit %d\n%s", code, stderr.String())
			}
		})
	}
}

// A page that follows the news does not hold the end of the core up, and is let go.
func TestFleetStreamEndsWithTheCore(t *testing.T) {
	c := start(t, t.TempDir(), "127.0.0.1:0")
	s := staff(t, c)
	ended := make(chan error, 1)
	heard := make(chan struct{}, 100)
	go func() {
		ended <- s.Follow(t.Context(), fleetapi.PathLive, func([]byte) error { heard <- struct{}{}; return nil })
	}()
	invited(t, c, s, "b1")
	// The stream is there when a piece of news has come over it.
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for followed := false; !followed; {
		name := "b1 " + id.New()
		patch := fleetapi.BoothPatch{Name: &name}
		if err := s.Do(t.Context(), http.MethodPatch, strings.Replace(fleetapi.PathBooth, "{id}", "b1", 1), patch, nil); err != nil {
			t.Fatal(err)
		}
		select {
		case <-heard:
			followed = true
		case <-tick.C:
		case <-late:
			t.Fatal("no news came")
		}
	}
	begin := time.Now()
	c.signal(t, syscall.SIGTERM)
	if err := c.wait(t); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > drainTime-time.Second {
		t.Errorf("the stream held the core up for %v", took)
	}
	if err := <-ended; err != nil {
		t.Errorf("the stream broke off: %v", err)
	}
}
