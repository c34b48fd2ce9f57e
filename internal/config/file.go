package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// readFile sets what the YAML file says over cfg; no name, no file. It walks the syntax tree itself, so that a message names the line and
// the whole key, a value reads as it does in a flag, and a section whose keys are all commented out keeps its defaults.
func readFile(cfg any, name string) error {
	if name == "" {
		return nil
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return usagef("config: %v", err)
	}
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		return usagef("%s%s", name, syntaxError(err))
	}
	documents := 0
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if documents++; documents > 1 {
			return usagef("%s: more than one YAML document", name)
		}
		if err := decode(reflect.ValueOf(cfg).Elem(), doc.Body, ""); err != nil {
			return usagef("%s:%v", name, err)
		}
	}
	return nil
}

// syntaxError is ":line: what is wrong", on one line.
func syntaxError(err error) string {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return fmt.Sprintf(":%d: %s", at.GetToken().Position.Line, at.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return ": " + first
}

// decode sets v, which stands at path, to what node says.
func decode(v reflect.Value, node ast.Node, path string) error {
	switch {
	case node.Type() == ast.NullType:
		return nil
	case isSection(v.Type()):
		return decodeSection(v, node, path)
	case v.Kind() == reflect.Slice && !isTextType(v.Type()):
		return decodeList(v, node, path)
	case !isText(v.Type()):
		if err := yaml.NodeToValue(node, v.Addr().Interface(), yaml.Strict()); err != nil {
			return lineErrorf(node, "%s%s", path, syntaxError(err))
		}
		return nil
	}
	text, ok := scalar(node)
	if !ok {
		return lineErrorf(node, "%s: want a single %s", path, kindName(v.Type()))
	}
	if err := (&key{val: v}).set(text); err != nil {
		return lineErrorf(node, "%s: %v", path, err)
	}
	return nil
}

func decodeSection(v reflect.Value, node ast.Node, path string) error {
	section, ok := node.(ast.MapNode)
	if !ok {
		return lineErrorf(node, "%s", strings.TrimPrefix(path+": want a section with keys of its own", ": "))
	}
	fields := map[string]reflect.Value{}
	collect(v, fields)
	for it := section.MapRange(); it.Next(); {
		name, ok := scalar(it.Key())
		if !ok {
			return lineErrorf(it.Key(), "%s", strings.TrimPrefix(path+": want plain keys", ": "))
		}
		sub := strings.TrimPrefix(path+"."+name, ".")
		field, ok := fields[name]
		if !ok {
			return lineErrorf(it.Key(), "unknown key %s", sub)
		}
		if err := decode(field, it.Value(), sub); err != nil {
			return err
		}
	}
	return nil
}

// collect maps the names of a section's keys to their fields.
func collect(v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			collect(v.Field(i), into)
		case name != "" && name != "-":
			into[name] = v.Field(i)
		}
	}
}

// decodeList replaces the default list.
func decodeList(v reflect.Value, node ast.Node, path string) error {
	items, ok := node.(ast.ArrayNode)
	if !ok {
		return lineErrorf(node, "%s: want a list", path)
	}
	list := reflect.MakeSlice(v.Type(), 0, 0)
	for it := items.ArrayRange(); it.Next(); {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := decode(item, it.Value(), fmt.Sprintf("%s[%d]", path, list.Len())); err != nil {
			return err
		}
		list = reflect.Append(list, item)
	}
	v.Set(list)
	return nil
}

// scalar is the text of a plain, quoted or block value. Tags, anchors and aliases are none: a settings file needs no tricks.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

func lineErrorf(node ast.Node, format string, args ...any) error {
	return fmt.Errorf("%d: %s", node.GetToken().Position.Line, fmt.Sprintf(format, args...))
}
