package virtual

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/laoyou/laoyou/firmware"
)

// maxJSON bounds a JSON body in bytes; far above the longest say, so that too long a text is told apart from too large a body.
const maxJSON = 64 << 10

// readBody returns a body of the given content type, at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, contentType string, limit int64) ([]byte, error) {
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != contentType {
		return nil, forbidden("content-type", "must be "+contentType)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", asBodyError(err))
	}
	return body, nil
}

// asBodyError keeps "too large" and calls everything else what it is: a body that did not arrive.
func asBodyError(err error) error {
	if a := asRefusal(err); a.status == http.StatusRequestEntityTooLarge {
		return a
	}
	return &firmware.FieldError{Field: "body", Msg: "did not arrive whole"}
}

// fields maps the names of a JSON object's members to where their values go.
type fields map[string]any

// decode reads exactly one JSON object into f: a foreign, repeated or null member, a wrong type, or anything after the object is a
// *firmware.FieldError that names the member. encoding/json alone would match "STATE" to state and take the last of two members.
func decode(body []byte, f fields) error {
	if !utf8.Valid(body) {
		return &firmware.FieldError{Field: "body", Msg: "is not UTF-8"}
	}
	notObject := &firmware.FieldError{Field: "body", Msg: "is not a JSON object"}
	dec := json.NewDecoder(bytes.NewReader(body))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return notObject
	}
	seen := make(map[string]bool, len(f))
	for dec.More() {
		t, err := dec.Token()
		name, isName := t.(string)
		if err != nil || !isName {
			return notObject
		}
		into, known := f[name]
		if !known {
			return &firmware.FieldError{Field: shorten(name), Msg: "is not known here"}
		}
		if seen[name] {
			return &firmware.FieldError{Field: name, Msg: "is there twice"}
		}
		seen[name] = true
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return notObject
		}
		if string(raw) == "null" || json.Unmarshal(raw, into) != nil {
			return &firmware.FieldError{Field: name, Msg: "must be " + kindOf(into)}
		}
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return notObject
	}
	if _, err := dec.Token(); err != io.EOF {
		return notObject
	}
	return nil
}

func kindOf(into any) string {
	switch into.(type) {
	case *string:
		return "a string"
	case **int:
		return "a whole number"
	case **bool:
		return "true or false"
	}
	return "something else"
}

// shorten keeps a stranger's field name from filling the answer.
func shorten(name string) string {
	const most = 40
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	return string([]rune(name)[:most]) + "…"
}
