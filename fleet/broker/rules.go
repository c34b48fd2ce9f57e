package broker

import (
	"strings"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// The rules of the line. An external engine states the same in its own config; brokertest checks both against one table.

// root is how every topic of the tree begins.
const root = "pb/v1/"

// MayPublish reports whether p may say something on topic.
func (p Peer) MayPublish(topic string) bool {
	t, ok := mqttapi.ParseTopic(topic)
	return ok && !p.Observer && t.Key == p.Key && t.Leaf.Up()
}

// MayRetain reports whether what p says on topic may stay for those who come later.
func (p Peer) MayRetain(topic string) bool {
	t, ok := mqttapi.ParseTopic(topic)
	return ok && t.Leaf == mqttapi.State && p.MayPublish(topic)
}

// MayRead reports whether p may subscribe to filter, or be given what was said on the topic filter. An observer may ask for anything:
// what it gets is looked at message by message.
func (p Peer) MayRead(filter string) bool {
	if !p.Observer {
		return strings.HasPrefix(filter, below(p.Key)) && !strings.Contains(filter, "#") && strings.Count(filter, "/") == 5
	}
	if strings.ContainsAny(filter, "+#") {
		return !strings.HasPrefix(filter, "$")
	}
	return strings.HasPrefix(filter, root+p.Key.Tenant+"/")
}

// below is how the topics begin on which the fleet speaks to a booth.
func below(k fleet.Key) string { return root + k.Tenant + "/" + k.Booth + "/dn/" }
