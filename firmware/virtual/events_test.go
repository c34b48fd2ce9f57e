package virtual_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/virtual/virtualtest"
)

// tap opens the event stream and returns a function that waits for the next event.
func (h *house) tap(t *testing.T, lastID string) func() (id string, data map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/sim/v1/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := h.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("status %d, type %q", resp.StatusCode, got)
	}
	lines := bufio.NewScanner(resp.Body)
	return func() (id string, data map[string]any) {
		t.Helper()
		for lines.Scan() {
			if v, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				id = v
			}
			if v, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(v), &data); err != nil {
					t.Fatalf("%q: %v", v, err)
				}
				return id, data
			}
		}
		t.Fatalf("stream ended: %v", lines.Err())
		return "", nil
	}
}

func TestEventsBeginNow(t *testing.T) {
	h := newHouse(t)
	h.booth.Emit(firmware.EventError, map[string]any{"what": "old"})
	next := h.tap(t, "")
	h.booth.Emit(firmware.EventTurn, map[string]any{"who": "bot", "text": "好\n的", "type": "forged"})
	id, e := next()
	if id != "2" || e["type"] != "turn" || e["who"] != "bot" || e["text"] != "好\n的" || e["t_ms"].(float64) < 1e12 {
		t.Errorf("event %s %v", id, e)
	}
	if _, ok := e["cause_seq"]; !ok {
		t.Error("no cause_seq")
	}
}

func TestEventsReplay(t *testing.T) {
	for lastID, want := range map[string]string{"0": "1", "2": "3", "99": "1"} { // 99: of an earlier run
		h := newHouse(t)
		for range 3 {
			h.booth.Emit(firmware.EventKey, nil)
		}
		if id, _ := h.tap(t, lastID)(); id != want {
			t.Errorf("after %s came %s, want %s", lastID, id, want)
		}
	}
	if status, _, _ := newHouse(t).do(t, "GET", "/sim/v1/events", nil, "Last-Event-ID: x"); status != 400 {
		t.Errorf("%d, want 400", status)
	}
}

func TestEventsForgetTheVisit(t *testing.T) {
	h := newHouse(t)
	next := h.tap(t, "")
	v := virtualtest.Home("zh")
	v.Visit = "01JVISIT"
	h.booth.Show(v)
	next()
	h.booth.Show(virtualtest.Attract())
	next()
	h.booth.Emit(firmware.EventLED, nil)
	if id, e := next(); id != "3" || e["type"] != "led" { // the filler in between is a comment
		t.Errorf("after the filler: %s %v", id, e)
	}
}
