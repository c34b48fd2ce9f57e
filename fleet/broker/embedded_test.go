package broker_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
)

func TestEmbedded(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, a *brokertest.Authority, receive func(broker.Message)) brokertest.Engine {
		cfg := config(t, a, receive)
		bus, stop := run(t, cfg)
		addr := bus.Addr().String()
		return brokertest.Engine{Addr: addr, Bus: bus, Restart: func(t testing.TB) broker.Bus {
			stop()
			again := cfg
			again.Listen, again.Metrics = addr, nil
			bus, _ := run(t, again)
			return bus
		}}
	})
}

func config(t testing.TB, a *brokertest.Authority, receive func(broker.Message)) broker.EmbeddedConfig {
	return broker.EmbeddedConfig{
		Listen: "127.0.0.1:0", Admit: brokertest.Admit, Receive: receive, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		TLS:     &tls.Config{Certificates: []tls.Certificate{a.Server(t)}, ClientCAs: a.Pool(), MinVersion: tls.VersionTLS13},
		Metrics: prometheus.NewRegistry(),
	}
}

// run starts an engine and waits until it listens; stop ends it and waits until it has ended.
func run(t testing.TB, cfg broker.EmbeddedConfig) (bus *broker.Embedded, stop func()) {
	t.Helper()
	bus, err := broker.NewEmbedded(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- bus.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("run: %v", err)
			}
		case <-time.After(30 * time.Second):
			t.Error("the engine does not end")
		}
	}
	t.Cleanup(stop)
	select {
	case <-bus.Ready():
	case err := <-done:
		done <- err
		t.Fatalf("run: %v", err)
	}
	return bus, stop
}
