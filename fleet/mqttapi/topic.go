package mqttapi

import (
	"strings"

	"github.com/laoyou/laoyou/fleet"
)

// root of all topics; the number is the major version of the tree.
const root = "pb/v1/"

// Topic is where a message goes: whose booth, which way, which kind.
type Topic struct {
	Key  fleet.Key
	Leaf Leaf
}

// Leaf is the end of a topic.
type Leaf string

// Leaves of the tree.
const (
	State          Leaf = "st"    // birth and will, retained
	Heartbeats     Leaf = "up/hb" //
	Telemetry      Leaf = "up/tm" // durable
	Events         Leaf = "up/ev" // durable
	Reported       Leaf = "up/cf" //
	Results        Leaf = "up/rs" // of commands
	Requests       Leaf = "up/rq" //
	DesiredConfig  Leaf = "dn/cf" //
	Commands       Leaf = "dn/cm" //
	Acknowledgment Leaf = "dn/ak" // cumulative, of the outbox
	Replies        Leaf = "dn/rp" //
)

// kinds says which kinds of message a leaf carries.
func kinds(l Leaf) []Kind {
	switch l {
	case State:
		return []Kind{KindBirth, KindWill}
	case Heartbeats:
		return []Kind{KindHeartbeat}
	case Telemetry:
		return []Kind{KindTelemetry}
	case Events:
		return []Kind{KindEvent}
	case Reported, DesiredConfig:
		return []Kind{KindConfig}
	case Results:
		return []Kind{KindResult}
	case Requests:
		return []Kind{KindRequest}
	case Commands:
		return []Kind{KindCommand}
	case Acknowledgment:
		return []Kind{KindAck}
	case Replies:
		return []Kind{KindReply}
	}
	return nil
}

// Up reports whether booths publish on the leaf.
func (l Leaf) Up() bool { return l == State || strings.HasPrefix(string(l), "up/") }

// String is the topic as MQTT writes it.
func (t Topic) String() string { return root + t.Key.Tenant + "/" + t.Key.Booth + "/" + string(t.Leaf) }

// ParseTopic reads a topic of the tree.
func ParseTopic(s string) (Topic, bool) {
	rest, ok := strings.CutPrefix(s, root)
	if !ok {
		return Topic{}, false
	}
	parts := strings.SplitN(rest, "/", 3)
	if len(parts) != 3 || !fleet.ValidID(parts[0]) || !fleet.ValidID(parts[1]) || kinds(Leaf(parts[2])) == nil {
		return Topic{}, false
	}
	return Topic{fleet.Key{Tenant: parts[0], Booth: parts[1]}, Leaf(parts[2])}, true
}

// Down is the one filter a booth subscribes to.
func Down(k fleet.Key) string { return root + k.Tenant + "/" + k.Booth + "/dn/+" }

// Filters are what the fleet subscribes to: all that booths say.
func Filters() []string { return []string{root + "+/+/st", root + "+/+/up/+"} }
