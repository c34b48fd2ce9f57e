// Package api serves the core's HTTP interface: the tools of bots, the login of staff, what staff may read, and the pages that keep a
// server alive. One route table is the source of the router, of the checks and of the OpenAPI document. It decides nothing about
// bookings or passwords; it may import every part of the core that it offers.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/desk"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/services"
)

// Config is the section "http".
type Config struct {
	SecureCookies bool `yaml:"secure_cookies" doc:"send the session cookie over TLS only; set it behind a TLS proxy"`
}

// Tools answers the calls of bots.
type Tools interface {
	Do(ctx context.Context, booth string, call tool.Call) tool.Result
}

// Overview is what staff may read.
type Overview interface {
	Bookings(ctx context.Context, before string, limit int) ([]services.Booking, error)
	Inventory(ctx context.Context, q services.StockQuery) (services.StockPage, error)
}

// Contacts owns the conversations of citizens with agents.
type Contacts interface {
	Handoff(ctx context.Context, booth, id string, h httpapi.Handoff) error
	Attach(ctx context.Context, booth, id string, send func(httpapi.LineNews)) (detach func(), err error)
	FromBooth(ctx context.Context, booth, id string, w httpapi.LineWish) error
	Contact(ctx context.Context, id string) (httpapi.Contact, error)
	Contacts(ctx context.Context, q contact.Search, limit int) ([]httpapi.Contact, error)
}

// Desk serves the sockets of agents.
type Desk interface {
	Serve(ctx context.Context, conn *websocket.Conn, page desk.Page)
	// Shut closes the page of an agent whose account is gone.
	Shut(agent string)
}

// Calls is the record of calls.
type Calls interface {
	Calls(ctx context.Context, tenant, before string, limit int) ([]call.Call, error)
	CallsOf(ctx context.Context, tenant, contact string) ([]call.Call, error)
	Call(ctx context.Context, tenant, id string) (call.Call, error)
}

// Staff is the accounts as an administrator sees them.
type Staff interface {
	Users(ctx context.Context, after string, limit int) ([]auth.User, error)
	Add(ctx context.Context, u auth.User, password string) error
	Change(ctx context.Context, name string, c auth.Change) (auth.User, error)
	Drop(ctx context.Context, name string) error
}

// Logins opens, finds and ends the sessions of staff.
type Logins interface {
	Login(ctx context.Context, user, password, address string) (token string, s auth.Session, err error)
	Session(ctx context.Context, token string) (auth.Session, error)
	Logout(ctx context.Context, token string) error
}

// Booths knows booths by their token.
type Booths interface {
	Booth(token string) (id string, ok bool)
}

// Voice is what a process offers that runs the role "voice".
type Voice struct {
	Contacts Contacts
	Desk     Desk
	Calls    Calls
}

// Deps are the parts that the interface offers. Tools is nil where this process does not run the role "services", Overview and Staff where
// it does not run "api", Voice where it does not run "voice"; Booths is there with Tools or Voice. Logins and Ready are always there.
type Deps struct {
	Tools    Tools
	Booths   Booths
	Overview Overview
	Staff    Staff
	Voice    *Voice
	Logins   Logins
	Tenant   string
	SIP      func() string                   // address of the voice line for booths, "" while it is not up; nil where this process has none
	Ready    func(ctx context.Context) error // nil error: this process can serve
	Metrics  *prometheus.Registry
	Config   Config
	Version  string
	Log      *slog.Logger
}

// Server is the HTTP interface.
type Server struct {
	deps    Deps
	metrics *metrics
	origin  *http.CrossOriginProtection
	mux     *chi.Mux
	spec    []byte
}

// New builds the interface. It fails only where the route table does not hold together.
func New(d Deps) (*Server, error) {
	s := &Server{deps: d, metrics: newMetrics(d.Metrics), origin: http.NewCrossOriginProtection()}
	var err error
	if s.spec, err = document(s.routes(), d.Version); err != nil {
		return nil, err
	}
	s.mux = s.router()
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Routes lists the routes for the check of the document against them.
func (s *Server) Routes() chi.Routes { return s.mux }

func (s *Server) router() *chi.Mux {
	mux := chi.NewRouter()
	mux.Use(s.observe, s.recover, secureHeaders, s.sameOrigin)
	mux.NotFound(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, refuse(tool.NotFound, "", "no such path"))
	})
	mux.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		allow(w, mux, r.URL.Path)
		fail(w, refuse(httpapi.MethodNotAllowed, "", "see the Allow header"))
	})
	for _, rt := range s.routes() {
		mux.Method(rt.method, rt.path, s.guard(rt))
	}
	return mux
}

// allow lists the methods of a path. RFC 9110 §15.5.6: a 405 must say them.
func allow(w http.ResponseWriter, mux *chi.Mux, path string) {
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if mux.Match(chi.NewRouteContext(), m, path) {
			w.Header().Add("Allow", m)
		}
	}
}

// HTTPServer returns a server for h with deadlines on everything that a stranger can make wait.
func HTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // a client that hangs up is no news
	}
}
