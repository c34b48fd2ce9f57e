package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// help lists every key with its variable and its default.
func (p Program) help(keys []*key) string {
	b := &strings.Builder{}
	b.WriteString(p.Name)
	if p.Summary != "" {
		b.WriteString(": " + p.Summary)
	}
	fmt.Fprintf(b, "\n\nusage: %s [--config FILE] [--KEY=VALUE ...]\n\n", p.Name)
	b.WriteString("  --config FILE      settings in YAML (LAOYOU_CONFIG); variables override it, flags override both\n")
	b.WriteString("  --example-config   print that file with every key, its meaning and its default\n")
	b.WriteString("  --version, --help\n")
	for _, k := range keys {
		if !k.text {
			fmt.Fprintf(b, "\n  %s (YAML only)\n%s", k.Path, wrap(k.Doc, "      "))
			continue
		}
		fmt.Fprintf(b, "\n  --%s=%s   (%s)\n%s", k.Path, k, k.Env, wrap(k.Doc, "      "))
	}
	return b.String()
}

// example is a YAML file that holds the defaults, each key under its meaning.
func (p Program) example(cfg any) string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "# Every setting of %s with its default, as printed by `%s --example-config`.\n", p.Name, p.Name)
	b.WriteString("# Keep only what you change. Variables (LAOYOU_SECTION_KEY) override this file, flags (--section.key=value) override both.\n")
	opened := false // the line above opens a section
	// keysOf has walked the same struct without an error.
	_ = walk(reflect.ValueOf(cfg).Elem(), "", func(path string, f reflect.StructField, v reflect.Value) error {
		indent := strings.Repeat("  ", strings.Count(path, "."))
		name := path[strings.LastIndex(path, ".")+1:]
		if !opened {
			b.WriteString("\n")
		}
		b.WriteString(wrap(f.Tag.Get("doc"), indent+"# "))
		if opened = isSection(v.Type()); opened {
			fmt.Fprintf(b, "%s%s:\n", indent, name)
			return nil
		}
		b.WriteString(entry(name, v, indent))
		return nil
	})
	return b.String()
}

// entry is one key with its value in YAML.
func entry(name string, v reflect.Value, indent string) string {
	switch {
	case v.Kind() == reflect.Slice && v.Len() == 0:
		return indent + name + ": []\n"
	case v.Type() == reflect.TypeFor[time.Duration]():
		return indent + name + ": " + shortDuration(time.Duration(v.Int())) + "\n"
	}
	raw, err := yaml.MarshalWithOptions(map[string]any{name: v.Interface()}, yaml.IndentSequence(true))
	if err != nil {
		return fmt.Sprintf("%s# %s: %v\n", indent, name, err)
	}
	return indent + strings.ReplaceAll(strings.TrimSuffix(string(raw), "\n"), "\n", "\n"+indent) + "\n"
}

// wrap breaks text at spaces into lines of at most 110 columns that begin with prefix.
func wrap(text, prefix string) string {
	b := &strings.Builder{}
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(prefix)+len(line)+1+len(word) > 110 {
			b.WriteString(prefix + line + "\n")
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		b.WriteString(prefix + line + "\n")
	}
	return b.String()
}
