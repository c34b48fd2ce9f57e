package api

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// cookieName is the session cookie of staff.
const cookieName = "laoyou_session"

// identity is who makes a request.
type identity struct {
	booth   string
	session auth.Session
}

// name is who acts, for the record: a booth's id, or the desk of a member of staff. No booth has a colon in its id.
func (i identity) name() string {
	if i.booth != "" {
		return i.booth
	}
	return "desk:" + i.session.User
}

type callerKey struct{}

// caller returns who made the request; the guard has put it there.
func caller(r *http.Request) identity {
	c, _ := r.Context().Value(callerKey{}).(identity)
	return c
}

// guard lets only those in whom the route is for.
func (s *Server) guard(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, e := s.identify(rt, r)
		if e != nil {
			fail(w, e)
			return
		}
		rt.handle(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
	}
}

func (s *Server) identify(rt route, r *http.Request) (identity, *tool.Error) {
	switch rt.access {
	case anyone:
		return identity{}, nil
	case booth:
		return s.identifyBooth(r)
	case either:
		// A token that is sent must be right: no cookie helps a wrong one.
		if _, err := r.Cookie(cookieName); err != nil || r.Header.Get("Authorization") != "" {
			return s.identifyBooth(r)
		}
	case local:
		if fromThisMachine(r) {
			return identity{}, nil
		}
	case staff:
	}
	return s.identifyStaff(rt.roles, r)
}

func (s *Server) identifyBooth(r *http.Request) (identity, *tool.Error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		if booth, ok := s.deps.Booths.Booth(token); ok {
			return identity{booth: booth}, nil
		}
	}
	return identity{}, refuse(httpapi.Unauthenticated, "", "the token of a booth is needed")
}

func (s *Server) identifyStaff(roles []auth.Role, r *http.Request) (identity, *tool.Error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return identity{}, refuse(httpapi.Unauthenticated, "", "log in first")
	}
	session, err := s.deps.Logins.Session(r.Context(), cookie.Value)
	switch {
	case errors.Is(err, auth.ErrNoSession):
		return identity{}, refuse(httpapi.Unauthenticated, "", "log in first")
	case err != nil:
		return identity{}, s.broken(r, err)
	case len(roles) > 0 && !session.Has(roles...):
		return identity{}, refuse(tool.Denied, "", "your role does not allow this")
	}
	return identity{session: session}, nil
}

// broken logs why a store failed and says only that it did.
func (s *Server) broken(r *http.Request, err error) *tool.Error {
	s.deps.Log.ErrorContext(r.Context(), "store failed", slog.String("route", pattern(r)), slog.Any("error", err))
	return refuse(tool.Unavailable, "", "the server cannot answer now")
}

// fromThisMachine is false behind a proxy: then everybody seems to come from here.
func fromThisMachine(r *http.Request) bool {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && addr.Addr().Unmap().IsLoopback() &&
		r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

// address is the peer's, without its port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// sameOrigin refuses what a page of another site sends through a browser (CSRF). Programs send no Origin and pass.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.origin.Check(r); err != nil {
			fail(w, refuse(tool.Denied, "Origin", "requests from other sites are refused"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// recover turns a panic into one answer and one log line, and lets the other requests live.
func (s *Server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.panicked(w, r, p)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *Server) panicked(w http.ResponseWriter, r *http.Request, cause any) {
	s.deps.Log.ErrorContext(r.Context(), "handler panicked",
		slog.String("route", pattern(r)), slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
	fail(w, refuse(httpapi.Internal, "", "a defect of the server"))
}

// observe counts and logs every request by its route: no query, no body, no address, nothing personal.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		request := id.New()
		w.Header().Set("X-Request-Id", request)
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(ww, r)
		took := time.Since(begin)
		s.metrics.request(method(r), pattern(r), ww.Status(), took)
		s.deps.Log.InfoContext(r.Context(), "request",
			slog.String("request", request), slog.String("method", method(r)), slog.String("route", pattern(r)),
			slog.Int("status", ww.Status()), slog.Int64("took_ms", took.Milliseconds()))
	})
}

// pattern is the route, never the path: a stranger chooses paths, and could fill the metrics with them.
func pattern(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" {
		return c.RoutePattern()
	}
	return "unknown"
}

// method keeps invented methods out of metrics and logs.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodHead, http.MethodOptions:
		return r.Method
	default:
		return "other"
	}
}
