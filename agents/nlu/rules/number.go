package rules

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// num matches a number written with digits or Chinese numerals.
const num = `(\d{1,6}|[零〇一二两三四五六七八九十百千万]{1,7})`

// parseNum reads what num matches, up to 99,999,999.
func parseNum(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}
	total, part, digit, seen := 0, 0, 0, false
	for _, r := range s {
		if d := hanDigit(r); d >= 0 {
			if seen && digit != 0 && part == 0 { // 二零二六: digits in a row
				digit = digit*10 + d
			} else {
				digit = d
			}
			seen = true
			continue
		}
		unit := map[rune]int{'十': 10, '百': 100, '千': 1000, '万': 10000}[r]
		if unit == 0 {
			return 0, false
		}
		if !seen || (digit == 0 && part == 0 && unit == 10) {
			digit = 1
		}
		if unit == 10000 {
			total, part = (part+digit)*unit, 0
		} else {
			part += digit * unit
		}
		digit, seen = 0, true
	}
	return total + part + digit, seen
}

// hanDigit is the value of one Chinese digit, -1 for anything else.
func hanDigit(r rune) int {
	switch r {
	case '两':
		return 2
	case '〇':
		return 0
	case '幺': // how 1 is read out in a number
		return 1
	}
	i := strings.IndexRune("零一二三四五六七八九", r)
	if i < 0 {
		return -1
	}
	return i / len("零")
}

var (
	teens     = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens      = strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety")
	firsts    = strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth")
	wordToken = regexp.MustCompile(`[a-z]+|[^a-z]+`)
)

func index(list []string, w string) int {
	for i, x := range list {
		if x == w {
			return i
		}
	}
	return -1
}

// digitise writes English number words as digits: twenty-first -> 21st, five hundred -> 500. "one" stays where it may be a pronoun.
func digitise(s string) string {
	tok := wordToken.FindAllString(s, -1)
	var b strings.Builder
	for i := 0; i < len(tok); i++ {
		n, ordinal, used := numberAt(tok, i)
		if used == 0 {
			b.WriteString(tok[i])
			continue
		}
		b.WriteString(strconv.Itoa(n))
		if ordinal {
			b.WriteString("th")
		}
		i += used - 1
	}
	return b.String()
}

// numberAt reads a number that begins at token i and says how many tokens it takes. Tokens alternate between words and gaps.
func numberAt(tok []string, i int) (n int, ordinal bool, used int) {
	if n, ok := ordinalWord(tok[i]); ok {
		return n, true, 1
	}
	if k := index(tens, tok[i]); k >= 0 {
		n, ordinal, used = compound(tok, i, 20+10*k)
	} else if k := index(teens, tok[i]); k >= 0 && (k != 1 || countsAsOne(tok, i)) {
		n, used = k, 1
	}
	if used == 0 || ordinal {
		return n, ordinal, used
	}
	if i+used+1 < len(tok) && tok[i+used] == " " && tok[i+used+1] == "hundred" {
		n, used = n*100, used+2
	}
	return n, false, used
}

func ordinalWord(w string) (int, bool) {
	if w == "thirtieth" {
		return 30, true
	}
	k := index(firsts, w)
	return k + 1, k >= 0
}

// compound reads what may follow a ten: twenty, twenty-one, twenty-first.
func compound(tok []string, i, ten int) (n int, ordinal bool, used int) {
	if i+2 >= len(tok) || tok[i+1] != " " && tok[i+1] != "-" {
		return ten, false, 1
	}
	if u := index(teens, tok[i+2]); u >= 1 && u <= 9 {
		return ten + u, false, 3
	}
	if f := index(firsts, tok[i+2]); f >= 0 && f < 9 {
		return ten + f + 1, true, 3
	}
	return ten, false, 1
}

// countsAsOne tells "one ticket" from "that one".
func countsAsOne(tok []string, i int) bool {
	if i >= 2 {
		switch tok[i-2] {
		case "that", "this", "last", "the", "which", "other", "another", "no", "any", "some", "every", "first", "second", "right", "wrong":
			return false
		}
	}
	return true
}

// digitsOf reads digits said one by one in either language: 二零四八, 2 0 4 8, two oh four eight.
func digitsOf(s string) string {
	s = digitise(s)
	var b strings.Builder
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '-' }) {
		if w == "o" || w == "oh" {
			b.WriteByte('0')
			continue
		}
		for _, r := range w {
			if d := hanDigit(r); d >= 0 {
				b.WriteString(strconv.Itoa(d))
			} else if unicode.IsDigit(r) && r < 128 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}
