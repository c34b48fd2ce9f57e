package broker_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/issuer"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

// window is how many events a booth has on the way, as firmware/link.
const window = 32

// sender is a booth that sends as fast as it is acknowledged. It is as light as can be: client and engine share the machine.
type sender struct {
	key    fleet.Key
	conn   net.Conn
	every  time.Duration // between two events; 0: as fast as the window lets it
	plain  bool          // what counts is the engine's acknowledgment, not the fleet's
	tokens chan struct{} // room in the window

	mu   sync.Mutex
	sent []time.Time
	took []time.Duration
	upto int
	done chan struct{}
	want int
}

func newSender(b *testing.B, a *brokertest.Authority, addr string, n, want int, plain bool) *sender {
	b.Helper()
	s := &sender{key: booth(n), plain: plain, tokens: make(chan struct{}, window), done: make(chan struct{}), want: want}
	cert := a.Booth(b, s.key)
	var err error
	d := tls.Dialer{Config: &tls.Config{RootCAs: a.Pool(), ServerName: "localhost", Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}}
	if s.conn, err = d.DialContext(b.Context(), "tcp", addr); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.conn.Close() })
	subscribe, _ := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	subscribe.MessageID, subscribe.Topics, subscribe.Qoss = 1, []string{mqttapi.Down(s.key)}, []byte{1}
	for _, p := range []packets.ControlPacket{connectPacket(s.key), subscribe} {
		if err := p.Write(s.conn); err != nil {
			b.Fatal(err)
		}
		if _, err := packets.ReadPacket(s.conn); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// send sends all events, each when there is room in the window.
func (s *sender) send(b *testing.B) {
	topic := mqttapi.Topic{Key: s.key, Leaf: mqttapi.Events}.String()
	begun := time.Now()
	for seq := range s.want {
		if wait := time.Until(begun.Add(time.Duration(seq) * s.every)); wait > 0 {
			<-time.After(wait)
		}
		s.tokens <- struct{}{}
		payload, err := mqttapi.Encode(
			mqttapi.Envelope{ID: id.New(), Kind: mqttapi.KindEvent, TS: time.Now().UnixMilli(), Mono: 1000, Boot: "boot", Epoch: 1, Outbox: "o", Seq: int64(seq + 1)},
			mqttapi.Event{Type: mqttapi.EventCallEnded, Visit: id.New(), Data: map[string]any{"kind": "person", "ms": 73000, "cause": "citizen_hung_up"}})
		if err != nil {
			b.Error(err)
			return
		}
		p, _ := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
		p.Qos, p.TopicName, p.Payload, p.MessageID = 1, topic, payload, uint16(seq%60_000)+1
		s.mu.Lock()
		s.sent = append(s.sent, time.Now())
		s.mu.Unlock()
		if err := p.Write(s.conn); err != nil {
			b.Error(err)
			return
		}
	}
}

// listen frees the window as acknowledgments come.
func (s *sender) listen() {
	defer close(s.done)
	for s.upto < s.want {
		p, err := packets.ReadPacket(s.conn)
		if err != nil {
			return
		}
		switch p := p.(type) {
		case *packets.PubackPacket:
			if s.plain {
				s.acknowledged(s.upto + 1)
			}
		case *packets.PublishPacket:
			var e mqttapi.Envelope
			var ack mqttapi.Ack
			if json.Unmarshal(p.Payload, &e) == nil && e.Into(&ack) == nil {
				s.acknowledged(int(ack.Upto))
			}
			back, _ := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
			back.MessageID = p.MessageID
			_ = back.Write(s.conn)
		}
	}
}

func (s *sender) acknowledged(upto int) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for ; s.upto < upto; s.upto++ {
		s.took = append(s.took, now.Sub(s.sent[s.upto]))
		<-s.tokens
	}
}

// load runs b.N events through that many booths, as fast as they can or at a rate of all together, and reports the rate and how long an event took to be acknowledged.
func load(b *testing.B, a *brokertest.Authority, addr string, booths, rate int, plain bool) {
	b.Helper()
	all := make([]*sender, booths)
	for n := range all {
		all[n] = newSender(b, a, addr, n, max(1, b.N/booths), plain)
		if rate > 0 {
			all[n].every = time.Second * time.Duration(booths) / time.Duration(rate)
		}
	}
	b.ResetTimer()
	begun := time.Now()
	for _, s := range all {
		go s.listen()
		go s.send(b)
	}
	var took []time.Duration
	for _, s := range all {
		select {
		case <-s.done:
		case <-time.After(5 * time.Minute):
			b.Fatal("not all was acknowledged")
		}
		took = append(took, s.took...)
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(len(took))/time.Since(begun).Seconds(), "events/s")
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
}

// quickSink stores nothing, at once.
type quickSink struct{ upto map[fleet.Key]int64 }

func (s *quickSink) Commit(_ context.Context, batch []ingest.Record) ([]ingest.Ack, error) {
	for _, r := range batch {
		s.upto[r.Key] = r.Envelope.Seq
	}
	var acks []ingest.Ack
	for k, n := range s.upto {
		acks = append(acks, ingest.Ack{Key: k, Ack: mqttapi.Ack{Outbox: "o", Upto: n}})
	}
	clear(s.upto)
	return acks, nil
}

// begin runs an embedded engine with ingest on the given sink.
func begin(b *testing.B, a *brokertest.Authority, sink ingest.Sink) (addr string) {
	b.Helper()
	var bus *broker.Embedded
	in := ingest.New(ingest.Deps{Sink: sink, Publish: func(ctx context.Context, topic string, payload []byte) error {
		return bus.Publish(ctx, topic, payload)
	}})
	cfg := config(b, a, in.Receive)
	cfg.Log = nil
	bus, _ = run(b, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return bus.Addr().String()
}

// BenchmarkDurable is an event from a booth's publish to the dn/ak that lets it forget the event, over mTLS: with a sink that does nothing
// and with the fleet's own, which has the event on disk before. Mosquitto's PUBACK, which promises nothing, is there for scale.
// go test -bench Durable -benchtime 60000x -run '^$' ./fleet/broker
func BenchmarkDurable(b *testing.B) {
	for _, booths := range []int{10, 100, 500} {
		b.Run(fmt.Sprintf("no store/%d booths", booths), func(b *testing.B) {
			a := brokertest.NewAuthority(b)
			load(b, a, begin(b, a, &quickSink{map[fleet.Key]int64{}}), booths, 0, false)
		})
		b.Run(fmt.Sprintf("sqlite/%d booths", booths), func(b *testing.B) {
			a := brokertest.NewAuthority(b)
			load(b, a, begin(b, a, sqliteSink(b, filepath.Join(b.TempDir(), "fleet.db"), booths)), booths, 0, false)
		})
		b.Run(fmt.Sprintf("sqlite at 3000 per s/%d booths", booths), func(b *testing.B) {
			a := brokertest.NewAuthority(b)
			load(b, a, begin(b, a, sqliteSink(b, filepath.Join(b.TempDir(), "fleet.db"), booths)), booths, 3000, false)
		})
		b.Run(fmt.Sprintf("mosquitto QoS 1/%d booths", booths), func(b *testing.B) {
			a := brokertest.NewAuthority(b)
			load(b, a, startMosquitto(b, a).booths, booths, 0, true)
		})
	}
}

// sqliteSink is the fleet's own sink, with these booths in its database and born.
func sqliteSink(b *testing.B, path string, booths int) ingest.Sink {
	b.Helper()
	store, err := sqlite.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	h := hub.New(hub.Deps{Store: store, Registry: store, Twins: store, Commands: store, Bus: noBus{}, Log: slog.New(slog.DiscardHandler)})
	now := time.Now()
	var births []ingest.Record
	for n := range booths {
		k := booth(n)
		w := enrol.Waiting{
			ID: id.New(), Tenant: k.Tenant, CodeHash: id.New(), SecretHash: "s", PublicKey: "key of " + k.Booth, Created: now, Expires: now.Add(time.Hour),
		}
		if err := store.AddWaiting(b.Context(), w, 1<<30); err != nil {
			b.Fatal(err)
		}
		w.Booth = k.Booth
		if err := store.Join(b.Context(), enrol.Join{
			Waiting: w, Key: k, Actor: "op", At: now, Place: enrol.Place{Name: k.Booth}, Line: enrol.LineSecrets{TokenSHA256: "token of " + k.Booth},
			Cert: issuer.Certificate{Serial: id.New(), Key: k, PublicKey: w.PublicKey, Issued: now, Expires: now.Add(time.Hour)},
		}); err != nil {
			b.Fatal(err)
		}
		births = append(births, birth(b, k))
	}
	for some := range slices.Chunk(births, 256) {
		if _, err := h.Commit(b.Context(), some); err != nil {
			b.Fatal(err)
		}
	}
	return h
}

func birth(b *testing.B, k fleet.Key) ingest.Record {
	b.Helper()
	at := mqttapi.Topic{Key: k, Leaf: mqttapi.State}
	payload, err := mqttapi.Encode(mqttapi.Envelope{ID: id.New(), Kind: mqttapi.KindBirth, TS: time.Now().UnixMilli(), Boot: "boot", Epoch: 1},
		mqttapi.Birth{On: true, Epoch: 1, Boot: "boot", Firmware: "bench", Outbox: "o"})
	if err != nil {
		b.Fatal(err)
	}
	e, err := mqttapi.Decode(at, payload)
	if err != nil {
		b.Fatal(err)
	}
	return ingest.Record{Key: k, Leaf: at.Leaf, Envelope: e, At: time.Now()}
}

type noBus struct{}

func (noBus) Publish(context.Context, string, []byte) error { return nil }
func (noBus) Kick(context.Context, fleet.Key) error         { return nil }
