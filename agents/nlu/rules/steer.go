package rules

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
)

// speechRules are the small patterns that are not tied to one slot.
type speechRules struct {
	negHan, negEn, refCue, codeCue, eight, generic *regexp.Regexp
	nth, goodDay, isoDate                          *regexp.Regexp
	wish                                           []*regexp.Regexp
}

func newSpeechRules() speechRules {
	re := regexp.MustCompile
	return speechRules{
		negHan:  re(`(?:(?:^|[^是])不是|不要|不去|别去|别要|不想去|不想要|不订|勿要|弗要|勿是|弗是|不去看)(?:去|订)?$`),
		negEn:   re(`\b(?:not|dont want|do not want|isnt|is not|instead of|rather than|dont like)(?: to)?(?: go to| visit| see)?(?: on| in| at| for)?(?: the)? ?$`),
		refCue:  re(`号码|编号|订单号|预约号|取消码|验证码|密码|\b(?:number|code|booking no|reference)\b`),
		codeCue: re(`取消码|验证码|密码|码|\b(?:code|pin)\b`),
		eight:   re(`(?:\d[ -]?){8}|[零〇一二三四五六七八九幺]{8}`),
		generic: re(`^(?:票|门票|一下|景点|门|人|的|参观|玩|看看|地方|哪|哪里|什么|几|预约|预订|订|了|吗|吧|\|+|book|ticket|tickets|a ticket|some tickets|it|that|there|them|me|us|my|this|one|something|something nice|some|somewhere|anywhere|something|the|a|an|place|places|attraction|an attraction|attractions|shanghai|the city|go|see|visit|people|home|back|please|cancel|make|know|do|help|you|use|speak|talk|start|change|be|get|have).{0,0}$|[0-9|]|票|预约|预订|取消|多少|什么|怎么|哪|几|人|改|换|上海|电话|医院|看病|地铁|^(?:some|any)|^(?:my|a|an|the)? ?(?:booking|bookings|order|person|human|operator|agent|doctor|taxi|hospital|ticket|tickets|date|time|day)\b`),
		nth:     re(`^第?([一二三四1-4])(?:个|号|项)?$|^(?:the |number |option |choice )?(1|2|3|4|one|two|three|four|first|second|third|fourth)(?: one| option| choice)?$|^按?([1-4])$`),
		isoDate: re(`\d{4}[-/]\d{1,2}[-/]\d{1,2}`),
		goodDay: re(`(?:早上|上午|中午|下午|晚上)好|\bgood (?:morning|afternoon|evening)\b`),
		wish: []*regexp.Regexp{
			re(`(?:想去|要去|去|到|逛|参观|预约|预订|订|买|看)([\p{Han}]{2,10}?)(?:的?门票|的票|票|玩|参观|看看|吧|,|\||$)`),
			re(`\b(?:tickets? (?:to|for)|visit|go to|see|book|going to|entry (?:to|for)) (?:the |a )?([a-z]+(?: [a-z]+){0,3})`),
		},
	}
}

func (r speechRules) negates(before string) bool {
	before = strings.TrimRight(before, " ")
	return r.negHan.MatchString(before) || r.negEn.MatchString(before)
}

// language counts scripts and, where the script is Latin, words.
func (p *pass) language() {
	letters := map[agents.Lang]int{} // of other scripts than Latin
	latin, english, other := 0, 0, 0 // words
	for _, w := range strings.FieldsFunc(p.s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if !countLetters(letters, w) {
			continue
		}
		latin++
		if index(p.e.en.Words, w) >= 0 {
			english++
		} else if index(p.e.en.Other, w) >= 0 {
			other++
		}
	}
	u, han := &p.out, letters[agents.LangZh]
	if u.Lang = foreign(letters); u.Lang != "" {
		return
	}
	switch {
	case han > latin:
		u.Lang, u.LangSure = agents.LangZh, han >= 2
	case other > english:
		u.Lang = "xx"
	case english > 0: // one word, an OK among Chinese say, is no wish for another language
		u.Lang, u.LangSure = agents.LangEn, english >= 2 || latin >= 3
	case latin >= 3:
		u.Lang = agents.LangEn
	}
}

// countLetters counts the letters of a word that are not Latin, and reports a word that has none.
func countLetters(n map[agents.Lang]int, word string) bool {
	latin := true
	for _, r := range word {
		if l := script(r); l != agents.LangEn {
			n[l]++
			latin = false
		}
	}
	return latin
}

// foreign names a language that no bot speaks yet by its letters; a single one is a slip.
func foreign(letters map[agents.Lang]int) agents.Lang {
	if kana := letters["ja"]; kana > 0 && kana*4 >= letters[agents.LangZh] { // Japanese is written with Han characters too
		return "ja"
	}
	for _, l := range []agents.Lang{"ko", "ru", "ar", "xx"} {
		if letters[l] > 1 {
			return l
		}
	}
	return ""
}

// script names the language a letter points to: Latin letters count as English until words tell otherwise.
func script(r rune) agents.Lang {
	switch {
	case unicode.Is(unicode.Han, r):
		return agents.LangZh
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return "ja"
	case unicode.Is(unicode.Hangul, r):
		return "ko"
	case unicode.Is(unicode.Cyrillic, r):
		return "ru"
	case unicode.Is(unicode.Arabic, r):
		return "ar"
	case unicode.Is(unicode.Latin, r):
		return agents.LangEn
	}
	return "xx"
}

// choice notices that one of the choices on offer was named, by its words or by its place in the list.
func (p *pass) choice() {
	said := strings.Trim(strings.NewReplacer(",", "", "?", "", " ", "").Replace(p.s), " ")
	for _, c := range p.ctx.Choices {
		if label := strings.NewReplacer(",", "", "?", "", " ", "").Replace(p.e.normalise(c.Label)); label != "" && label == said {
			p.out.Choice = c.ID
			return
		}
	}
	switch p.ctx.Expect { // a number said here is the answer itself
	case nlu.SlotTickets, nlu.SlotNumber, nlu.SlotCode, nlu.SlotPhone:
		return
	}
	m := p.e.speech.nth.FindStringSubmatch(strings.Trim(strings.ReplaceAll(p.s, ",", ""), " "))
	if m == nil {
		return
	}
	word := m[1] + m[2] + m[3]
	n, ok := parseNum(word)
	if !ok {
		if n = index(teens, word); n < 0 {
			n = index(firsts, word) + 1
		}
	}
	if n >= 1 && n <= len(p.ctx.Choices) {
		p.out.Choice = p.ctx.Choices[n-1].ID
	}
}

// steer reads what is said about the dialogue itself.
func (p *pass) steer() {
	p.greeting()
	p.switchLanguage()
	all := signals()
	for _, lex := range []lexicon{p.e.zh, p.e.en} {
		s := p.s
		for _, w := range lex.Strip {
			if has(s, w) {
				s = strings.ReplaceAll(s, w, "")
			}
		}
		if s != p.s && strings.Trim(s, " ,?") == "" { // "is that right?" wants to hear it again
			p.out.Signals |= nlu.Repeat
		}
		for from, to := range lex.Same {
			s = strings.ReplaceAll(s, from, to)
		}
		clauses := p.clauses(s)
		for name, row := range lex.Signals {
			if row.in(s, clauses) {
				p.out.Signals |= all[name]
			}
		}
	}
	if p.out.Signals.Has(nlu.Retry) { // "try again" is not "say it again"
		p.out.Signals &^= nlu.Repeat
	}
	if p.out.Signals.Has(nlu.Person) {
		p.out.Signals &^= nlu.Help
	}
}

type clause struct {
	whole    string // as said
	bare     string // without fillers
	question bool
}

func (p *pass) clauses(s string) []clause {
	var out []clause
	for _, c := range strings.Split(s, ",") {
		c = strings.TrimSpace(c)
		q := strings.HasSuffix(c, "?") || strings.HasSuffix(c, "吗") || strings.HasSuffix(c, "伐") || strings.HasSuffix(c, "么")
		whole := strings.TrimSuffix(c, "?")
		if c = trimFillers(whole); c != "" {
			out = append(out, clause{whole, c, q})
		}
	}
	return out
}

// trimFillers takes away what carries no meaning at the ends of a clause.
func trimFillers(c string) string {
	for {
		before := c
		c = strings.TrimSpace(c)
		for _, f := range []string{"啊", "呀", "呢", "吧", "哦", "哈", "啦", "嘛", "诶", "哟", "噢", "喔", "的呀", "了", " please", " thanks", " thank you", " sir", " then"} {
			if t, ok := strings.CutSuffix(c, f); ok && t != "" {
				c = t
			}
		}
		for _, f := range []string{"那个", "呃", "嗯", "那", "哦", "噢", "请", "诶", "um ", "uh ", "well ", "oh ", "hmm ", "please ", "and ", "so ", "err ", "ah "} {
			if t, ok := strings.CutPrefix(c, f); ok && t != "" {
				c = t
			}
		}
		if c == before {
			return c
		}
	}
}

func (row signalRow) in(s string, clauses []clause) bool {
	for _, c := range clauses {
		if (index(row.Whole, c.bare) >= 0 || index(row.Whole, c.whole) >= 0) && !(c.question && len(row.Start) > 0) {
			return true
		}
		if c.question { // "is it right?" is no yes
			continue
		}
		for _, w := range row.Start {
			if strings.HasPrefix(c.bare, w) && bounded(c.bare, 0, len(w)) {
				return true
			}
		}
	}
	return hasAny(s, row.Part)
}

// switchLanguage notices a wish for another language: "English please", 说中文, and the other way round "I don't speak Chinese".
func (p *pass) switchLanguage() {
	zh := hasAny(p.s, p.e.zh.ZhWords) || hasAny(p.s, p.e.en.ZhWords)
	en := hasAny(p.s, p.e.zh.EnWords) || hasAny(p.s, p.e.en.EnWords)
	if zh == en {
		return
	}
	if hasAny(p.s, p.e.zh.Cannot) || hasAny(p.s, p.e.en.Cannot) {
		en = !en
	}
	p.out.SwitchTo = agents.LangZh
	if en {
		p.out.SwitchTo = agents.LangEn
	}
}

func (p *pass) anyValue() {
	if p.ctx.Expect == "" || p.out.Choice != "" || !(hasAny(p.s, p.e.zh.Any) || hasAny(p.s, p.e.en.Any)) {
		return
	}
	if _, ok := p.out.Act(p.ctx.Expect, nlu.Inform); !ok {
		p.add(nlu.Act{Kind: nlu.Inform, Slot: p.ctx.Expect, Value: nlu.Value{ID: nlu.AnyValue}}, len(p.s))
	}
}

// changes reads the wish to change a slot without saying to what.
func (p *pass) changes() {
	for _, slot := range slotNames() {
		if !hasAny(p.all, p.e.zh.ChangeSlot[slot]) && !hasAny(p.all, p.e.en.ChangeSlot[slot]) {
			continue
		}
		if _, ok := p.out.Act(slot, nlu.Inform); !ok {
			p.add(nlu.Act{Kind: nlu.Change, Slot: slot}, len(p.s))
		}
	}
}

func (p *pass) requests() {
	for _, slot := range append(slotNames(), "price", "hours", "howto") {
		if hasAny(p.all, p.e.zh.Request[slot]) || hasAny(p.all, p.e.en.Request[slot]) {
			p.add(nlu.Act{Kind: nlu.Request, Slot: slot}, len(p.s))
		}
	}
}

func slotNames() []string {
	return []string{nlu.SlotPlace, nlu.SlotDate, nlu.SlotSession, nlu.SlotTickets}
}

// intent names what the citizen wants done; the order is that of urgency.
func (p *pass) intent() {
	for _, in := range []nlu.Intent{nlu.Emergency, nlu.Cancel, nlu.Hospital, nlu.Directions, nlu.Call, nlu.City, nlu.Book} {
		if hasAny(p.all, p.e.zh.Intents[string(in)]) || hasAny(p.all, p.e.en.Intents[string(in)]) {
			p.out.Intent = in
			break
		}
	}
	if _, number := p.out.Act(nlu.SlotPhone, nlu.Inform); number && p.out.Intent == "" && p.e.phone.cue.MatchString(p.all) {
		p.out.Intent = nlu.Call
	}
	p.careIntent()
	switch p.out.Intent {
	case nlu.Book:
		if p.out.Signals.Has(nlu.Home) { // "I don't want to book any more"
			p.out.Intent = ""
		}
	case nlu.Hospital, nlu.Directions, nlu.Call, nlu.City: // their places are not ours
		p.out.Acts = slices.DeleteFunc(p.out.Acts, func(a nlu.Act) bool { return a.Value.Problem == nlu.Unknown && a.Slot == nlu.SlotPlace })
	case nlu.Cancel:
		if _, ok := p.out.Act("howto", nlu.Request); ok {
			p.out.Intent = ""
		}
	case nlu.Emergency:
	}
}

// careIntent: who names a department or what hurts wants to see a doctor; who asks the way to a hospital does not.
func (p *pass) careIntent() {
	_, dept := p.out.Act(nlu.SlotDept, nlu.Inform, nlu.Change)
	_, symptom := p.out.Act(nlu.SlotSymptom, nlu.Inform)
	directions := string(nlu.Directions)
	switch in := p.out.Intent; {
	case (dept || symptom) && (in == "" || in == nlu.Book || in == nlu.City):
		p.out.Intent = nlu.Hospital
	case in == nlu.Hospital && !dept && !symptom && (hasAny(p.all, p.e.zh.Intents[directions]) || hasAny(p.all, p.e.en.Intents[directions])):
		p.out.Intent = nlu.Directions
	}
}

// greeting takes "good morning" away before the morning is taken for a session.
func (p *pass) greeting() {
	p.cut(p.e.speech.goodDay, func([]string, string) bool {
		p.out.Signals |= nlu.Greeting
		return true
	})
}
