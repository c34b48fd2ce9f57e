package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// A socket that does not take what it is sent is closed: its page can come back and be told everything anew.
const (
	backlog   = 256
	writeTime = 5 * time.Second
	pingEvery = 10 * time.Second // a page that has silently gone is noticed in this time and the next
)

// ErrSignIn is what a check says of a session that has expired.
var ErrSignIn = errors.New("sign in again")

// socket is one page's WebSocket.
type socket struct {
	conn *websocket.Conn
	out  chan []byte
	done chan struct{} // closed by close
	once sync.Once
}

func (s *socket) send(text []byte) {
	select {
	case s.out <- text:
	default:
		s.close()
	}
}

func (s *socket) close() { s.once.Do(func() { close(s.done) }) }

// write sends until the socket is closed, with everything that was sent before.
func (s *socket) write(ctx context.Context) {
	defer func() { _ = s.conn.Close(websocket.StatusNormalClosure, "") }()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case text := <-s.out:
			if s.writeOne(ctx, text) != nil {
				return
			}
		case <-ping.C:
			if s.ping(ctx) != nil {
				return
			}
		case <-ctx.Done():
			return
		case <-s.done:
			for {
				select {
				case text := <-s.out:
					if s.writeOne(ctx, text) != nil {
						return
					}
				default:
					return
				}
			}
		}
	}
}

func (s *socket) writeOne(ctx context.Context, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, text)
}

func (s *socket) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingEvery)
	defer cancel()
	return s.conn.Ping(ctx)
}

// Page is who opens a socket, and what the page brings along.
type Page struct {
	Who  httpapi.Agent
	Line string // name of the line whose sound the page still has; empty: none
	// Check is asked before each wish whether the session still holds: nil, ErrSignIn, or a failure.
	Check func(context.Context) error
}

// Serve gives the softphone of an agent to a socket and serves it until it closes.
func (h *Hub) Serve(ctx context.Context, conn *websocket.Conn, page Page) {
	p := h.phone(page.Who.ID)
	if p == nil {
		_ = conn.Close(websocket.StatusGoingAway, "the core is stopping")
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn.SetReadLimit(httpapi.MaxDeskWish)
	s := &socket{conn: conn, out: make(chan []byte, backlog), done: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() { s.write(ctx); cancel() })
	wg.Go(func() {
		select {
		case <-h.ctx.Done():
			cancel()
		case <-ctx.Done():
		}
	})
	p.in.Put(func(p *phone) { p.attach(s, page.Who, page.Line) })
	why := h.read(ctx, p, s, page.Check)
	// A page that is closed or loaded again says so (RFC 6455 §7.4.1, 1001). One that says nothing may still be there, and hear.
	closed := websocket.CloseStatus(why) == websocket.StatusGoingAway
	p.in.Put(func(p *phone) { p.detach(s, closed) })
	s.close()
	cancel()
	wg.Wait()
}

// read takes wishes, one after the other, until the socket closes, and says why it did.
func (h *Hub) read(ctx context.Context, p *phone, s *socket, check func(context.Context) error) error {
	for {
		kind, text, err := s.conn.Read(ctx)
		if err != nil {
			return err
		}
		var w httpapi.DeskWish
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if kind != websocket.MessageText || d.Decode(&w) != nil || d.More() || len(w.Ref) > maxRef {
			s.sendError(w.Ref, httpapi.CodeInvalid, "not a message of the desk")
			continue
		}
		if err := check(ctx); err != nil {
			s.refuse(w.Ref, err)
			continue
		}
		done := make(chan struct{})
		p.in.Put(func(p *phone) {
			defer close(done)
			if p.sock != s {
				return // it was sent elsewhere meanwhile
			}
			p.wish(ctx, w)
		})
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// maxRef bounds what is sent back to the page, in bytes.
const maxRef = 64

func (s *socket) refuse(ref string, err error) {
	code, message := explain(err)
	s.sendError(ref, code, message)
}

func (s *socket) sendError(ref, code, message string) {
	if len(ref) > maxRef {
		ref = ""
	}
	if text, err := json.Marshal(httpapi.ErrorNews{T: httpapi.DeskError, Ref: ref, Code: code, Message: message}); err == nil {
		s.send(text)
	}
}
