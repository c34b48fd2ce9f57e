package virtual_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/firmware/virtual/virtualtest"
	"github.com/laoyou/laoyou/ui/view"
)

func (h *house) dial(t *testing.T, head http.Header) (*websocket.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	c, resp, err := websocket.Dial(ctx, strings.Replace(h.URL, "http", "ws", 1)+"/booth/kiosk/ws", &websocket.DialOptions{HTTPHeader: head})
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err == nil {
		c.SetReadLimit(1 << 20)
		t.Cleanup(func() { _ = c.CloseNow() })
	}
	return c, err
}

func readView(t *testing.T, c *websocket.Conn) view.View {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, b, err := c.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var v view.View
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestScreenFollowsTheBooth(t *testing.T) {
	h := newHouse(t)
	c, err := h.dial(t, http.Header{"Origin": {h.URL}})
	if err != nil {
		t.Fatal(err)
	}
	if v := readView(t, c); v.Screen != view.Attract {
		t.Errorf("first view is %s", v.Screen)
	}
	h.booth.Show(virtualtest.Talk("zh"))
	if v := readView(t, c); v.Screen != view.Confirm || len(v.Choices) != 2 {
		t.Errorf("next view is %s", v.Screen)
	}
	for _, touch := range []string{`{"action":"gone"}`, `{"action":"yes"}`} { // one that has just gone does no harm
		if err := c.Write(t.Context(), websocket.MessageText, []byte(touch)); err != nil {
			t.Fatal(err)
		}
	}
	if v := readView(t, c); v.Screen != view.Ticket {
		t.Errorf("after the touch: %s", v.Screen)
	}
}

func TestScreenRefusesNonsense(t *testing.T) {
	for _, bad := range []string{"", "{}", "yes", `{"action":1}`, `{"action":"a","x":1}`, `["a"]`, strings.Repeat("x", 4000)} {
		h := newHouse(t)
		c, err := h.dial(t, nil)
		if err != nil {
			t.Fatal(err)
		}
		readView(t, c)
		if err := c.Write(t.Context(), websocket.MessageText, []byte(bad)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		_, _, err = c.Read(ctx)
		cancel()
		if got := websocket.CloseStatus(err); got != websocket.StatusPolicyViolation {
			t.Errorf("%.20q: closed with %v (%v), want policy violation", bad, got, err)
		}
		if calls := h.booth.Calls(); len(calls) != 0 {
			t.Errorf("%.20q: booth was asked %q", bad, calls)
		}
	}
}

func TestScreenKeepsStrangersOut(t *testing.T) {
	if _, err := newHouse(t).dial(t, http.Header{"Origin": {"https://evil.example"}}); err == nil {
		t.Error("a foreign page got the screen")
	}
}

func TestScreenSurvivesASlowClient(t *testing.T) {
	h := newHouse(t)
	c, err := h.dial(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 500 { // nobody reads; showing must not block
		h.booth.Show(virtualtest.Talk("zh"))
	}
	h.booth.Show(virtualtest.Done("zh"))
	for range 502 {
		if v := readView(t, c); v.Screen == view.Ticket {
			return
		}
	}
	t.Error("the latest view never came")
}
