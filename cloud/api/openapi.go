package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// object is a JSON object of the document.
type object = map[string]any

// document writes the OpenAPI 3.1 description of the routes.
func document(routes []route, version string) ([]byte, error) {
	paths := object{}
	sch := schemas{}
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
			"title": "Laoyou core", "version": version, "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "City services for booths, contacts and calls, and what staff may do. Every answer that is not 2xx has the body ErrorBody.",
		},
		"paths": paths,
		"components": object{
			"schemas": sch,
			"securitySchemes": object{
				"booth": object{"type": "http", "scheme": "bearer", "description": "token of a booth"},
				"staff": object{"type": "apiKey", "in": "cookie", "name": cookieName},
			},
		},
	})
}

func operation(rt route, sch schemas) (object, error) {
	op := object{"operationId": rt.id, "summary": rt.summary, "security": security(rt)}
	if params := parameters(rt); len(params) > 0 {
		op["parameters"] = params
	}
	if rt.body != nil {
		s, err := sch.of(rt.body)
		if err != nil {
			return nil, err
		}
		sch[rt.body.Name()]["additionalProperties"] = false // requests are read strictly; answers may grow
		op["requestBody"] = object{"required": true, "content": jsonContent(s)}
	}
	if rt.socket != nil {
		words, err := rt.socket.describe(sch)
		if err != nil {
			return nil, err
		}
		op["x-messages"] = words
	}
	responses, err := responses(rt, sch)
	op["responses"] = responses
	return op, err
}

func jsonContent(schema object) object { return object{"application/json": object{"schema": schema}} }

func responses(rt route, sch schemas) (object, error) {
	ok := object{"description": http.StatusText(rt.status)}
	if rt.result != nil {
		s, err := sch.of(rt.result)
		if err != nil {
			return nil, err
		}
		ok["content"] = jsonContent(s)
	}
	failure, err := sch.of(reflect.TypeFor[httpapi.ErrorBody]())
	if err != nil {
		return nil, err
	}
	out := object{strconv.Itoa(rt.status): ok}
	for status, kinds := range byStatus(rt.errors) {
		out[strconv.Itoa(status)] = object{"description": strings.Join(kinds, ", "), "content": jsonContent(failure)}
	}
	return out, nil
}

// byStatus groups the kinds of error that share a status.
func byStatus(kinds []tool.ErrorKind) map[int][]string {
	out := map[int][]string{}
	for _, k := range kinds {
		out[httpapi.Status(k)] = append(out[httpapi.Status(k)], string(k))
	}
	for _, names := range out {
		slices.Sort(names)
	}
	return out
}

func security(rt route) []object {
	switch rt.access {
	case booth:
		return []object{{"booth": []string{}}}
	case either:
		return []object{{"booth": []string{}}, {"staff": []string{}}}
	case staff:
		return []object{{"staff": []string{}}}
	case local:
		return []object{{}, {"staff": []string{}}}
	case anyone:
	}
	return []object{}
}

func parameters(rt route) []object {
	var list []object
	if rt.keyed {
		list = append(list, object{
			"name": httpapi.HeaderKey, "in": "header", "required": true,
			"description": "the same key never acts twice; a repeated call returns what the first one did",
			"schema":      object{"type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"},
		})
	}
	for _, name := range pathNames(rt.path) {
		list = append(list, object{
			"name": name, "in": "path", "required": true, "description": "ULID", "schema": object{"type": "string"},
		})
	}
	for _, p := range rt.query {
		schema := object{"type": "string"}
		if p.name == "limit" {
			schema = object{"type": "integer", "minimum": 1, "maximum": maxLimit, "default": defaultLimit}
		}
		list = append(list, object{"name": p.name, "in": "query", "description": p.about, "schema": schema})
	}
	return list
}

// pathNames lists the parameters of a path.
func pathNames(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// socketWords are the messages of a WebSocket, each kind told by its field t.
type socketWords struct{ gives, takes []reflect.Type }

// describe lists the schemas of the messages. OpenAPI has no word for a WebSocket, so this is an extension of ours.
func (w socketWords) describe(sch schemas) (object, error) {
	out := object{}
	for name, types := range map[string][]reflect.Type{"from_core": w.gives, "to_core": w.takes} {
		list := []object{}
		for _, t := range types {
			s, err := sch.of(t)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		out[name] = list
	}
	return out, nil
}
