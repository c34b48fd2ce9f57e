package api

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

func (s *Server) callRoutes() []route {
	roles := []auth.Role{auth.Supervisor, auth.Operator, auth.Administrator}
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathCalls, id: "calls", summary: "Calls, newest first, without their messages",
			access: staff, roles: roles, result: reflect.TypeFor[httpapi.CallPage](),
			query: append([]param{{"contact", "only the calls of this contact, all of them on one page"}}, pageParams()...), status: http.StatusOK,
			errors: []tool.ErrorKind{tool.Invalid, httpapi.Unauthenticated, tool.Denied, tool.Unavailable}, handle: s.calls,
		},
		{
			method: http.MethodGet, path: httpapi.PathCallRecord, id: "call", summary: "One call with the messages of its legs",
			access: staff, roles: roles, result: reflect.TypeFor[httpapi.CallRecord](), status: http.StatusOK,
			errors: []tool.ErrorKind{httpapi.Unauthenticated, tool.Denied, tool.NotFound, tool.Unavailable}, handle: s.call,
		},
	}
}

func (s *Server) calls(w http.ResponseWriter, r *http.Request) {
	cursor, limit, e := page(r)
	if e == nil && cursor != "" && !id.Valid(cursor) {
		e = refuse(tool.Invalid, "cursor", "is not one of ours")
	}
	matter := r.URL.Query().Get("contact")
	if e == nil && matter != "" && !id.Valid(matter) {
		e = refuse(tool.Invalid, "contact", "must be a ULID")
	}
	if e != nil {
		fail(w, e)
		return
	}
	var list []call.Call
	var err error
	if matter != "" {
		list, err = s.deps.Voice.Calls.CallsOf(r.Context(), s.deps.Tenant, matter)
		limit = len(list)
	} else {
		list, err = s.deps.Voice.Calls.Calls(r.Context(), s.deps.Tenant, cursor, limit+1)
	}
	if err != nil {
		fail(w, s.broken(r, err))
		return
	}
	out := httpapi.CallPage{Calls: []httpapi.CallRecord{}}
	if len(list) > limit {
		list = list[:limit]
		out.Next = list[limit-1].ID
	}
	for _, c := range list {
		out.Calls = append(out.Calls, c.Record())
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) call(w http.ResponseWriter, r *http.Request) {
	c, err := s.deps.Voice.Calls.Call(r.Context(), s.deps.Tenant, chi.URLParam(r, "id"))
	switch {
	case errors.Is(err, call.ErrNoCall):
		fail(w, refuse(tool.NotFound, "", "no such call"))
	case err != nil:
		fail(w, s.broken(r, err))
	default:
		answer(w, http.StatusOK, c.Record())
	}
}
