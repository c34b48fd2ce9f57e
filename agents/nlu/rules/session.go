package rules

import (
	"regexp"
	"strings"

	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

type sessionRules struct {
	vague, clockHan, clockEn, colon, night, morning, afternoon *regexp.Regexp
}

func newSessionRules() sessionRules {
	return sessionRules{
		vague:     regexp.MustCompile(`(?:早|晚|快|慢|大声|响|近|便宜|有|差)一?点儿?`),
		clockHan:  regexp.MustCompile(`(一大早|上午|早上|早晨|中午|下午|晚上|傍晚|夜里)?` + num + `(?:点钟?|时)(?:半|一刻|三刻|` + num + `分?)?`),
		clockEn:   regexp.MustCompile(`\b(?:at |around |about )?(\d{1,2})(?:[:.](\d\d))? ?(am|pm|oclock)\b|\b(?:at|around|after|before) (\d{1,2})\b`),
		colon:     regexp.MustCompile(`\b(\d{1,2}):(\d\d)\b`),
		night:     regexp.MustCompile(`晚上|傍晚|夜里|夜场|夜到|今晚|明晚|晚场|半夜|\b(?:evening|night|tonight|midnight)\b`),
		morning:   regexp.MustCompile(`一大早|上午|早上|早晨|清早|清晨|一早|早场|上半[天日]|上半场|第一场|早朗|\b(?:mornings?|mornin|forenoon|before (?:noon|lunch)|am)\b`),
		afternoon: regexp.MustCompile(`下午|午后|中午|下半[天日]|后半天|下昼|下半场|第二场|\b(?:afternoons?|aftrnoon|afternon|after (?:noon|lunch)|noon|midday|pm)\b`),
	}
}

// sessions takes the part of the day out of the text.
func (p *pass) sessions() {
	r := p.e.session
	p.cut(r.vague, func([]string, string) bool { return true })
	if strings.ContainsAny(p.s, numerals) {
		p.clocks()
	}
	p.cut(r.night, func(_ []string, before string) bool {
		p.value(nlu.SlotSession, nlu.Value{Problem: nlu.NoSession}, before)
		return true
	})
	p.cut(r.morning, func(m []string, before string) bool {
		if m[0] == "am" && p.latinBefore(before, "i") {
			return false
		}
		p.value(nlu.SlotSession, nlu.Value{ID: string(tool.Morning)}, before)
		return true
	})
	p.cut(r.afternoon, func(_ []string, before string) bool {
		p.value(nlu.SlotSession, nlu.Value{ID: string(tool.Afternoon)}, before)
		return true
	})
}

// clocks takes clock times out of the text.
func (p *pass) clocks() {
	r := p.e.session
	p.cut(r.clockHan, func(m []string, before string) bool {
		h, _ := parseNum(m[2])
		return p.hour(h, m[1], before)
	})
	p.cut(r.clockEn, func(m []string, before string) bool {
		h, _ := parseNum(m[1] + m[4])
		if m[4] != "" && (h > 18 || p.ctx.Expect == nlu.SlotTickets) {
			return false
		}
		return p.hour(h, m[3], before)
	})
	p.cut(r.colon, func(m []string, before string) bool {
		h, _ := parseNum(m[1])
		return p.hour(h, "", before)
	})
}

// hour turns a clock time into the session it lies in. Without a part of the day, 1 to 6 mean the afternoon: no venue opens at night.
func (p *pass) hour(h int, part, before string) bool {
	switch part {
	case "下午", "pm", "中午":
		if h < 12 && !(part == "中午" && h == 11) {
			h += 12
		}
	case "晚上", "傍晚", "夜里":
		h = 20
	case "":
		if h >= 1 && h <= 6 {
			h += 12
		}
	}
	v := nlu.Value{ID: string(tool.Morning)}
	switch {
	case h >= 18 || h < 6:
		v = nlu.Value{Problem: nlu.NoSession}
	case h >= 12:
		v.ID = string(tool.Afternoon)
	}
	p.value(nlu.SlotSession, v, before)
	return true
}
