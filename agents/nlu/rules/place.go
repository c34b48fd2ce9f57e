package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/agents/nlu"
)

// maxName is the longest stretch of letters that is compared by spelling.
const maxName = 48

// maxFuzzyRunes bounds the costly comparison by sound.
const maxFuzzyRunes = 60

type alias struct {
	text string
	id   string
	syl  []syllable // of a Chinese alias
}

// syllable is how a character sounds without its tone, and how it sounds to many.
type syllable struct{ exact, blurred string }

type placeIndex struct {
	han, latin []alias // longest first
	joined     []alias // Latin names and pinyin without spaces, for fuzzy match
	args       pinyin.Args
}

func newPlaceIndex(e *Engine, p *city.Pack) placeIndex {
	x := placeIndex{args: pinyin.NewArgs()}
	seen := map[string]bool{}
	join := func(id, s string) {
		s = strings.ReplaceAll(s, " ", "")
		if !seen[s] && len(s) >= 5 {
			seen[s] = true
			x.joined = append(x.joined, alias{text: s, id: id})
		}
	}
	for _, a := range p.Attractions() {
		for _, n := range append([]string{a.Name[agents.LangZh]}, a.Aliases[agents.LangZh]...) {
			n = e.normalise(n)
			syl := x.syllables([]rune(n))
			x.han = append(x.han, alias{n, a.ID, syl})
			join(a.ID, spell(syl))
		}
		for _, n := range append([]string{a.Name[agents.LangEn]}, a.Aliases[agents.LangEn]...) {
			n = e.normalise(n)
			x.latin = append(x.latin, alias{text: n, id: a.ID})
			join(a.ID, n)
		}
	}
	longest := func(a, b alias) int { return len(b.text) - len(a.text) }
	slices.SortStableFunc(x.han, longest)
	slices.SortStableFunc(x.latin, longest)
	return x
}

// syllables reads Han characters aloud, without tones; anything else is an empty syllable that matches nothing.
func (x placeIndex) syllables(rs []rune) []syllable {
	out := make([]syllable, len(rs))
	for i, r := range rs {
		if !isHan(r) {
			continue
		}
		if py := pinyin.SinglePinyin(r, x.args); len(py) > 0 {
			out[i] = syllable{py[0], blur(py[0])}
		}
	}
	return out
}

func spell(syl []syllable) string {
	var b strings.Builder
	for _, s := range syl {
		b.WriteString(s.exact)
	}
	return b.String()
}

// place takes the names of places out of the text: exact names, else the nearest by sound or spelling.
func (p *pass) place() {
	x := p.e.places
	found := false
	for _, a := range slices.Concat(x.han, x.latin) {
		for {
			i := strings.Index(p.s, a.text)
			if i < 0 || !bounded(p.s, i, i+len(a.text)) {
				break
			}
			p.takePlace(i, i+len(a.text), a.id, false)
			found = true
		}
	}
	if found {
		return
	}
	if from, to, id := x.bySound(p.s); id != "" {
		p.takePlace(from, to, id, true)
		return
	}
	if from, to, id := x.bySpelling(p.s); id != "" {
		p.takePlace(from, to, id, true)
	}
}

func (p *pass) takePlace(from, to int, id string, fuzzy bool) {
	p.value(nlu.SlotPlace, nlu.Value{ID: id, Fuzzy: fuzzy}, p.s[:from])
	p.s = p.s[:from] + strings.Repeat(mark, to-from) + p.s[to:]
}

// blur makes syllables equal that many speakers do not tell apart.
func blur(s string) string {
	for _, r := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}} {
		s = strings.Replace(s, r[0], r[1], 1)
	}
	if t, ok := strings.CutSuffix(s, "ng"); ok {
		s = t + "n"
	}
	return s
}

// bySound finds the alias whose characters sound like a stretch of the text.
func (x placeIndex) bySound(s string) (from, to int, id string) {
	rs := []rune(s)
	if len(rs) > maxFuzzyRunes {
		rs = rs[:maxFuzzyRunes]
	}
	syl := x.syllables(rs)
	for _, a := range x.han { // longest first
		n := len(a.syl)
		for i := 0; i+n <= len(syl); i++ {
			if sounds(a.syl, syl[i:i+n]) {
				from = len(string(rs[:i]))
				return from, from + len(string(rs[i:i+n])), a.id
			}
		}
	}
	return 0, 0, ""
}

// sounds compares two stretches: two characters must sound the same, longer names may be blurred, from five on one may differ.
func sounds(want, got []syllable) bool {
	wrong := 0
	for i, w := range want {
		switch {
		case got[i].exact == "":
			return false
		case w.exact == got[i].exact || len(want) > 2 && w.blurred == got[i].blurred:
		case wrong > 0 || len(want) < 5:
			return false
		default:
			wrong++
		}
	}
	return true
}

// bySpelling finds the Latin name nearest to one to five words of the text.
func (x placeIndex) bySpelling(s string) (from, to int, id string) {
	words := wordSpans(s)
	words = words[:min(len(words), 24)] // nobody names a place later than that
	best := nearest{slips: 3}
	for i := range words {
		joined := ""
		for j := i; j < len(words) && j < i+5; j++ {
			joined += s[words[j].from:words[j].to]
			if len(joined) < 4 || len(joined) > maxName {
				continue
			}
			if n := x.nearest(joined); n.beats(best) {
				best, from, to = n, words[i].from, words[j].to
			}
		}
	}
	return from, to, best.id
}

// nearest is a name like the one that was said. Fewer slips win, then the longer name.
type nearest struct {
	slips, length int
	id            string
}

func (n nearest) beats(o nearest) bool {
	return n.id != "" && (n.slips < o.slips || n.slips == o.slips && n.length > o.length)
}

// nearest finds the name that is spelled most like this one.
func (x placeIndex) nearest(said string) nearest {
	best := nearest{slips: 3}
	for _, a := range x.joined {
		limit := allowed(len(a.text))
		if diff := len(a.text) - len(said); diff > limit || -diff > limit {
			continue
		}
		d := distance(a.text, said, limit)
		if n := (nearest{d, len(a.text), a.id}); d <= limit && n.beats(best) {
			best = n
		}
	}
	return best
}

type span struct{ from, to int }

// wordSpans says where the Latin words of a text stand.
func wordSpans(s string) []span {
	var words []span
	for i := 0; i < len(s); i++ {
		from := i
		for i < len(s) && wordByte(s[i]) {
			i++
		}
		if i > from {
			words = append(words, span{from, i})
		}
	}
	return words
}

// allowed is how many slips a name of this length may have.
func allowed(n int) int {
	switch {
	case n >= 10:
		return 2
	case n >= 6:
		return 1
	}
	return 0
}

// distance is the restricted Damerau-Levenshtein distance, cut off above limit.
func distance(a, b string, limit int) int {
	var rows [3][maxName + 1]int
	prev2, prev, cur := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		low := cur[0]
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
			low = min(low, cur[j])
		}
		if low > limit {
			return low
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

// unknownPlace notices that a place was named which the pack does not have.
func (p *pass) unknownPlace() {
	if _, ok := p.out.Act(nlu.SlotPlace, nlu.Inform, nlu.Negate, nlu.Change, nlu.Request); ok || p.out.Choice != "" {
		return
	}
	for _, re := range p.e.speech.wish {
		for _, m := range re.FindAllStringSubmatch(p.s, 4) {
			name := strings.Trim(m[1], " ,?"+mark)
			if name != "" && utf8.RuneCountInString(name) >= 2 && !p.e.speech.generic.MatchString(name) {
				p.add(nlu.Act{Kind: nlu.Inform, Slot: nlu.SlotPlace, Value: nlu.Value{Problem: nlu.Unknown}}, len(p.s))
				return
			}
		}
	}
}
