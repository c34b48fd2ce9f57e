package virtual

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/ui/view"
)

const (
	maxScreenMessage = 4 << 10 // bytes of {"action":"id"}
	screenWrite      = 5 * time.Second
)

// screen is the kiosk's socket: every view goes out as JSON, at once and on every change, {"action":"id"} comes back. Only the latest
// view counts: a client that cannot keep up misses views, and one that takes none for five seconds is let go.
func (h *Handler) screen(w http.ResponseWriter, r *http.Request) {
	unhurried(w)
	// Host and Origin have been checked by guard; a compressor would keep the citizen's words in its window.
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(maxScreenMessage)

	ctx, cancel := h.untilClosed(r.Context())
	defer cancel()
	touched := make(chan error, 1)
	go func() {
		defer cancel()
		touched <- h.readTouches(ctx, c)
	}()
	err = h.writeViews(ctx, c)
	cancel()
	if read := <-touched; errors.As(read, new(*firmware.FieldError)) {
		err = read
	}
	h.Log.Debug("kiosk disconnected", "err", err)
}

func (h *Handler) writeViews(ctx context.Context, c *websocket.Conn) error {
	for {
		v, changed := h.Booth.View()
		if err := h.writeView(ctx, c, &v); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (h *Handler) writeView(ctx context.Context, c *websocket.Conn, v *view.View) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("view: %w", err)
	}
	defer clear(b)
	// Captions, tickets and numbers must not stay behind in the connection's write buffer when the visit ends.
	message := hush(b)
	defer clear(message)
	ctx, cancel := context.WithTimeout(ctx, screenWrite)
	defer cancel()
	return c.Write(ctx, websocket.MessageText, message)
}

// readTouches hands touches to the booth until the client leaves or sends what is no touch.
func (h *Handler) readTouches(ctx context.Context, c *websocket.Conn) error {
	for {
		kind, b, err := c.Read(ctx)
		if err != nil {
			return err
		}
		var action string
		err = decode(b, fields{"action": &action})
		if err != nil || kind != websocket.MessageText || action == "" || len(action) > maxAction {
			_ = c.Close(websocket.StatusPolicyViolation, "want {\"action\":\"id\"}")
			return &firmware.FieldError{Field: "action", Msg: "is missing or wrong"}
		}
		// A finger may land on a button that has just gone; that is nobody's fault.
		if _, err := h.seen(h.Booth.Touch(ctx, action)); err != nil {
			h.Log.Debug("touch refused", "action", action, "err", err)
		}
	}
}
