package broker_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
)

// configs are what users are shown.
const configs = "../../deploy/brokers"

// install writes a folder as the configs want it, with the given changes to them, and returns the path of the first.
func install(t testing.TB, a *brokertest.Authority, files map[string]string, changes ...string) string {
	t.Helper()
	dir := t.TempDir()
	a.WriteFiles(t, dir, "server", a.Server(t))
	change := strings.NewReplacer(append(changes, "/etc/laoyou/mqtt", dir)...)
	for from, to := range files {
		text, err := os.ReadFile(filepath.Join(configs, from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), []byte(change.Replace(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// freePort is one that nobody listens on at the moment.
func freePort(t testing.TB) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// reachable waits until somebody listens.
func reachable(t testing.TB, addr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", addr)
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("nobody listens on %s: %v", addr, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func external(t *testing.T, cfg broker.ExternalConfig) *broker.External {
	t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	bus, err := broker.NewExternal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- bus.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return bus
}

func engine(t *testing.T, name string) broker.Engine {
	t.Helper()
	e, known := broker.EngineOf(name)
	if !known {
		t.Fatalf("%s is not known", name)
	}
	return e
}

func fleetTLS(t *testing.T, a *brokertest.Authority) *tls.Config {
	return &tls.Config{RootCAs: a.Pool(), ServerName: "localhost", Certificates: []tls.Certificate{a.Fleet(t)}, MinVersion: tls.VersionTLS13}
}

// mosquitto is the Debian package of that name; scripts/setup test installs it.
func mosquitto(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"mosquitto", "/usr/sbin/mosquitto"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("mosquitto is not installed")
	return ""
}

// process is a Mosquitto with our config.
type process struct {
	path, dir      string
	booths, others string // host:port
	cmd            *exec.Cmd
}

func startMosquitto(t testing.TB, a *brokertest.Authority, changes ...string) *process {
	t.Helper()
	p := &process{path: mosquitto(t)}
	booths, others := freePort(t), freePort(t)
	p.booths, p.others = "127.0.0.1:"+booths, "127.0.0.1:"+others
	p.dir = install(t, a, map[string]string{"mosquitto.conf": "mosquitto.conf", "booths.acl": "booths.acl", "fleet.acl": "fleet.acl"},
		append(changes, "listener 8883", "listener "+booths+" 127.0.0.1", "listener 8884", "listener "+others)...)
	a.Revoke(t, p.dir)
	conf := filepath.Join(p.dir, "mosquitto.conf")
	if os.Getuid() == 0 { // it would become a user that cannot read the test's folder
		text, _ := os.ReadFile(conf)
		if err := os.WriteFile(conf, append(text, "\nuser root\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.start(t)
	t.Cleanup(p.kill)
	return p
}

func (p *process) start(t testing.TB) {
	p.cmd = exec.CommandContext(context.Background(), p.path, "-c", filepath.Join(p.dir, "mosquitto.conf"))
	p.cmd.Stdout, p.cmd.Stderr = t.Output(), t.Output()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reachable(t, p.booths)
	reachable(t, p.others)
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// A booth whose certificate is on the list that cloudd writes does not come in again.
func TestMosquittoRevocation(t *testing.T) {
	a := brokertest.NewAuthority(t)
	p := startMosquitto(t, a, "#crlfile", "crlfile")
	bad, good := a.Booth(t, booth(1)), a.Booth(t, booth(2))
	connect := func(c tls.Certificate, k fleet.Key) error {
		client, err := brokertest.Dial{Addr: p.booths, Roots: a.Pool(), Cert: &c, ID: k.String()}.Connect(t)
		if err == nil {
			client.Bye()
		}
		return err
	}
	if err := connect(bad, booth(1)); err != nil {
		t.Fatalf("before it is revoked: %v", err)
	}
	a.Revoke(t, p.dir, bad)
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the revoked booth still comes in", func() bool { return connect(bad, booth(1)) != nil })
	if err := connect(good, booth(2)); err != nil {
		t.Errorf("another booth: %v", err)
	}
}

func TestMosquitto(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, a *brokertest.Authority, receive func(broker.Message)) brokertest.Engine {
		p := startMosquitto(t, a)
		bus := external(t, broker.ExternalConfig{
			URL: "ssl://" + p.others, TLS: fleetTLS(t, a), ClientID: "laoyou-fleet", Receive: receive,
			Engine: engine(t, broker.Mosquitto),
		})
		return brokertest.Engine{Addr: p.booths, Watchers: p.others, Bus: bus, Restart: func(t testing.TB) broker.Bus {
			p.kill() // -9
			p.start(t)
			return bus
		}}
	})
}

// startNATS runs nats-server in this process, with our config.
func startNATS(t *testing.T, a *brokertest.Authority) (addr string, restart func(testing.TB)) {
	t.Helper()
	port := freePort(t)
	addr = "127.0.0.1:" + port
	dir := install(t, a, map[string]string{"nats.conf": "nats.conf", "nats-users.conf": "users.conf"},
		"0.0.0.0:8883", addr, "127.0.0.1:4222", "127.0.0.1:-1")
	var s *server.Server
	start := func(t testing.TB) {
		opts, err := server.ProcessConfigFile(filepath.Join(dir, "nats.conf"))
		if err != nil {
			t.Fatal(err)
		}
		opts.NoSigs = true
		if s, err = server.NewServer(opts); err != nil {
			t.Fatal(err)
		}
		s.Start()
		if !s.ReadyForConnections(30 * time.Second) {
			t.Fatal("nats-server is not ready")
		}
		reachable(t, addr)
	}
	stop := func() {
		s.Shutdown()
		s.WaitForShutdown()
	}
	start(t)
	t.Cleanup(func() { stop() })
	return addr, func(t testing.TB) { stop(); start(t) }
}

func TestNATS(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, a *brokertest.Authority, receive func(broker.Message)) brokertest.Engine {
		addr, restart := startNATS(t, a)
		bus := external(t, broker.ExternalConfig{
			URL: "ssl://" + addr, TLS: fleetTLS(t, a), ClientID: "laoyou-fleet", Receive: receive,
			Engine: engine(t, broker.NATS),
		})
		return brokertest.Engine{Addr: addr, Bus: bus, Restart: func(t testing.TB) broker.Bus { restart(t); return bus }}
	})
}
