package rules

import (
	"regexp"
	"strings"

	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// ticketRules read how many want to go: counted rules hold a number, implied ones only mean one.
type ticketRules struct {
	counted
	implied
	bare *regexp.Regexp // a number and nothing else
	rest *regexp.Regexp // a small number after all else has been taken: "Yu Garden, tomorrow morning, two"
}

type counted struct {
	half, none, minus, deltaHan, deltaEn, less, people, sumHan, countHan, countEn, party, family *regexp.Regexp
}

type implied struct {
	two, three, one []*regexp.Regexp
}

const kin = `(?:老伴|老婆|老公|老头子|老头|老太婆|太太|先生|爱人|女儿|儿子|妈妈|爸爸|妈|爸|朋友|孙子|孙女|外孙|外孙女|同学|同事|姐姐|妹妹|哥哥|弟弟|女朋友|男朋友|对象|阿姨|小囡)`

func newTicketRules() ticketRules {
	re := regexp.MustCompile
	return ticketRules{
		counted: counted{
			half:     re(`半张|半个人|\bhalf a (?:ticket|person)\b|\b\d+\.\d+ (?:tickets?|people)|\d\.\d张`),
			none:     re(`零张|没有人|\b(?:zero|no) tickets?\b`),
			minus:    re(`(?:负|-)` + num + `(?:张|个|位| tickets?| people)?`),
			deltaHan: re(`(?:再|多|加|再多|再加|多加|增加)(?:加|来|要|订|买)?` + num + `(?:张|个人|个|位)`),
			deltaEn:  re(`\b(\d+|another|an extra) (?:more|extra|additional)\b(?: tickets?| people| person)?|\b(another|an extra) (?:ticket|person)\b|\badd (\d+)\b`),
			less:     re(`(?:少|减|减少|去掉|减掉)` + num + `(?:张|个人|个|位)|\b(\d+) (?:less|fewer)\b`),
			people:   re(`(?:^|[^a-z0-9])(\d+|an?) (?:more )?(adults?|grown ?ups?|child(?:ren)?|kids?|seniors?|students?|bab(?:y|ies)|infants?|toddlers?|grandchild(?:ren)?|elderly)\b`),
			sumHan:   re(num + `(?:个|位|名|张)?(大人|成年人|成人|老人|小孩子|小孩|小朋友|孩子|儿童|学生|大|小)`),
			countHan: re(num + `(?:张|位|个人|人|名|份|家头|只人|个位子|个名额)`),
			countEn:  re(`\b(\d{1,6}) (?:more )?(?:tickets?|tikets?|tickts?|ticets?|tix|people|peoples|persons?|person|seats?|guests?|pax|of us|visitors?|friends?|places|passes|entries|entry|of them)\b`),
			party:    re(`\b(?:family|party|group) of (\d+)\b|\bfor (\d{1,3})(?: please)?(?:$|[ ,|])|\bmake (?:it|that) (\d{1,3})\b|\bwe are (\d{1,3})\b|\b(\d{1,3}) instead\b`),
			family:   re(`一家` + num + `口?|` + num + `口(?:人|子|之家)?`),
		},
		implied: implied{
			two: []*regexp.Regexp{
				re(`夫妻俩|老两口|小两口|两口子|夫妇|我们俩|我俩|咱俩|阿拉俩|俩人|双人|一对|俩|(?:我|阿拉)(?:和|跟|同|带着|带)(?:我|伲|阿拉)?(?:的|家)?` + kin),
				re(`\ba couple(?: of)?(?: tickets| people)?\b|\ba pair\b|\bboth of us\b|\bus both\b|\bme and (?:my )?[a-z]+\b|\bmy [a-z]+ and (?:i|me|myself)\b|\bi and my [a-z]+\b|\bmyself and my [a-z]+\b|\bwith my (?:wife|husband|mother|father|mom|dad|friend|son|daughter|girlfriend|boyfriend|partner|brother|sister)\b`),
			},
			three: []*regexp.Regexp{re(`仨|三口之家|爷孙三`)},
			one: []*regexp.Regexp{
				re(`单人|独自|就我自己|我自己|就我一个|就我`),
				re(`\b(?:a|single) ticket\b|\b(?:just|only|for) (?:me|myself)\b|\bby myself\b|\bmyself\b|\balone\b|\bme only\b|\bon my own\b`),
			},
		},
		rest: re(`^[ ,|]*\|[ ,|]*,[ ,]*([1-6一二两三四五六])(?: please|[ ,])*$`),
		bare: re(`^(?:我们|我|就|要|来|一共|总共|给我|订|买|那|是|大概|共|阿拉|the|just|i|we|need|want|are|it is|its|id like|only|for|us|on|make it|please|maybe|[ ,])*` + num + `(?:个|张|号|日|吧|啊|呀|的|了|哦|好了|就行|就好|please|[ ,])*$`),
	}
}

// count makes a value of a number of tickets.
func count(n int) nlu.Value {
	if n < 1 || n > tool.MaxTickets {
		return nlu.Value{Number: n, Problem: nlu.OutOfRange}
	}
	return nlu.Value{ID: itoa(n), Number: n}
}

// tickets takes the number of tickets out of the text: exact words first, then those that only imply a number.
func (p *pass) tickets() {
	r := p.e.ticket
	found := false
	give := func(v nlu.Value, before string) bool {
		p.value(nlu.SlotTickets, v, before)
		found = true
		return true
	}
	first := func(m []string) int {
		for _, g := range m[1:] {
			if n, ok := parseNum(g); ok && g != "" {
				return n
			}
		}
		return 1
	}
	p.cut(r.half, func(_ []string, before string) bool { return give(nlu.Value{Problem: nlu.OutOfRange}, before) })
	p.cut(r.none, func(_ []string, before string) bool { return give(count(0), before) })
	p.cut(r.deltaEn, func(m []string, before string) bool {
		return give(nlu.Value{Number: min(first(m), 99), Delta: true}, before)
	})
	if strings.ContainsAny(p.s, numerals) {
		p.counts(give, first)
	}
	if found {
		return
	}
	for i, rules := range [][]*regexp.Regexp{r.three, r.two, r.one} { // "just me and my wife" is two
		for _, re := range rules {
			p.cut(re, func(_ []string, before string) bool { return give(count(3-i), before) })
		}
	}
	alone := r.rest
	if p.ctx.Expect == nlu.SlotTickets {
		alone = r.bare
	}
	if m := alone.FindStringSubmatch(p.s); m != nil && !found {
		n, _ := parseNum(m[1])
		give(count(n), "")
	}
}

// counts takes exact numbers out of the text.
func (p *pass) counts(give func(nlu.Value, string) bool, first func([]string) int) {
	r := p.e.ticket
	p.cut(r.minus, func(m []string, before string) bool { return give(count(-first(m)), before) })
	for _, d := range []struct {
		re   *regexp.Regexp
		sign int
	}{{r.deltaHan, 1}, {r.less, -1}} {
		p.cut(d.re, func(m []string, before string) bool {
			return give(nlu.Value{Number: d.sign * min(first(m), 99), Delta: true}, before)
		})
	}
	p.sum(r.sumHan, 1, give)
	p.sum(r.people, 1, give)
	for _, re := range []*regexp.Regexp{r.family, r.countHan, r.countEn, r.party} {
		p.cut(re, func(m []string, before string) bool { return give(count(first(m)), before) })
	}
}

// sum adds up two adults and one child.
func (p *pass) sum(re *regexp.Regexp, group int, give func(nlu.Value, string) bool) {
	total, at := 0, ""
	p.cut(re, func(m []string, before string) bool {
		n, ok := parseNum(m[group])
		if !ok {
			n = 1 // a child
		}
		if total == 0 {
			at = before
		}
		total += n
		return true
	})
	if total > 0 {
		give(count(total), at)
	}
}
