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
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

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

// startMosquitto starts it with our config; the restart is a kill -9.
func startMosquitto(t testing.TB, a *brokertest.Authority) (booths, others string, restart func(testing.TB)) {
	t.Helper()
	path := mosquitto(t)
	booths, others = freePort(t), freePort(t)
	dir := install(t, a, map[string]string{"mosquitto.conf": "mosquitto.conf", "booths.acl": "booths.acl", "fleet.acl": "fleet.acl"},
		"listener 8883", "listener "+booths+" 127.0.0.1", "listener 8884", "listener "+others)
	conf := filepath.Join(dir, "mosquitto.conf")
	if os.Getuid() == 0 { // it would become a user that cannot read the test's folder
		text, _ := os.ReadFile(conf)
		if err := os.WriteFile(conf, append(text, "\nuser root\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	booths, others = "127.0.0.1:"+booths, "127.0.0.1:"+others
	var cmd *exec.Cmd
	start := func(t testing.TB) {
		cmd = exec.CommandContext(context.Background(), path, "-c", conf)
		cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		reachable(t, booths)
		reachable(t, others)
	}
	kill := func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	start(t)
	t.Cleanup(func() { kill() })
	return booths, others, func(t testing.TB) { kill(); start(t) }
}

func TestMosquitto(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, a *brokertest.Authority, receive func(broker.Message)) brokertest.Engine {
		booths, others, restart := startMosquitto(t, a)
		bus := external(t, broker.ExternalConfig{
			URL: "ssl://" + others, TLS: fleetTLS(t, a), ClientID: "laoyou-fleet", Receive: receive,
			Engine: engine(t, broker.Mosquitto),
		})
		return brokertest.Engine{Addr: booths, Watchers: others, Bus: bus, Restart: func(t testing.TB) broker.Bus { restart(t); return bus }}
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
