package link

import (
	"context"
	"fmt"
	"time"

	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// How rows are sent.
const (
	window       = 32 // sent and not acknowledged
	markAhead    = 1024
	firstResend  = 15 * time.Second
	latestResend = 2 * time.Minute
)

// sender sends the outbox in order. It belongs to the goroutine of its session.
type sender struct {
	s       *session
	timer   *time.Timer
	patient time.Duration
	pos     int64 // of the last row sent
	sent    int64 // its sequence number
	acked   int64 // newest acknowledged, trimmed or not
}

func (o *sender) begin(s *session, timer *time.Timer) {
	o.s, o.timer = s, timer
	o.again()
	o.patient = firstResend
}

// again starts from the oldest row that waits: nothing came back for what was sent.
func (o *sender) again() {
	l := o.s.l
	l.mu.Lock()
	defer l.mu.Unlock()
	o.pos, o.sent, o.acked = 0, l.head.Acked, l.head.Acked
	o.patient = min(max(firstResend, 2*o.patient), latestResend)
}

// work takes acknowledgments and sends what the window allows.
func (o *sender) work(ctx context.Context) error {
	if err := o.take(ctx); err != nil {
		return err
	}
	for o.sent-o.acked < window {
		n, err := o.send(ctx, int(window-(o.sent-o.acked)))
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	if o.sent > o.acked {
		return nil // the timer runs since the last progress
	}
	o.timer.Reset(time.Hour)
	return nil
}

// take removes what the fleet has. Rows that the disk does not let go stay, and are acknowledged again after the next resend.
func (o *sender) take(ctx context.Context) error {
	l := o.s.l
	upto := o.s.acks.Load()
	l.mu.Lock()
	stored, newest := l.head.Acked, max(l.head.Acked+l.head.Rows, o.sent)
	l.mu.Unlock()
	switch {
	case upto <= stored:
		return nil
	case upto > newest:
		return o.diverged(ctx, upto)
	}
	bytes, err := l.deps.Store.Trim(ctx, upto-stored)
	if err != nil {
		l.deps.Log.WarnContext(ctx, "outbox cannot remove rows", "error", err)
		o.acked = max(o.acked, upto)
		return nil
	}
	l.mu.Lock()
	l.head.Acked, l.head.Rows, l.head.Bytes = upto, l.head.Rows-(upto-stored), l.head.Bytes-bytes
	l.mu.Unlock()
	if upto > o.sent { // acknowledged from an earlier connection, before it was sent on this one
		o.pos, o.sent = 0, upto
	}
	o.acked, o.patient = upto, firstResend
	o.timer.Reset(o.patient)
	return nil
}

// diverged: the fleet has rows that this outbox never held, so the disk is an old copy. Under its id the fleet would take new rows for
// old ones; under a new id every row counts.
func (o *sender) diverged(ctx context.Context, upto int64) error {
	l := o.s.l
	fresh := id.New()
	l.deps.Log.ErrorContext(ctx, "outbox is older than the fleet's memory of it: starting a new one", "upto", upto, "outbox", fresh)
	if err := l.deps.Store.Renew(ctx, fresh); err != nil {
		return fmt.Errorf("renew outbox: %w", err)
	}
	l.mu.Lock()
	l.head.Outbox, l.head.Acked, l.head.Mark = fresh, 0, 0
	l.mu.Unlock()
	o.s.acks.Store(0)
	return fmt.Errorf("outbox was renewed")
}

// send sends the next rows. Before any is read, the mark says that it may have been sent: from then on it keeps its number for ever.
func (o *sender) send(ctx context.Context, n int) (int, error) {
	l := o.s.l
	l.mu.Lock()
	mark, outbox, none := l.head.Mark, l.head.Outbox, l.head.Acked+l.head.Rows <= o.sent
	l.mu.Unlock()
	if none {
		return 0, nil
	}
	if o.sent+int64(n) > mark {
		mark = o.sent + int64(n) + markAhead
		if err := l.deps.Store.Save(ctx, Figures{Mark: mark}); err != nil {
			l.deps.Log.WarnContext(ctx, "outbox cannot send: the mark is not saved", "error", err)
			o.timer.Reset(o.patient)
			return 0, nil
		}
		l.mu.Lock()
		l.head.Mark = mark
		l.mu.Unlock()
	}
	rows, err := l.deps.Store.Read(ctx, o.pos, n)
	if err != nil {
		return 0, fmt.Errorf("read outbox: %w", err)
	}
	if len(rows) > 0 && o.sent == o.acked {
		o.timer.Reset(o.patient)
	}
	for _, r := range rows {
		if err := o.publish(outbox, o.sent+1, r); err != nil {
			return 0, err
		}
		o.pos, o.sent = r.Pos, o.sent+1
	}
	return len(rows), nil
}

// oldest is the sequence number of the oldest row that the outbox still holds.
func (o *sender) oldest() int64 {
	o.s.l.mu.Lock()
	defer o.s.l.mu.Unlock()
	return o.s.l.head.Acked + 1
}

func (o *sender) publish(outbox string, seq int64, r Row) error {
	leaf, kind := mqttapi.Events, mqttapi.KindEvent
	if r.Class == ClassSample {
		leaf, kind = mqttapi.Telemetry, mqttapi.KindTelemetry
	}
	e := mqttapi.Envelope{ID: r.ID, Kind: kind, TS: r.TS, Mono: r.Mono, Boot: r.Boot, Epoch: o.s.epoch, Outbox: outbox, Seq: seq}
	if seq == o.oldest() { // a fleet that was put back from a backup must not wait for what it had acknowledged
		e.Gap = seq - 1
	}
	doc, err := mqttapi.Encode(e, rawBody(r.Body))
	if err != nil {
		return fmt.Errorf("row: %w", err)
	}
	token := o.s.client.Publish(o.s.topic(leaf), 1, false, doc)
	select {
	case <-token.Done():
		if err := token.Error(); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	default: // the fleet's acknowledgment is what counts
	}
	return nil
}
