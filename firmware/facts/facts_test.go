package facts_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/facts"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// told runs a Teller over events and returns what it told, a line of JSON each.
func told(t *testing.T, events ...firmware.Event) (*facts.Teller, []string) {
	t.Helper()
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	j := journal.New(func() time.Time { return now })
	for i, e := range events {
		e.At = now.Add(time.Duration(i) * time.Second)
		j.Add(e)
	}
	var lines []string
	ctx, cancel := context.WithCancel(t.Context())
	last := firmware.Event{Type: firmware.EventError}
	j.Add(last) // its fact is the last one
	teller := facts.New(facts.Deps{Journal: j, Log: slog.New(slog.DiscardHandler), Tell: func(_ context.Context, e mqttapi.Event) error {
		if e.Type == mqttapi.EventFault {
			cancel()
			return nil
		}
		line, err := json.Marshal(e)
		if err != nil {
			t.Error(err)
		}
		lines = append(lines, string(line))
		return nil
	}})
	if err := teller.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return teller, lines
}

func event(kind firmware.EventType, data map[string]any) firmware.Event {
	return firmware.Event{Type: kind, Visit: "01V", Data: data}
}

func TestVisitWithoutItsWords(t *testing.T) {
	teller, got := told(t,
		event(firmware.EventVisit, map[string]any{"state": "opened", "handset": true}),
		event(firmware.EventKey, map[string]any{"key": "7"}),
		event(firmware.EventTurn, map[string]any{"who": "citizen", "text": "secret words"}),
		event(firmware.EventTurn, map[string]any{"who": "bot", "text": "more words", "lang": "zh", "task": "attraction", "misses": 1}),
		event(firmware.EventTool, map[string]any{"tool": "book", "state": "called"}),
		event(firmware.EventTool, map[string]any{"tool": "book", "state": "done", "ms": int64(4)}),
		event(firmware.EventCall, map[string]any{"kind": "person", "state": "placed"}),
		event(firmware.EventCall, map[string]any{"kind": "person", "state": "answered"}),
		event(firmware.EventCall, map[string]any{"kind": "person", "state": "ended", "cause": "ended"}),
		event(firmware.EventVisit, map[string]any{"state": "opened", "handset": true}),
		event(firmware.EventVisit, map[string]any{"state": "closed"}),
	)
	want := []string{
		`{"type":"visit.started","visit":"01V","data":{"how":"lift"}}`,
		`{"type":"call.started","visit":"01V","data":{"kind":"person"}}`,
		`{"type":"call.ended","visit":"01V","data":{"answered":true,"cause":"ended","kind":"person","ms":2000}}`,
		`{"type":"visit.ended","visit":"01V","data":{"how":"lift","lang":"zh","misses":1,"ms":10000,"person":true,"tasks":["attraction"],"tools":{"book":"done"},"turns":1}}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if c := teller.Counts(); c.Visits != 1 || c.Calls != 1 || teller.Counts() != (facts.Counts{}) {
		t.Errorf("counts %+v", c)
	}
}

func TestEmergencyTellsItsNumber(t *testing.T) {
	_, got := told(t,
		event(firmware.EventCall, map[string]any{"kind": "emergency", "to": "120", "state": "ringing", "test": true}),
		event(firmware.EventCall, map[string]any{"kind": "emergency", "to": "120", "state": "ended", "test": true}),
		event(firmware.EventCall, map[string]any{"kind": "free", "to": "13800138000", "state": "placed"}),
	)
	all := strings.Join(got, "\n")
	if !strings.Contains(all, `{"type":"emergency","visit":"01V","data":{"number":"120","test":true}}`) || strings.Contains(all, "13800138000") {
		t.Error(all)
	}
}
