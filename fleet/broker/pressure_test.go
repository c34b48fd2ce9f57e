package broker_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/broker/brokertest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// A booth that talks without end is slowed down, and others are not.
func TestPace(t *testing.T) {
	w := newWorld(t, func(c *broker.EmbeddedConfig) { c.Limits.MessageRate, c.Limits.MessageBurst = 50, 50 })
	flood, err := w.dial(t, booth(1)).Connect(t)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for n := range 100 {
		if err := flood.Publish(mqttapi.Topic{Key: booth(1), Leaf: mqttapi.Heartbeats}.String(), 1, false, fmt.Sprint("flood ", n)); err != nil {
			t.Fatal(err)
		}
		if n == 70 {
			w.alive(t, booth(2))
		}
	}
	if took := time.Since(begun); took < 900*time.Millisecond {
		t.Errorf("100 messages in %s, at 50 a second", took)
	}
	if w.metric(t, "throttled_total", "") == 0 {
		t.Error("nothing was throttled")
	}
}

// Two devices with one identity fight; whoever is last can be reached, nothing of the others is left, and no will of theirs is believed.
func TestFightForOneID(t *testing.T) {
	w := newWorld(t, nil)
	k := booth(1)
	d := w.dial(t, k)
	d.Will, d.WillBody = mqttapi.Topic{Key: k, Leaf: mqttapi.State}.String(), "will"
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 12 {
				if c, err := d.Connect(t); err == nil {
					_ = c.Subscribe(mqttapi.Down(k))
				}
			}
		})
	}
	wg.Wait()
	// each of them is taken over by the next, and one is left
	eventually(t, "more than one is left", func() bool {
		return w.metric(t, "connects_total", "")-w.metric(t, "ended_total", "") == 1 && w.bus.Connected() == 1
	})
	if n := w.said.Count(func(m broker.Message) bool { return string(m.Payload) == "will" }); n > 0 {
		t.Errorf("%d wills of a booth that is there", n)
	}
	w.alive(t, k)
}

// The engine ends: everybody is cut off, and no will tells the fleet that they have gone.
func TestEndsWithoutWills(t *testing.T) {
	w := newWorld(t, nil)
	var all []*brokertest.Client
	for n := range 30 {
		d := w.dial(t, booth(n))
		d.Will, d.WillBody = mqttapi.Topic{Key: booth(n), Leaf: mqttapi.State}.String(), "will"
		c, err := d.Connect(t)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if n := w.bus.Connected(); n != 30 {
		t.Errorf("%d are connected", n)
	}
	w.secure(t, booth(99)) // one that has not got as far as CONNECT
	w.stop()
	for _, c := range all {
		<-c.Lost
	}
	if got := w.said.All(); len(got) > 0 {
		t.Errorf("the fleet heard %s", got[0].Payload)
	}
	if err := w.bus.Publish(context.Background(), "pb/v1/default/b-0001/dn/cm", nil); !errors.Is(err, broker.ErrNotReady) {
		t.Errorf("publish after the end: %v", err)
	}
}

// A booth that does not read what it is sent is cut off, by what waits for it or by how long it waits; publishing never waits for it.
func TestDeafIsCutOff(t *testing.T) {
	for name, limits := range map[string]broker.Limits{
		"too much": {WriteBuffer: 1 << 20, WriteTimeout: time.Hour},
		"too long": {WriteBuffer: 1 << 30, WriteTimeout: 200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *broker.EmbeddedConfig) { c.Limits = limits })
			c := w.secure(t, booth(1))
			subscribe, _ := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
			subscribe.MessageID, subscribe.Topics, subscribe.Qoss = 1, []string{mqttapi.Down(booth(1))}, []byte{1}
			for _, p := range []packets.ControlPacket{connectPacket(booth(1)), subscribe} {
				if err := p.Write(c); err != nil {
					t.Fatal(err)
				}
				if _, err := packets.ReadPacket(c); err != nil {
					t.Fatal(err)
				}
			}
			big := make([]byte, 100<<10)
			for range 300 {
				if err := w.bus.Publish(t.Context(), mqttapi.Topic{Key: booth(1), Leaf: mqttapi.Commands}.String(), big); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "it is still connected", func() bool { return w.bus.Connected() == 0 })
			eventually(t, "it is not counted", func() bool { return w.metric(t, "ended_total", "slow") == 1 })
			w.alive(t, booth(2))
		})
	}
}

// Handshakes cost, so they have a pace.
func TestHandshakePace(t *testing.T) {
	w := newWorld(t, func(c *broker.EmbeddedConfig) { c.Limits.HandshakeRate = 20 })
	begun := time.Now()
	var wg sync.WaitGroup
	for n := range 60 {
		d := w.dial(t, booth(n))
		wg.Go(func() {
			if _, err := d.Connect(t); err != nil {
				t.Errorf("%s: %v", d.ID, err)
			}
		})
	}
	wg.Wait()
	if took := time.Since(begun); took < 1900*time.Millisecond {
		t.Errorf("60 handshakes in %s, at 20 a second after the first 20", took)
	}
}
