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
		out = appendNormal(out, rs, i, r)
	}
	s := strings.NewReplacer("廿", "二十", "卅", "三十").Replace(strings.Trim(string(out), " ,"))
	s = strings.ReplaceAll(strings.ReplaceAll(s, "a,m", "am"), "p,m", "pm") // a.m.
	return s
}

func appendNormal(out, rs []rune, i int, r rune) []rune {
	digit := func(j int) bool { return j >= 0 && j < len(rs) && unicode.IsDigit(rs[j]) }
	last := rune(' ')
	if len(out) > 0 {
		last = out[len(out)-1]
	}
	switch {
	case r == '\'' || r == '’' || r == '`':
		return out
	case (r == '.' || r == ':' || r == '/') && digit(i-1) && digit(i+1):
		return append(out, r)
	case (r == '-' || r == '−' || r == '–') && digit(i+1):
		return append(out, '-')
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
		if last == ' ' && len(out) > 1 && (isHan(r) || isHan(out[len(out)-2])) {
			out = out[:len(out)-1]
		}
		return append(out, r)
	case r == '?':
		return append(out, '?', ',')
	case strings.ContainsRune(",.!;:。、…~—", r):
		if last == ',' {
			return out
		}
		if last == ' ' && len(out) > 0 {
			out = out[:len(out)-1]
		}
		return append(out, ',')
	}
	if last == ' ' || last == ',' {
		return out
	}
	return append(out, ' ')
}
