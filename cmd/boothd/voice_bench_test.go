package main

import (
	"testing"
	"time"
)

// ready signs an agent in and makes them available.
func (p *pair) readyAgent() *agent {
	p.t.Helper()
	a := p.agent()
	a.send(map[string]any{"t": "set_state", "state": "available"})
	a.await("state", func(m map[string]any) bool { return m["state"] == "available" })
	return a
}

// finish ends a conversation on both sides and brings the agent back.
func (a *agent) finish() {
	a.t.Helper()
	a.putDown()
	a.await("call", func(m map[string]any) bool { return m["state"] == "ended" })
	a.send(map[string]any{"t": "wrap_up", "disposition": "resolved", "note": ""})
	a.await("state", func(m map[string]any) bool { return m["state"] == "available" })
}

// BenchmarkWishToOffer measures from "a person, please" to the offer at the desk (target: 1 s).
func BenchmarkWishToOffer(b *testing.B) {
	p := startHouse(b)
	a := p.readyAgent()
	var times []time.Duration
	for b.Loop() {
		p.pickUp()
		start := time.Now()
		p.must("/sim/v1/say", map[string]any{"text": "转人工", "lang": "zh"})
		offer := a.await("offer", nil)
		times = append(times, time.Since(start))
		a.send(map[string]any{"t": "accept", "offer": offer["offer"]})
		a.await("call", func(m map[string]any) bool { return m["state"] == "talking" })
		a.finish()
	}
	report(b, times)
}

// BenchmarkMouthToDesk measures from a sound at the booth's mouthpiece to the same sound at the agent's ear, all buffers included
// (target: 60 ms added by us, the jitter buffer apart).
func BenchmarkMouthToDesk(b *testing.B) {
	p := startHouse(b)
	a := p.readyAgent()
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": "转人工", "lang": "zh"})
	offer := a.await("offer", nil)
	a.send(map[string]any{"t": "accept", "offer": offer["offer"]})
	a.await("call", func(m map[string]any) bool { return m["state"] == "talking" })
	p.poll(5*time.Second, "sound at the desk", func() bool { return a.received() > 8000 })
	var times []time.Duration
	for b.Loop() {
		p.poll(5*time.Second, "silence", func() bool { return !a.loud() })
		start := time.Now()
		p.mouth(hum(440, 300*time.Millisecond))
		p.poll(5*time.Second, "the tone", a.loud)
		times = append(times, time.Since(start))
	}
	report(b, times)
}

func (a *agent) received() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.heard)
}

// loud reports whether the agent's last 20 ms are loud.
func (a *agent) loud() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.heard[max(0, len(a.heard)-160):] {
		if s > 4000 {
			return true
		}
	}
	return false
}
