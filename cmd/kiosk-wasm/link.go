//go:build js && wasm

package main

import (
	"context"
	"encoding/json"
	"syscall/js"
	"time"

	"github.com/laoyou/laoyou/ui/view"
)

// Waits between attempts to reach the booth. The last View stays on screen meanwhile: a citizen need not know.
const (
	firstWait = 250 * time.Millisecond
	lastWait  = 4 * time.Second
)

// link is the kiosk's WebSocket to its booth. It uses the browser's own: a library would cost a megabyte.
type link struct {
	url  string
	open js.Value // the socket while it is open, else null
}

func newLink(url string) *link {
	if rest, ok := cutScheme(url); ok {
		url = "ws" + rest // http -> ws, https -> wss
	}
	return &link{url: url, open: js.Null()}
}

func cutScheme(url string) (string, bool) {
	if len(url) > 4 && url[:4] == "http" {
		return url[4:], true
	}
	return url, false
}

// send passes a touch on; without a link it is lost, as a touch on a frozen panel is.
func (l *link) send(id string) {
	if l.open.IsNull() {
		return
	}
	msg, err := json.Marshal(map[string]string{"action": id})
	if err != nil {
		return
	}
	l.open.Call("send", string(msg))
}

// run keeps the link up until ctx ends.
func (l *link) run(ctx context.Context, show func(view.View)) {
	wait := firstWait
	for ctx.Err() == nil {
		if l.once(ctx, show) {
			wait = firstWait
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, lastWait)
	}
}

// once serves one connection until it closes and says whether it ever opened.
func (l *link) once(ctx context.Context, show func(view.View)) bool {
	ws := js.Global().Get("WebSocket").New(l.url)
	closed := make(chan struct{})
	opened := false
	handlers := map[string]js.Func{
		"open": js.FuncOf(func(js.Value, []js.Value) any {
			opened, l.open = true, ws
			return nil
		}),
		"message": js.FuncOf(func(_ js.Value, args []js.Value) any {
			var v view.View
			if data := args[0].Get("data"); data.Type() == js.TypeString && json.Unmarshal([]byte(data.String()), &v) == nil {
				show(v)
			}
			return nil
		}),
		"close": js.FuncOf(func(js.Value, []js.Value) any {
			l.open = js.Null()
			close(closed)
			return nil
		}),
	}
	for name, f := range handlers {
		ws.Call("addEventListener", name, f)
	}
	select {
	case <-closed:
	case <-ctx.Done():
		ws.Call("close")
		<-closed
	}
	for _, f := range handlers {
		f.Release()
	}
	return opened
}
