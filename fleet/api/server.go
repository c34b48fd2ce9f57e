package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// Prefixes are the paths that belong to this interface, for the router of the process that offers it beside others.
func Prefixes() []string { return []string{"/api/v1/fleet/", fleet.PathEnrol} }

// Deps are the parts that the interface offers.
type Deps struct {
	Booths   Booths
	Twins    Twins
	Commands Commands
	Facts    Facts
	Hub      Hub
	Audit    Audit
	Enrol    Enrol
	Who      Authorizer
	Uploads  *Uploads
	Tenant   string
	At       func(r *http.Request) enrol.Contact // where booth and operator find the fleet, as the caller reached it
	Metrics  prometheus.Registerer
	Version  string
	Log      *slog.Logger
}

// Server is the HTTP interface.
type Server struct {
	deps     Deps
	origin   *http.CrossOriginProtection
	mux      *chi.Mux
	spec     []byte
	requests *prometheus.HistogramVec
	live     prometheus.Gauge

	quit     chan struct{}
	quitOnce sync.Once
}

// New builds the interface. It fails only where the route table does not hold together.
func New(d Deps) (*Server, error) {
	s := &Server{
		deps: d, origin: http.NewCrossOriginProtection(), quit: make(chan struct{}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "laoyou_fleet_http_request_seconds", Help: "Time a request of the fleet's interface took, by method, route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3},
		}, []string{"method", "route", "status"}),
		live: prometheus.NewGauge(prometheus.GaugeOpts{Name: "laoyou_fleet_live_streams", Help: "Open streams of live news."}),
	}
	d.Metrics.MustRegister(s.requests, s.live)
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

// Close ends the streams of live news, which would never end by themselves.
func (s *Server) Close() { s.quitOnce.Do(func() { close(s.quit) }) }

func (s *Server) router() *chi.Mux {
	mux := chi.NewRouter()
	mux.Use(s.observe, s.recover, secureHeaders, s.sameOrigin)
	mux.NotFound(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, refuse(httpapi.NotFound, "", "no such path"))
	})
	mux.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if mux.Match(chi.NewRouteContext(), m, r.URL.Path) {
				w.Header().Add("Allow", m) // RFC 9110 §15.5.6
			}
		}
		fail(w, refuse(httpapi.MethodNotAllowed, "", "see the Allow header"))
	})
	for _, rt := range s.routes() {
		mux.Method(rt.method, rt.path, s.guard(rt))
	}
	return mux
}

// call is one request that was let in.
type call struct {
	w     http.ResponseWriter
	r     *http.Request
	actor Actor
	key   fleet.Key // of the booth in the path
}

func (c *call) ctx() context.Context { return c.r.Context() }

// bearer is the token of the Authorization header.
func (c *call) bearer() string {
	token, _ := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	return token
}

// guard lets only those in whom the route is for, and answers what its handler returns.
func (s *Server) guard(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r, key: fleet.Key{Tenant: s.deps.Tenant, Booth: chi.URLParam(r, "id")}}
		if rt.needs != Nothing {
			actor, err := s.deps.Who.Authorize(r)
			if err != nil {
				fail(w, s.failure(r, err))
				return
			}
			if actor.May < rt.needs {
				fail(w, refuse(httpapi.Denied, "", "your role does not allow this"))
				return
			}
			c.actor = actor
		}
		if c.key.Booth != "" && strings.Contains(rt.path, "/booths/{id}") && !fleet.ValidID(c.key.Booth) {
			fail(w, s.failure(r, fleet.ErrNoBooth))
			return
		}
		if rt.raw != nil {
			if err := rt.raw(c); err != nil {
				fail(w, s.failure(r, err))
			}
			return
		}
		result, err := rt.handle(c)
		if err != nil {
			fail(w, s.failure(r, err))
			return
		}
		status := rt.status
		if made, ok := result.(with); ok {
			status, result = made.status, made.body
		}
		answer(w, status, result)
	}
}

// with is a result that has a status of its own.
type with struct {
	status int
	body   any
}

// address is the peer's, without its port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
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

// pattern is the route of a request, never the path: a stranger chooses paths, and could fill the metrics with them.
func pattern(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" {
		return c.RoutePattern()
	}
	return "none"
}

// sameOrigin refuses what a page of another site sends through a browser (CSRF). Programs send no Origin and pass.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.origin.Check(r); err != nil {
			fail(w, refuse(httpapi.Denied, "Origin", "requests from other sites are refused"))
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

// observe times every request by its route: no query, no body, no address.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(ww, r)
		status := ww.Status()
		if status == 0 {
			status = http.StatusOK
		}
		s.requests.WithLabelValues(method(r), pattern(r), strconv.Itoa(status)).Observe(time.Since(begin).Seconds())
		s.deps.Log.DebugContext(r.Context(), "fleet request",
			slog.String("method", method(r)), slog.String("route", pattern(r)), slog.Int("status", status), slog.Duration("took", time.Since(begin)))
	})
}
