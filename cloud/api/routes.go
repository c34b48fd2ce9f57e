package api

import (
	"net/http"
	"reflect"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// access says who may use a route.
type access int

const (
	anyone access = iota
	booth         // bearer token of a booth
	either        // bearer token of a booth, or staff with one of the roles
	staff         // session cookie; with roles, one of them
	local         // this machine, or staff with one of the roles
)

// route is one operation: all that the router, the guard and the OpenAPI document need to know of it.
type route struct {
	method, path string
	id, summary  string
	access       access
	roles        []auth.Role
	keyed        bool // needs an idempotency key
	query        []param
	body         reflect.Type // nil: takes none
	result       reflect.Type // nil: 204 or not JSON
	status       int          // of success
	errors       []tool.ErrorKind
	handle       http.HandlerFunc
	socket       *socketWords // of a WebSocket
}

// param is a query parameter.
type param struct{ name, about string }

// routes lists the operations that this process offers.
func (s *Server) routes() []route {
	list := s.plainRoutes()
	list = append(list, s.sessionRoutes()...)
	if s.deps.Overview != nil {
		list = append(list, s.staffRoutes()...)
	}
	if s.deps.Staff != nil {
		list = append(list, s.userRoutes()...)
	}
	if s.deps.Tools != nil {
		list = append(list, s.toolRoutes()...)
	}
	if s.deps.Voice != nil {
		list = append(list, s.handoffRoutes()...)
		list = append(list, s.contactRoutes()...)
		list = append(list, s.callRoutes()...)
	}
	if s.deps.SIP != nil {
		list = append(list, s.boothRoutes()...)
	}
	return list
}

func (s *Server) plainRoutes() []route {
	health := reflect.TypeFor[httpapi.Health]()
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathHealth, id: "health", summary: "The process runs",
			result: health, status: http.StatusOK, handle: s.health,
		},
		{
			method: http.MethodGet, path: httpapi.PathReady, id: "ready", summary: "The process can serve: its database answers",
			result: health, status: http.StatusOK, errors: []tool.ErrorKind{tool.Unavailable}, handle: s.ready,
		},
		{
			method: http.MethodGet, path: httpapi.PathMetrics, id: "metrics", summary: "Prometheus metrics, without personal data",
			access: local, roles: []auth.Role{auth.Operator, auth.Administrator}, status: http.StatusOK,
			errors: []tool.ErrorKind{httpapi.Unauthenticated, tool.Denied}, handle: s.metrics.serve,
		},
		{
			method: http.MethodGet, path: httpapi.PathOpenAPI, id: "openapi", summary: "This document",
			result: reflect.TypeFor[map[string]any](), status: http.StatusOK, handle: s.openAPI,
		},
	}
}

func (s *Server) sessionRoutes() []route {
	session := reflect.TypeFor[httpapi.Session]()
	return []route{
		{
			method: http.MethodPost, path: httpapi.PathSession, id: "login", summary: "Log in; sets the session cookie",
			body: reflect.TypeFor[httpapi.Login](), result: session, status: http.StatusOK, errors: []tool.ErrorKind{
				tool.Invalid, httpapi.Unauthenticated, tool.Denied, httpapi.TooLarge, httpapi.UnsupportedMedia, tool.TooMany, tool.Unavailable,
			}, handle: s.login,
		},
		{
			method: http.MethodGet, path: httpapi.PathSession, id: "session", summary: "Who is logged in",
			access: staff, result: session, status: http.StatusOK,
			errors: []tool.ErrorKind{httpapi.Unauthenticated, tool.Unavailable}, handle: s.session,
		},
		{
			method: http.MethodDelete, path: httpapi.PathSession, id: "logout", summary: "Log out; without a session nothing happens",
			status: http.StatusNoContent, errors: []tool.ErrorKind{tool.Denied, tool.Unavailable}, handle: s.logout,
		},
	}
}

func (s *Server) staffRoutes() []route {
	roles := []auth.Role{auth.Operator, auth.Administrator}
	common := []tool.ErrorKind{tool.Invalid, httpapi.Unauthenticated, tool.Denied, tool.Unavailable}
	page := pageParams()
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathBookings, id: "bookings", summary: "Bookings, newest first",
			access: staff, roles: roles, query: page,
			result: reflect.TypeFor[httpapi.BookingPage](), status: http.StatusOK, errors: common, handle: s.bookings,
		},
		{
			method: http.MethodGet, path: httpapi.PathInventory, id: "inventory", summary: "Stock of a day, place by place",
			access: staff, roles: roles, query: append([]param{
				{"place", "only this place"}, {"date", "YYYY-MM-DD in the city, default today"},
			}, page...),
			result: reflect.TypeFor[httpapi.InventoryPage](), status: http.StatusOK,
			errors: append([]tool.ErrorKind{tool.NotFound}, common...), handle: s.inventory,
		},
	}
}

func pageParams() []param {
	return []param{
		{"cursor", "the field next of the page before; empty for the first page"},
		{"limit", "entries a page, 1 to 200, default 50"},
	}
}

// toolRoutes derives one operation from each tool of the single schema.
func (s *Server) toolRoutes() []route {
	var list []route
	for _, sp := range tool.Specs() {
		list = append(list, route{
			method: http.MethodPost, path: httpapi.PathTools + string(sp.Name), id: string(sp.Name), summary: sp.Summary,
			access: either, roles: deskRoles(), keyed: sp.Writes, body: reflect.TypeOf(sp.Args), result: reflect.TypeOf(sp.Result),
			status: http.StatusOK, errors: toolErrors(sp), handle: s.tool(sp),
		})
	}
	return list
}

// toolErrors: a tool that is added without a line here still has the common ones, and the test of the statuses will ask for the rest.
func toolErrors(sp tool.Spec) []tool.ErrorKind {
	kinds := []tool.ErrorKind{
		tool.Invalid, httpapi.Unauthenticated, tool.Denied, tool.NotFound, httpapi.TooLarge, httpapi.UnsupportedMedia, tool.Unavailable,
	}
	switch sp.Name {
	case tool.AttractionTimes, tool.HospitalTimes:
		kinds = append(kinds, tool.Closed)
	case tool.AttractionBook, tool.HospitalRegister:
		kinds = append(kinds, tool.SoldOut, tool.Closed)
	case tool.BookingGet:
		kinds = append(kinds, tool.TooMany)
	case tool.BookingCancel:
		kinds = append(kinds, tool.TooMany, tool.Closed)
	}
	return kinds
}
