// Package ingest takes what booths say from the line to the database: it parses, checks that a booth speaks for itself, counts what it
// refuses, commits in groups and publishes the acknowledgments of what is stored. It may import package fleet, fleet/mqttapi and fleet/broker.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker"
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

// Config bounds what waits and what is committed at once. A zero field takes its default.
type Config struct {
	Batch    int           // records of one commit; 512
	Gather   time.Duration // how long the first record of a batch waits for others; 5 ms
	Queue    int           // records that wait for a commit; 8,192
	Bytes    int64         // of what waits; 64 MiB
	Patience time.Duration // how long a booth's connection is made to wait for room before its message is dropped; 1 s
	Retry    time.Duration // longest time between two tries of a commit that failed; 5 s
	Drain    time.Duration // for the last commit when Run ends; 5 s
}

// Reasons why a message is refused, in words of the metric.
const (
	reasonTopic   = "topic"  // no topic that booths publish on
	reasonForged  = "forged" // the booth in the topic is not the one who said it
	reasonSize    = "size"
	reasonDepth   = "depth"
	reasonVersion = "version"
	reasonKind    = "kind"
	reasonForm    = "form"
	reasonFull    = "full" // no room in the queue: the booth sends durable ones again
)

// Deps is what ingest needs.
type Deps struct {
	Sink Sink
	// Publish sends an acknowledgment down; broker.Bus has it. Up to 32 are under way at once, one per booth.
	Publish func(ctx context.Context, topic string, payload []byte) error
	// Refused is told of a booth whose messages are not understood, at most once a minute for each booth and reason; may be nil. Such a
	// message is never acknowledged: a newer booth keeps its events until the fleet understands them.
	Refused func(key fleet.Key, leaf mqttapi.Leaf, why error)
	Config  Config
	Log     *slog.Logger
	Metrics prometheus.Registerer // may be nil
}

// Ingest is the way in. Make it with New.
type Ingest struct {
	d        Deps
	metrics  *metrics
	queue    chan item
	room     *semaphore.Weighted // bytes
	refusals chan refusal
}

// item is a record on its way.
type item struct {
	Record
	size int64
	done func()
}

type refusal struct {
	key  fleet.Key
	leaf mqttapi.Leaf
	why  error
}

// New makes an Ingest that does nothing until it Runs.
func New(d Deps) *Ingest {
	c := &d.Config
	set(&c.Batch, 512)
	set(&c.Gather, 5*time.Millisecond)
	set(&c.Queue, 8192)
	set(&c.Bytes, 64<<20)
	set(&c.Patience, time.Second)
	set(&c.Retry, 5*time.Second)
	set(&c.Drain, 5*time.Second)
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	i := &Ingest{d: d, queue: make(chan item, c.Queue), room: semaphore.NewWeighted(c.Bytes), refusals: make(chan refusal, 64)}
	i.metrics = newMetrics(d.Metrics, func() float64 { return float64(len(i.queue)) })
	return i
}

func set[T int | int64 | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

// Receive takes a message, from any goroutine. An engine in this process (no Done) is made to wait for room; one elsewhere holds back by
// itself what is not acknowledged.
func (i *Ingest) Receive(m broker.Message) {
	r, reason, err := parse(m)
	if reason != "" {
		i.refuse(m, r, reason, err)
		return
	}
	it := item{Record: r, size: int64(len(m.Payload)) + overhead, done: m.Done}
	if !i.enqueue(it, m.Done == nil) {
		i.refuse(m, r, reasonFull, nil)
		return
	}
	i.metrics.received.WithLabelValues(string(r.Leaf)).Inc()
}

// overhead is what a record takes besides its payload, about.
const overhead = 512

func (i *Ingest) enqueue(it item, wait bool) bool {
	if i.room.TryAcquire(it.size) {
		select {
		case i.queue <- it:
			return true
		default:
			if !wait {
				i.room.Release(it.size)
				return false
			}
		}
	} else if !wait {
		return false
	} else {
		ctx, cancel := context.WithTimeout(context.Background(), i.d.Config.Patience)
		defer cancel()
		if i.room.Acquire(ctx, it.size) != nil {
			return false
		}
	}
	t := time.NewTimer(i.d.Config.Patience)
	defer t.Stop()
	select {
	case i.queue <- it:
		return true
	case <-t.C:
		i.room.Release(it.size)
		return false
	}
}

// refuse counts a message that goes no further.
func (i *Ingest) refuse(m broker.Message, r Record, reason string, why error) {
	i.metrics.refused.WithLabelValues(reason).Inc()
	if m.Done != nil {
		m.Done()
	}
	if reason == reasonTopic || reason == reasonForged || reason == reasonFull {
		return // of nobody who is known, or not the booth's fault
	}
	select {
	case i.refusals <- refusal{r.Key, r.Leaf, why}:
	default: // somebody floods; the counter has it
	}
}

// parse makes a record of a message, or says why not.
func parse(m broker.Message) (r Record, reason string, err error) {
	t, ok := mqttapi.ParseTopic(m.Topic)
	if !ok || !t.Leaf.Up() {
		return r, reasonTopic, nil
	}
	if m.Client != "" && m.Client != t.Key.String() {
		return r, reasonForged, nil
	}
	r = Record{Key: t.Key, Leaf: t.Leaf, At: m.At}
	r.Envelope, err = mqttapi.Decode(t, m.Payload)
	return r, reasonOf(err), err
}

func reasonOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, mqttapi.ErrTooBig):
		return reasonSize
	case errors.Is(err, mqttapi.ErrTooDeep):
		return reasonDepth
	case errors.Is(err, mqttapi.ErrVersion):
		return reasonVersion
	case errors.Is(err, mqttapi.ErrKind):
		return reasonKind
	}
	return reasonForm
}
