package call

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// How long the core may take.
const (
	locateTime   = 300 * time.Millisecond  // before a call: it must not wait for this
	announceTime = 1500 * time.Millisecond // for what an agent should know; a call without it is better than none
	lostTime     = 2 * time.Second         // without its text line a call counts as lost: the core is gone, and the citizen is told within 3 s
	retryPause   = 200 * time.Millisecond
)

// errNoToken: asking would only count as guessing.
var errNoToken = errors.New("call: the booth has no token for the core yet")

// Core is how the booth reaches the core over HTTP.
type Core struct {
	URL   string
	Token func() string // the booth's; "" before it belongs to a fleet
	HTTP  *http.Client
}

// locate asks the core who this booth is and where its SIP side listens.
func (c Core) locate(ctx context.Context) (httpapi.Booth, error) {
	var b httpapi.Booth
	raw, err := c.do(ctx, http.MethodGet, httpapi.PathBooth, nil)
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(raw, &b); err != nil || b.ID == "" || b.SIP == "" {
		return b, fmt.Errorf("call: the core does not say where its line is: %w", err)
	}
	return b, nil
}

// announce tells the core what the agent should know.
func (c Core) announce(ctx context.Context, w Wish, place string) error {
	h := httpapi.Handoff{Lang: w.Lang, Reason: httpapi.Reason(w.Reason), Place: place, Task: w.Task, Intent: w.Intent}
	for _, s := range w.Slots {
		h.Slots = append(h.Slots, httpapi.Slot(s))
	}
	for _, t := range w.Turns {
		h.Turns = append(h.Turns, httpapi.Turn{Who: t.Who, Text: t.Text, AtMS: t.At.UnixMilli()})
	}
	body, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("call: %w", err)
	}
	defer clear(body) // it holds the citizen's words
	ctx, cancel := context.WithTimeout(ctx, announceTime)
	defer cancel()
	_, err = c.do(ctx, http.MethodPut, httpapi.ContactPath(w.Contact), body)
	return err
}

func (c Core) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	if c.Token() == "" {
		return nil, errNoToken
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	if answer.StatusCode >= 300 {
		return nil, fmt.Errorf("call: the core answers %s", answer.Status)
	}
	return raw, nil
}

// textLine is the contact's WebSocket: what is seen of a call, while SIP carries what is heard.
type textLine struct {
	news   chan httpapi.LineNews
	wishes chan httpapi.LineWish
	done   <-chan struct{}
}

// openLine keeps a contact's text line up until ctx is done. When it stays down for lostTime the channel of messages closes.
func (c Core) openLine(ctx context.Context, contact string) *textLine {
	t := &textLine{news: make(chan httpapi.LineNews, 32), wishes: make(chan httpapi.LineWish, 32), done: ctx.Done()}
	go func() {
		defer close(t.news)
		up := time.Now()
		for ctx.Err() == nil && time.Since(up) < lostTime {
			if conn, err := c.dialLine(ctx, contact); err == nil {
				t.talk(ctx, conn)
				up = time.Now()
			}
			pause(ctx, retryPause)
		}
	}()
	return t
}

func (c Core) dialLine(ctx context.Context, contact string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, lostTime)
	defer cancel()
	url := "ws" + strings.TrimPrefix(strings.TrimSuffix(c.URL, "/"), "http") + httpapi.LinePath(contact)
	conn, answer, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient: c.HTTP, HTTPHeader: http.Header{"Authorization": {"Bearer " + c.Token()}},
	})
	if answer != nil && answer.Body != nil {
		_ = answer.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	conn.SetReadLimit(httpapi.MaxMessage)
	return conn, nil
}

// talk passes messages both ways until the socket or ctx ends.
func (t *textLine) talk(ctx context.Context, conn *websocket.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { _ = conn.CloseNow() }()
	go func() {
		defer cancel()
		for {
			select {
			case <-ctx.Done():
				return
			case w := <-t.wishes:
				raw, err := json.Marshal(w)
				if err != nil || conn.Write(ctx, websocket.MessageText, raw) != nil {
					return
				}
			}
		}
	}()
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var n httpapi.LineNews
		if json.Unmarshal(raw, &n) != nil {
			continue // a newer core may say more than we understand
		}
		select {
		case t.news <- n:
		case <-ctx.Done():
			return
		}
	}
}

// messages is nil for a call without a text line: nothing ever comes.
func (t *textLine) messages() <-chan httpapi.LineNews {
	if t == nil {
		return nil
	}
	return t.news
}

func (t *textLine) send(w httpapi.LineWish) {
	if t == nil {
		return
	}
	select {
	case t.wishes <- w:
	case <-t.done:
	default: // 32 wishes wait: the line is down and the call about to be told so
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
