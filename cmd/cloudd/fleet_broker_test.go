package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
	fleetapi "github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// engine is a Mosquitto with the config of deploy/brokers and the certificates that cloudd writes for it.
type engine struct {
	t             *testing.T
	path, dir     string
	booths, fleet string // host:port
	cmd           *exec.Cmd
	stderr        *bytes.Buffer
}

func newEngine(t *testing.T) *engine {
	t.Helper()
	e := &engine{t: t, dir: t.TempDir(), booths: freeAddr(t), fleet: freeAddr(t)}
	for _, name := range []string{"mosquitto", "/usr/sbin/mosquitto"} {
		if path, err := exec.LookPath(name); err == nil {
			e.path = path
		}
	}
	if e.path == "" {
		t.Skip("mosquitto is not installed (Debian package mosquitto)")
	}
	return e
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// start takes the files that cloudd left in its data folder, as docs/brokers.md says.
func (e *engine) start(data string) {
	e.t.Helper()
	port := func(addr string) string { return addr[strings.LastIndex(addr, ":")+1:] }
	fill := strings.NewReplacer("/etc/laoyou/mqtt/", e.dir+"/",
		"listener 8883", "listener "+port(e.booths)+" 127.0.0.1", "listener 8884", "listener "+port(e.fleet))
	for to, from := range map[string]string{
		"mosquitto.conf": "../../deploy/brokers/mosquitto.conf", "booths.acl": "../../deploy/brokers/booths.acl",
		"fleet.acl": "../../deploy/brokers/fleet.acl", "ca.pem": filepath.Join(data, "ca", "ca.pem"),
		"server.pem": filepath.Join(data, "ca", "server.pem"), "server.key": filepath.Join(data, "ca", "server.key"),
	} {
		text, err := os.ReadFile(from)
		if err != nil {
			e.t.Fatal(err)
		}
		if to == "mosquitto.conf" {
			text = []byte(fill.Replace(string(text)))
			if os.Getuid() == 0 { // it would become a user that cannot read the folder
				text = append(text, "\nuser root\n"...)
			}
		}
		if err := os.WriteFile(filepath.Join(e.dir, to), text, 0o600); err != nil {
			e.t.Fatal(err)
		}
	}
	e.run()
	e.t.Cleanup(e.kill)
}

func (e *engine) run() {
	e.t.Helper()
	e.stderr = &bytes.Buffer{}
	e.cmd = exec.CommandContext(context.Background(), e.path, "-c", filepath.Join(e.dir, "mosquitto.conf"))
	e.cmd.Stderr = e.stderr
	if err := e.cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
}

func (e *engine) kill() {
	_ = e.cmd.Process.Kill()
	_ = e.cmd.Wait()
}

// cable is a cable between the core and its engine that can be cut.
type cable struct {
	l     net.Listener
	to    string
	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &cable{l: l, to: to, conns: map[net.Conn]bool{}}
	ended := make(chan struct{})
	go func() { defer close(ended); w.serve() }()
	t.Cleanup(func() { _ = l.Close(); w.set(true); <-ended })
	return w
}

func (w *cable) serve() {
	for {
		near, err := w.l.Accept()
		if err != nil {
			return
		}
		var d net.Dialer
		far, err := d.DialContext(context.Background(), "tcp", w.to)
		w.mu.Lock()
		if err != nil || w.cut {
			_ = near.Close()
			if err == nil {
				_ = far.Close()
			}
			w.mu.Unlock()
			continue
		}
		w.conns[near], w.conns[far] = true, true
		w.mu.Unlock()
		for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
			go func() {
				_, _ = io.Copy(pair[0], pair[1])
				_, _ = pair[0].Close(), pair[1].Close()
			}()
		}
	}
}

// set cuts the cable, or mends it.
func (w *cable) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	for c := range w.conns {
		_ = c.Close()
		delete(w.conns, c)
	}
}

// insist connects again and again: an engine that has just been started takes its time.
func (b *fleetBooth) insist() {
	b.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		err := b.connect()
		if err == nil {
			return
		}
		select {
		case <-late:
			b.t.Fatalf("the booth does not get in: %v", err)
		case <-tick.C:
		}
	}
}

// The same core and booth over a Mosquitto that is started later, killed in between, and does not know who was retired.
func TestFleetOverMosquitto(t *testing.T) {
	e, data := newEngine(t), t.TempDir()
	between := newCable(t, e.fleet)
	c := start(t, data, "127.0.0.1:0", "-mqtt.broker=mqtts://"+between.l.Addr().String(), "-mqtt.public=mqtts://"+e.booths, "-mqtt.engine=mosquitto")
	if _, err := os.Stat(filepath.Join(data, "run", mqttAddress)); err == nil {
		t.Error("an MQTT port of our own is open")
	}
	e.start(data)
	s := staff(t, c)
	b := invited(t, c, s, "bund-1")
	if b.ident.Broker != "mqtts://"+e.booths {
		t.Fatalf("broker %q", b.ident.Broker)
	}
	b.insist()
	until(t, s, "bund-1", "not online", online)
	b.obeys(s)

	e.kill()
	e.run()
	b.insist()
	until(t, s, "bund-1", "not back", func(v fleetapi.Booth) bool { return v.Epoch == b.epoch })
	b.obeys(s)
	if v := until(t, s, "bund-1", "offline", online); v.Standing != fleet.InService {
		t.Errorf("%+v", v)
	}

	// The booth notices nothing of a line that only the core has lost; what it was told meanwhile comes when the line is back.
	between.set(true)
	var cmd fleetapi.Command
	base := strings.Replace(fleetapi.PathCommands, "{id}", "bund-1", 1)
	if err := s.Do(t.Context(), http.MethodPost, base, fleetapi.NewCommand{Cmd: fleet.CommandSelfTest}, &cmd); err != nil || cmd.State != "queued" {
		t.Fatalf("%+v, %v", cmd, err)
	}
	between.set(false)
	pulse := time.NewTicker(500 * time.Millisecond)
	defer pulse.Stop()
	told := func(h brokertest.Heard) bool { return strings.Contains(h.Payload, cmd.ID) }
	for late := time.After(2 * patience); b.line.Got.Count(told) == 0; {
		// Only what comes now says that the booth is well.
		if err := b.say(mqttapi.Heartbeats, mqttapi.KindHeartbeat, "", mqttapi.Heartbeat{SIP: mqttapi.LineUp}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-pulse.C:
		case <-late:
			t.Fatal("the command of the time without a line does not come")
		}
	}
	if !b.line.Connected() {
		t.Error("the booth's own line is gone")
	}

	change := fleetapi.StandingChange{Standing: fleet.Retired}
	if err := s.Do(t.Context(), http.MethodPost, strings.Replace(fleetapi.PathStanding, "{id}", "bund-1", 1), change, nil); err != nil {
		t.Fatal(err)
	}
	select {
	case <-b.line.Lost:
	case <-time.After(patience):
		t.Error("a retired booth is still connected")
	}
}
