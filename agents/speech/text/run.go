// Package text turns a bot's sentence into words that can be spoken: numbers, times, dates, money and codes written out, Chinese as
// pinyin with tone digits, foreign words set apart, long answers cut into sentences. Pure functions, no I/O; it may import agents only.
package text

import (
	"strings"
	"unicode"

	"github.com/laoyou/laoyou/agents"
)

// Run is a stretch of text in one language.
type Run struct {
	Lang agents.Lang
	Text string
}

// Runs cuts a text into stretches of Chinese and Latin script. Digits and punctuation stay with what stands before them,
// at the start with lang. Empty stretches are left out.
func Runs(s string, lang agents.Lang) []Run {
	var out []Run
	start := 0
	for i, r := range s {
		next := script(r)
		if next == agents.LangUnknown || next == lang {
			continue
		}
		if hasWord(s[start:i]) {
			out = appendRun(out, lang, s[start:i])
			start = i
		}
		lang = next
	}
	return appendRun(out, lang, s[start:])
}

func appendRun(out []Run, lang agents.Lang, s string) []Run {
	if !hasWord(s) {
		if n := len(out); n > 0 {
			out[n-1].Text += s
		}
		return out
	}
	return append(out, Run{lang, strings.TrimSpace(s)})
}

func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func script(r rune) agents.Lang {
	switch {
	case unicode.Is(unicode.Han, r):
		return agents.LangZh
	case unicode.Is(unicode.Latin, r):
		return agents.LangEn
	default:
		return agents.LangUnknown
	}
}
