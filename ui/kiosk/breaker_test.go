package kiosk

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// typewriter is a measurer without fonts: Chinese is 100 wide, all else 50.
func typewriter(s string, _ face) float32 {
	var w float32
	for _, r := range s {
		if wide(r) || strings.ContainsRune("“”…", r) {
			w += 100
		} else {
			w += 50
		}
	}
	return w
}

func TestLines(t *testing.T) {
	b := newBreaker(typewriter)
	for _, c := range []struct {
		text  string
		chars float32 // of the line, in Chinese characters
		want  []string
	}{
		{"我想叫部车子，去华山医院看眼睛。", 14, []string{"我想叫部车子，", "去华山医院看眼睛。"}},
		{"拿起听筒，或轻触屏幕", 8, []string{"拿起听筒，", "或轻触屏幕"}},
		{"二十五号（星期六）上午", 6, []string{"二十五号", "（星期六）", "上午"}},
		{"Two tickets for Yu Garden", 6, []string{"Two tickets", "for", "Yu Garden"}},
		{"黄浦区豫园路 85 号", 7, []string{"黄浦区", "豫园路 85 号"}},
		{"好", 10, []string{"好"}},
		{"", 10, nil},
	} {
		if got := b.lines(c.text, regular, 10, c.chars*10); !reflect.DeepEqual(got, c.want) {
			t.Errorf("lines(%q, %v) = %q, want %q", c.text, c.chars, got, c.want)
		}
	}
}

func FuzzLines(f *testing.F) {
	b := newBreaker(typewriter)
	for _, s := range []string{"您好，有什么可以帮您？", "Hello … world", "（（（", "，，，，，，，，，，，", "a，b", "\xff\xfe", "مرحبا 120"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, chars int) {
		if chars < 3 || chars > 40 || len(s) > 300 || !utf8.ValidString(s) {
			return
		}
		for i, l := range b.lines(s, regular, 10, float32(chars*10)) {
			if i == 0 {
				continue
			}
			if r, _ := utf8.DecodeRuneInString(l); strings.ContainsRune("，。？！、；：）》", r) && strings.Trim(s, "，。？！、；：）》") != "" && !strings.Contains(s, string(r)+string(r)) {
				if len([]rune(s)) < chars {
					t.Errorf("line %q of %q begins with closing punctuation", l, s)
				}
			}
		}
	})
}
