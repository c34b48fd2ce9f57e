package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/desk"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// upgradable refuses what is no WebSocket, or one that a page of another site opens: browsers send cookies along with those too.
func upgradable(r *http.Request) *tool.Error {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return refuse(tool.Invalid, "Upgrade", "this is a WebSocket")
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
			return refuse(tool.Denied, "Origin", "requests from other sites are refused")
		}
	}
	return nil
}

// desk gives an agent's page its softphone.
func (s *Server) desk(w http.ResponseWriter, r *http.Request) {
	if e := upgradable(r); e != nil {
		fail(w, e)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	session := caller(r).session
	who := httpapi.Agent{ID: session.User, Name: session.User, Langs: session.Langs, Roles: sessionBody(session).Roles}
	s.deps.Voice.Desk.Serve(context.WithoutCancel(r.Context()), conn, desk.Page{Who: who, Line: r.URL.Query().Get("line"), Check: s.sessionHolds(r)})
}

// sessionHolds asks whether the session that opened a socket is still good, and still an agent's.
func (s *Server) sessionHolds(r *http.Request) func(context.Context) error {
	cookie, err := r.Cookie(cookieName)
	return func(ctx context.Context) error {
		if err != nil {
			return desk.ErrSignIn
		}
		session, err := s.deps.Logins.Session(ctx, cookie.Value)
		if errors.Is(err, auth.ErrNoSession) || err == nil && !session.Has(auth.Agent, auth.Supervisor) {
			return desk.ErrSignIn
		}
		return err
	}
}

// Limits of a booth's socket. A booth that does not take what it is sent is cut off; it comes back and is told the state anew.
const (
	lineBacklog   = 64
	lineWriteTime = 5 * time.Second
	linePingEvery = 10 * time.Second
)

// line is the text side of a call between a booth and the contact that it began.
func (s *Server) line(w http.ResponseWriter, r *http.Request) {
	if e := upgradable(r); e != nil {
		fail(w, e)
		return
	}
	out := make(chan httpapi.LineNews, lineBacklog)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	who, name := caller(r).booth, chi.URLParam(r, "id")
	detach, err := s.deps.Voice.Contacts.Attach(ctx, who, name, func(n httpapi.LineNews) {
		select {
		case out <- n:
		default:
			cancel()
		}
	})
	if err != nil {
		fail(w, s.contactError(r, err))
		return
	}
	defer detach()
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(httpapi.MaxMessage)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { writeLine(ctx, conn, out); cancel() })
	s.readLine(ctx, conn, who, name)
}

func writeLine(ctx context.Context, conn *websocket.Conn, out <-chan httpapi.LineNews) {
	defer func() { _ = conn.Close(websocket.StatusNormalClosure, "") }()
	ping := time.NewTicker(linePingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case n := <-out:
			err = writeNews(ctx, conn, n)
		case <-ping.C:
			pong, cancel := context.WithTimeout(ctx, linePingEvery)
			err = conn.Ping(pong)
			cancel()
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func writeNews(ctx context.Context, conn *websocket.Conn, n httpapi.LineNews) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lineWriteTime)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, text)
}

// readLine takes what the citizen wants. A message that makes no sense closes the socket with the reason: booths are our own programs.
func (s *Server) readLine(ctx context.Context, conn *websocket.Conn, booth, name string) {
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var wish httpapi.LineWish
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&wish); err != nil {
			_ = conn.Close(websocket.StatusUnsupportedData, "not a message of the line")
			return
		}
		if err := wish.Validate(); err != nil {
			_ = conn.Close(websocket.StatusUnsupportedData, tool.As(err).Field+": "+tool.As(err).Message)
			return
		}
		// A wish that comes too late is no fault of the booth: the status that follows says how things are.
		_ = s.deps.Voice.Contacts.FromBooth(ctx, booth, name, wish)
	}
}
