package text

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// chinese is built once; the patterns are applied in this order.
var chinese = sync.OnceValue(func() []rule {
	return []rule{
		{regexp.MustCompile(`(\d{4})-(\d{1,2})-(\d{1,2})`), zhISODate},
		{regexp.MustCompile(`(\d{4})年`), func(m []string, _, _ string) string { return zhDigits(m[1], false) + "年" }},
		{regexp.MustCompile(`(\d{1,2}):(\d{2})`), zhTime},
		{regexp.MustCompile(`(\d{1,4}月\d{1,2})[日号]?\s*[-–—~～至]\s*(\d{1,2}月)?(\d{1,2}[日号])`), func(m []string, _, _ string) string {
			return m[1] + "日到" + m[2] + m[3]
		}},
		{regexp.MustCompile(`¥\s*(\d+(?:,\d{3})*(?:\.\d+)?)(?:元)?`), func(m []string, _, _ string) string {
			return zhNumber(strings.ReplaceAll(m[1], ",", "")) + "元"
		}},
		{regexp.MustCompile(`-(\d+(?:\.\d+)?)\s*(度|℃|°C)`), func(m []string, _, _ string) string { return "零下" + zhNumber(m[1]) + m[2] }},
		{regexp.MustCompile(`(\d+(?:\.\d+)?)\s*%`), func(m []string, _, _ string) string { return "百分之" + zhNumber(m[1]) }},
		{regexp.MustCompile(`\+?\d{3,}(?:[ -]\d{2,})+|\+\d{1,3}(?:[ -]\d{2,})+|[A-Z]{1,4}[ -]?\d+(?:[ -]\d+)*`), zhCode},
		{regexp.MustCompile(`([0-9一二三四五六七八九十百千零两点分元日号])\s*[-–—~～]\s*([0-9一二三四五六七八九十百千零])`), func(m []string, _, _ string) string { return m[1] + "到" + m[2] }},
		{regexp.MustCompile(`\d+(?:,\d{3})*(?:\.\d+)?`), zhPlainNumber},
		{regexp.MustCompile(`\*`), func([]string, string, string) string { return "星号" }},
		{regexp.MustCompile(`#`), func([]string, string, string) string { return "井号" }},
		{regexp.MustCompile(`℃|°C`), func([]string, string, string) string { return "摄氏度" }},
	}
})

func zhISODate(m []string, _, _ string) string {
	return zhDigits(m[1], false) + "年" + zhNumber(m[2]) + "月" + zhNumber(m[3]) + "日"
}

func zhTime(m []string, _, _ string) string {
	h, minute := atoi(m[1]), atoi(m[2])
	if h > 24 || minute > 59 {
		return zhDigits(m[1], false) + " " + zhDigits(m[2], false)
	}
	hour := zhNumber(m[1]) + "点"
	if h == 2 {
		hour = "两点"
	}
	switch {
	case minute == 0:
		return hour
	case minute == 30:
		return hour + "半"
	case minute < 10:
		return hour + "零" + zhNumber(m[2]) + "分"
	default:
		return hour + zhNumber(m[2]) + "分"
	}
}

// zhCode reads a code or telephone number in its groups, with a short pause between them.
func zhCode(m []string, _, _ string) string {
	groups := strings.FieldsFunc(strings.TrimPrefix(m[0], "+"), func(r rune) bool { return r == ' ' || r == '-' })
	for i, g := range groups {
		letters := strings.TrimRight(g, "0123456789")
		groups[i] = strings.TrimSpace(spell(letters) + " " + zhDigits(g[len(letters):], true))
	}
	return strings.Join(groups, "，")
}

func spell(s string) string { return strings.Join(strings.Split(s, ""), " ") }

// zhUnits follow a quantity; the first rune of what follows a number decides.
const zhUnits = "元块角分张个位人名岁米公里层楼站点时小天日月年周号折次步页秒度平种条只件份间场排座斤克级届万亿千百多余几家道项杯栋路线届期把台辆章期弄室"

// zhPairs are the units before which 2 is 两.
const zhPairs = "张个位人名点小天周次步种条只件份间场家道项杯栋把台辆块元米公层站页千万百年"

func zhPlainNumber(m []string, before, after string) string {
	digits := strings.ReplaceAll(m[0], ",", "")
	next := firstRune(strings.TrimSpace(after))
	unit := next != 0 && strings.ContainsRune(zhUnits, next)
	switch {
	case strings.Contains(digits, "."):
		return zhNumber(digits)
	case digits == "2" && unit && strings.ContainsRune(zhPairs, next):
		return "两"
	case unit && len(digits) == 3 && next == '路': // bus lines of three digits are read out one by one
		return zhDigits(digits, true)
	case unit && (len(digits) <= 8 && digits[0] != '0' || digits == "0"):
		return zhNumber(digits)
	case isTelephone(digits), isHotline(digits), len(digits) == 4, codeBefore(before):
		return zhDigits(digits, len(digits) >= 3)
	default:
		return zhNumber(digits)
	}
}

// codeBefore says whether the words before announce digits to be copied or dialled.
func codeBefore(before string) bool {
	near := lastRunes(before, 6)
	for _, w := range []string{"码", "电话", "拨", "尾号"} {
		if strings.Contains(near, w) {
			return true
		}
	}
	return false
}

const zhDigitNames = "零一二三四五六七八九"

// zhDigits reads digits one by one; on the telephone 1 is 幺.
func zhDigits(s string, telephone bool) string {
	names := []rune(zhDigitNames)
	if telephone {
		names[1] = '幺'
	}
	var b strings.Builder
	for _, c := range digitsOnly(s) {
		b.WriteRune(names[c-'0'])
	}
	return b.String()
}

// zhNumber reads a quantity, with decimals, up to 99,999,999; beyond it reads digits.
func zhNumber(s string) string {
	whole, decimals, point := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n > 99_999_999 {
		return zhDigits(s, false)
	}
	out := zhInt(n)
	if point {
		out += "点" + zhDigits(decimals, false)
	}
	return out
}

func zhInt(n int) string {
	if n == 0 {
		return "零"
	}
	var s string
	if n >= 10000 {
		s = below10000(n/10000) + "万"
		if rest := n % 10000; rest > 0 && rest < 1000 {
			s += "零"
		}
		n %= 10000
	}
	s += below10000(n)
	if strings.HasPrefix(s, "一十") {
		s = strings.TrimPrefix(s, "一")
	}
	return s
}

func below10000(n int) string {
	names, units := []rune(zhDigitNames), []string{"", "十", "百", "千"}
	var out string
	gap := false
	for i, d := 3, 1000; i >= 0; i, d = i-1, d/10 {
		v := n / d % 10
		if v == 0 {
			gap = out != ""
			continue
		}
		if gap {
			out += "零"
			gap = false
		}
		out += string(names[v]) + units[i]
	}
	return out
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
