package api

import (
	"encoding/json"
	"net/http"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

func refuse(kind tool.ErrorKind, field, message string) *tool.Error {
	return &tool.Error{Kind: kind, Field: field, Message: message}
}

// answer writes a JSON answer. A client that has gone is the only cause of a write error, and nobody is left to tell.
func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil { // our own plain types
		status, text = http.StatusInternalServerError, []byte(`{"error":{"kind":"internal"}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

// fail writes a refusal under the status of its kind.
func fail(w http.ResponseWriter, e *tool.Error) {
	if e.Kind == httpapi.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="laoyou"`) // RFC 9110 §15.5.2
	}
	answer(w, httpapi.Status(e.Kind), httpapi.ErrorBody{Error: e})
}
