package config

import (
	"fmt"
	"reflect"
	"strings"
)

// validate asks every section, also those inside lists, the inner ones first, and returns the first complaint with its path.
func validate(cfg any) error {
	return validateValue(reflect.ValueOf(cfg).Elem(), "")
}

func validateValue(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			if err := validateValue(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
		if err := validateFields(v, path); err != nil {
			return err
		}
	default:
	}
	section, ok := v.Addr().Interface().(interface{ Validate() error })
	if !ok {
		return nil
	}
	if err := section.Validate(); err != nil {
		if path == "" {
			return usagef("config: %v", err)
		}
		return usagef("config: %s: %v", path, err)
	}
	return nil
}

func validateFields(v reflect.Value, path string) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || (name == "" && options != "inline") || name == "-" {
			continue
		}
		sub := strings.TrimPrefix(path+"."+name, ".")
		if options == "inline" {
			sub = path
		}
		if err := validateValue(v.Field(i), sub); err != nil {
			return err
		}
	}
	return nil
}
