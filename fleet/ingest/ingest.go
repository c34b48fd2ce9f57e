// Package ingest takes what booths say from the line to the database: it parses, checks that a booth speaks for itself, counts what it
// refuses, commits in groups and publishes the acknowledgments of what is stored. It may import package fleet, fleet/mqttapi and fleet/broker.
package ingest

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Record is one message that may be believed: of this booth, well-formed, of a kind that its topic carries.
type Record struct {
	Key      fleet.Key
	Leaf     mqttapi.Leaf
	Envelope mqttapi.Envelope
	At       time.Time // when it came in
}

// Ack tells a booth how far its outbox is stored.
type Ack struct {
	Key fleet.Key
	Ack mqttapi.Ack
}

// Sink stores records. It is called by one goroutine at a time, with the records of each booth in the order in which they came.
type Sink interface {
	// Commit stores the batch in one transaction: dedupe on (tenant, booth, outbox, seq) together with the effect. It returns, for every
	// outbox in the batch, the highest seq up to which all are stored. After an error nothing is stored and the batch comes again;
	// an error means that the store is unwell: a record that makes no sense is the sink's to leave out, and to acknowledge.
	Commit(ctx context.Context, batch []Record) ([]Ack, error)
}
