package rules

import (
	"regexp"
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents/nlu"
)

const (
	monthName = `(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`
	dayName   = `(mon(?:day)?|tues?(?:day)?|wed(?:nesday|nsday)?|thu(?:rs)?(?:day)?|fri(?:day)?|satu?(?:rday)?|sun(?:day)?)`
)

// dateRule reads one way to say a date. It returns the date, or the problem with it.
type dateRule struct {
	re     *regexp.Regexp
	number bool // needs a number
	read   func(now time.Time, m []string) (time.Time, nlu.Problem)
}

func dateRules() []dateRule {
	r := func(re string, read func(time.Time, []string) (time.Time, nlu.Problem)) dateRule {
		number := strings.Contains(re, num) || strings.Contains(re, `\d`)
		return dateRule{regexp.MustCompile(re), number, read}
	}
	plus := func(days int) func(time.Time, []string) (time.Time, nlu.Problem) {
		return func(now time.Time, _ []string) (time.Time, nlu.Problem) { return now.AddDate(0, 0, days), "" }
	}
	return []dateRule{
		r(`(\d{4})[-/.年]`+num+`[-/.月]`+num+`[日号]?`, readYMD),
		r(num+`[天日](?:之|以)?后|过`+num+`[天日]|\bin (\d+) days?\b|\b(\d+) days? from now\b`, readInDays),
		r(`(?:一个?|1个?)(?:周|星期|礼拜)(?:之|以)?后|\bin (?:a|1) week\b|\ba week from (?:now|today)\b`, plus(7)),
		r(num+`月份?`+num+`[日号]?`, func(now time.Time, m []string) (time.Time, nlu.Problem) { return monthDay(now, m[1], m[2]) }),
		r(`\b`+monthName+` (?:the )?(\d{1,2})(?:st|nd|rd|th)?\b`, func(now time.Time, m []string) (time.Time, nlu.Problem) { return namedMonth(now, m[1], m[2]) }),
		r(`\b(\d{1,2})(?:st|nd|rd|th)?(?: day)?(?: of)? `+monthName+`\b`, func(now time.Time, m []string) (time.Time, nlu.Problem) { return namedMonth(now, m[2], m[1]) }),
		r(`\b(\d{1,2})/(\d{1,2})\b`, readSlash),
		r(`大后[天日]|大后儿`, plus(3)), r(`后[天日朝儿]|day after tomm?or?row|day after tmr`, plus(2)),
		r(`明[天日朝儿]|明早|\b(?:tomm?orr?r?ow|tomorow|tommorow|tmrw?|2morrow|tomoro)\b`, plus(1)),
		r(`大前[天日]`, plus(-3)), r(`前[天日]`, plus(-2)), r(`昨[天日儿]|\byesterday\b`, plus(-1)),
		r(`今[天日朝儿]|当天|\btoday\b`, plus(0)),
		r(`(下下|下|这|本|上)?个?(?:周|星期|礼拜)([一二三四五六日天末1-6])`, readHanWeekday),
		r(`周末`, func(now time.Time, _ []string) (time.Time, nlu.Problem) { return weekend(now, 0), "" }),
		r(`\b(this |next |coming |last )?weekend\b`, func(now time.Time, m []string) (time.Time, nlu.Problem) {
			return weekend(now, shift(m[1])), ""
		}),
		r(`\b(this |next |coming |last |on )?(?:coming )?`+dayName+`s?\b( next week)?`, readDayName),
		r(num+`[号日](?:那天)?`, func(now time.Time, m []string) (time.Time, nlu.Problem) { return dayOnly(now, m[1]) }),
		r(`\b(?:the )?(\d{1,2})(?:st|nd|rd|th)\b`, func(now time.Time, m []string) (time.Time, nlu.Problem) { return dayOnly(now, m[1]) }),
	}
}

func shift(word string) int {
	switch strings.TrimSpace(word) {
	case "next", "下":
		return 1
	case "下下":
		return 2
	case "last", "上":
		return -1
	}
	return 0
}

// calendar makes a date, refusing those that no calendar has.
func calendar(now time.Time, y, m, d int) (time.Time, nlu.Problem) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, now.Location())
	if m < 1 || m > 12 || d < 1 || t.Day() != d {
		return time.Time{}, nlu.Impossible
	}
	return t, ""
}

func readYMD(now time.Time, m []string) (time.Time, nlu.Problem) {
	y, _ := parseNum(m[1])
	mo, _ := parseNum(m[2])
	d, _ := parseNum(m[3])
	return calendar(now, y, mo, d)
}

func readSlash(now time.Time, m []string) (time.Time, nlu.Problem) {
	a, _ := parseNum(m[1])
	if a > 12 { // 21/11 as most of the world writes it
		return monthDay(now, m[2], m[1])
	}
	return monthDay(now, m[1], m[2])
}

// grace is how long ago a date without a year may be and still mean this year.
const grace = 60 * 24 * time.Hour

func monthDay(now time.Time, month, day string) (time.Time, nlu.Problem) {
	m, _ := parseNum(month)
	d, _ := parseNum(day)
	if m == 2 && d == 29 { // only the year tells
		if t, p := calendar(now, now.Year(), m, d); p == "" && !t.Before(now.Add(-grace)) {
			return t, ""
		}
		return calendar(now, now.Year()+1, m, d)
	}
	t, p := calendar(now, now.Year(), m, d)
	if p == "" && t.Before(now.Add(-grace)) {
		return calendar(now, now.Year()+1, m, d)
	}
	return t, p
}

func namedMonth(now time.Time, name, day string) (time.Time, nlu.Problem) {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), name[:3]) {
			d, _ := parseNum(day)
			return monthDay(now, itoa(int(m)), itoa(d))
		}
	}
	return time.Time{}, nlu.Impossible
}

// dayOnly is the next such day of a month.
func dayOnly(now time.Time, day string) (time.Time, nlu.Problem) {
	d, _ := parseNum(day)
	for ahead := range 3 {
		first := time.Date(now.Year(), now.Month()+time.Month(ahead), 1, 0, 0, 0, 0, now.Location())
		t, p := calendar(now, first.Year(), int(first.Month()), d)
		if p == "" && !t.Before(midnight(now)) {
			return t, ""
		}
	}
	return time.Time{}, nlu.Impossible
}

func readInDays(now time.Time, m []string) (time.Time, nlu.Problem) {
	for _, g := range m[1:] {
		if n, ok := parseNum(g); ok && g != "" {
			return now.AddDate(0, 0, min(n, 4000)), ""
		}
	}
	return time.Time{}, nlu.Impossible
}

// weekStart is the Monday of now's week: in China and in ISO 8601 a week begins there.
func weekStart(now time.Time) time.Time {
	return now.AddDate(0, 0, -(int(now.Weekday())+6)%7)
}

func weekend(now time.Time, weeks int) time.Time {
	if weeks == 0 && now.Weekday() == time.Sunday {
		return now
	}
	return weekStart(now).AddDate(0, 0, 5+7*weeks)
}

// onWeekday is the coming such day, or the one of the week that was named.
func onWeekday(now time.Time, day int, named bool, weeks int) time.Time {
	if named {
		return weekStart(now).AddDate(0, 0, (day+6)%7+7*weeks)
	}
	return now.AddDate(0, 0, (day-int(now.Weekday())+7)%7)
}

func readHanWeekday(now time.Time, m []string) (time.Time, nlu.Problem) {
	if m[2] == "末" {
		return weekend(now, shift(m[1])), ""
	}
	day := 0
	if n, ok := parseNum(m[2]); ok {
		day = n
	}
	return onWeekday(now, day, m[1] != "", shift(m[1])), ""
}

func readDayName(now time.Time, m []string) (time.Time, nlu.Problem) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if !strings.HasPrefix(strings.ToLower(d.String()), m[2][:3]) {
			continue
		}
		word := strings.TrimSpace(m[1])
		if m[3] != "" {
			word = "next"
		}
		return onWeekday(now, int(d), word == "next" || word == "last", shift(word)), ""
	}
	return time.Time{}, nlu.Impossible
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
