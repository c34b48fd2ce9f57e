package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/laoyou/laoyou/agents"
)

func TestNormalizeChinese(t *testing.T) {
	for in, want := range map[string]string{
		"上午9点":            "上午九点",
		"9:00开门":          "九点开门",
		"14:05":           "十四点零五分",
		"9:30":            "九点半",
		"2:00":            "两点",
		"开放时间9:00-17:00":  "开放时间九点到十七点",
		"11月21日":          "十一月二十一日",
		"2026-11-21":      "二零二六年十一月二十一日",
		"2026年11月21日":     "二零二六年十一月二十一日",
		"门票40元":           "门票四十元",
		"¥12.5":           "十二点五元",
		"￥1,200元":         "一千二百元",
		"2张":              "两张",
		"12张":             "十二张",
		"预订号2061 4832":    "预订号二零六幺，四八三二",
		"电话021-6355-5032": "电话零二幺，六三五五，五零三二",
		"取票码是1234":        "取票码是幺二三四",
		"请拨120":           "请拨幺二零",
		"120元":            "一百二十元",
		"10005人":          "一万零五人",
		"50%":             "百分之五十",
		"按1或者按2":          "按一或者按二",
		"3.5公里":           "三点五公里",
		"每人最多1-4张":        "每人最多一到四张",
		"按*重听，按#确认":       "按星号重听，按井号确认",
		"您好😀":             "您好",
		"11月21日-23日":      "十一月二十一日到二十三日",
		"１２张":             "十二张",
		"10号线":            "十号线",
		"20张":             "二十张",
		"200米":            "二百米",
		"共2位":             "共两位",
		"温度是-3度":          "温度是零下三度",
		"+86 21 6355":     "八六，二幺，六三五五",
		"预订号 LY-2061 已确认": "预订号 L Y，二零六幺 已确认",
	} {
		if got := Normalize(in, agents.LangZh); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNormalizeEnglish(t *testing.T) {
	for in, want := range map[string]string{
		"at 9:00":                          "at 9 o'clock",
		"at 9:30 a.m.":                     "at 9 30 A M.",
		"9 a.m. tomorrow":                  "9 A M tomorrow",
		"at 9:05":                          "at 9 oh 5",
		"on 2026-11-21.":                   "on November 21st, 2026.",
		"¥40 each":                         "40 yuan each",
		"booking number 2061 4832":         "booking number 2 0 6 1, 4 8 3 2",
		"your code is 1234":                "your code is 1 2 3 4",
		"dial 120":                         "dial 1 2 0",
		"120 yuan":                         "120 yuan",
		"9:00-17:00":                       "9 o'clock to 17 o'clock",
		"press # or *":                     "press hash or star",
		"1 to 4 tickets":                   "1 to 4 tickets",
		"Two tickets for Yu Garden \u0007": "Two tickets for Yu Garden",
	} {
		if got := Normalize(in, agents.LangEn); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestPinyin(t *testing.T) {
	for in, want := range map[string]string{
		"你好":      "ni3 hao3",
		"重庆银行在长宁": "chong2 qing4 yin2 hang2 zai4 chang2 ning2",
		"挂号，还款。":  "gua4 hao4, huan2 kuan3.",
		"请重复":     "qing3 chong2 fu4",
		"豫园和城隍庙":  "yu4 yuan2 he2 cheng2 huang2 miao4",
		"不是":      "bu2 shi4",
		"不好":      "bu4 hao3",
		"一张":      "yi4 zhang1",
		"一个":      "yi2 ge5",
		"十一月二十一日": "shi2 yi1 yue4 er4 shi2 yi1 ri4",
		"第一":      "di4 yi1",
		"女士":      "nv3 shi4",
		"您要几张票？":  "nin2 yao4 ji3 zhang1 piao4?",
		"静安寺、龙华寺": "jing4 an1 si4, long2 hua2 si4",
		"东方明珠":    "dong1 fang1 ming2 zhu1",
		"听音乐很快乐":  "ting1 yin1 yue4 hen3 kuai4 le4",
		"南京路都得走":  "nan2 jing1 lu4 dou1 de5 zou3",
		"幺二零":     "yao1 er4 ling2",
		"十一点":     "shi2 yi1 dian3",
		"二十一张":    "er4 shi2 yi1 zhang1",
		"一到四张":    "yi1 dao4 si4 zhang1",
		"两人参加":    "liang3 ren2 can1 jia1",
		"以公布的为准":  "yi3 gong1 bu4 de5 wei2 zhun3",
		"（）":      "",
	} {
		if got := Pinyin(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Each word of the table has as many syllables as characters, all well formed.
func TestPhraseTable(t *testing.T) {
	for w, syllables := range phraseTable().words {
		if utf8.RuneCountInString(w) != len(syllables) {
			t.Errorf("%s has %d syllables", w, len(syllables))
		}
		for _, s := range syllables {
			if last := s[len(s)-1]; last < '1' || last > '5' || strings.Trim(s[:len(s)-1], "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Errorf("%s: %q", w, s)
			}
		}
	}
}

func TestRuns(t *testing.T) {
	got := Runs("您可以看 Yu Garden 的二维码QR。", agents.LangZh)
	want := []Run{{agents.LangZh, "您可以看"}, {agents.LangEn, "Yu Garden"}, {agents.LangZh, "的二维码"}, {agents.LangEn, "QR。"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := Runs("……", agents.LangZh); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

func TestSentences(t *testing.T) {
	for in, want := range map[string][]string{
		"您好！请问要去哪里？我来帮您。":                            {"您好！", "请问要去哪里？", "我来帮您。"},
		"Hello. It costs 3.50 yuan, e.g. cash. Bye!": {"Hello.", "It costs 3.50 yuan, e.g. cash.", "Bye!"},
		"At 9 a.m. Shall I?":                         {"At 9 a.m.", "Shall I?"},
		"“好。”他说":                                     {"“好。”", "他说"},
		"。。！":                                        nil,
		"":                                           nil,
	} {
		if got := Sentences(in); !slices.Equal(got, want) {
			t.Errorf("%q: got %q", in, got)
		}
	}
	for _, s := range Sentences(strings.Repeat("很长", 2000)) {
		if utf8.RuneCountInString(s) > longest {
			t.Errorf("a sentence of %d runes", utf8.RuneCountInString(s))
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("您好，11月21日9:00-17:00，电话021-6355-5032，¥40！")
	f.Add("Code 1234 at 9:30 a.m. \xff\x00")
	f.Fuzz(func(t *testing.T, s string) {
		for _, lang := range []agents.Lang{agents.LangZh, agents.LangEn} {
			n := Normalize(s, lang)
			for _, sentence := range Sentences(n) {
				for _, r := range Runs(sentence, lang) {
					if r.Text == "" {
						t.Error("empty run")
					}
					if p := Pinyin(r.Text); strings.ContainsAny(p, "\n\r\x00<") {
						t.Errorf("%q has control characters or markup", p)
					}
				}
			}
		}
	})
}
