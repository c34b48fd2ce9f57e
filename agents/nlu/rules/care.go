package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/agents/nlu"
)

// careLexicon is one language's words about being ill: phrases that a native speaker, and a doctor, can review without reading code.
type careLexicon struct {
	Pains     []string              `yaml:"pains"`
	RedFlags  []string              `yaml:"red_flags"`
	RedParts  []string              `yaml:"red_parts"`
	RedPains  []string              `yaml:"red_pains"`
	Symptoms  map[string]symptomRow `yaml:"symptoms"` // by department
	Documents map[string][]string   `yaml:"documents"`
	Patients  map[string][]string   `yaml:"patients"`
	Change    map[string][]string   `yaml:"change"`
}

type symptomRow struct {
	Parts   []string `yaml:"parts"`
	Phrases []string `yaml:"phrases"`
}

// careRules read what has to do with seeing a doctor.
type careRules struct {
	words                         []careLexicon
	hospitals, departments, level []alias // longest first
	symptoms                      []alias // phrases
	documents, patients           []alias
	unknownHan, unknownEn, anyDep *regexp.Regexp
	noDep                         *regexp.Regexp // words like those of a department that name none
}

func newCareRules(e *Engine, p *city.Pack) (careRules, error) {
	re := regexp.MustCompile
	r := careRules{
		unknownHan: re(`([\p{Han}]{2,10})医院`),
		unknownEn:  re(`\b([a-z]+) hospital\b`),
		noDep:      re(`[换改别他它哪个么]的?科|(?:which|what|another|other|different|the|a|right|some) department`),
		anyDep:     re(`[\p{Han}]{1,4}科(?:室)?$|\b[a-z]+(?:ology|iatry|iatrist|ologist)\b|\b[a-z]+ department$`),
	}
	for _, lang := range []string{"zh", "en"} {
		var lex careLexicon
		raw, err := lexicons.ReadFile("lexicon/care." + lang + ".yaml")
		if err != nil {
			return r, err
		}
		if err := yaml.UnmarshalWithOptions(raw, &lex, yaml.Strict()); err != nil {
			return r, fmt.Errorf("lexicon care.%s: %w", lang, err)
		}
		r.words = append(r.words, lex)
		r.documents = append(r.documents, aliasesOf(lex.Documents)...)
		r.patients = append(r.patients, aliasesOf(lex.Patients)...)
		for dept, row := range lex.Symptoms {
			r.symptoms = append(r.symptoms, aliasesOf(map[string][]string{dept: row.Phrases})...)
		}
	}
	for _, h := range p.Hospitals("") {
		r.hospitals = append(r.hospitals, e.names(h.ID, h.Aliases, h.Name, h.Short)...)
	}
	for _, d := range p.Departments() {
		r.departments = append(r.departments, e.names(d.ID, d.Aliases, d.Name)...)
	}
	for _, l := range p.Levels() {
		r.level = append(r.level, e.names(string(l.ID), l.Aliases, l.Name)...)
	}
	for _, list := range [][]alias{r.hospitals, r.departments, r.level, r.symptoms, r.documents, r.patients} {
		slices.SortFunc(list, func(a, b alias) int {
			if n := len(b.text) - len(a.text); n != 0 {
				return n
			}
			return strings.Compare(a.text, b.text)
		})
	}
	return r, nil
}

func aliasesOf(rows map[string][]string) []alias {
	var out []alias
	for id, phrases := range rows {
		for _, s := range phrases {
			out = append(out, alias{text: s, id: id})
		}
	}
	return out
}

// names lists all that something is called, normalised.
func (e *Engine) names(id string, aliases map[agents.Lang][]string, texts ...city.Text) []alias {
	var all []string
	for _, l := range city.Languages() {
		all = append(all, aliases[l]...)
		for _, t := range texts {
			all = append(all, t[l])
		}
	}
	var out []alias
	for _, s := range all {
		if s = e.normalise(s); s != "" {
			out = append(out, alias{text: s, id: id})
		}
	}
	return out
}

// care reads what has to do with seeing a doctor, before anything else takes its words away. It reports whether the utterance is about
// that: then its numbers are no tickets and its places no attractions.
func (p *pass) care() bool {
	r := p.e.care
	p.s = strings.ReplaceAll(p.s, "普通话", strings.Repeat(mark, len("普通话")))
	p.out.RedFlag = r.redFlag(p.clausesOf())
	at := p.ctx.Task == string(nlu.Hospital)
	wish := hasAny(p.all, p.e.zh.Intents[string(nlu.Hospital)]) || hasAny(p.all, p.e.en.Intents[string(nlu.Hospital)])
	if p.out.RedFlag { // nothing else matters now
		return true
	}
	about := p.take(r.departments, nlu.SlotDept) || wish
	if dept := r.symptom(p.s, p.clausesOf()); dept != "" {
		p.add(nlu.Act{Kind: nlu.Inform, Slot: nlu.SlotSymptom, Value: nlu.Value{ID: dept}}, len(p.s))
		about = true
	}
	if !about && !at {
		return false
	}
	about = p.take(r.hospitals, nlu.SlotHospital) || about
	about = p.take(r.patients, nlu.SlotPatient) || about
	if p.ctx.Expect != nlu.SlotTail {
		about = p.take(r.documents, nlu.SlotDocument) || about
	}
	about = p.take(r.level, nlu.SlotLevel) || about
	return p.careChanges() || p.unknownCare() || about
}

// clausesOf cuts what is left of the utterance at its commas.
func (p *pass) clausesOf() []string { return strings.Split(p.s, ",") }

// take reads the first name of a list and cuts it out, with all others of the list that mean the same slot.
func (p *pass) take(list []alias, slot string) bool {
	found := false
	for _, a := range list {
		i := indexWord(p.s, a.text)
		if i < 0 {
			continue
		}
		p.value(slot, nlu.Value{ID: a.id}, p.s[:i])
		p.s = p.s[:i] + strings.Repeat(mark, len(a.text)) + p.s[i+len(a.text):]
		found = true
	}
	return found
}

// indexWord is strings.Index that does not cut Latin words in two.
func indexWord(s, word string) int {
	for at := 0; ; {
		i := strings.Index(s[at:], word)
		if i < 0 {
			return -1
		}
		if i += at; bounded(s, i, i+len(word)) {
			return i
		}
		at = i + len(word)
	}
}

// redFlag finds what must not wait. "No chest pain" is none; what is only half understood is one.
func (r careRules) redFlag(clauses []string) bool {
	for _, lex := range r.words {
		for _, c := range clauses {
			for _, w := range lex.RedFlags {
				if i := indexWord(c, w); i >= 0 && !denied(c[:i]) {
					return true
				}
			}
			if i := firstOf(c, lex.RedParts); i >= 0 && hasAny(c, lex.RedPains) && !denied(c[:i]) {
				return true
			}
		}
	}
	return false
}

func denied(before string) bool {
	before = strings.TrimRight(before, " ")
	for _, w := range []string{"没有", "没", "不是", " no", " not", " without", " dont have"} {
		if strings.HasSuffix(" "+before, w) {
			return true
		}
	}
	return false
}

func firstOf(s string, words []string) int {
	for _, w := range words {
		if i := indexWord(s, w); i >= 0 {
			return i
		}
	}
	return -1
}

// symptom finds the department that what is wrong usually leads to: the longest phrase, else a part of the body that hurts.
func (r careRules) symptom(s string, clauses []string) string {
	for _, a := range r.symptoms {
		if indexWord(s, a.text) >= 0 {
			return a.id
		}
	}
	best, dept := 0, ""
	for _, lex := range r.words {
		for _, c := range clauses {
			if !hasAny(c, lex.Pains) {
				continue
			}
			for d, row := range lex.Symptoms {
				for _, part := range row.Parts {
					if n := len(part); (n > best || n == best && d < dept) && indexWord(c, part) >= 0 {
						best, dept = n, d
					}
				}
			}
		}
	}
	return dept
}

// careChanges reads the wish to change something without saying to what.
func (p *pass) careChanges() bool {
	found := false
	for _, lex := range p.e.care.words {
		for _, slot := range []string{nlu.SlotHospital, nlu.SlotDept, nlu.SlotLevel, nlu.SlotDocument} {
			if _, said := p.out.Act(slot, nlu.Inform, nlu.Change); !said && hasAny(p.all, lex.Change[slot]) {
				p.add(nlu.Act{Kind: nlu.Change, Slot: slot}, len(p.s))
				found = true
			}
		}
	}
	return found
}

// unknownCare notices a hospital or department that the pack does not have.
func (p *pass) unknownCare() bool {
	unknown := func(slot string) bool {
		p.add(nlu.Act{Kind: nlu.Inform, Slot: slot, Value: nlu.Value{Problem: nlu.Unknown}}, len(p.s))
		return true
	}
	if _, said := p.out.Act(nlu.SlotHospital, nlu.Inform, nlu.Change, nlu.Negate); !said {
		for _, m := range p.e.care.unknownHan.FindAllStringSubmatch(p.s, 2) {
			if utf8.RuneCountInString(nameOf(m[1])) >= 2 {
				return unknown(nlu.SlotHospital)
			}
		}
		for _, m := range p.e.care.unknownEn.FindAllStringSubmatch(p.s, 2) {
			if !slices.Contains(strings.Fields("the a an any which what another different other this that nearest near to at in same my our some good best go big public private local change"), m[1]) {
				return unknown(nlu.SlotHospital)
			}
		}
	}
	_, dept := p.out.Act(nlu.SlotDept, nlu.Inform, nlu.Change, nlu.Negate)
	_, symptom := p.out.Act(nlu.SlotSymptom, nlu.Inform)
	if !dept && !symptom && p.e.care.anyDep.MatchString(p.s) && !p.e.care.noDep.MatchString(p.s) {
		return unknown(nlu.SlotDept)
	}
	return false
}

// nameOf strips what stands before the name of a hospital, down to nothing where there is no name.
func nameOf(s string) string {
	for again := true; again; {
		again = false
		for _, w := range []string{
			"我要", "我想", "我们", "我", "想", "要", "帮我", "帮", "请", "给", "去", "到", "在", "挂号", "挂", "看病", "看", "预约", "订", "号", "个", "的", "换", "改",
			"明天", "后天", "今天", "上午", "下午", "哪家", "哪个", "哪", "什么", "附近", "最近", "这家", "那家", "这个", "那个", "一家", "家", "别", "其他", "其它", "大", "好",
			"有", "不", "是", "能", "可以", "怎么", "公立", "同",
		} {
			if t, ok := strings.CutPrefix(s, w); ok {
				s, again = t, true
			}
		}
	}
	return s
}

// tail reads the last four characters of a document. It reports whether they were asked for and found.
func (p *pass) tail() bool {
	if p.ctx.Expect != nlu.SlotTail {
		return false
	}
	d := digitsOf(p.s)
	if strings.HasSuffix(strings.TrimSpace(p.s), "x") || strings.Contains(p.s, "叉") || strings.Contains(p.s, "艾克斯") {
		d += "X"
	}
	if len(d) < 3 || p.out.Choice != "" {
		return false
	}
	p.add(nlu.Act{Kind: nlu.Inform, Slot: nlu.SlotTail, Value: nlu.Value{ID: d}}, len(p.s))
	return true
}
