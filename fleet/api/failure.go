package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/issuer"
)

// ErrNobody means that a request carries no session that holds.
var ErrNobody = errors.New("log in first")

func refuse(kind httpapi.Kind, field, message string) *httpapi.Failure {
	return &httpapi.Failure{Kind: kind, Field: field, Message: message}
}

// answer writes a JSON answer. A client that has gone is the only cause of a write error, and nobody is left to tell.
func answer(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	text, err := json.Marshal(body)
	if err != nil { // our own types; raw JSON in them was checked when it came in
		status, text = http.StatusInternalServerError, []byte(`{"error":{"kind":"internal"}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

func fail(w http.ResponseWriter, f *httpapi.Failure) {
	if f.Kind == httpapi.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="laoyou"`) // RFC 9110 §15.5.2
	}
	answer(w, f.Kind.Status(), httpapi.FailureBody{Error: f})
}

// failure puts an error into words for whoever asked. What it does not know is a store that failed: the log has the cause.
func (s *Server) failure(r *http.Request, err error) *httpapi.Failure {
	var f *httpapi.Failure
	var field *fleet.FieldError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &field):
		return refuse(httpapi.Invalid, field.Field, field.Msg)
	case errors.Is(err, issuer.ErrRequest):
		return refuse(httpapi.Invalid, "csr", err.Error())
	case errors.Is(err, fleet.ErrCursor):
		return refuse(httpapi.Invalid, "cursor", "must be next of the page before")
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return refuse(httpapi.Unavailable, "", "the caller has gone")
	}
	for known, kind := range map[error]httpapi.Kind{
		ErrNobody: httpapi.Unauthenticated, fleet.ErrNoBooth: httpapi.NotFound, fleet.ErrNoCommand: httpapi.NotFound, fleet.ErrNoLog: httpapi.NotFound,
		enrol.ErrUnknown: httpapi.NotFound, fleet.ErrVersion: httpapi.Conflict, fleet.ErrState: httpapi.Conflict, enrol.ErrIDTaken: httpapi.Conflict,
		issuer.ErrKeyTaken: httpapi.Conflict, enrol.ErrTooMany: httpapi.TooMany, enrol.ErrFull: httpapi.Unavailable,
	} {
		if errors.Is(err, known) {
			return refuse(kind, "", known.Error())
		}
	}
	s.deps.Log.ErrorContext(r.Context(), "fleet request failed", slog.String("route", pattern(r)), slog.Any("error", err))
	return refuse(httpapi.Unavailable, "", "the server cannot answer now")
}
