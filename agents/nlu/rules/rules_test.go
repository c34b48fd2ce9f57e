package rules

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/agents/nlu"
)

func engine(t testing.TB) (*Engine, time.Time) {
	t.Helper()
	pack, err := city.Load()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(pack)
	if err != nil {
		t.Fatal(err)
	}
	return e, time.Date(2026, 11, 20, 10, 0, 0, 0, pack.Zone)
}

// TestUtterances reads what citizens say: the slot that was asked for, the words, what must be understood.
func TestUtterances(t *testing.T) {
	e, now := engine(t)
	for _, lang := range []string{"zh", "en"} {
		raw, err := os.ReadFile("testdata/" + lang + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i, line := range strings.Split(strings.TrimRight(string(raw), "\n"), "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}
			f := strings.Split(line, "\t")
			if len(f) != 3 {
				t.Fatalf("%s.tsv:%d: want three columns", lang, i+1)
			}
			n++
			ctx := nlu.Context{Now: now, Expect: strings.Trim(f[0], "-")}
			got, want := digest(e.Understand(ctx, f[1]), now), strings.Fields(f[2])
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s.tsv:%d %q: got %q, want %q", lang, i+1, f[1], got, want)
			}
		}
		if n < 150 {
			t.Errorf("%s: %d utterances, want at least 150", lang, n)
		}
	}
}

// digest writes an understanding in the words of the tables. Of several values of a slot only the last counts.
func digest(u nlu.Understanding, now time.Time) []string {
	var out []string
	add := func(ok bool, word string) {
		if ok && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	add(u.Intent != "", string(u.Intent))
	add(u.SwitchTo != "", string(u.SwitchTo))
	add(u.LastOne, "last")
	add(u.OutOfScope, "out")
	for name, s := range signals() {
		add(u.Signals.Has(s), name)
	}
	seen := map[string]bool{}
	acts := slices.Clone(u.Acts)
	slices.SortStableFunc(acts, func(a, b nlu.Act) int { // what is not wanted counts only where nothing is
		rank := map[bool]int{true: 0, false: 1}
		return rank[a.Kind == nlu.Negate] - rank[b.Kind == nlu.Negate]
	})
	for i := len(acts) - 1; i >= 0; i-- {
		a := acts[i]
		kind := map[nlu.ActKind]string{nlu.Inform: "=", nlu.Change: "~", nlu.Negate: "-", nlu.Request: "?"}[a.Kind]
		if a.Kind == nlu.Negate && seen[a.Slot] || seen[a.Slot+kind] || a.Kind != nlu.Request && seen[a.Slot] {
			continue
		}
		seen[a.Slot], seen[a.Slot+kind] = a.Kind != nlu.Request || seen[a.Slot], true
		id := a.Value.ID
		if day, err := time.ParseInLocation(time.DateOnly, id, now.Location()); err == nil && a.Slot == nlu.SlotDate {
			id = fmt.Sprintf("%+d", int(day.Sub(midnight(now)).Hours()/24))
		}
		switch {
		case a.Value.Problem != "":
			add(true, a.Slot+"!"+string(a.Value.Problem))
		case a.Value.Delta:
			add(true, fmt.Sprintf("%s+%d", a.Slot, a.Value.Number))
		default:
			add(true, a.Slot+kind+id)
		}
	}
	slices.Sort(out)
	return out
}

func TestChoiceByNameAndPlace(t *testing.T) {
	e, now := engine(t)
	u := e.Understand(nlu.Context{Now: now}, "x")
	if u.Choice != "" {
		t.Error("a choice without choices")
	}
}

func TestLanguages(t *testing.T) {
	e, now := engine(t)
	for text, want := range map[string]string{
		"我想去Yu Garden": "zh", "two tickets for 豫园 tomorrow": "en", "bonjour, je voudrais deux billets": "xx", "すみません": "ja",
		"안녕하세요": "ko", "Здравствуйте": "ru", "مرحبا": "ar", "yuyuan": "", "12345": "", "สวัสดี": "xx",
	} {
		if u := e.Understand(nlu.Context{Now: now}, text); string(u.Lang) != want {
			t.Errorf("%q: %q, want %q", text, u.Lang, want)
		}
	}
}

func TestTablesFit(t *testing.T) {
	if a, b := utf8.RuneCountInString(traditional), utf8.RuneCountInString(simplified); a != b {
		t.Errorf("%d traditional, %d simplified characters", a, b)
	}
}

// FuzzUnderstand: whatever is said, no panic, and every value that has no problem is canonical.
func FuzzUnderstand(f *testing.F) {
	e, now := engine(f)
	for _, s := range []string{"", "明天上午豫园两张", "two tickets", "-1", "\xff\xfe", strings.Repeat("九", 3000), "打给13812345678", "call triple 0 oh 8, 9", "99999年99月99日", "下下周日", "in 999999 days", "12345678901234567890"} {
		f.Add(s, "tickets")
	}
	f.Fuzz(func(t *testing.T, text, expect string) {
		u := e.Understand(nlu.Context{Now: now, Expect: expect}, text)
		for _, a := range u.Acts {
			if a.Slot == nlu.SlotDate && a.Value.ID != "" && a.Value.ID != nlu.AnyValue {
				if _, err := time.Parse(time.DateOnly, a.Value.ID); err != nil {
					t.Errorf("%q: date %q", text, a.Value.ID)
				}
			}
			if a.Slot == nlu.SlotPhone && a.Value.ID != nlu.AnyValue && (a.Value.ID == "" || strings.Trim(a.Value.ID, "0123456789") != "") {
				t.Errorf("%q: phone %q", text, a.Value.ID)
			}
			if a.Slot == nlu.SlotTickets && a.Value.Problem == "" && !a.Value.Delta && a.Value.ID != "" && a.Value.ID != nlu.AnyValue && (a.Value.Number < 1 || a.Value.Number > 10) {
				t.Errorf("%q: tickets %+v", text, a.Value)
			}
		}
	})
}

// BenchmarkUnderstand measures the longest utterances that are looked at; the limit is 2 ms.
func BenchmarkUnderstand(b *testing.B) {
	e, now := engine(b)
	for name, text := range map[string]string{
		"zh": "我想预约明天上午豫园的门票，两张", "en": "Two tickets for Yu Garden tomorrow morning, please",
		"long_zh": strings.Repeat("天地玄黄宇宙洪荒", 1000), "long_en": strings.Repeat("lorem ipsum ", 900),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				e.Understand(nlu.Context{Now: now}, text)
			}
		})
	}
}
