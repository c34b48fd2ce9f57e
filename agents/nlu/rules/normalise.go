package rules

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxRunes is how much of an utterance is looked at; nobody says more in one turn.
const maxRunes = 500

// mark stands for each byte of a value that has been taken out of the text, so that positions stay what they were.
const mark = "|"

const (
	traditional = "預約訂門票張個兩時點後天週禮東樓園動館博與電視臺場館說話語國對請謝麼這還沒會開關錢號碼換務員聽見幾塊爾歡錯買賣應該嗎嗯幫給從來誰醫院車計機車樂園豬魚護證費網漢廣車碼單雙點晝儂們倆進麗記漪寶"
	simplified  = "预约订门票张个两时点后天周礼东楼园动馆博与电视台场馆说话语国对请谢么这还没会开关钱号码换务员听见几块尔欢错买卖应该吗嗯帮给从来谁医院车计机车乐园猪鱼护证费网汉广车码单双点昼侬们俩进丽记漪宝"
)

func simplifier() map[rune]rune {
	from, to := []rune(traditional), []rune(simplified)
	m := make(map[rune]rune, len(from))
	for i, r := range from {
		if i < len(to) && r != to[i] {
			m[r] = to[i]
		}
	}
	return m
}

// normalise makes an utterance comparable: compatibility forms, width and case folded, traditional characters simplified, emoji and
// symbols dropped, sentence marks turned into one comma each (a question mark stays), no space beside a Han character.
func (e *Engine) normalise(text string) string {
	if len(text) > 8*maxRunes { // NFKC of 10 kB costs time for nothing
		text = text[:8*maxRunes]
	}
	rs := []rune(strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text, ""))))
	if len(rs) > maxRunes {
		rs = rs[:maxRunes]
	}
	out := make([]rune, 0, len(rs))
	for i, r := range rs {
		if s, ok := e.simple[r]; ok {
			r = s
		}
		switch classify(rs, i, r) {
		case runeDropped:
		case runeKept:
			out = append(out, r)
		case runeDash:
			out = append(out, '-')
		case runeWord:
			out = appendWord(out, r)
		case runeQuestion:
			out = append(out, '?', ',')
		case runeStop:
			out = appendStop(out)
		case runeGap:
			out = appendGap(out)
		}
	}
	s := strings.NewReplacer("廿", "二十", "卅", "三十").Replace(strings.Trim(string(out), " ,"))
	s = strings.ReplaceAll(strings.ReplaceAll(s, "a,m", "am"), "p,m", "pm") // a.m.
	return s
}

// runeClass is what becomes of a character of an utterance.
type runeClass int

const (
	runeGap      runeClass = iota // a space, and whatever else carries no meaning
	runeDropped                   // apostrophes: don't is dont
	runeKept                      // the mark inside 10:30, 3.5 and 21/11
	runeDash                      // before a digit
	runeWord                      // letters and digits
	runeQuestion                  // ends a clause, and says what kind it was
	runeStop                      // ends a clause
)

// classify looks at character r, which stands at place i of rs.
func classify(rs []rune, i int, r rune) runeClass {
	digit := func(j int) bool { return j >= 0 && j < len(rs) && unicode.IsDigit(rs[j]) }
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
		return runeWord
	case strings.ContainsRune("'’`", r):
		return runeDropped
	case strings.ContainsRune(".:/", r) && digit(i-1) && digit(i+1):
		return runeKept
	case strings.ContainsRune("-−–", r) && digit(i+1):
		return runeDash
	case r == '?':
		return runeQuestion
	case strings.ContainsRune(",.!;:。、…~—", r):
		return runeStop
	}
	return runeGap
}

// appendWord adds a letter or digit; beside a Han character there is no space.
func appendWord(out []rune, r rune) []rune {
	if n := len(out); n > 1 && out[n-1] == ' ' && (isHan(r) || isHan(out[n-2])) {
		out = out[:n-1]
	}
	return append(out, r)
}

// appendStop adds a comma, unless there is one; it takes the place of a space.
func appendStop(out []rune) []rune {
	n := len(out)
	switch {
	case n > 0 && out[n-1] == ',':
		return out
	case n > 0 && out[n-1] == ' ':
		return append(out[:n-1], ',')
	}
	return append(out, ',')
}

// appendGap adds a space between words.
func appendGap(out []rune) []rune {
	if n := len(out); n == 0 || out[n-1] == ' ' || out[n-1] == ',' {
		return out
	}
	return append(out, ' ')
}
