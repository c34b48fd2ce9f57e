package broker

import (
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// hook is where mochi asks. All of a client's calls come from the goroutine of its connection, except those about what it is sent.
type hook struct {
	mqtt.HookBase
	e *Embedded
}

// Why sessions end, in words of the metric.
const (
	endedKick     = "kick"
	endedTakeover = "takeover"
	endedDenied   = "denied"
	endedSlow     = "slow" // did not read what it was sent
	endedBye      = "disconnect"
	endedLost     = "lost"
	endedRefused  = "refused"
)

// nowhere is a topic that nobody can be subscribed to: mochi lets a will be changed, but not be withheld.
const nowhere = "$none"

func (h *hook) ID() string { return "laoyou" }

func (h *hook) Provides(b byte) bool {
	switch b {
	case mqtt.OnConnect, mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnSessionEstablish, mqtt.OnSessionEstablished, mqtt.OnDisconnect,
		mqtt.OnPacketRead, mqtt.OnPublish, mqtt.OnSubscribed, mqtt.OnPublishDropped, mqtt.OnPacketSent, mqtt.OnWill:
		return true
	}
	return false
}

// of is the client's connection, nil for ourselves.
func of(cl *mqtt.Client) *conn {
	c, _ := cl.Net.Conn.(*conn)
	return c
}

// OnConnect looks at the CONNECT packet; who the peer is was settled before.
func (h *hook) OnConnect(cl *mqtt.Client, pk packets.Packet) error {
	c := of(cl)
	reason, code := c.check(pk)
	if reason != "" {
		h.e.metrics.refused.WithLabelValues(reason).Inc()
		h.e.cfg.Log.Warn("session refused", "peer", c.peer.Key.String(), "reason", reason)
		c.because(endedRefused)
		_ = h.e.server.SendConnack(cl, code, false, nil)
		return code
	}
	cl.Properties.Clean = true // nothing is kept for anybody, whatever was asked for
	if c.peer.Observer {
		cl.ID = "observer/" + id.New() // so that it is never in the place of another
	}
	return nil
}

// check returns why a peer may not connect as it wants.
func (c *conn) check(pk packets.Packet) (reason string, code packets.Code) {
	asked := time.Duration(pk.Connect.Keepalive) * time.Second
	switch {
	case pk.ProtocolVersion != 4:
		return refusedProtocol, packets.ErrUnsupportedProtocolVersion
	case !c.peer.Observer && pk.Connect.ClientIdentifier != c.peer.Key.String():
		return refusedID, packets.ErrClientIdentifierNotValid
	case asked == 0 || asked > c.limits.KeepAlive:
		return refusedKeepAlive, packets.ErrNotAuthorized
	case pk.Connect.WillFlag && (!c.peer.MayPublish(pk.Connect.WillTopic) || pk.Connect.WillRetain && !c.peer.MayRetain(pk.Connect.WillTopic)):
		return refusedWill, packets.ErrNotAuthorized
	}
	return "", packets.CodeSuccess
}

func (h *hook) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

// OnSessionEstablish comes before mochi replaces an older session of the same client.
func (h *hook) OnSessionEstablish(cl *mqtt.Client, _ packets.Packet) {
	c := of(cl)
	c.client = cl
	c.settled()
	c.lock(h.e.conns.turn(cl.ID))
	if c.peer.Observer {
		return
	}
	if before := h.e.conns.put(c); before != nil {
		before.endFor(endedTakeover)
	}
}

// OnSessionEstablished comes when the peer can be reached. It is asked about once more: it may have been revoked, and kicked in vain, since.
func (h *hook) OnSessionEstablished(cl *mqtt.Client, _ packets.Packet) {
	c := of(cl)
	c.unlock()
	h.e.metrics.connects.Inc()
	if _, err := h.e.cfg.Admit(c.cert); err != nil {
		h.e.metrics.refused.WithLabelValues(refusedPeer).Inc()
		c.endFor(endedRefused)
	}
}

// OnDisconnect comes before mochi forgets the session; until it has, no other of this client may come.
func (h *hook) OnDisconnect(cl *mqtt.Client, err error, _ bool) {
	c := of(cl)
	c.because(endedLost)
	why := c.why()
	if err == nil && why == endedLost {
		why = endedBye
	}
	h.e.metrics.ended.WithLabelValues(why).Inc()
	c.lock(h.e.conns.turn(cl.ID))
}

// forget ends what a connection leaves behind once mochi is through with it, even when it broke in the middle of becoming a session.
func (e *Embedded) forget(c *conn) {
	if c.client != nil {
		c.lock(e.conns.turn(c.client.ID))
		if now, ok := e.server.Clients.Get(c.client.ID); ok && now == c.client {
			e.server.UnsubscribeClient(now)
			e.server.Clients.Delete(c.client.ID)
		}
		e.conns.remove(c)
	}
	c.unlock()
}

func (h *hook) OnPacketRead(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if c := of(cl); c != nil {
		c.qos = pk.FixedHeader.Qos
	}
	return pk, nil
}

// OnACLCheck is asked before a publish, before a subscription, and before each message that is sent to a peer.
func (h *hook) OnACLCheck(cl *mqtt.Client, topic string, write bool) bool {
	c := of(cl)
	switch {
	case c == nil:
		return true
	case !write:
		return c.peer.MayRead(topic)
	case c.peer.MayPublish(topic):
		return true
	case c.qos == 0: // mochi drops it
		h.e.metrics.denied.WithLabelValues("publish_qos0").Inc()
	default: // mochi closes the connection
		h.e.metrics.denied.WithLabelValues("publish").Inc()
		c.because(endedDenied)
	}
	return false
}

// OnPublish comes before mochi acknowledges, which means nothing here.
func (h *hook) OnPublish(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	c := of(cl)
	if c == nil {
		return pk, nil
	}
	if pk.FixedHeader.Retain && !c.peer.MayRetain(pk.TopicName) {
		h.e.metrics.denied.WithLabelValues("retain").Inc()
		c.endFor(endedDenied)
		return pk, packets.ErrRejectPacket
	}
	waited, err := c.throttle(len(pk.Payload))
	if waited {
		h.e.metrics.throttled.Inc()
	}
	if err != nil || h.e.ending.Load() {
		return pk, packets.ErrRejectPacket
	}
	h.e.receive(c, pk.TopicName, pk.Payload)
	return pk, nil
}

// OnWill comes when a connection was lost. A will of a booth that has connected anew, or that lost its connection because we go, would
// say that a booth is gone which is there.
func (h *hook) OnWill(cl *mqtt.Client, will mqtt.Will) (mqtt.Will, error) {
	c := of(cl)
	if c == nil || h.e.ending.Load() || h.e.conns.of(c.peer.Key) != c {
		return mqtt.Will{TopicName: nowhere}, nil
	}
	h.e.receive(c, will.TopicName, will.Payload)
	return will, nil
}

func (e *Embedded) receive(c *conn, topic string, payload []byte) {
	if t, ok := mqttapi.ParseTopic(topic); ok {
		e.metrics.received.WithLabelValues(string(t.Leaf)).Inc()
	}
	e.cfg.Receive(Message{Topic: topic, Payload: payload, Client: c.peer.Key.String(), At: time.Now()})
}

func (h *hook) OnSubscribed(_ *mqtt.Client, _ packets.Packet, codes []byte) {
	for _, code := range codes {
		if code >= packets.ErrUnspecifiedError.Code {
			h.e.metrics.denied.WithLabelValues("subscribe").Inc()
		}
	}
}

func (h *hook) OnPublishDropped(*mqtt.Client, packets.Packet) { h.e.metrics.dropped.Inc() }

func (h *hook) OnPacketSent(_ *mqtt.Client, pk packets.Packet, _ []byte) {
	if pk.FixedHeader.Type == packets.Publish {
		h.e.metrics.sent.Inc()
	}
}
