package rules

import (
	"regexp"
	"strings"

	"github.com/laoyou/laoyou/agents/nlu"
)

// phoneRules find the number that somebody wants to call.
type phoneRules struct {
	cue    *regexp.Regexp // words that make any number a phone number
	digits *regexp.Regexp // digits said one by one, with pauses
	plain  *regexp.Regexp // a phone number by its form: mobile, or with an area code
	double *regexp.Regexp
}

func newPhoneRules() phoneRules {
	re := regexp.MustCompile
	return phoneRules{
		cue:    re(`打(?:个|一个|只)?(?:电话|手机|长途)|打(?:给|到|去|通)?[0-9零〇一二三四五六七八九幺]{3}|打给|拨|致电|\b(?:call|phone|dial|ring|telephone)\b`),
		digits: re(`[0-9零〇一二三四五六七八九幺]+(?:[ ,-]+[0-9零〇一二三四五六七八九幺]+)*`),
		plain:  re(`^(?:1[3-9]\d{9}|0\d{9,11})$`),
		double: re(`\b(double|triple) (\d)\b`),
	}
}

// phone reads the number to be called. It reports whether the utterance holds nothing else worth reading.
func (p *pass) phone() bool {
	r := p.e.phone
	expect := p.ctx.Expect == nlu.SlotPhone
	d, before, bare := r.longest(spokenDigits(p.s))
	switch {
	case p.out.Choice != "", len(d) < 3 && !(expect && bare):
		return false
	case expect, p.wantsCall(), r.plain.MatchString(d) && !p.reading():
		p.value(nlu.SlotPhone, nlu.Value{ID: d}, before)
		return true
	}
	return false
}

// wantsCall hears the wish to call; to call something off is none.
func (p *pass) wantsCall() bool {
	cancel := string(nlu.Cancel)
	return p.e.phone.cue.MatchString(p.s) && !hasAny(p.s, p.e.en.Intents[cancel]) && !hasAny(p.s, p.e.zh.Intents[cancel])
}

// reading reports that a booking's number or code is being read out.
func (p *pass) reading() bool {
	return p.ctx.Expect == nlu.SlotNumber || p.ctx.Expect == nlu.SlotCode || p.e.speech.refCue.MatchString(p.s)
}

// longest finds the longest run of digits, of two the later one; bare says that there is nothing else.
func (r phoneRules) longest(s string) (digits, before string, bare bool) {
	if !strings.ContainsAny(s, numerals+"幺") {
		return "", "", false
	}
	s = r.double.ReplaceAllStringFunc(s, func(m string) string {
		d := m[len(m)-1:]
		return strings.Repeat(d+" ", 2+strings.Count(m, "triple"))
	})
	for _, at := range r.digits.FindAllStringIndex(s, -1) {
		if d := digitsOf(s[at[0]:at[1]]); len(d) >= len(digits) {
			digits, before, bare = d, s[:at[0]], strings.Trim(s[:at[0]]+s[at[1]:], " ,") == ""
		}
	}
	return domestic(digits), before, bare
}

// spokenDigits writes English number words as digits, an oh among them too.
func spokenDigits(s string) string {
	words := strings.Split(digitise(s), " ")
	for i, w := range words {
		if w == "oh" || w == "o" {
			words[i] = "0"
		}
	}
	return strings.Join(words, " ")
}

// domestic drops the country's own code from a mobile number.
func domestic(d string) string {
	for _, code := range []string{"0086", "86"} {
		if rest, ok := strings.CutPrefix(d, code); ok && len(rest) == 11 && rest[0] == '1' {
			return rest
		}
	}
	return d
}
