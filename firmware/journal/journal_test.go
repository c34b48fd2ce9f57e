package journal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/journal"
)

func TestSinceKeepsTheLastThousand(t *testing.T) {
	j := journal.New(time.Now)
	for range journal.Kept + 5 {
		j.Add(firmware.Event{Type: firmware.EventKey})
	}
	events, more := j.Since(0)
	if len(events) != journal.Kept || events[0].ID != 6 {
		t.Fatalf("%d events from %d", len(events), events[0].ID)
	}
	select {
	case <-more:
		t.Fatal("more before anything came")
	default:
	}
	j.Add(firmware.Event{Type: firmware.EventLED})
	<-more
	if events, _ = j.Since(journal.Kept + 5); len(events) != 1 || events[0].Type != firmware.EventLED {
		t.Fatalf("%v", events)
	}
}

func TestScrubStrikesWordsOfOneVisitOnly(t *testing.T) {
	j := journal.New(time.Now)
	add := func(visit, text string) {
		j.Add(firmware.Event{Type: firmware.EventTurn, Visit: visit, Data: map[string]any{"who": "citizen", "text": text}})
	}
	add("a", "secret")
	add("b", "open")
	before, _ := j.Since(0)
	j.Scrub("a")
	after, _ := j.Since(0)
	if _, ok := after[0].Data["text"]; ok || after[0].Data["who"] != "citizen" {
		t.Errorf("visit a: %v", after[0].Data)
	}
	if after[1].Data["text"] != "open" {
		t.Errorf("visit b: %v", after[1].Data)
	}
	if s, _ := before[0].Data["text"].(string); !strings.Contains(s, "secret") {
		t.Error("a reader's copy was changed under its hands")
	}
}
