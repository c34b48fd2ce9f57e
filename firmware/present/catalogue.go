package present

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/laoyou/laoyou/agents"
)

//go:embed words/*.yaml
var wordFiles embed.FS

// Presenter turns states into views with the words of a language. It is read-only once made.
type Presenter struct {
	words map[agents.Lang]map[string]string
}

// New loads the catalogues. Every language must have every key.
func New() (*Presenter, error) {
	files, err := fs.Glob(wordFiles, "words/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("present: %w", err)
	}
	p := &Presenter{words: map[agents.Lang]map[string]string{}}
	for _, file := range files {
		raw, err := wordFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("present: %w", err)
		}
		words := map[string]string{}
		if err := yaml.Unmarshal(raw, &words); err != nil {
			return nil, fmt.Errorf("present: %s: %w", file, err)
		}
		p.words[agents.Lang(strings.TrimSuffix(path.Base(file), ".yaml"))] = words
	}
	return p, p.complete()
}

func (p *Presenter) complete() error {
	all := map[string]bool{}
	for _, words := range p.words {
		for key := range words {
			all[key] = true
		}
	}
	for lang, words := range p.words {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if words[key] == "" {
				return fmt.Errorf("present: %s has no words for %q", lang, key)
			}
		}
	}
	return nil
}

// Langs lists the languages that the screen can be drawn in.
func (p *Presenter) Langs() []agents.Lang { return slices.Sorted(maps.Keys(p.words)) }

// Word returns the words for key with its {name} places filled from pairs of name and value.
func (p *Presenter) Word(lang agents.Lang, key string, pairs ...string) string {
	words, ok := p.words[lang]
	if !ok {
		words = p.words[Fallback]
	}
	text := words[key]
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}
