package api

import (
	"net/http"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// tool handles the calls of one tool.
func (s *Server) tool(sp tool.Spec) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, e := readBody(w, r)
		if e != nil {
			fail(w, e)
			return
		}
		call, e := decodeCall(sp, r.Header.Get(httpapi.HeaderKey), body)
		if e != nil {
			fail(w, e)
			return
		}
		begin := time.Now()
		result := s.deps.Tools.Do(r.Context(), caller(r).name(), call)
		s.metrics.tool(sp.Name, result.Err, time.Since(begin))
		switch {
		case result.Err != nil:
			fail(w, result.Err)
		case result.Times != nil:
			answer(w, http.StatusOK, result.Times)
		case result.Booking != nil:
			answer(w, http.StatusOK, result.Booking)
		default:
			fail(w, refuse(httpapi.Internal, "", "the tool gave no answer"))
		}
	}
}

// decodeCall reads the arguments of a tool and checks their form.
func decodeCall(sp tool.Spec, key string, body []byte) (tool.Call, *tool.Error) {
	call := tool.Call{Name: sp.Name}
	if sp.Writes {
		if !id.Valid(key) {
			return call, refuse(tool.Invalid, "key", "the header "+httpapi.HeaderKey+" must be a ULID")
		}
		call.Key = key
	}
	var args interface{ Validate() error }
	switch sp.Args.(type) {
	case tool.TimesArgs:
		call.Times = &tool.TimesArgs{}
		args = call.Times
	case tool.BookArgs:
		call.Book = &tool.BookArgs{}
		args = call.Book
	case tool.RegisterArgs:
		call.Register = &tool.RegisterArgs{}
		args = call.Register
	case tool.RefArgs:
		call.Ref = &tool.RefArgs{}
		args = call.Ref
	default:
		return call, refuse(httpapi.Internal, "", "a tool of the schema has no decoder")
	}
	if e := decode(body, args); e != nil {
		return call, e
	}
	if err := args.Validate(); err != nil {
		return call, tool.As(err)
	}
	return call, nil
}
