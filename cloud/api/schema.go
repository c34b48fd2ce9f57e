package api

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// schemas are the named JSON Schemas of the document. Our bodies are flat structs of text, numbers and lists, so this small reflection
// says all there is to say.
type schemas map[string]object

// of returns the schema of t, naming it if it is a struct.
func (s schemas) of(t reflect.Type) (object, error) {
	if values := enum(t); values != nil {
		return object{"type": "string", "enum": values}, nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.String:
		return object{"type": "string"}, nil
	case reflect.Bool:
		return object{"type": "boolean"}, nil
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return object{"type": "integer"}, nil
	case reflect.Float64:
		return object{"type": "number"}, nil
	case reflect.Map:
		return object{"type": "object"}, nil
	case reflect.Slice:
		items, err := s.of(t.Elem())
		return object{"type": "array", "items": items}, err
	case reflect.Struct:
		if _, done := s[t.Name()]; !done {
			s[t.Name()] = nil // a name that is being described
			described, err := s.structure(t)
			if err != nil {
				return nil, err
			}
			s[t.Name()] = described
		}
		return object{"$ref": "#/components/schemas/" + t.Name()}, nil
	default:
		return nil, fmt.Errorf("no schema for %s", t)
	}
}

func (s schemas) structure(t reflect.Type) (object, error) {
	properties := object{}
	required := []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			return nil, fmt.Errorf("field %s of %s has no JSON name", f.Name, t)
		}
		schema, err := s.of(f.Type)
		if err != nil {
			return nil, err
		}
		for k, v := range limits(t, name) {
			schema[k] = v
		}
		properties[name] = schema
		if options != "omitempty" && options != "omitzero" {
			required = append(required, name)
		}
	}
	return object{"type": "object", "required": required, "properties": properties}, nil
}

// enum lists the values of our closed types.
func enum(t reflect.Type) []any {
	switch t {
	case reflect.TypeFor[tool.Session]():
		return []any{tool.Morning, tool.Afternoon}
	case reflect.TypeFor[tool.Document]():
		return []any{tool.IDCard, tool.Insurance, tool.Passport, tool.NoDocument}
	case reflect.TypeFor[tool.Status]():
		return []any{tool.Confirmed, tool.Cancelled}
	case reflect.TypeFor[tool.ErrorKind]():
		return []any{
			tool.Invalid, tool.NotFound, tool.SoldOut, tool.Closed, tool.TooMany, tool.Unavailable, tool.Uncertain, tool.Denied,
			httpapi.Unauthenticated, httpapi.MethodNotAllowed, httpapi.TooLarge, httpapi.UnsupportedMedia, httpapi.Conflict, httpapi.Internal,
		}
	case reflect.TypeFor[httpapi.ContactState]():
		return []any{
			httpapi.ContactNew, httpapi.ContactQueued, httpapi.ContactOffered, httpapi.ContactTalking, httpapi.ContactHeld,
			httpapi.ContactWrapUp, httpapi.ContactClosed, httpapi.ContactCallback,
		}
	case reflect.TypeFor[httpapi.Kind]():
		return []any{httpapi.KindVisit, httpapi.KindEmergency, httpapi.KindCallback}
	case reflect.TypeFor[httpapi.State]():
		return []any{
			httpapi.AgentOffline, httpapi.AgentAvailable, httpapi.AgentOffered, httpapi.AgentBusy, httpapi.AgentWrapUp, httpapi.AgentAway,
		}
	}
	return nil
}

// limits are what Validate of the arguments checks; a test holds the two together.
func limits(t reflect.Type, field string) object {
	switch t {
	case reflect.TypeFor[httpapi.Contact](), reflect.TypeFor[httpapi.Handoff](), reflect.TypeFor[httpapi.CallRecord]():
		return nil // the same words with other meanings
	}
	switch field {
	case "tickets":
		if t == reflect.TypeFor[tool.BookArgs]() {
			return object{"minimum": 1, "maximum": tool.MaxTickets}
		}
	case "date":
		return object{"format": "date"}
	case "booked_at":
		return object{"format": "date-time"}
	case "place":
		return object{"pattern": `^[a-z0-9][a-z0-9-]{0,63}$`}
	case "number":
		return object{"pattern": fmt.Sprintf(`^[0-9]{%d}$`, tool.NumberDigits)}
	case "code":
		return object{"pattern": fmt.Sprintf(`^[0-9]{%d}$`, tool.CodeDigits)}
	case "from", "to":
		return object{"pattern": `^[0-2][0-9]:[0-5][0-9]$`}
	}
	return nil
}
