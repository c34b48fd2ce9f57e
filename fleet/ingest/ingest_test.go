package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// store is a Sink in memory that dedupes as the contract says, and can be unwell.
type store struct {
	mu      sync.Mutex
	unwell  error
	slow    time.Duration
	outbox  map[string]int64 // contiguous
	stored  []Record
	biggest int
	commits int
}

func (s *store) set(unwell error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unwell = unwell
}

func (s *store) Commit(ctx context.Context, batch []Record) ([]Ack, error) {
	if s.slow > 0 {
		sleep(ctx, s.slow)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits++
	s.biggest = max(s.biggest, len(batch))
	if s.unwell != nil {
		return nil, s.unwell
	}
	if s.outbox == nil {
		s.outbox = map[string]int64{}
	}
	upto := map[string]Ack{}
	for _, r := range batch {
		of := r.Key.String() + "/" + r.Envelope.Outbox
		if r.Envelope.Seq > 0 && r.Envelope.Seq == s.outbox[of]+1 {
			s.outbox[of]++
			s.stored = append(s.stored, r)
		} else if r.Envelope.Seq == 0 {
			s.stored = append(s.stored, r)
		}
		if r.Envelope.Outbox != "" {
			upto[of] = Ack{r.Key, mqttapi.Ack{Outbox: r.Envelope.Outbox, Upto: s.outbox[of]}}
		}
	}
	var acks []Ack
	for _, a := range upto {
		acks = append(acks, a)
	}
	return acks, nil
}

func (s *store) all() []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Record(nil), s.stored...)
}

func key(n int) fleet.Key { return fleet.Key{Tenant: "default", Booth: fmt.Sprintf("b-%03d", n)} }

// event is row seq of a booth's outbox.
func event(t testing.TB, k fleet.Key, seq int64) broker.Message {
	t.Helper()
	payload, err := mqttapi.Encode(mqttapi.Envelope{ID: id.New(), Kind: mqttapi.KindEvent, TS: 1, Outbox: "o", Seq: seq},
		mqttapi.Event{Type: mqttapi.EventBoot})
	if err != nil {
		t.Fatal(err)
	}
	return broker.Message{Topic: mqttapi.Topic{Key: k, Leaf: mqttapi.Events}.String(), Payload: payload, Client: k.String(), At: time.Now()}
}

func (i *Ingest) refusedFor(t testing.TB, reason string) int {
	t.Helper()
	var m dto.Metric
	if err := i.metrics.refused.WithLabelValues(reason).Write(&m); err != nil {
		t.Fatal(err)
	}
	return int(m.GetCounter().GetValue())
}

// begin runs an Ingest until the test ends or end is called.
func begin(t *testing.T, d Deps) (i *Ingest, end func()) {
	t.Helper()
	if d.Publish == nil {
		d.Publish = func(context.Context, string, []byte) error { return nil }
	}
	i = New(d)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := i.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	end = func() { cancel(); <-done }
	t.Cleanup(end)
	return i, end
}

func TestRefuses(t *testing.T) {
	good := event(t, key(1), 1)
	body := func(old, with string) broker.Message {
		m := good
		m.Payload = []byte(strings.Replace(string(good.Payload), old, with, 1))
		if bytes.Equal(m.Payload, good.Payload) {
			t.Fatalf("%q is not in %s", old, good.Payload)
		}
		return m
	}
	payload := func(p string) broker.Message { m := good; m.Payload = []byte(p); return m }
	topic := func(s string) broker.Message { m := good; m.Topic = s; return m }
	other := good
	other.Client = key(2).String()
	for _, tt := range []struct {
		name, reason string
		m            broker.Message
	}{
		{"no topic of ours", reasonTopic, topic("a/b")},
		{"another tree", reasonTopic, topic("pb/v2/default/b-001/up/ev")},
		{"an unknown leaf", reasonTopic, topic("pb/v1/default/b-001/up/zz")},
		{"a tenant in capitals", reasonTopic, topic("pb/v1/DEFAULT/b-001/up/ev")},
		{"a wildcard as a topic", reasonTopic, topic("pb/v1/default/+/up/ev")},
		{"what goes down", reasonTopic, topic("pb/v1/default/b-001/dn/ak")},
		{"for another booth", reasonForged, other},
		{"for another tenant", reasonForged, topic("pb/v1/other/b-001/up/ev")},
		{"too big", reasonSize, payload(string(good.Payload[:len(good.Payload)-1]) + strings.Repeat(" ", mqttapi.MaxMessage) + "}")},
		{"too deep", reasonDepth, payload(strings.Repeat("[", 60_000))},
		{"deep in the body", reasonDepth, body(`"b":{`, `"b":{"x":`+strings.Repeat(`{"x":`, 20)+`1`+strings.Repeat("}", 20)+",")},
		{"version 2", reasonVersion, body(`"v":1`, `"v":2`)},
		{"no version", reasonVersion, payload(`{}`)},
		{"a kind of another topic", reasonKind, body(`"k":"ev"`, `"k":"rs"`)},
		{"no kind", reasonKind, body(`"k":"ev"`, `"k":""`)},
		{"no id", reasonForm, payload(`{"v":1,"k":"ev","b":{}}`)},
		{"empty", reasonForm, payload("")},
		{"no JSON", reasonForm, payload("\x00\xff\x01")},
		{"two values", reasonForm, payload(string(good.Payload) + string(good.Payload))},
		{"an array", reasonForm, payload("[]")},
		{"no row of an outbox", reasonForm, body(`"seq":1`, `"seq":0`)},
		{"a negative row", reasonForm, body(`"seq":1`, `"seq":-1`)},
		{"a row beyond numbers", reasonForm, body(`"seq":1`, `"seq":1e99`)},
		{"no body", reasonForm, body(`"b":{`, `"c":{`)},
		{"a body that is no object", reasonForm, body(`"b":{"type":"boot"}`, `"b":[1]`)},
		{"a long outbox", reasonForm, body(`"ob":"o"`, `"ob":"`+strings.Repeat("o", 65)+`"`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, done := &store{}, false
			i, end := begin(t, Deps{Sink: s})
			tt.m.Done = func() { done = true }
			i.Receive(tt.m)
			i.Receive(good)
			end()
			if n := i.refusedFor(t, tt.reason); n != 1 || !done {
				t.Errorf("refused as %s %d times, done %v", tt.reason, n, done)
			}
			if got := s.all(); len(got) != 1 || got[0].Key != key(1) {
				t.Errorf("stored %+v, want only the good one", got)
			}
		})
	}
}

// booth sends rows as a booth does: a window of 32, from the oldest unacknowledged again when nothing came back for a while.
func booth(t *testing.T, i *Ingest, k fleet.Key, rows int64, acks <-chan int64) {
	upto, sent := int64(0), int64(0)
	for upto < rows {
		for sent < min(upto+32, rows) {
			sent++
			i.Receive(event(t, k, sent))
		}
		select {
		case n := <-acks:
			upto = max(upto, n)
		case <-time.After(20 * time.Second):
			sent = upto
		}
	}
}

// line carries acknowledgments to booths.
type line struct{ to map[string]chan int64 }

func newLine(booths int) *line {
	l := &line{map[string]chan int64{}}
	for n := range booths {
		l.to[mqttapi.Topic{Key: key(n), Leaf: mqttapi.Acknowledgment}.String()] = make(chan int64, 10_000)
	}
	return l
}

func (l *line) of(k fleet.Key) chan int64 {
	return l.to[mqttapi.Topic{Key: k, Leaf: mqttapi.Acknowledgment}.String()]
}

func (l *line) publish(_ context.Context, topic string, payload []byte) error {
	parsed, _ := mqttapi.ParseTopic(topic)
	e, err := mqttapi.Decode(parsed, payload)
	var a mqttapi.Ack
	if err == nil {
		err = e.Into(&a)
	}
	if err == nil {
		l.to[topic] <- a.Upto
	}
	return err
}

// inOrder fails unless every booth's rows are stored once each and in order.
func inOrder(t *testing.T, s *store, booths int, rows int64) {
	t.Helper()
	next := map[fleet.Key]int64{}
	for _, r := range s.all() {
		if next[r.Key]++; r.Envelope.Seq != next[r.Key] {
			t.Fatalf("row %d of %s came as number %d", r.Envelope.Seq, r.Key, next[r.Key])
		}
	}
	for n := range booths {
		if next[key(n)] != rows {
			t.Errorf("%d rows of %s are stored, want %d", next[key(n)], key(n), rows)
		}
	}
}

func TestOrderOfEachBooth(t *testing.T) {
	const booths, rows = 20, 500
	s, l := &store{}, newLine(booths)
	i, _ := begin(t, Deps{Sink: s, Publish: l.publish})
	var wg sync.WaitGroup
	for n := range booths {
		wg.Go(func() { booth(t, i, key(n), rows, l.of(key(n))) })
	}
	wg.Wait()
	inOrder(t, s, booths, rows)
	if s.biggest > 512 {
		t.Errorf("a batch had %d records", s.biggest)
	}
	if s.commits >= booths*rows {
		t.Errorf("%d commits for %d records: nothing is grouped", s.commits, booths*rows)
	}
}

// A disk that is full for ten minutes, and a store that is slow after: nothing is lost, nothing is acknowledged before it is stored, and
// what waits stays within its bounds.
func TestUnwellSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const booths, rows = 12, 150
		s, l := &store{slow: 20 * time.Millisecond, unwell: fmt.Errorf("commit: %w", syscall.ENOSPC)}, newLine(booths)
		i, end := begin(t, Deps{Sink: s, Publish: l.publish, Config: Config{Queue: 100, Batch: 64}})
		var wg sync.WaitGroup
		for n := range booths {
			wg.Go(func() { booth(t, i, key(n), rows, l.of(key(n))) })
		}
		time.Sleep(10 * time.Minute)
		if n := len(s.all()); n > 0 {
			t.Errorf("%d records stored on a full disk", n)
		}
		if n := len(i.queue); n > 100 {
			t.Errorf("%d records wait", n)
		}
		if i.refusedFor(t, reasonFull) == 0 {
			t.Error("nothing was turned away though nothing could be stored")
		}
		s.set(nil)
		wg.Wait()
		end()
		inOrder(t, s, booths, rows)
	})
}

// What waits is bounded in bytes too.
func TestBytesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{unwell: errors.New("unwell")}
		i, end := begin(t, Deps{Sink: s, Config: Config{Bytes: 1 << 20}})
		big := event(t, key(1), 1)
		big.Payload = append(big.Payload[:len(big.Payload)-1], []byte(strings.Repeat(" ", 100_000)+"}")...)
		for range 100 {
			i.Receive(big)
		}
		if n := i.refusedFor(t, reasonFull); n != 90 {
			t.Errorf("%d of 100 messages of 100 kB were turned away from 1 MiB, want 90", n)
		}
		s.set(nil)
		time.Sleep(time.Minute)
		i.Receive(big)
		if n := i.refusedFor(t, reasonFull); n != 90 {
			t.Error("there is no room after all is stored")
		}
		end()
	})
}

// The engine elsewhere is told that a message is done when it is stored, and not before.
func TestDoneAfterCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{unwell: errors.New("unwell")}
		i, end := begin(t, Deps{Sink: s})
		done := 0
		m := event(t, key(1), 1)
		m.Done = func() { done++ }
		i.Receive(m)
		time.Sleep(time.Minute)
		synctest.Wait()
		if done != 0 {
			t.Error("done before it is stored")
		}
		s.set(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if done != 1 {
			t.Errorf("done %d times", done)
		}
		end()
	})
}

func TestDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{slow: time.Second}
		i, end := begin(t, Deps{Sink: s, Config: Config{Batch: 10, Drain: time.Minute}})
		for seq := range int64(35) {
			i.Receive(event(t, key(1), seq+1))
		}
		end()
		inOrder(t, s, 0, 0)
		if n := len(s.all()); n != 35 {
			t.Errorf("%d records are stored after the end, want 35", n)
		}
	})
}

// A store that never recovers does not keep the program from ending.
func TestEndsWithUnwellSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, end := begin(t, Deps{Sink: &store{unwell: errors.New("unwell")}})
		done := false
		m := event(t, key(1), 1)
		m.Done = func() { done = true }
		i.Receive(m)
		time.Sleep(time.Minute)
		begun := time.Now()
		end()
		if took := time.Since(begun); took > 11*time.Second {
			t.Errorf("took %s to end", took)
		}
		if done {
			t.Error("the engine was told that it is stored")
		}
	})
}

func TestReportsOncePerMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		i, end := begin(t, Deps{Sink: &store{}, Refused: func(k fleet.Key, l mqttapi.Leaf, why error) {
			told = append(told, fmt.Sprintf("%s %s %v", k, l, why))
		}})
		newer := event(t, key(1), 1)
		newer.Payload = []byte(`{"v":2}`)
		for range 5 {
			for range 30 {
				i.Receive(newer)
				synctest.Wait()
			}
			time.Sleep(31 * time.Second)
		}
		end()
		if len(told) != 3 || told[0] != "default_b-001 up/ev message has an unknown version: 2" {
			t.Errorf("told %q", told)
		}
	})
}
