package text

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/laoyou/laoyou/agents"
)

// Normalize writes out what an engine would misread: numbers, times, dates, money, ranges, codes and telephone numbers. What cannot be
// spoken (emoji, control characters) is dropped.
func Normalize(s string, lang agents.Lang) string {
	s = plain(s)
	if lang == agents.LangEn {
		return rewrite(s, english)
	}
	return rewrite(s, chinese)
}

// rule replaces what a pattern matches. The function gets the submatches and what stands before and after the match.
type rule struct {
	re *regexp.Regexp
	to func(m []string, before, after string) string
}

func rewrite(s string, rules func() []rule) string {
	for _, r := range rules() {
		var b strings.Builder
		last := 0
		for _, at := range r.re.FindAllStringSubmatchIndex(s, -1) {
			m := make([]string, len(at)/2)
			for i := range m {
				if at[2*i] >= 0 {
					m[i] = s[at[2*i]:at[2*i+1]]
				}
			}
			b.WriteString(s[last:at[0]])
			b.WriteString(r.to(m, s[:at[0]], s[at[1]:]))
			last = at[1]
		}
		b.WriteString(s[last:])
		s = b.String()
	}
	return strings.Join(strings.Fields(s), " ")
}

// plain narrows full-width digits and letters and drops what has no sound.
func plain(s string) string {
	s = strings.ToValidUTF8(s, " ")
	return strings.Map(func(r rune) rune {
		if n := []rune(width.Narrow.String(string(r))); len(n) == 1 && n[0] < 128 && (unicode.IsLetter(n[0]) || unicode.IsDigit(n[0]) || n[0] == ':') {
			return n[0]
		}
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '￥':
			return '¥'
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsPunct(r), unicode.Is(unicode.Mn, r), strings.ContainsRune("¥$€+~～%℃°#*=", r):
			return r
		default:
			return ' '
		}
	}, s)
}

func digitsOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// isTelephone says whether digits with gaps are a number one dials or copies, not a quantity: read digit by digit.
func isTelephone(s string) bool {
	d := digitsOnly(s)
	return len(d) >= 5 || len(d) >= 2 && d[0] == '0' || len(d) != len(s)
}

// emergency numbers and hotlines are read digit by digit unless a unit follows.
func isHotline(s string) bool {
	switch s {
	case "110", "119", "120", "122", "114", "12345", "12320", "10000", "10086":
		return true
	}
	return false
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func lastRunes(s string, n int) string {
	r := []rune(s)
	return string(r[max(0, len(r)-n):])
}
