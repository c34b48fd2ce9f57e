package main

import (
	"flag"
	"strconv"
	"strings"
	"testing"
	"time"
)

// visits is how many visits make soak asks for.
var visits = flag.Int("visits", 12, "visits in a row for TestVisitsLeaveNothingBehind")

// TestVisitsLeaveNothingBehind makes one visit after the other and watches goroutines and heap.
func TestVisitsLeaveNothingBehind(t *testing.T) {
	p := startPair(t)
	const warmUp = 4
	var goroutines, heap float64
	for i := range warmUp + *visits {
		p.pickUp()
		p.must("/sim/v1/say", map[string]any{"text": "我要后天上午豫园的一张票", "lang": "zh"})
		p.screen("S5")
		if i%2 == 0 { // every other one books; the rest change their mind
			p.must("/sim/v1/say", map[string]any{"text": "对", "lang": "zh"})
			p.screen("S8")
		}
		p.putDown()
		if i == warmUp-1 {
			goroutines, heap = p.steady("go_goroutines"), p.steady("go_memstats_heap_inuse_bytes")
		}
	}
	goroutinesNow, heapNow := p.steady("go_goroutines"), p.steady("go_memstats_heap_inuse_bytes")
	t.Logf("%d visits: goroutines %.0f -> %.0f, heap in use %.1f -> %.1f MB, resident %.0f MB", *visits, goroutines, goroutinesNow,
		heap/1e6, heapNow/1e6, p.metric("process_resident_memory_bytes")/1e6)
	if goroutinesNow > goroutines+4 {
		t.Errorf("goroutines grew from %.0f to %.0f", goroutines, goroutinesNow)
	}
	if heapNow > heap*1.25+4e6 {
		t.Errorf("heap grew from %.0f to %.0f bytes", heap, heapNow)
	}
}

// steady reads a metric until it stays the same for half a second or ten seconds are over, and returns the least it saw.
func (p *pair) steady(name string) float64 {
	least, since := p.metric(name), time.Now()
	p.within(10*time.Second, func() bool {
		if now := p.metric(name); now < least {
			least, since = now, time.Now()
		}
		return time.Since(since) > 500*time.Millisecond
	})
	return least
}

func (p *pair) metric(name string) float64 {
	p.t.Helper()
	for _, line := range strings.Split(string(p.get("/metrics")), "\n") {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return n
		}
	}
	p.t.Fatalf("no metric %s", name)
	return 0
}
