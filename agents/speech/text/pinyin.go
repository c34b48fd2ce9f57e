package text

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	gopinyin "github.com/mozillazg/go-pinyin"
)

//go:embed phrases.txt
var phraseFile string

// phrases holds words whose characters have several readings, longest first by their length in runes.
type phrases struct {
	words   map[string][]string
	longest int
}

var phraseTable = sync.OnceValue(func() phrases {
	t := phrases{words: map[string][]string{}}
	for line := range strings.Lines(phraseFile) {
		line, _, _ = strings.Cut(line, "#")
		if f := strings.Fields(line); len(f) > 1 {
			t.words[f[0]] = f[1:]
			t.longest = max(t.longest, len([]rune(f[0])))
		}
	}
	return t
})

// Pinyin writes Chinese as pinyin syllables with tone digits (5 is the neutral tone, v is ü), words that are not Chinese as they are,
// punctuation as that of ASCII. 一 and 不 change their tone as they do in speech; engines know the rule of two third tones themselves.
func Pinyin(s string) string {
	var out line
	table, r := phraseTable(), []rune(s)
	for i := 0; i < len(r); {
		if n, syllables := table.at(r[i:]); n > 0 && !inNumber(r, i) {
			out = append(out, syllables...)
			i += n
			continue
		}
		n := 1
		switch c := r[i]; {
		case unicode.Is(unicode.Han, c):
			if syllable := single(c); syllable != "" {
				out = append(out, sandhi(r, i, syllable))
			}
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			n = foreign(r[i:])
			out = append(out, string(r[i:i+n]))
		default:
			out.punctuate(c)
		}
		i += n
	}
	return strings.Join(out, " ")
}

// foreign is the length of a word that is not Chinese.
func foreign(r []rune) int {
	n := 1
	for n < len(r) && (unicode.IsLetter(r[n]) || unicode.IsDigit(r[n])) && !unicode.Is(unicode.Han, r[n]) {
		n++
	}
	return n
}

// line is syllables and words, punctuation at the end of each.
type line []string

func (l line) punctuate(c rune) {
	mark := ""
	switch {
	case strings.ContainsRune("，,、：:；;（(）)—…", c):
		mark = ","
	case strings.ContainsRune("。.！!", c):
		mark = "."
	case strings.ContainsRune("？?", c):
		mark = "?"
	}
	if n := len(l); n > 0 && mark != "" && !strings.ContainsRune(",.?", rune(l[n-1][len(l[n-1])-1])) {
		l[n-1] += mark
	}
}

// counting are the words among which 一 is a digit and keeps its tone.
const counting = "零一二三四五六七八九十幺"

// inNumber says whether the 一 at i is the end of a number such as 十一: no phrase of 一 begins there.
func inNumber(r []rune, i int) bool {
	return r[i] == '一' && i > 0 && strings.ContainsRune(counting, r[i-1])
}

// at returns the longest phrase that r begins with.
func (t phrases) at(r []rune) (int, []string) {
	for n := min(t.longest, len(r)); n > 0; n-- {
		if s, ok := t.words[string(r[:n])]; ok {
			return n, s
		}
	}
	return 0, nil
}

// single is the usual reading of one character, "" when there is none.
func single(c rune) string {
	a := gopinyin.NewArgs()
	a.Style = gopinyin.Tone3
	all := gopinyin.SinglePinyin(c, a)
	if len(all) == 0 || all[0] == "" {
		return ""
	}
	s := strings.ReplaceAll(all[0], "ü", "v")
	if last := s[len(s)-1]; last < '1' || last > '5' {
		s += "5"
	}
	return s
}

// sandhi changes the tone of 一 and 不 before what follows.
func sandhi(r []rune, i int, syllable string) string {
	if r[i] != '一' && r[i] != '不' || i+1 >= len(r) || !unicode.Is(unicode.Han, r[i+1]) {
		return syllable
	}
	next := ""
	if _, phrase := phraseTable().at(r[i+1:]); phrase != nil {
		next = phrase[0]
	} else {
		next = single(r[i+1])
	}
	if next == "" {
		return syllable
	}
	tone := next[len(next)-1]
	if r[i] == '不' {
		if tone == '4' {
			return "bu2"
		}
		return syllable
	}
	if i > 0 && strings.ContainsRune(counting+"点月日号第", r[i-1]) || strings.ContainsRune(counting+"月日号", r[i+1]) {
		return syllable // an ordinal, a date or one digit of many
	}
	if tone == '4' || r[i+1] == '个' {
		return "yi2"
	}
	return "yi4"
}
