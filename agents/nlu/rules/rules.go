// Package rules understands a citizen by reviewed words and grammar: no model, no network, the same answer for the same words.
// It knows the attractions of one city pack in Chinese and English.
package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/agents/nlu"
)

// Engine is an nlu.Understander. It is read-only after New.
type Engine struct {
	zh, en  lexicon
	simple  map[rune]rune
	places  placeIndex
	dates   []dateRule
	session sessionRules
	ticket  ticketRules
	speech  speechRules
	phone   phoneRules
	care    careRules
}

var _ nlu.Understander = (*Engine)(nil)

// New builds the engine for the places of a pack.
func New(p *city.Pack) (*Engine, error) {
	zh, err := loadLexicon("zh")
	if err != nil {
		return nil, err
	}
	en, err := loadLexicon("en")
	if err != nil {
		return nil, err
	}
	e := &Engine{
		zh: zh, en: en, simple: simplifier(), dates: dateRules(), session: newSessionRules(), ticket: newTicketRules(),
		speech: newSpeechRules(), phone: newPhoneRules(),
	}
	e.places = newPlaceIndex(e, p)
	if e.care, err = newCareRules(e, p); err != nil {
		return nil, err
	}
	return e, nil
}

// numerals are what every number begins with; most rules need one, and looking for it is cheap.
const numerals = "0123456789零〇一二两三四五六七八九十百千万"

// pass is one utterance on its way through the rules. Each rule cuts what it has read out of s.
type pass struct {
	e   *Engine
	ctx nlu.Context
	all string // the whole utterance, normalised
	s   string // what is left of it
	out nlu.Understanding
	at  []int // where each act of out was said
}

// Understand implements nlu.Understander.
func (e *Engine) Understand(ctx nlu.Context, text string) nlu.Understanding {
	s := e.normalise(text)
	p := &pass{e: e, ctx: ctx, all: s, s: s}
	if s == "" {
		p.out.OutOfScope = strings.TrimSpace(text) != ""
		return p.out
	}
	p.language()
	if hasAny(s, e.zh.Inject) || hasAny(s, e.en.Inject) {
		p.out.OutOfScope, p.out.Confidence = true, 1
		return p.out
	}
	p.choice()
	p.steer()
	p.extract()
	p.intent()
	p.finish()
	return p.out
}

// extract reads the slot values, the surest first, because each takes its words away.
func (p *pass) extract() {
	if p.tail() {
		return
	}
	care := p.care()
	if p.phone() || p.reference() {
		return
	}
	if !care {
		p.place()
	}
	p.s = digitise(p.s)
	p.date()
	p.sessions()
	if !care {
		p.tickets()
	}
	p.anyValue()
	p.changes()
	p.requests()
	if !care {
		p.unknownPlace()
	}
}

// cut offers every match to take, and replaces those that take accepts by a mark.
func (p *pass) cut(re *regexp.Regexp, take func(groups []string, before string) bool) {
	at := 0
	for range 8 { // nobody names more
		loc := re.FindStringSubmatchIndex(p.s[at:])
		if loc == nil || loc[1] == loc[0] {
			return
		}
		groups := make([]string, len(loc)/2)
		for i := range groups {
			if loc[2*i] >= 0 {
				groups[i] = p.s[at+loc[2*i] : at+loc[2*i+1]]
			}
		}
		from, to := at+loc[0], at+loc[1]
		if !take(groups, p.s[:from]) {
			at = to
			continue
		}
		p.s = p.s[:from] + strings.Repeat(mark, to-from) + p.s[to:]
		at = to
	}
}

// value records a value; what stands before it tells whether it is wanted or not.
func (p *pass) value(slot string, v nlu.Value, before string) {
	kind := nlu.Inform
	if p.e.speech.negates(before) {
		kind = nlu.Negate
	}
	p.add(nlu.Act{Kind: kind, Slot: slot, Value: v}, len(before))
}

// add keeps the acts in the order of the sentence, because of two values the last one said is meant.
func (p *pass) add(a nlu.Act, at int) {
	i := len(p.at)
	for i > 0 && p.at[i-1] > at {
		i--
	}
	p.out.Acts = slices.Insert(p.out.Acts, i, a)
	p.at = slices.Insert(p.at, i, at)
}

func (p *pass) latinBefore(before, word string) bool {
	return strings.HasSuffix(strings.TrimRight(before, " "), word)
}

func (p *pass) date() {
	now := p.ctx.Now
	numbers := strings.ContainsAny(p.s, numerals)
	for _, r := range p.e.dates {
		if r.number && !numbers {
			continue
		}
		p.cut(r.re, func(m []string, before string) bool {
			t, problem := r.read(now, m)
			v := nlu.Value{Problem: problem}
			if problem == "" {
				v.ID = t.Format(time.DateOnly)
			}
			p.value(nlu.SlotDate, v, before)
			switch m[0] { // "tomorrow early" says both
			case "明早":
				p.value(nlu.SlotSession, nlu.Value{ID: "morning"}, before)
			}
			return true
		})
	}
	if p.ctx.Expect == nlu.SlotDate && len(p.out.Acts) == 0 && p.out.Choice == "" {
		if m := p.e.ticket.bare.FindStringSubmatch(p.s); m != nil {
			t, problem := dayOnly(now, m[1])
			v := nlu.Value{Problem: problem}
			if problem == "" {
				v.ID = t.Format(time.DateOnly)
			}
			p.value(nlu.SlotDate, v, "")
			p.s = strings.Repeat(mark, len(p.s))
		}
	}
}

// reference reads a booking's number and code. It reports whether the utterance holds nothing else worth reading.
func (p *pass) reference() bool {
	expect := p.ctx.Expect == nlu.SlotNumber || p.ctx.Expect == nlu.SlotCode
	if !expect && !p.speaksOfReference() {
		return false
	}
	d := digitsOf(p.s)
	add := func(slot, v string) {
		p.add(nlu.Act{Kind: nlu.Inform, Slot: slot, Value: nlu.Value{ID: v}}, len(p.s))
	}
	switch {
	case len(d) == 12:
		add(nlu.SlotNumber, d[:8])
		add(nlu.SlotCode, d[8:])
	case len(d) == 8:
		add(nlu.SlotNumber, d)
	case len(d) == 4 && (p.ctx.Expect == nlu.SlotCode || p.e.speech.codeCue.MatchString(p.s)):
		add(nlu.SlotCode, d)
	case expect && d != "" && p.out.Choice == "" && (len(d) >= 3 || p.bareDigits()):
		add(p.ctx.Expect, d) // the wrong length: the policy says so
	default:
		return false
	}
	return true
}

// speaksOfReference finds the word for a number or code, or eight digits that are no date.
func (p *pass) speaksOfReference() bool {
	sp := p.e.speech
	return sp.refCue.MatchString(p.s) || sp.eight.MatchString(p.s) && !sp.isoDate.MatchString(p.s)
}

// bareDigits reports that nothing but digits was said: the one in "say it once more" is none.
func (p *pass) bareDigits() bool {
	_, _, bare := p.e.phone.longest(spokenDigits(p.s))
	return bare
}

func (p *pass) finish() {
	u := &p.out
	if len(u.Acts) > 0 && (hasAny(p.all, p.e.zh.Change) || hasAny(p.all, p.e.en.Change)) {
		for i := range u.Acts {
			if u.Acts[i].Kind == nlu.Inform {
				u.Acts[i].Kind = nlu.Change
			}
		}
	}
	u.LastOne = hasAny(p.all, p.e.zh.LastOne) || hasAny(p.all, p.e.en.LastOne)
	if u.Signals.Has(nlu.Yes | nlu.No) { // both said: never take it for a yes
		u.Signals &^= nlu.Yes
	}
	u.OutOfScope = u.Empty()
	switch {
	case u.OutOfScope:
		u.Confidence = 0
	case len(u.Acts) > 0 && u.Acts[0].Value.Fuzzy:
		u.Confidence = 0.7
	default:
		u.Confidence = 0.95
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
