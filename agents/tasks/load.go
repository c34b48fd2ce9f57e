package tasks

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

//go:embed flows/*.yaml
var flows embed.FS

type wordsFile struct {
	Texts  map[string]Text  `yaml:"texts"`
	Labels map[string]Label `yaml:"labels"`
}

type flowFile struct {
	ID      string           `yaml:"id"`
	Intent  string           `yaml:"intent"`
	Check   tool.Name        `yaml:"check"`
	Tool    tool.Name        `yaml:"tool"`
	Confirm bool             `yaml:"confirm"`
	Title   Label            `yaml:"title"`
	Slots   []slotRow        `yaml:"slots"`
	Texts   map[string]Text  `yaml:"texts"`
	Labels  map[string]Label `yaml:"labels"`
}

type slotRow struct {
	Name     string `yaml:"name"`
	Required bool   `yaml:"required"`
	Ask      string `yaml:"ask"`
	Min      int    `yaml:"min"`
	Max      int    `yaml:"max"`
	Label    Label  `yaml:"label"`
}

// Load returns the embedded flows.
func Load() (*Set, error) {
	sub, err := fs.Sub(flows, "flows")
	if err != nil {
		return nil, err
	}
	return LoadFS(sub)
}

// LoadFS reads common.yaml and one file for each flow, strictly: what is missing, misspelt or not translated is an error.
func LoadFS(dir fs.FS) (*Set, error) {
	set := &Set{flows: map[string]*Flow{}}
	var common wordsFile
	if err := decode(dir, "common.yaml", &common); err != nil {
		return nil, err
	}
	set.Common = Words(common)
	if err := set.Common.validate(commonKeys()); err != nil {
		return nil, fmt.Errorf("common.yaml: %w", err)
	}
	for id, keys := range flowKeys() {
		var f flowFile
		if err := decode(dir, id+".yaml", &f); err != nil {
			return nil, err
		}
		flow := f.flow()
		if err := flow.validate(id, keys); err != nil {
			return nil, fmt.Errorf("%s.yaml: %w", id, err)
		}
		set.flows[id] = flow
	}
	return set, nil
}

func decode(dir fs.FS, name string, into any) error {
	f, err := dir.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := yaml.NewDecoder(f, yaml.Strict()).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (f flowFile) flow() *Flow {
	out := &Flow{ID: f.ID, Intent: f.Intent, Check: f.Check, Tool: f.Tool, Confirm: f.Confirm, Title: f.Title, Words: Words{f.Texts, f.Labels}}
	for _, s := range f.Slots {
		out.Slots = append(out.Slots, Slot(s))
	}
	return out
}

func (f *Flow) validate(id string, k keys) error {
	if f.ID != id {
		return fmt.Errorf("id %q: want %q", f.ID, id)
	}
	if err := f.Title.validate("title", nil); err != nil {
		return err
	}
	if err := f.validateTools(k.booth); err != nil {
		return err
	}
	var names []string
	for _, s := range f.Slots {
		if err := s.validate(); err != nil {
			return err
		}
		if slices.Contains(names, s.Name) {
			return fmt.Errorf("slot %s: listed twice", s.Name)
		}
		names = append(names, s.Name)
	}
	for _, want := range k.slots {
		if !slices.Contains(names, want) {
			return fmt.Errorf("slot %s is missing", want)
		}
	}
	for _, n := range names {
		if !slices.Contains(k.slots, n) {
			return fmt.Errorf("slot %s: unknown", n)
		}
	}
	return f.Words.validate(k)
}

// validateTools checks what the flow does; booth says that the booth itself does it, without any tool.
func (f *Flow) validateTools(booth bool) error {
	if booth {
		switch {
		case f.Tool != "" || f.Check != "":
			return fmt.Errorf("tool %q, check %q: the booth does this task itself", f.Tool, f.Check)
		case !f.Confirm:
			return fmt.Errorf("confirm must be true: nothing is done without a yes")
		}
		return nil
	}
	writes, known := toolWrites(f.Tool)
	if !known {
		return fmt.Errorf("tool %q: no such tool", f.Tool)
	}
	if w, ok := toolWrites(f.Check); !ok || w {
		return fmt.Errorf("check %q: must be a tool that only reads", f.Check)
	}
	if writes && !f.Confirm {
		return fmt.Errorf("tool %q writes: confirm must be true", f.Tool)
	}
	return nil
}

func (s Slot) validate() error {
	switch {
	case s.Ask != AskChoice && s.Ask != AskDigits:
		return fmt.Errorf("slot %s: ask %q: want choice or digits", s.Name, s.Ask)
	case s.Ask == AskDigits && (s.Min < 1 || s.Max < s.Min):
		return fmt.Errorf("slot %s: min and max digits make no sense", s.Name)
	}
	return s.Label.validate("slot "+s.Name, nil)
}

func toolWrites(n tool.Name) (writes, known bool) {
	for _, s := range tool.Specs() {
		if s.Name == n {
			return s.Writes, true
		}
	}
	return false, false
}

func languages() []agents.Lang { return []agents.Lang{agents.LangZh, agents.LangEn} }

func (w Words) validate(k keys) error {
	for key, t := range w.Texts {
		allowed, ok := k.texts[key]
		if !ok {
			return fmt.Errorf("text %s: nobody says it", key)
		}
		if err := t.validate(key, strings.Fields(allowed)); err != nil {
			return err
		}
	}
	for key := range k.texts {
		if _, ok := w.Texts[key]; !ok {
			return fmt.Errorf("text %s is missing", key)
		}
	}
	for key, l := range w.Labels {
		allowed, ok := k.labels[key]
		if !ok {
			return fmt.Errorf("label %s: nobody shows it", key)
		}
		if err := l.validate("label "+key, strings.Fields(allowed)); err != nil {
			return err
		}
	}
	for key := range k.labels {
		if _, ok := w.Labels[key]; !ok {
			return fmt.Errorf("label %s is missing", key)
		}
	}
	return nil
}

func (t Text) validate(key string, allowed []string) error {
	for l := range t {
		if !slices.Contains(languages(), l) {
			return fmt.Errorf("text %s: unknown language %q", key, l)
		}
	}
	for _, l := range languages() {
		if len(t[l]) == 0 {
			return fmt.Errorf("text %s: nothing in %q", key, l)
		}
		for _, s := range t[l] {
			if err := placeholders("text "+key, s, allowed); err != nil {
				return err
			}
			if !strings.ContainsAny(s[len(s)-1:], ".?!") && !strings.HasSuffix(s, "。") && !strings.HasSuffix(s, "？") && !strings.HasSuffix(s, "！") {
				return fmt.Errorf("text %s: %q is no whole sentence (a comma in YAML needs quotes)", key, s)
			}
		}
	}
	return nil
}

func (t Label) validate(what string, allowed []string) error {
	for l := range t {
		if !slices.Contains(languages(), l) {
			return fmt.Errorf("%s: unknown language %q", what, l)
		}
	}
	for _, l := range languages() {
		if err := placeholders(what, t[l], allowed); err != nil {
			return err
		}
	}
	return nil
}

func placeholders(what, s string, allowed []string) error {
	if strings.TrimSpace(s) == "" {
		return fmt.Errorf("%s: empty", what)
	}
	for _, m := range regexp.MustCompile(`\{([^}]*)\}`).FindAllStringSubmatch(s, -1) {
		if !slices.Contains(allowed, m[1]) {
			return fmt.Errorf("%s: unknown placeholder {%s}", what, m[1])
		}
	}
	return nil
}
