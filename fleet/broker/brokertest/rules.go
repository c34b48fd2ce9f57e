package brokertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// everything that an observer may read, in one filter. Engines that look at filters rather than at messages take no wider one.
const everything = "pb/v1/default/#"

func up() []mqttapi.Leaf {
	return []mqttapi.Leaf{
		mqttapi.State, mqttapi.Heartbeats, mqttapi.Telemetry, mqttapi.Events, mqttapi.Reported, mqttapi.Results, mqttapi.Requests,
	}
}

func dn() []mqttapi.Leaf {
	return []mqttapi.Leaf{mqttapi.DesiredConfig, mqttapi.Commands, mqttapi.Acknowledgment, mqttapi.Replies}
}

// tenants are the booths that the engine can tell apart.
func (s *suite) tenants() []fleet.Key {
	if s.e.Bus.Caps().Tenants {
		return Booths()
	}
	return []fleet.Key{one, two}
}

// publishing tries every topic as a booth and as an observer, with both qualities of service.
func (s *suite) publishing(t *testing.T) {
	var topics []string
	for _, k := range Booths() {
		for _, l := range append(up(), dn()...) {
			topics = append(topics, topic(k, l))
		}
	}
	base := "pb/v1/default/b-001"
	topics = append(topics, base, base+"/up", base+"/up/hb/x", base+"/x/hb", base+"/st/x", "pb/v2/default/b-001/up/hb", "pb/v1/default/up/hb", "a", "up/hb")

	watch := s.observer(t).must(t)
	if err := watch.Subscribe(everything); err != nil {
		t.Fatal(err)
	}
	victim := s.booth(t, two)
	want := map[string]bool{}
	for who, d := range map[string]Dial{"booth": s.as(t, one), "observer": s.observer(t)} {
		c := d.must(t)
		for _, to := range topics {
			for qos := range byte(2) {
				payload := fmt.Sprintf("%s on %s with QoS %d", who, to, qos)
				_ = c.Publish(to, qos, false, payload)
				_ = c.Subscribe(mqttapi.Down(one)) // on the same connection: the engine is through with the message
				want[payload] = who == "booth" && slices.ContainsFunc(up(), func(l mqttapi.Leaf) bool { return to == topic(one, l) })
				if !c.Connected() {
					c = d.must(t) // refusing by closing the connection is allowed
				}
			}
		}
		c.Bye()
	}
	for payload, ok := range want {
		if ok {
			s.hears(t, payload)
			watch.gets(t, payload)
		}
	}
	s.fence(t, watch, victim)
	for _, m := range s.said.All() {
		if ok, known := want[string(m.Payload)]; known && !ok {
			t.Errorf("the fleet heard what nobody may say: %s", m.Payload)
		}
	}
	for _, h := range slices.Concat(watch.Got.All(), victim.Got.All()) {
		if ok, known := want[h.Payload]; known && !ok {
			t.Errorf("heard what nobody may say: %s", h.Payload)
		}
	}
}

// fence returns when everything said before has gone through the engine.
func (s *suite) fence(t *testing.T, watch, victim *Client) {
	t.Helper()
	payload := "fence of " + t.Name()
	if err := victim.Publish(topic(two, mqttapi.Heartbeats), 1, false, payload); err != nil {
		t.Fatal(err)
	}
	s.hears(t, payload)
	watch.gets(t, payload)
	s.tell(t, two, mqttapi.Replies, payload)
	victim.gets(t, payload)
}

// subscribing asks for everything as a booth and as an observer, lets everything be said, and looks at who was told what.
func (s *suite) subscribing(t *testing.T) {
	filters := []string{
		mqttapi.Down(one), "#", "+/#", "pb/#", "pb/v1/#", "pb/v1/+/+/dn/+", "pb/v1/+/+/up/+", "pb/v1/+/+/st", "pb/v1/default/#", "+/+/+/+/+/+",
		"pb/v1/default/+/dn/cm", "pb/v1/default/b-001/#", "pb/v1/default/b-001/up/+", "pb/v1/default/b-001/+/cm", "pb/v1/default/b-002/dn/+",
		"pb/v1/default/b-002/dn/cm", "pb/v1/other/b-001/dn/+", "$SYS/#", "$share/g/pb/v1/default/b-002/dn/+", "$share/g/#",
	}
	ears := map[string]*Client{"booth": s.booth(t, one), "observer": s.observer(t).must(t)}
	for who, c := range ears {
		for _, f := range filters {
			if err := c.Subscribe(f); err == nil {
				t.Logf("%s: %s is accepted", who, f)
			}
			if !c.Connected() {
				t.Fatalf("the %s lost its connection when it asked for %s", who, f)
			}
		}
	}
	var all []string
	say := func(payload string) string { all = append(all, payload); return payload }
	for _, k := range s.tenants()[1:] {
		c := s.as(t, k).must(t)
		for _, l := range up() {
			p := say("up " + topic(k, l))
			if err := c.Publish(topic(k, l), 1, l == mqttapi.State, p); err != nil {
				t.Fatal(err)
			}
			s.hears(t, p)
		}
		c.Bye()
	}
	for _, k := range s.tenants() {
		for _, l := range dn() {
			s.tell(t, k, l, say("dn "+topic(k, l)))
		}
	}
	last := "end of " + t.Name()
	s.tell(t, one, mqttapi.Replies, last)
	for who, c := range ears {
		c.gets(t, last)
		want := func(payload string) bool {
			if who == "booth" {
				return strings.HasPrefix(payload, "dn pb/v1/default/b-001/")
			}
			return strings.Contains(payload, " pb/v1/default/")
		}
		got := map[string]bool{}
		for _, p := range all {
			if want(p) {
				c.gets(t, p)
			}
		}
		for _, h := range c.Got.All() {
			got[h.Payload] = true
			if strings.HasPrefix(h.Topic, "$") {
				t.Errorf("the %s was told of the engine's own affairs: %s", who, h.Topic)
			}
		}
		for _, p := range all {
			if got[p] && !want(p) {
				t.Errorf("the %s was told %q", who, p)
			}
		}
	}
}
