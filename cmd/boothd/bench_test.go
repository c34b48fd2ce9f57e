package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// percentile returns the p-th percentile of times.
func percentile(times []time.Duration, p int) time.Duration {
	slices.Sort(times)
	return times[min(len(times)-1, len(times)*p/100)]
}

func report(b *testing.B, times []time.Duration) {
	b.ReportMetric(float64(percentile(times, 50).Milliseconds()), "p50-ms")
	b.ReportMetric(float64(percentile(times, 95).Milliseconds()), "p95-ms")
	b.ReportMetric(0, "ns/op")
}

// pickUp opens a visit and returns when the handset was lifted.
func (p *pair) pickUp() time.Time {
	p.t.Helper()
	start := time.Now()
	p.must("/sim/v1/hook", map[string]any{"state": "off"})
	return start
}

// putDown ends a visit and waits until it is wiped.
func (p *pair) putDown() {
	p.t.Helper()
	p.must("/sim/v1/hook", map[string]any{"state": "on"})
	p.poll(5*time.Second, "the visit to be wiped", p.closed)
}

// closed reports whether the last visit event says that the visit is over.
func (p *pair) closed() bool {
	raw := string(p.eventsSoFar())
	return strings.LastIndex(raw, `"state":"closed"`) > strings.LastIndex(raw, `"state":"opened"`)
}

// BenchmarkLiftToSound measures from the handset lifted to the first sound of the greeting (target: 1 s).
func BenchmarkLiftToSound(b *testing.B) {
	p := startPair(b)
	var times []time.Duration
	for b.Loop() {
		times = append(times, p.firstSound(p.pickUp()))
		p.putDown()
	}
	report(b, times)
}

// BenchmarkTurnToSound measures from typed words to the first sound of the reply (target: p95 500 ms).
func BenchmarkTurnToSound(b *testing.B) {
	p := startPair(b)
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": "我想买票", "lang": "zh"})
	places := []string{"豫园", "东方明珠", "上海博物馆"}
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		p.must("/sim/v1/say", map[string]any{"text": fmt.Sprintf("改成%s", places[i%len(places)]), "lang": "zh"})
		times = append(times, p.firstSound(start))
	}
	report(b, times)
}

// BenchmarkKeyToSilence measures from a key to the last sound of what the bot was saying (target: 60 ms).
func BenchmarkKeyToSilence(b *testing.B) {
	p := startPair(b)
	var times []time.Duration
	for b.Loop() {
		p.firstSound(p.pickUp())
		start := time.Now()
		p.must("/sim/v1/keys", map[string]any{"keys": "9"})
		p.poll(5*time.Second, "half a second", func() bool { return time.Since(start) > 500*time.Millisecond })
		times = append(times, p.lastSound(start))
		p.putDown()
	}
	report(b, times)
}

// BenchmarkSOSToRinging measures from the held SOS key to the operator ringing (target: 500 ms).
func BenchmarkSOSToRinging(b *testing.B) {
	p := startPair(b)
	var times []time.Duration
	for b.Loop() {
		start := time.Now()
		p.must("/sim/v1/sos", map[string]any{"held_ms": 1200})
		p.screen("S9")
		times = append(times, time.Since(start))
		p.must("/sim/v1/touch", map[string]any{"action": "sos.cancel"})
		p.screen("S0")
	}
	report(b, times)
}

// BenchmarkHangUpToClear measures from the handset down to a screen without the visit (target: 300 ms).
func BenchmarkHangUpToClear(b *testing.B) {
	p := startPair(b)
	var times []time.Duration
	for b.Loop() {
		p.pickUp()
		start := time.Now()
		p.must("/sim/v1/hook", map[string]any{"state": "on"})
		p.screen("S0")
		times = append(times, time.Since(start))
		p.poll(5*time.Second, "the visit to be wiped", p.closed)
	}
	report(b, times)
}
