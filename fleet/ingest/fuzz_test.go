package ingest

import (
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// FuzzParse: whatever comes, from whomever, what is believed is of the booth that said it, on a topic that booths speak on.
func FuzzParse(f *testing.F) {
	good := event(f, key(1), 7)
	f.Add(good.Topic, good.Client, good.Payload)
	f.Add(good.Topic, "", good.Payload)
	f.Add("pb/v1/default/b-001/st", "default_b-002", []byte(`{"v":1,"k":"will"}`))
	f.Add("pb/v1/a_b/c/st", "a_b_c", []byte(`{}`))
	f.Fuzz(func(t *testing.T, topic, client string, payload []byte) {
		r, reason, err := parse(broker.Message{Topic: topic, Client: client, Payload: payload, At: time.Now()})
		if reason != "" {
			return
		}
		if err != nil || !r.Leaf.Up() || (client != "" && client != r.Key.String()) {
			t.Fatalf("believed %+v from %q, %v", r, client, err)
		}
		if want := (mqttapi.Topic{Key: r.Key, Leaf: r.Leaf}).String(); want != topic {
			t.Fatalf("said on %q, believed on %q", topic, want)
		}
	})
}
