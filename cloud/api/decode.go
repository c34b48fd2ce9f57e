package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// readBody returns a JSON body of at most httpapi.MaxBody bytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *tool.Error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, refuse(httpapi.UnsupportedMedia, "Content-Type", "must be application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, httpapi.MaxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, refuse(httpapi.TooLarge, "", "the body is over 64 KiB")
	case err != nil:
		return nil, refuse(tool.Invalid, "", "the body was cut")
	}
	return body, nil
}

// decode reads one JSON value strictly into into, a pointer to a struct: what is unknown, of a wrong type or behind the value is named.
func decode(body []byte, into any) *tool.Error {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return explain(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(tool.Invalid, "", "something follows the JSON value")
	}
	return nil
}

func explain(err error) *tool.Error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return refuse(tool.Invalid, kind.Field, "must be "+jsonType(kind))
	}
	// encoding/json has no type for this error.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return refuse(tool.Invalid, strings.Trim(name, `"`), "unknown field")
	}
	return refuse(tool.Invalid, "", "the body is not valid JSON")
}

func jsonType(e *json.UnmarshalTypeError) string {
	if e.Field == "" {
		return "a JSON object"
	}
	if e.Type.Kind().String() == "int" {
		return "a whole number"
	}
	return "of type " + e.Type.Kind().String()
}
