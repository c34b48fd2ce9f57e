package rules

import (
	"embed"
	"fmt"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"github.com/laoyou/laoyou/agents/nlu"
)

//go:embed lexicon/*.yaml
var lexicons embed.FS

// lexicon is one language's file: plain phrases, so that a native speaker can review it without reading code.
type lexicon struct {
	Signals    map[string]signalRow `yaml:"signals"`
	Any        []string             `yaml:"any"`
	Change     []string             `yaml:"change"`
	ChangeSlot map[string][]string  `yaml:"change_slot"`
	Request    map[string][]string  `yaml:"request"`
	Intents    map[string][]string  `yaml:"intents"`
	LastOne    []string             `yaml:"last_one"`
	Inject     []string             `yaml:"inject"`
	ZhWords    []string             `yaml:"zh_words"`
	EnWords    []string             `yaml:"en_words"`
	Cannot     []string             `yaml:"cannot"`
	Strip      []string             `yaml:"strip"`
	Same       map[string]string    `yaml:"same"`  // phrases that mislead, and what they mean
	Other      []string             `yaml:"other"` // words of other languages in Latin script
	Words      []string             `yaml:"words"` // words that show this language
}

type signalRow struct {
	Whole []string `yaml:"whole"`
	Start []string `yaml:"start"`
	Part  []string `yaml:"part"`
}

func signals() map[string]nlu.Signal {
	return map[string]nlu.Signal{
		"yes": nlu.Yes, "no": nlu.No, "back": nlu.Back, "repeat": nlu.Repeat, "person": nlu.Person, "home": nlu.Home, "more": nlu.More,
		"retry": nlu.Retry, "greeting": nlu.Greeting, "thanks": nlu.Thanks, "bye": nlu.Bye, "help": nlu.Help, "slower": nlu.Slower,
	}
}

func loadLexicon(name string) (lexicon, error) {
	var lex lexicon
	raw, err := lexicons.ReadFile("lexicon/" + name + ".yaml")
	if err != nil {
		return lex, err
	}
	if err := yaml.UnmarshalWithOptions(raw, &lex, yaml.Strict()); err != nil {
		return lex, fmt.Errorf("lexicon %s: %w", name, err)
	}
	known := signals()
	for s := range lex.Signals {
		if _, ok := known[s]; !ok {
			return lex, fmt.Errorf("lexicon %s: unknown signal %q", name, s)
		}
	}
	return lex, nil
}

// has reports whether the utterance contains the phrase, in Latin script between word borders.
func has(s, phrase string) bool {
	if s == "" || phrase == "" {
		return false
	}
	for at := 0; ; {
		i := strings.Index(s[at:], phrase)
		if i < 0 {
			return false
		}
		i += at
		if bounded(s, i, i+len(phrase)) {
			return true
		}
		at = i + 1
		for at < len(s) && !utf8Start(s[at]) {
			at++
		}
	}
}

func hasAny(s string, phrases []string) bool {
	for _, p := range phrases {
		if has(s, p) {
			return true
		}
	}
	return false
}

func utf8Start(b byte) bool { return b&0xC0 != 0x80 }

// bounded reports whether s[i:j] does not cut a Latin word in two.
func bounded(s string, i, j int) bool {
	return !(i > 0 && wordByte(s[i]) && wordByte(s[i-1])) && !(j < len(s) && wordByte(s[j]) && wordByte(s[j-1]))
}

func wordByte(b byte) bool {
	return b < 0x80 && (unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b)))
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
