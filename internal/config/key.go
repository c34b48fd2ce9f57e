package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// key is one setting of a struct.
type key struct {
	Path string // "http.listen"
	Env  string // "LAOYOU_HTTP_LISTEN"
	Doc  string
	text bool // can be said in one word, so that it has a flag and a variable
	val  reflect.Value
}

// keysOf lists the keys of the struct that cfg points to, in the order of its fields.
func keysOf(cfg any) ([]*key, error) {
	v := reflect.ValueOf(cfg)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("config: want a pointer to a struct, got %T", cfg)
	}
	var keys []*key
	err := walk(v.Elem(), "", func(path string, f reflect.StructField, v reflect.Value) error {
		if f.Tag.Get("doc") == "" {
			return fmt.Errorf("config: key %s has no doc tag", path)
		}
		if isSection(v.Type()) {
			return nil
		}
		keys = append(keys, &key{Path: path, Env: envName(path), Doc: f.Tag.Get("doc"), text: isText(v.Type()), val: v})
		return nil
	})
	return keys, err
}

// walk visits every tagged field, a section before its keys.
func walk(v reflect.Value, prefix string, visit func(path string, f reflect.StructField, v reflect.Value) error) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if options == "inline" {
			if err := walk(v.Field(i), prefix, visit); err != nil {
				return err
			}
			continue
		}
		if name == "" {
			return fmt.Errorf("config: field %s of %s has no yaml tag", f.Name, v.Type())
		}
		if err := visit(prefix+name, f, v.Field(i)); err != nil {
			return err
		}
		if isSection(v.Field(i).Type()) {
			if err := walk(v.Field(i), prefix+name+".", visit); err != nil {
				return err
			}
		}
	}
	return nil
}

func envName(path string) string {
	return "LAOYOU_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(path))
}

func isSection(t reflect.Type) bool { return t.Kind() == reflect.Struct && !isTextType(t) }

func isTextType(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func isText(t reflect.Type) bool {
	if isTextType(t) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Slice:
		return t.Elem().Kind() == reflect.String
	default:
		return false
	}
}

func (k *key) isBool() bool { return k.val.Kind() == reflect.Bool }

// set parses s as flags and variables are written.
func (k *key) set(s string) error {
	if u, ok := k.val.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(s)); err != nil {
			return fmt.Errorf("%q: %w", s, err)
		}
		return nil
	}
	v := k.val
	var err error
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		var d time.Duration
		d, err = time.ParseDuration(s)
		v.SetInt(int64(d))
	case v.Kind() == reflect.String:
		v.SetString(s)
	case v.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(s)
		v.SetBool(b)
	case v.CanInt():
		var n int64
		n, err = strconv.ParseInt(s, 10, v.Type().Bits())
		v.SetInt(n)
	case v.CanUint():
		var n uint64
		n, err = strconv.ParseUint(s, 10, v.Type().Bits())
		v.SetUint(n)
	case v.CanFloat():
		var x float64
		x, err = strconv.ParseFloat(s, v.Type().Bits())
		v.SetFloat(x)
	default:
		v.Set(splitList(s, v.Type()))
	}
	if err != nil {
		return fmt.Errorf("%q is no %s", s, kindName(v.Type()))
	}
	return nil
}

func splitList(s string, t reflect.Type) reflect.Value {
	list := reflect.MakeSlice(t, 0, 0)
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = reflect.Append(list, reflect.ValueOf(part).Convert(t.Elem()))
		}
	}
	return list
}

// kindName says in the operator's words what a value must be.
func kindName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return `duration (like "300ms", "5s" or "2h")`
	case t.Kind() == reflect.Bool:
		return "true or false"
	case reflect.Zero(t).CanInt() || reflect.Zero(t).CanUint():
		return "whole number in range"
	case reflect.Zero(t).CanFloat():
		return "number"
	case t.Kind() == reflect.Slice:
		return "list"
	case t.Kind() == reflect.Struct && !isTextType(t):
		return "section"
	default:
		return "text"
	}
}

// String is the value as flags and variables are written.
func (k *key) String() string {
	switch {
	case k.val.Kind() == reflect.Slice && k.text:
		parts := make([]string, k.val.Len())
		for i := range parts {
			parts[i] = k.val.Index(i).String()
		}
		return strings.Join(parts, ",")
	case k.val.Type() == reflect.TypeFor[time.Duration]():
		return shortDuration(time.Duration(k.val.Int()))
	default:
		return fmt.Sprint(k.val.Interface())
	}
}

// shortDuration is "12h" where the standard library says "12h0m0s".
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
