package kiosk

import (
	"math"
	"strings"
	"unicode"
)

// Rules of line breaking in Chinese (kinsoku) and how good a place for a break is.
const (
	noStart = "，。？！、；：）》」』】〕”’…·,.?!;:)]}%℃〉～ー"
	noEnd   = "（《「『【〔“‘([{〈¥$#"
	goodEnd = "，。？！；：、,.?!;:…·"
)

// Costs of ending a line somewhere, to be weighed against ragged lines.
const (
	costGoodEnd  = 0
	costSpace    = 25
	costUnit     = 200
	costPlain    = 90
	costInWord   = 900
	costOrphan   = 500
	costPerSlack = 240
	costLine     = 600 // of a line more: less than tearing a word apart
)

// words that must not be torn apart: two and three characters, what a booth talks about.
const glued = "您好 你好 什么 怎么 怎样 哪里 哪个 哪天 哪家 几位 几张 多少 可以 不能 需要 请问 请说 请按 请看 请您 告诉 帮您 帮忙 麻烦 谢谢 没有 还有 " +
	"已经 现在 马上 今天 明天 后天 昨天 上午 下午 中午 晚上 早上 星期 周末 时间 时候 日期 分钟 小时 门票 豫园 景点 预约 预订 取消 确认 以上 以下 成功 失败 号码 " +
	"验证码 医院 医生 门诊 挂号 眼睛 眼科 身体 看病 出租车 叫车 司机 地铁 公交 车站 道路 问路 地图 电话 听筒 话筒 屏幕 键盘 按键 数字 声音 大声 语言 " +
	"中文 英文 普通话 上海 上海话 人工 客服 工作 人员 服务 城市 政务 社区 附近 位置 地址 紧急 求助 急救 火警 报警 消防 警察 接通 正在 等待 排队 挂断 " +
	"稍等 继续 返回 首页 重新 开始 结束 回答 问题 明白 知道 听懂 听清 说话 直接 轻触 拿起 按下 放下 选择 成人 儿童 老人 身份 姓名 手机 扫码 二维码 " +
	"保存 打印 小票 免费 测试 网络 连接 暂时 无法 使用 故障 维修 抱歉 对不起 老友亭 助手 外滩 博物馆 动物园 公园 天气 演练 模拟 真实 接听 人民 广场 " +
	"淮海 中路 路口 入口 出口 门口 身后 这里 那里 一下 一点 一共 所有 全部 其他 更多 别的 事情 办事 咨询"

// clinging characters belong to the word before them: 豫园路, 三张, 好的.
const clinging = "路街区镇村弄号楼室院园馆站亭桥寺庙市省门票车店局所处厅科元位张点分天月日年岁人们的了吗呢吧啊着过儿里"

// breaker breaks paragraphs into lines.
type breaker struct {
	measure measurer
	words   map[string]bool

	// The pieces of the last paragraph: fitting asks for the same one at many sizes.
	last       string
	lastFace   face
	lastPieces []piece
}

func newBreaker(m measurer) *breaker {
	b := &breaker{measure: m, words: map[string]bool{}}
	for _, w := range strings.Fields(glued) {
		b.words[w] = true
	}
	return b
}

// piece is what is never broken: one Chinese character with its punctuation, or a Latin word.
type piece struct {
	text  string
	width float32 // without trailing space, at size 1
	space float32 // of the space after it
	cost  int     // of ending a line after it
}

func wide(r rune) bool {
	return unicode.Is(unicode.Han, r) || (r >= 0x3000 && r <= 0x30FF) || (r >= 0xFF00 && r <= 0xFFEF) || (r >= 0xAC00 && r <= 0xD7A3)
}

// pieces splits a paragraph where it may be broken.
func (b *breaker) pieces(s string, f face) []piece {
	if b.lastPieces == nil || s != b.last || f != b.lastFace {
		b.last, b.lastFace, b.lastPieces = s, f, b.split(s, f)
	}
	return b.lastPieces
}

// forget drops the last paragraph.
func (b *breaker) forget() { b.last, b.lastPieces = "", nil }

func (b *breaker) split(s string, f face) []piece {
	rs := []rune(s)
	var out []piece
	start := 0
	for i := range rs {
		if i+1 < len(rs) && !mayBreak(rs[i], rs[i+1]) {
			continue
		}
		t := string(rs[start : i+1])
		trimmed := strings.TrimRight(t, " ")
		p := piece{text: t, width: b.measure(trimmed, f) / 100, cost: b.cost(rs, i)}
		if trimmed != t {
			p.space = b.measure(" ", f) / 100
		}
		out = append(out, p)
		start = i + 1
	}
	return out
}

func mayBreak(a, z rune) bool {
	switch {
	case z == ' ':
		return false
	case strings.ContainsRune(noStart, z), strings.ContainsRune(noEnd, a):
		return false
	case a == ' ', a == '-' && unicode.IsLetter(z):
		return true
	}
	return wide(a) || wide(z)
}

// cost of breaking after rs[i].
func (b *breaker) cost(rs []rune, i int) int {
	if i+1 >= len(rs) {
		return 0
	}
	switch {
	case strings.ContainsRune(goodEnd, rs[i]), rs[i] == ' ' && i > 0 && strings.ContainsRune(goodEnd, rs[i-1]):
		return costGoodEnd
	case rs[i] == ' ' && i > 0 && wide(rs[i-1]) != wide(rs[i+1]):
		return costUnit // 豫园路 85 号
	case rs[i] == ' ':
		return costSpace
	case b.insideWord(rs, i):
		return costInWord
	case strings.ContainsRune(clinging, rs[i+1]) && wide(rs[i]):
		return costUnit * 2
	case !wide(rs[i]) != !wide(rs[i+1]) && (unicode.IsDigit(rs[i]) || unicode.IsDigit(rs[i+1])):
		return costUnit // a number stays with its unit: 3 号
	}
	return costPlain
}

func (b *breaker) insideWord(rs []rune, i int) bool {
	for n := 2; n <= 3; n++ {
		for s := max(0, i-n+2); s <= i && s+n <= len(rs); s++ {
			if b.words[string(rs[s:s+n])] {
				return true
			}
		}
	}
	return false
}

// lines breaks s for this width and text size into few lines that end in good places.
func (b *breaker) lines(s string, f face, size, width float32) []string {
	s = plain(s)
	f = faceFor(s, f)
	ps := b.pieces(strings.TrimSpace(s), f)
	if len(ps) == 0 {
		return nil
	}
	ps = b.chop(ps, f, width/size)
	return join(ps, breaks(ps, width/size))
}

// chop cuts what is wider than a line on its own, which only garbage is.
func (b *breaker) chop(ps []piece, f face, width float32) []piece {
	var out []piece
	for _, p := range ps {
		for p.width > width {
			rs := []rune(p.text)
			n := max(1, int(float32(len(rs))*width/p.width))
			for n > 1 && b.measure(string(rs[:n]), f)/100 > width {
				n--
			}
			if n >= len(rs) {
				break
			}
			head, rest := string(rs[:n]), string(rs[n:])
			out = append(out, piece{text: head, width: b.measure(head, f) / 100})
			p.text, p.width = rest, b.measure(strings.TrimRight(rest, " "), f)/100
		}
		out = append(out, p)
	}
	return out
}

// plain writes a text without Chinese in typewriter punctuation: the Chinese fonts set “ ” and … as wide as a character.
func plain(s string) string {
	if !strings.ContainsAny(s, "“”‘’…") || strings.IndexFunc(s, wide) >= 0 {
		return s
	}
	return strings.NewReplacer("“", "\"", "”", "\"", "‘", "'", "’", "'", "…", "...").Replace(s)
}

// torn tells whether some word is wider than a line, so that lines would have to cut it.
func (b *breaker) torn(s string, f face, size, width float32) bool {
	s = plain(s)
	for _, p := range b.pieces(s, faceFor(s, f)) {
		if p.width*size > width+0.5 {
			return true
		}
	}
	return false
}

// breaks finds the ends of lines with the least cost by dynamic programming.
func breaks(ps []piece, width float32) []int {
	type state struct{ cost, from int }
	best := make([]state, len(ps)+1)
	for end := 1; end <= len(ps); end++ {
		best[end] = state{cost: math.MaxInt}
		var w float32
		for from := end - 1; from >= 0; from-- {
			w += ps[from].width
			if from < end-1 {
				w += ps[from].space
			}
			if w > width && from < end-1 {
				break
			}
			if c := best[from].cost + costLine + lineCost(ps, from, end, w/width); c < best[end].cost {
				best[end] = state{c, from}
			}
		}
	}
	var ends []int
	for at := len(ps); at > 0; at = best[at].from {
		ends = append([]int{at}, ends...)
	}
	return ends
}

func lineCost(ps []piece, from, end int, full float32) int {
	if end == len(ps) {
		if from > 0 && end-from == 1 {
			return costOrphan
		}
		return 0
	}
	slack := max(0, 1-full)
	return ps[end-1].cost + int(costPerSlack*slack*slack)
}

func join(ps []piece, ends []int) []string {
	var out []string
	from := 0
	for _, end := range ends {
		var t strings.Builder
		for _, p := range ps[from:end] {
			t.WriteString(p.text)
		}
		out = append(out, strings.TrimSpace(t.String()))
		from = end
	}
	return out
}
