package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is where a sentence without an end is cut, in runes: about ten seconds of Chinese, so that a first sound never waits for
// a very long sentence and an engine's work is bounded.
const longest = 160

// Splitter cuts a stream of text into sentences as it comes. The zero value is ready.
type Splitter struct{ rest string }

// Write takes a piece of text and returns the sentences that are complete.
func (p *Splitter) Write(s string) []string {
	p.rest += s
	var out []string
	for {
		n := sentenceEnd(p.rest)
		if n == 0 {
			return out
		}
		if t := strings.TrimSpace(p.rest[:n]); hasWord(t) {
			out = append(out, t)
		}
		p.rest = p.rest[n:]
	}
}

// Flush returns the rest, or "".
func (p *Splitter) Flush() string {
	s := strings.TrimSpace(p.rest)
	p.rest = ""
	if !hasWord(s) {
		return ""
	}
	return s
}

// Sentences cuts a whole text.
func Sentences(s string) []string {
	var p Splitter
	out := p.Write(s)
	if last := p.Flush(); last != "" {
		out = append(out, last)
	}
	return out
}

// sentenceEnd returns how many bytes the first sentence has, 0 when its end is not certain yet.
func sentenceEnd(s string) int {
	runes, comma := 0, 0
	for i, r := range s {
		end := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			end = i + 1
		}
		runes++
		switch {
		case strings.ContainsRune("。！？；\n", r):
			return closing(s, end)
		case strings.ContainsRune("!?;", r) && end < len(s):
			return closing(s, end)
		case r == '.' && fullStop(s, i):
			return closing(s, end)
		case strings.ContainsRune("，,、：", r) || unicode.IsSpace(r) && runes > longest/2:
			comma = end
		}
		if runes >= longest {
			if comma > 0 {
				return comma
			}
			return end
		}
	}
	return 0
}

// closing takes closing quotes and brackets along.
func closing(s string, end int) int {
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !strings.ContainsRune("”’」』）)\"'", r) {
			break
		}
		end += n
	}
	return end
}

// abbreviations end with a point that ends no sentence.
const abbreviations = " mr mrs ms dr st no rd ave jr sr vs e.g i.e a.m p.m approx dept "

// fullStop says whether the point at i ends a sentence: a space follows, and neither an abbreviation nor a single letter stands before.
// What follows must be there: in a stream "3." may become "3.5".
func fullStop(s string, i int) bool {
	if i+1 >= len(s) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(s[i+1:])
	if !unicode.IsSpace(next) && !unicode.Is(unicode.Han, next) && !strings.ContainsRune("\"')”’", next) {
		return false
	}
	word := strings.ToLower(s[strings.LastIndexFunc(s[:i], unicode.IsSpace)+1 : i])
	if strings.Contains(abbreviations, " "+word+" ") {
		return (word == "a.m" || word == "p.m") && upperFollows(s[i+1:])
	}
	return len(word) > 1 || word != "" && unicode.IsDigit(rune(word[0]))
}

func upperFollows(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(s))
	return unicode.IsUpper(r)
}
