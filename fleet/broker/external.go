package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Engine is what there is to know of an engine elsewhere, when it is configured as in deploy/brokers.
type Engine struct {
	// KickID names a booth's connection as the engine does; whoever connects under that name ends it. nil when the engine does not let us.
	KickID func(fleet.Key) string
	Caps   Caps // as brokertest found them
}

// Engines that were tried, by the name they have in a config.
const (
	Mosquitto = "mosquitto"
	NATS      = "nats"
)

// EngineOf returns what there is to know of an engine; of an unknown one nothing is expected.
func EngineOf(name string) (e Engine, known bool) {
	switch name {
	case Mosquitto:
		return Engine{
			KickID: func(k fleet.Key) string { return k.Booth }, // the common name
			Caps:   Caps{Kick: true, OwnID: true, OwnWill: true},
		}, true
	case NATS:
		return Engine{KickID: fleet.Key.String, Caps: Caps{Kick: true, Tenants: true, OwnWill: true}}, true
	}
	return Engine{}, name == ""
}

// ExternalConfig is what a client of an engine elsewhere needs.
type ExternalConfig struct {
	URL      string // ssl://host:port
	TLS      *tls.Config
	ClientID string
	// Receive gets what booths say, in the order in which the engine sends it. It must not block. The engine is sent its acknowledgment when
	// Message.Done is called.
	Receive func(Message)
	Engine  Engine // zero: one that nothing is known of
	// Line is told when the connection to the engine is there and when it is lost; may be nil. While it is lost, a silent booth may be well.
	Line func(up bool)
	Log  *slog.Logger
}

// External is a client of an MQTT engine that runs elsewhere, and whose own rules say who may do what.
type External struct {
	cfg    ExternalConfig
	client atomic.Pointer[paho.Client] // while it is connected and subscribed
	ready  chan struct{}
	first  sync.Once
}

// Times of the connection to an engine elsewhere.
const (
	connectTimeout = 20 * time.Second
	writeTimeout   = 10 * time.Second
	keepAlive      = 30 * time.Second
	leastRetry     = 500 * time.Millisecond
	mostRetry      = 30 * time.Second
	steady         = time.Minute // a connection that lasted this long clears the back-off
)

// unacknowledged is how many messages MQTT lets an engine have sent without an acknowledgment.
const unacknowledged = 1 << 16

// NewExternal makes the client. It can Run once.
func NewExternal(cfg ExternalConfig) (*External, error) {
	if cfg.URL == "" || cfg.TLS == nil || cfg.ClientID == "" || cfg.Receive == nil {
		return nil, errors.New("broker: URL, TLS, ClientID and Receive are needed")
	}
	cfg.TLS = cfg.TLS.Clone()
	cfg.TLS.MinVersion = tls.VersionTLS13
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Line == nil {
		cfg.Line = func(bool) {}
	}
	return &External{cfg: cfg, ready: make(chan struct{})}, nil
}

// Run keeps a connection until ctx ends. paho's own reconnecting is not used: its back-off has no jitter and its tokens then report
// success for what was lost.
func (x *External) Run(ctx context.Context) error {
	for tries := 0; ctx.Err() == nil; tries++ {
		begun := time.Now()
		err := x.connection(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(begun) > steady {
			tries = 0
		}
		wait := rand.N(min(mostRetry, leastRetry<<min(tries, 10))) //nolint:gosec // jitter is no secret
		x.cfg.Log.Warn("no connection to the MQTT engine", "error", err, "retry_ms", wait.Milliseconds())
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	return nil
}

// connection is one connection: a new paho client each time, since one that was disconnected is not safe to use again.
func (x *External) connection(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan paho.Message, unacknowledged)
	client := paho.NewClient(x.options(x.cfg.ClientID).SetOrderMatters(true).SetAutoAckDisabled(true).
		SetConnectionLostHandler(func(_ paho.Client, err error) { cancel(err) }))
	var acks sync.WaitGroup
	defer acks.Wait() // after Disconnect, which lets go whoever is acknowledging
	defer client.Disconnect(250)
	defer cancel(nil)
	if err := await(ctx, client.Connect()); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	acks.Go(func() { acknowledge(ctx, done) })
	handle := func(_ paho.Client, m paho.Message) {
		said := Message{Topic: m.Topic(), Payload: m.Payload(), At: time.Now()}
		if m.Qos() > 0 {
			said.Done = func() { done <- m } // never waits: there is room for all that MQTT lets be on the way
		}
		x.cfg.Receive(said)
	}
	for _, f := range mqttapi.Filters() {
		t := client.Subscribe(f, 1, handle)
		if err := await(ctx, t); err != nil {
			return fmt.Errorf("subscribe to %s: %w", f, err)
		}
		if s, ok := t.(*paho.SubscribeToken); ok && s.Result()[f] > 2 {
			return fmt.Errorf("subscribe to %s: %w", f, ErrRefused)
		}
	}
	x.client.Store(&client)
	defer x.client.Store(nil)
	x.cfg.Line(true)
	defer x.cfg.Line(false)
	x.first.Do(func() { close(x.ready) })
	x.cfg.Log.Info("connected to the MQTT engine", "url", x.cfg.URL)
	<-ctx.Done()
	return context.Cause(ctx)
}

// acknowledge sends acknowledgments from a goroutine of its own: paho may hold up whoever does while the engine does not read.
func acknowledge(ctx context.Context, done <-chan paho.Message) {
	for {
		select {
		case m := <-done:
			m.Ack()
		case <-ctx.Done():
			return
		}
	}
}

func (x *External) options(clientID string) *paho.ClientOptions {
	return paho.NewClientOptions().AddBroker(x.cfg.URL).SetClientID(clientID).SetTLSConfig(x.cfg.TLS).SetProtocolVersion(4).
		SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).
		SetKeepAlive(keepAlive).SetPingTimeout(keepAlive / 3).SetConnectTimeout(connectTimeout).SetWriteTimeout(writeTimeout)
}

// await waits for a token, which alone may never complete.
func await(ctx context.Context, t paho.Token) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Ready is closed at the first connection.
func (x *External) Ready() <-chan struct{} { return x.ready }

// Publish waits until the engine has acknowledged the message.
func (x *External) Publish(ctx context.Context, topic string, payload []byte) error {
	client := x.client.Load()
	if client == nil {
		return ErrNotReady
	}
	if err := await(ctx, (*client).Publish(topic, 1, false, payload)); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// Kick takes the place of the booth's connection, and leaves it.
func (x *External) Kick(ctx context.Context, key fleet.Key) error {
	if x.cfg.Engine.KickID == nil {
		return ErrCannot
	}
	client := paho.NewClient(x.options(x.cfg.Engine.KickID(key)))
	defer client.Disconnect(0)
	if err := await(ctx, client.Connect()); err != nil {
		return fmt.Errorf("kick: %w", err)
	}
	return nil
}

// Connected is not told by MQTT.
func (x *External) Connected() int { return -1 }

// Caps says what the engine was configured as.
func (x *External) Caps() Caps { return x.cfg.Engine.Caps }
