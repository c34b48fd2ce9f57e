package ingest

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// Times and bounds of Run.
const (
	firstRetry = 50 * time.Millisecond
	ackTimeout = 5 * time.Second // for all acknowledgments of a batch: one that is lost comes with the next
	ackWorkers = 32
	quiet      = time.Minute // between two reports of one booth and reason
	mostQuiet  = 4096        // booths and reasons that are remembered as reported
)

// Run commits until ctx ends, and then once more what is left: end it after the line.
func (i *Ingest) Run(ctx context.Context) error {
	var reporter sync.WaitGroup
	reporter.Go(func() { i.report(ctx) })
	defer reporter.Wait()
	batch := make([]item, 0, i.d.Config.Batch)
	for {
		batch = i.gather(ctx, batch[:0])
		if len(batch) == 0 {
			return nil
		}
		i.commit(ctx, batch)
		clear(batch) // payloads must not outlive their commit
	}
}

// gather waits for a record and then, shortly, for others. It returns nothing only when ctx has ended and the queue is empty.
func (i *Ingest) gather(ctx context.Context, batch []item) []item {
	select {
	case it := <-i.queue:
		batch = append(batch, it)
	default:
		select {
		case it := <-i.queue:
			batch = append(batch, it)
		case <-ctx.Done():
			return batch
		}
	}
	late := time.NewTimer(i.d.Config.Gather)
	defer late.Stop()
	for len(batch) < i.d.Config.Batch {
		select {
		case it := <-i.queue:
			batch = append(batch, it)
		case <-late.C:
			return batch
		case <-ctx.Done():
			select {
			case it := <-i.queue:
				batch = append(batch, it)
			default:
				return batch
			}
		}
	}
	return batch
}

// commit stores the batch and acknowledges it. It tries for as long as it takes, or for Drain after ctx has ended.
func (i *Ingest) commit(ctx context.Context, batch []item) {
	records := make([]Record, len(batch))
	for n, it := range batch {
		records[n] = it.Record
	}
	within, cancel := i.drainable(ctx)
	defer cancel()
	stored := false
	for wait := firstRetry; ; wait = min(2*wait, i.d.Config.Retry) {
		begun := time.Now()
		acks, err := i.d.Sink.Commit(within, records)
		i.metrics.commits.Observe(time.Since(begun).Seconds())
		if err == nil {
			i.metrics.stored.Add(float64(len(records)))
			i.acknowledge(within, acks)
			stored = true
			break
		}
		i.metrics.failures.Inc()
		i.d.Log.Error("what booths said cannot be stored; it is tried again", "records", len(records), "error", err, "retry_ms", wait.Milliseconds())
		if !sleep(within, wait) {
			i.d.Log.Error("what booths said was not stored before the end; they send again what is durable", "records", len(records))
			break
		}
	}
	for _, it := range batch {
		i.room.Release(it.size)
		if stored && it.done != nil {
			it.done()
		}
	}
}

// drainable is ctx with Drain added to its end.
func (i *Ingest) drainable(ctx context.Context) (context.Context, context.CancelFunc) {
	within, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(i.d.Config.Drain, cancel) })
	return within, func() { stop(); cancel() }
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// acknowledge tells the booths. What is lost on the way comes again with the booth's next message.
func (i *Ingest) acknowledge(ctx context.Context, acks []Ack) {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	var g errgroup.Group
	g.SetLimit(ackWorkers)
	for _, a := range acks {
		g.Go(func() error {
			if err := i.tell(ctx, a); err != nil {
				i.metrics.ackErrors.Inc()
				i.d.Log.Debug("acknowledgment not sent", "booth", a.Key.String(), "error", err)
			}
			return nil
		})
	}
	_ = g.Wait()
}

func (i *Ingest) tell(ctx context.Context, a Ack) error {
	payload, err := mqttapi.Encode(mqttapi.Envelope{ID: id.New(), Kind: mqttapi.KindAck, TS: time.Now().UnixMilli()}, a.Ack)
	if err != nil {
		return err
	}
	return i.d.Publish(ctx, mqttapi.Topic{Key: a.Key, Leaf: mqttapi.Acknowledgment}.String(), payload)
}

// report passes refusals on, not more often than somebody wants to read.
func (i *Ingest) report(ctx context.Context) {
	type whose struct {
		key    fleet.Key
		reason string
	}
	told := map[whose]time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-i.refusals:
			of, now := whose{r.key, reasonOf(r.why)}, time.Now()
			if now.Sub(told[of]) < quiet || i.d.Refused == nil {
				continue
			}
			if len(told) >= mostQuiet {
				clear(told)
			}
			told[of] = now
			i.d.Refused(r.key, r.leaf, r.why)
		}
	}
}
