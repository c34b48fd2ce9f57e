package text

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// english is built once. Engines read English numbers themselves; left to us is what they misread.
var english = sync.OnceValue(func() []rule {
	return []rule{
		{regexp.MustCompile(`(\d{4})-(\d{2})-(\d{2})`), enISODate},
		{regexp.MustCompile(`(?i)(\d{1,2}):(\d{2})(?:\s*([ap])\.?m\b\.?)?`), enTime},
		{regexp.MustCompile(`(?i)(\d{1,2})\s*([ap])\.?m\b\.?`), func(m []string, _, after string) string {
			return m[1] + " " + strings.ToUpper(m[2]) + " M" + stopAfter(m[0], after)
		}},
		{regexp.MustCompile(`(?:¥|CNY|RMB)\s*(\d+(?:\.\d+)?)`), func(m []string, _, _ string) string { return m[1] + " yuan" }},
		{regexp.MustCompile(`\+?\d{3,}(?:[ -]\d{2,})+|\+\d{1,3}(?:[ -]\d{2,})+|\b[A-Z]{1,4}-?\d+(?:[ -]\d+)*`), enCode},
		{regexp.MustCompile(`(\d|o'clock|M)\s*[-–—~]\s*(\d)`), func(m []string, _, _ string) string { return m[1] + " to " + m[2] }},
		{regexp.MustCompile(`\d+`), enPlainNumber},
		{regexp.MustCompile(`\*`), func([]string, string, string) string { return " star " }},
		{regexp.MustCompile(`#`), func([]string, string, string) string { return " hash " }},
		{regexp.MustCompile(`℃|°C`), func([]string, string, string) string { return " degrees" }},
	}
})

func enISODate(m []string, _, _ string) string {
	d, err := time.Parse(time.DateOnly, m[0])
	if err != nil {
		return spell(m[1]) + ", " + spell(m[2]) + ", " + spell(m[3])
	}
	return fmt.Sprintf("%s %d%s, %d", d.Month(), d.Day(), ordinal(d.Day()), d.Year())
}

func ordinal(n int) string {
	if n/10%10 == 1 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}

func enTime(m []string, _, after string) string {
	h, minute := atoi(m[1]), atoi(m[2])
	if h > 24 || minute > 59 {
		return spell(m[1]) + ", " + spell(m[2])
	}
	out := fmt.Sprint(h)
	switch {
	case minute == 0 && m[3] == "":
		out += " o'clock"
	case minute > 0 && minute < 10:
		out += fmt.Sprintf(" oh %d", minute)
	case minute >= 10:
		out += fmt.Sprintf(" %d", minute)
	}
	if m[3] != "" {
		out += " " + strings.ToUpper(m[3]) + " M" + stopAfter(m[0], after)
	}
	return out
}

// stopAfter keeps the full stop that "9 a.m." shares with the end of its sentence.
func stopAfter(match, after string) string {
	if strings.HasSuffix(match, ".") && (strings.TrimSpace(after) == "" || upperFollows(after)) {
		return "."
	}
	return ""
}

func enCode(m []string, _, _ string) string {
	groups := strings.FieldsFunc(strings.TrimPrefix(m[0], "+"), func(r rune) bool { return r == ' ' || r == '-' })
	for i, g := range groups {
		groups[i] = spell(g)
	}
	return strings.Join(groups, ", ")
}

func enPlainNumber(m []string, before, after string) string {
	unit := startsWithAny(after, " yuan", " ticket", " people")
	inside := strings.HasPrefix(after, ",") && len(after) > 1 && after[1] >= '0' && after[1] <= '9' || strings.HasSuffix(before, ".") || strings.HasSuffix(before, ",")
	switch {
	case unit || inside:
		return m[0]
	case len(m[0]) >= 5, isHotline(m[0]), len(m[0]) >= 3 && announcesCode(before), len(m[0]) >= 2 && m[0][0] == '0':
		return spell(m[0])
	default:
		return m[0]
	}
}

// announcesCode says whether the words before announce digits to be copied or dialled.
func announcesCode(before string) bool {
	near := strings.ToLower(lastRunes(before, 16))
	for _, w := range []string{"code", "number", "dial", "call"} {
		if strings.Contains(near, w) {
			return true
		}
	}
	return false
}

func startsWithAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}
