package brokertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// errTimeout is a token that did not complete in time.
var errTimeout = errors.New("no answer")

// Heard is a message as a client was given it.
type Heard struct {
	Topic    string
	Payload  string
	Retained bool
	QoS      byte
}

// Client is a 3.1.1 client that remembers all it hears.
type Client struct {
	paho paho.Client
	Got  *Log[Heard]
	Lost <-chan struct{} // closed when the connection is lost

	mu  sync.Mutex
	net net.Conn
}

// Dial is how a client connects.
type Dial struct {
	Addr      string
	Roots     *x509.CertPool
	Cert      *tls.Certificate // nil: anonymous
	ID        string
	Will      string // topic
	WillBody  string
	KeepAlive time.Duration
	TLS12     bool
	Plain     bool // no TLS at all
}

// Connect connects, or tells why not.
func (d Dial) Connect(t testing.TB) (*Client, error) {
	t.Helper()
	lost := make(chan struct{})
	c := &Client{Got: NewLog[Heard](), Lost: lost}
	if d.KeepAlive == 0 {
		d.KeepAlive = 30 * time.Second
	}
	o := paho.NewClientOptions().AddBroker("tcp://" + d.Addr).SetClientID(d.ID).SetProtocolVersion(4).SetCleanSession(true).
		SetAutoReconnect(false).SetConnectRetry(false).SetOrderMatters(true).SetKeepAlive(d.KeepAlive).SetPingTimeout(patience).
		SetConnectTimeout(patience).SetWriteTimeout(patience)
	// [MQTT] what comes before SUBACK, and retained states, come here too
	o.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
		c.Got.Add(Heard{m.Topic(), string(m.Payload()), m.Retained(), m.Qos()})
	})
	var once sync.Once
	o.SetConnectionLostHandler(func(paho.Client, error) { once.Do(func() { close(lost) }) })
	if d.Will != "" {
		o.SetBinaryWill(d.Will, []byte(d.WillBody), 1, true)
	}
	o.SetCustomOpenConnectionFn(c.open(d))
	c.paho = paho.NewClient(o)
	t.Cleanup(func() { c.paho.Disconnect(0) })
	return c, wait(c.paho.Connect())
}

func (d Dial) tls() *tls.Config {
	cfg := &tls.Config{RootCAs: d.Roots, ServerName: "localhost", MinVersion: tls.VersionTLS13}
	if d.TLS12 {
		cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	}
	if d.Cert != nil {
		cfg.Certificates = []tls.Certificate{*d.Cert}
	}
	return cfg
}

// open dials as paho would, and keeps the socket so that Kill can close it under paho's feet.
func (c *Client) open(d Dial) paho.OpenConnectionFunc {
	return func(*url.URL, paho.ClientOptions) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		var dialer net.Dialer
		raw, err := dialer.DialContext(ctx, "tcp", d.Addr)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.net = raw
		c.mu.Unlock()
		if d.Plain {
			return raw, nil
		}
		secure := tls.Client(raw, d.tls())
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
		return secure, nil
	}
}

func wait(t paho.Token) error {
	if !t.WaitTimeout(patience) {
		return errTimeout
	}
	return t.Error()
}

// Publish waits for the engine's acknowledgment, which some engines withhold from what they refuse: then the error is the lost connection.
func (c *Client) Publish(topic string, qos byte, retained bool, payload string) error {
	return wait(c.paho.Publish(topic, qos, retained, payload))
}

// Subscribe asks for a filter; an error means that the engine refused it.
func (c *Client) Subscribe(filter string) error {
	token := c.paho.Subscribe(filter, 1, nil)
	if err := wait(token); err != nil {
		return err
	}
	if s, ok := token.(*paho.SubscribeToken); ok {
		for _, code := range s.Result() { // one; paho leaves $share/… out of its name
			if code > 2 {
				return errRefused
			}
		}
	}
	return nil
}

var errRefused = errors.New("refused")

// Connected reports whether the connection is there.
func (c *Client) Connected() bool { return c.paho.IsConnectionOpen() }

// Bye disconnects properly.
func (c *Client) Bye() { c.paho.Disconnect(1000) }

// Kill closes the socket without a word.
func (c *Client) Kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.net.Close()
}
