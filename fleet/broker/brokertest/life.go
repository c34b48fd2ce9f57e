package brokertest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

func (s *suite) birthAndWill(t *testing.T) {
	watch := s.observer(t).must(t)
	if err := watch.Subscribe(everything); err != nil {
		t.Fatal(err)
	}
	st := topic(one, mqttapi.State)
	d := s.as(t, one)
	d.Will, d.WillBody = st, "will of birthAndWill"
	c := d.must(t)
	if err := c.Publish(st, 1, true, "birth of birthAndWill"); err != nil {
		t.Fatal(err)
	}
	m := s.hears(t, "birth of birthAndWill")
	if m.Topic != st || m.At.IsZero() {
		t.Errorf("birth came as %+v", m)
	}
	if m.Client != "" && m.Client != one.String() {
		t.Errorf("birth came from %q", m.Client)
	}
	watch.gets(t, "birth of birthAndWill")
	l := s.observer(t).must(t)
	if err := l.Subscribe("pb/v1/default/+/st"); err != nil {
		t.Fatal(err)
	}
	if h := l.gets(t, "birth of birthAndWill"); !h.Retained {
		t.Error("who comes later gets the state, but not as retained")
	}
	c.Kill()
	if m := s.hears(t, "will of birthAndWill"); m.Topic != st {
		t.Errorf("will came on %s", m.Topic)
	}
	watch.gets(t, "will of birthAndWill")
}

func (s *suite) goodbye(t *testing.T) {
	d := s.as(t, one)
	d.Will, d.WillBody = topic(one, mqttapi.State), "will of goodbye"
	d.must(t).Bye()
	c := s.booth(t, one)
	if err := c.Publish(topic(one, mqttapi.Heartbeats), 1, false, "after goodbye"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "after goodbye")
	if n := s.said.Count(func(m broker.Message) bool { return string(m.Payload) == d.WillBody }); n > 0 {
		t.Error("a will was sent for a booth that said goodbye")
	}
}

func (s *suite) down(t *testing.T) {
	c := s.booth(t, one)
	if n := s.e.Bus.Connected(); s.e.Bus.Caps().Counts && n < 1 {
		t.Errorf("%d booths are connected, at least this one is", n)
	}
	const n = 300
	for i := range n {
		s.tell(t, one, dn()[i%4], fmt.Sprint("down ", i))
	}
	c.gets(t, fmt.Sprint("down ", n-1))
	next := 0
	for _, h := range c.Got.All() {
		if h.Payload == fmt.Sprint("down ", next) {
			next++
		}
		if h.QoS != 1 || h.Retained {
			t.Errorf("came with QoS %d, retained %v", h.QoS, h.Retained)
		}
	}
	if next != n {
		t.Errorf("%d of %d came in order", next, n)
	}
}

func (s *suite) kick(t *testing.T) {
	if !s.e.Bus.Caps().Kick {
		if err := s.e.Bus.Kick(t.Context(), one); !errors.Is(err, broker.ErrCannot) {
			t.Errorf("kick: %v, want %v", err, broker.ErrCannot)
		}
		t.Skip("this engine cannot")
	}
	c, other := s.booth(t, one), s.booth(t, two)
	if err := s.e.Bus.Kick(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	closed(t, "the connection is still there", c.Lost)
	if !other.Connected() {
		t.Error("another booth lost its connection too")
	}
	again := s.booth(t, one)
	s.tell(t, one, mqttapi.Commands, "after kick")
	again.gets(t, "after kick")
	if err := s.e.Bus.Kick(t.Context(), foreign); err != nil {
		t.Errorf("kick of a booth that is not there: %v", err)
	}
}

func (s *suite) sizes(t *testing.T) {
	c, other := s.booth(t, one), s.booth(t, two)
	big := strings.Repeat("x", mqttapi.MaxMessage)
	if err := c.Publish(topic(one, mqttapi.Events), 1, false, big); err != nil {
		t.Fatalf("a message of %d bytes: %v", len(big), err)
	}
	s.hears(t, big)
	s.tell(t, one, mqttapi.DesiredConfig, big)
	c.gets(t, big)

	huge := strings.Repeat("y", 1<<20)
	_ = c.Publish(topic(one, mqttapi.Events), 1, false, huge) // refused somehow: most close the connection
	if err := other.Publish(topic(two, mqttapi.Events), 1, false, "after the huge one"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "after the huge one")
	if s.said.Count(func(m broker.Message) bool { return len(m.Payload) == len(huge) }) > 0 {
		t.Errorf("a message of %d bytes came through", len(huge))
	}
}

func (s *suite) takeover(t *testing.T) {
	d := s.as(t, one)
	d.Will, d.WillBody = topic(one, mqttapi.State), "will of the first"
	first := d.must(t)
	first.listen(t, one)
	d.WillBody = "will of the second"
	second := d.must(t)
	closed(t, "the first connection is still there", first.Lost)
	second.listen(t, one)
	if err := second.Publish(topic(one, mqttapi.State), 1, true, "birth of the second"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "birth of the second")
	s.tell(t, one, mqttapi.Commands, "to the second")
	second.gets(t, "to the second")
	if !second.Connected() {
		t.Error("the second connection is lost")
	}
	stale := s.said.Count(func(m broker.Message) bool { return string(m.Payload) == "will of the first" })
	if quiet := s.e.Bus.Caps().QuietTakeover; quiet && stale > 0 {
		t.Error("the will of the first came though its booth is there")
	} else if !quiet {
		t.Logf("the engine sent the will of the first %d times; its epoch gives it away", stale)
	}
}

// stolenID: a booth connects under the id of another.
func (s *suite) stolenID(t *testing.T) {
	honest := s.booth(t, one)
	d := s.as(t, two)
	d.ID = one.String()
	thief, err := d.Connect(t)
	if !s.e.Bus.Caps().OwnID {
		t.Skipf("this engine does not look: the thief got in: %v", err == nil)
	}
	if err == nil { // an engine may also name it by its certificate instead
		_ = thief.Subscribe(mqttapi.Down(one))
	}
	s.tell(t, one, mqttapi.Commands, "not for thieves")
	honest.gets(t, "not for thieves")
	if !honest.Connected() {
		t.Error("the honest booth lost its connection")
	}
	if thief != nil && thief.Got.Count(func(h Heard) bool { return h.Payload == "not for thieves" }) > 0 {
		t.Error("the thief was told what was for another")
	}
}

func (s *suite) foreignWill(t *testing.T) {
	d := s.as(t, one)
	d.Will, d.WillBody = topic(two, mqttapi.State), "two is dead, says one"
	if c, err := d.Connect(t); err == nil {
		c.Kill()
	}
	if !s.e.Bus.Caps().OwnWill {
		t.Skip("this engine does not look")
	}
	c := s.booth(t, two)
	if err := c.Publish(topic(two, mqttapi.Heartbeats), 1, false, "I am well"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "I am well")
	if s.said.Count(func(m broker.Message) bool { return string(m.Payload) == d.WillBody }) > 0 {
		t.Error("the will was carried")
	}
}

func (s *suite) retained(t *testing.T) {
	c := s.booth(t, one)
	_ = c.Publish(topic(one, mqttapi.Events), 1, true, "for ever")
	s.tell(t, two, mqttapi.Commands, "never retained")
	watch := s.observer(t).must(t)
	if err := watch.Subscribe(everything); err != nil {
		t.Fatal(err)
	}
	s.tell(t, two, mqttapi.Commands, "end of retained")
	watch.gets(t, "end of retained")
	for _, h := range watch.Got.All() {
		switch {
		case h.Retained && strings.Contains(h.Topic, "/dn/"):
			t.Errorf("%s is retained: %s", h.Topic, short(h.Payload))
		case h.Retained && !strings.HasSuffix(h.Topic, "/st") && s.e.Bus.Caps().RetainOnly:
			t.Errorf("%s is retained: %s", h.Topic, short(h.Payload))
		case h.Retained && !strings.HasSuffix(h.Topic, "/st"):
			t.Logf("this engine keeps %s", h.Topic)
		}
	}
}

// deaf: a booth that subscribes and never reads again holds up neither the fleet nor other booths.
func (s *suite) deaf(t *testing.T) {
	d := s.as(t, one)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	raw, err := (&tls.Dialer{Config: d.tls()}).DialContext(ctx, "tcp", d.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	connect, _ := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	connect.ProtocolName, connect.ProtocolVersion, connect.CleanSession = "MQTT", 4, true
	connect.ClientIdentifier, connect.Keepalive = d.ID, 60
	subscribe, _ := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	subscribe.MessageID, subscribe.Topics, subscribe.Qoss = 1, []string{mqttapi.Down(one)}, []byte{1}
	for _, p := range []packets.ControlPacket{connect, subscribe} {
		if err := p.Write(raw); err != nil {
			t.Fatal(err)
		}
		if _, err := packets.ReadPacket(raw); err != nil {
			t.Fatal(err)
		}
	}
	other := s.booth(t, two)
	big := strings.Repeat("z", 64<<10)
	begun := time.Now()
	for i := range 200 {
		s.tell(t, one, mqttapi.Commands, big)
		s.tell(t, two, mqttapi.Commands, fmt.Sprint("not deaf ", i))
	}
	other.gets(t, "not deaf 199")
	t.Logf("400 messages in %s", time.Since(begun).Round(time.Millisecond))
}

// restart: the engine ends without a word and comes again; everybody finds back, and the fleet hears of it.
func (s *suite) restart(t *testing.T) {
	if s.e.Restart == nil {
		t.Skip("this engine cannot be restarted")
	}
	d := s.as(t, one)
	d.Will, d.WillBody = topic(one, mqttapi.State), "will of restart"
	c := d.must(t)
	bus := s.e.Restart(t)
	closed(t, "the connection outlived its engine", c.Lost)
	again := s.reconnect(t, d)
	if err := again.Publish(topic(one, mqttapi.State), 1, true, "birth after restart"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "birth after restart")
	again.listen(t, one)
	for late := time.Now().Add(patience); ; {
		err := bus.Publish(t.Context(), topic(one, mqttapi.Commands), []byte("after restart"))
		if err == nil {
			break
		}
		if time.Now().After(late) {
			t.Fatal(err)
		}
	}
	again.gets(t, "after restart")
	wills := s.said.Count(func(m broker.Message) bool { return string(m.Payload) == d.WillBody })
	if bus.Caps().QuietBounce && wills > 0 {
		t.Errorf("%d wills of a booth that is well", wills)
	}
}

// reconnect tries until the engine is back.
func (s *suite) reconnect(t *testing.T, d Dial) *Client {
	t.Helper()
	for late := time.Now().Add(patience); ; {
		c, err := d.Connect(t)
		if err == nil {
			return c
		}
		if time.Now().After(late) {
			t.Fatalf("cannot connect again: %v", err)
		}
	}
}
