// Package broker joins the fleet to its MQTT line through one port, Bus. Two adapters fill it: Embedded, an engine in this process that
// decides itself who gets in and who may say what, and External, a client of an engine that runs elsewhere and enforces the same rules by
// its own config (testdata holds configs that pass). Nothing here is durable: durable means before the application's acknowledgment.
// It may import package fleet, fleet/mqttapi and the libraries of the two adapters.
package broker

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/laoyou/laoyou/fleet"
)

// Bus is the line to all booths.
type Bus interface {
	// Run serves until ctx ends. It returns an error only when it cannot begin; a lost engine is looked for again.
	Run(ctx context.Context) error
	// Ready is closed when messages flow for the first time.
	Ready() <-chan struct{}
	// Publish sends to booths with QoS 1, not retained. A nil error means that the engine took it, never that a booth did.
	Publish(ctx context.Context, topic string, payload []byte) error
	// Kick ends the booth's connection. A booth that is not connected is no error; an engine without that power is ErrCannot.
	Kick(ctx context.Context, key fleet.Key) error
	// Connected counts the booths that are connected, or is -1 when the engine does not tell.
	Connected() int
	// Caps says what this engine does of what is asked of it.
	Caps() Caps
}

// Errors of a Bus.
var (
	ErrCannot   = errors.New("this engine cannot do that")
	ErrNotReady = errors.New("no connection to the engine")
	ErrRefused  = errors.New("not admitted")
)

// Message is what a booth said.
type Message struct {
	Topic   string
	Payload []byte
	Client  string    // fleet.Key.String() of the authenticated sender; empty when the engine's own rules vouch for the topic
	At      time.Time // when it came in
	Done    func()    // nil, or to be called once the message has been dealt with: the engine holds more back until then
}

// Peer is who a certificate belongs to.
type Peer struct {
	Key      fleet.Key
	Observer bool // reads everything, writes nothing; Key.Booth is empty
}

// Admit decides who may connect. An error closes the connection.
type Admit func(cert *x509.Certificate) (Peer, error)

// Caps says what an engine does. What it does not is documented in docs/brokers.md.
type Caps struct {
	Kick          bool // can end a booth's connection at once
	Counts        bool // knows how many booths are connected
	OwnID         bool // lets no booth take the place of another by its client id
	Tenants       bool // keeps tenants apart on one listener
	OwnWill       bool // carries no will to a topic that its sender may not write
	RetainOnly    bool // keeps no retained messages but those on st
	QuietTakeover bool // sends no will of a booth that has connected anew
	QuietBounce   bool // ends without wills for booths that are well
}
