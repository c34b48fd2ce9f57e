package link

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// FuzzReceive gives a session whatever a broken fleet could send: nothing may fall, and nothing that is no command may be taken for one.
func FuzzReceive(f *testing.F) {
	const envelope = `{"v":1,"id":"01J00000000000000000000000","k":%q,"ts":1,"b":%s}`
	for leaf, bodies := range map[string][]string{
		"dn/cm": {`{"cmd":"tone"}`, `{"cmd":3}`, `[]`, `{"not_before":1e99}`},
		"dn/cf": {`{"version":1,"config":{}}`, `{"version":"x"}`},
		"dn/ak": {`{"outbox":"o","upto":9223372036854775807}`, `{"outbox":"o","upto":-1}`},
		"dn/rp": {`{"ts":1}`, `{"cert":4}`},
		"up/hb": {`{}`},
	} {
		for _, b := range bodies {
			f.Add("pb/v1/default/b-1/"+leaf, fmt.Appendf(nil, envelope, leaf[3:], b))
		}
	}
	f.Add("pb/v1/default/b-2/dn/cm", fmt.Appendf(nil, envelope, "cm", `{"cmd":"tone"}`))
	f.Add("pb/v1/default/b-1/dn/cm", []byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		took := make(chan struct{}, 1)
		l := New(Deps{
			OnCommand: func(context.Context, mqttapi.Envelope, mqttapi.Command) { took <- struct{}{} },
			OnConfig:  func(context.Context, mqttapi.Envelope, mqttapi.Config) { took <- struct{}{} },
		})
		l.head.Outbox = "o"
		l.refused = quota{begun: true, since: time.Hour} // the outbox is not what is tried here
		s := &session{l: l, line: Line{Key: fleet.Key{Tenant: "default", Booth: "b-1"}}, lost: make(chan error, 1)}
		s.receive(t.Context(), topic, payload)
		to, ok := mqttapi.ParseTopic(topic)
		_, err := mqttapi.Decode(to, payload)
		if (!ok || err != nil || to.Key != s.line.Key || to.Leaf.Up()) && len(s.inbox.queue) > 0 {
			t.Errorf("%s %s was taken", topic, payload)
		}
		if up := s.acks.Load(); up < 0 {
			t.Errorf("acknowledged %d", up)
		}
	})
}
