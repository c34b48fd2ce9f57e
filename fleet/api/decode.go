package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/laoyou/laoyou/fleet/httpapi"
)

// maxBody bounds a JSON body in bytes. A config document of 32 KiB fits.
const maxBody = 64 << 10

// Limits of a page.
const (
	defaultLimit = 100
	maxLimit     = 500
)

// body reads one JSON value strictly into into, a pointer to a struct: what is unknown, of a wrong type or behind the value is named.
func (c *call) body(into any) error {
	if media, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return refuse(httpapi.UnsupportedMedia, "Content-Type", "must be application/json")
	}
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return refuse(httpapi.TooLarge, "", "the body is over 64 KiB")
	case err != nil:
		return refuse(httpapi.Invalid, "", "the body was cut")
	}
	return strict(text, into)
}

// strict decodes one JSON object and nothing else.
func strict(text []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return explain(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(httpapi.Invalid, "", "something follows the JSON value")
	}
	return nil
}

func explain(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		if kind.Field == "" {
			return refuse(httpapi.Invalid, "", "must be a JSON object")
		}
		return refuse(httpapi.Invalid, kind.Field, "must be of type "+kind.Type.String())
	}
	// encoding/json has no type for this error.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return refuse(httpapi.Invalid, strings.Trim(name, `"`), "unknown field")
	}
	return refuse(httpapi.Invalid, "", "the body is not valid JSON")
}

// page reads cursor and limit.
func (c *call) page() (Page, error) {
	q := c.r.URL.Query()
	p := Page{Cursor: q.Get("cursor"), Limit: defaultLimit}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxLimit {
			return p, refuse(httpapi.Invalid, "limit", fmt.Sprintf("must be a whole number between 1 and %d", maxLimit))
		}
		p.Limit = n
	}
	return p, nil
}

// instant reads a time in ms since 1970; def where it is not given.
func (c *call) instant(name string, def time.Time) (time.Time, error) {
	text := c.r.URL.Query().Get(name)
	if text == "" {
		return def, nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 0 || ms > 1<<46 { // the year 4200
		return def, refuse(httpapi.Invalid, name, "must be a time in ms since 1970")
	}
	return time.UnixMilli(ms), nil
}
