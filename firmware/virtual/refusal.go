package virtual

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/laoyou/laoyou/firmware"
)

// refusal is an answer other than 200: a status, and the field that is wrong.
type refusal struct {
	status int
	field  string
	msg    string
}

func (e *refusal) Error() string { return e.field + ": " + e.msg }

func forbidden(field, msg string) error { return &refusal{http.StatusForbidden, field, msg} }

// asRefusal is the one table from error to status.
func asRefusal(err error) *refusal {
	var (
		r     *refusal
		field *firmware.FieldError
		big   *http.MaxBytesError
	)
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &field):
		return &refusal{http.StatusBadRequest, field.Field, field.Msg}
	case errors.Is(err, firmware.ErrHook):
		return &refusal{http.StatusConflict, "hook", firmware.ErrHook.Error()}
	case errors.As(err, &big):
		return &refusal{http.StatusRequestEntityTooLarge, "body", "is too large"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &refusal{http.StatusServiceUnavailable, "booth", "is stopping or did not answer in time"}
	}
	return &refusal{http.StatusInternalServerError, "booth", "failed"}
}

// refuse answers with the error's status; an error that is nobody's fault outside goes to the log.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	a := asRefusal(err)
	if a.status >= http.StatusInternalServerError {
		h.Log.Warn("request failed", "path", r.URL.Path, "err", err)
	}
	writeRefusal(w, a)
}

func writeRefusal(w http.ResponseWriter, a *refusal) {
	writeJSON(w, a.status, map[string]string{"field": a.field, "error": a.msg})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone; there is nobody to tell
}

// jsonErrors gives the mux's own 404 and 405 the shape of every other refusal.
func jsonErrors(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		probe := &statusOnly{header: w.Header()}
		mux.ServeHTTP(probe, r)
		msg := "there is no such path"
		if probe.status == http.StatusMethodNotAllowed {
			msg = "is not possible here"
			writeRefusal(w, &refusal{probe.status, "method", msg})
			return
		}
		writeRefusal(w, &refusal{http.StatusNotFound, "path", msg})
	})
}

// statusOnly swallows a body.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }
