package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// object is a JSON object of the document.
type object = map[string]any

// document writes the OpenAPI 3.1 description of the routes.
func document(routes []route, version string) ([]byte, error) {
	paths, sch := object{}, schemas{}
	for _, rt := range routes {
		op, err := operation(rt, sch)
		if err != nil {
			return nil, fmt.Errorf("openapi: %s %s: %w", rt.method, rt.path, err)
		}
		item, ok := paths[rt.path].(object)
		if !ok {
			item = object{}
			paths[rt.path] = item
		}
		item[strings.ToLower(rt.method)] = op
	}
	if version == "" {
		version = "dev"
	}
	return json.Marshal(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Laoyou fleet", "version": version, "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "Booths as operators see and run them, and how booths get in. All times are ms since 1970. " +
				"Supervisors read; operators and administrators also act. Every answer that is not 2xx has the body FailureBody.",
		},
		"paths": paths,
		"components": object{
			"schemas": sch,
			"securitySchemes": object{
				"staff": object{"type": "apiKey", "in": "cookie", "name": "laoyou_session"},
				"token": object{"type": "http", "scheme": "bearer", "description": "the token of a session of staff"},
				"booth": object{"type": "http", "scheme": "bearer", "description": "the token in the arguments of the command"},
				"claim": object{"type": "http", "scheme": "bearer", "description": "the secret of the claim"},
			},
		},
	})
}

func operation(rt route, sch schemas) (object, error) {
	op := object{"operationId": rt.id, "summary": rt.summary, "security": security(rt)}
	if params := parameters(rt); len(params) > 0 {
		op["parameters"] = params
	}
	switch {
	case rt.body != nil:
		s, err := sch.of(rt.body)
		if err != nil {
			return nil, err
		}
		sch[rt.body.Name()]["additionalProperties"] = false // requests are read strictly; answers may grow
		op["requestBody"] = object{"required": true, "content": content("application/json", s)}
	case rt.method == http.MethodPut:
		op["requestBody"] = object{"required": true, "content": content(rt.media, object{"type": "string"})}
	}
	answers, err := responses(rt, sch)
	op["responses"] = answers
	return op, err
}

func content(media string, schema object) object { return object{media: object{"schema": schema}} }

func responses(rt route, sch schemas) (object, error) {
	out := object{}
	results := map[int]reflect.Type{rt.status: rt.result}
	for status, t := range rt.also {
		results[status] = t
	}
	for status, t := range results {
		one := object{"description": http.StatusText(status)}
		media := "application/json"
		if rt.media != "" {
			media = rt.media
		}
		switch {
		case t != nil:
			s, err := sch.of(t)
			if err != nil {
				return nil, err
			}
			one["content"] = content(media, s)
		case rt.media != "" && status == http.StatusOK:
			one["content"] = content(media, object{"type": "string"})
		}
		out[strconv.Itoa(status)] = one
	}
	failure, err := sch.of(reflect.TypeFor[httpapi.FailureBody]())
	if err != nil {
		return nil, err
	}
	for status, kinds := range byStatus(rt.errors) {
		out[strconv.Itoa(status)] = object{"description": strings.Join(kinds, ", "), "content": content("application/json", failure)}
	}
	return out, nil
}

// byStatus groups the kinds of failure that share a status.
func byStatus(kinds []httpapi.Kind) map[int][]string {
	out := map[int][]string{}
	for _, k := range kinds {
		out[k.Status()] = append(out[k.Status()], string(k))
	}
	for _, names := range out {
		slices.Sort(names)
	}
	return out
}

func security(rt route) []object {
	switch {
	case rt.needs != Nothing:
		return []object{{"staff": []string{}}, {"token": []string{}}}
	case rt.secret != "":
		return []object{{rt.secret: []string{}}}
	}
	return []object{}
}

func parameters(rt route) []object {
	var list []object
	for part := range strings.SplitSeq(rt.path, "/") {
		name, ok := strings.CutPrefix(part, "{")
		if !ok {
			continue
		}
		name = strings.TrimSuffix(name, "}")
		about := map[string]string{"id": "id of a booth", "cmd": "ULID of a command", "claim": "ULID of a claim"}[name]
		list = append(list, object{"name": name, "in": "path", "required": true, "description": about, "schema": object{"type": "string"}})
	}
	for _, p := range rt.query {
		schema := object{"type": "string"}
		switch p.name {
		case "limit":
			schema = object{"type": "integer", "minimum": 1, "maximum": maxLimit, "default": defaultLimit}
		case "from", "to":
			schema = object{"type": "integer", "minimum": 0}
		case "drift":
			schema = object{"type": "boolean"}
		}
		one := object{"name": p.name, "in": "query", "schema": schema}
		if p.about != "" {
			one["description"] = p.about
		}
		list = append(list, one)
	}
	return list
}

func (s *Server) openAPI(c *call) error {
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = c.w.Write(s.spec)
	return nil
}

// schemas are the named JSON Schemas of the document.
type schemas map[string]object

// of returns the schema of t, naming it if it is a struct.
func (s schemas) of(t reflect.Type) (object, error) {
	if values := enum(t); values != nil {
		return object{"type": "string", "enum": values}, nil
	}
	if t == reflect.TypeFor[json.RawMessage]() {
		return object{}, nil // any JSON
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.String:
		return object{"type": "string"}, nil
	case reflect.Bool:
		return object{"type": "boolean"}, nil
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}, nil
	case reflect.Float64:
		return object{"type": "number"}, nil
	case reflect.Map:
		if t.Elem().Kind() == reflect.Interface {
			return object{"type": "object"}, nil
		}
		values, err := s.of(t.Elem())
		return object{"type": "object", "additionalProperties": values}, err
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
	properties, required := object{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue // its fields are ours
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name // fleet.Key
		}
		schema, err := s.of(f.Type)
		if err != nil {
			return nil, err
		}
		properties[name] = schema
		if options != "omitempty" {
			required = append(required, name)
		}
	}
	return object{"type": "object", "required": required, "properties": properties}, nil
}

// enum lists the values of our closed types.
func enum(t reflect.Type) []any {
	switch t {
	case reflect.TypeFor[fleet.Standing]():
		return []any{fleet.InService, fleet.Quarantined, fleet.Retired}
	case reflect.TypeFor[fleet.Presence]():
		return []any{fleet.Online, fleet.Offline, fleet.Unknown}
	case reflect.TypeFor[fleet.CommandName]():
		return []any{
			fleet.CommandRestart, fleet.CommandTone, fleet.CommandMessage, fleet.CommandSelfTest, fleet.CommandLogs, fleet.CommandMirror,
		}
	case reflect.TypeFor[httpapi.Kind]():
		return []any{
			httpapi.Invalid, httpapi.Unauthenticated, httpapi.Denied, httpapi.NotFound, httpapi.MethodNotAllowed, httpapi.Conflict, httpapi.TooLarge,
			httpapi.UnsupportedMedia, httpapi.TooMany, httpapi.Unavailable, httpapi.Internal,
		}
	}
	return nil
}
