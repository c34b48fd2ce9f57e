package kiosk

import (
	"strings"

	"github.com/laoyou/laoyou/ui/view"
)

// samples are one View and more of every screen in one language: what the layout tests, the goldens and -preview draw.
func samples(lang string) map[string]view.View {
	w := func(zh, en string) string {
		if lang == "zh" {
			return zh
		}
		return en
	}
	act := func(id, zh, en, icon, key string, e view.Emphasis) view.Action {
		return view.Action{ID: id, Label: w(zh, en), Icon: icon, Key: key, Emphasis: e}
	}
	base := func(s view.Screen) view.View {
		v := view.View{
			V: 1, Screen: s, Lang: lang, Clock: "09:41", Place: w("豫园路 85 号 · 九曲桥旁", "85 Yuyuan Road, by the Nine-Turn Bridge"), Visit: "01JD00000000000000000000AA", Volume: 1,
			Footer: []view.Action{
				{ID: "sos", Label: w("紧急求助", "Emergency"), Sub: "SOS · 110 · 119 · 120", Icon: "siren", Emphasis: view.Danger},
				act("text", "大字", "Text", "text", "", view.Quiet), act("sound", "声音", "Sound", "sound", "", view.Quiet),
				act("language", "语言", "Language", "language", "", view.Quiet),
			},
			Home: &view.Action{ID: "home", Label: w("首页", "Home"), Icon: "home"},
		}
		if s != view.Attract && s != view.Home {
			v.Footer = append(v.Footer, view.Action{ID: "person", Label: w("人工", "A person"), Icon: "person", Key: "0", Emphasis: view.Human})
		}
		return v
	}
	strip := func(a view.Activity, zh, en, hz, he string) *view.Strip {
		return &view.Strip{Activity: a, Label: w(zh, en), Hint: w(hz, he)}
	}
	turn := func(who, zh, en string) view.Caption { return view.Caption{Who: who, Text: w(zh, en)} }
	out := map[string]view.View{}

	v := base(view.Attract)
	v.Visit, v.Home, v.Footer = "", nil, v.Footer[:1]
	v.Title, v.Subtitle = "拿起听筒，或轻触屏幕", "Lift the handset, or touch the screen"
	v.Hellos = []string{"您好", "Hello", "こんにちは", "안녕하세요", "مرحبا", "Здравствуйте", "Bonjour", "नमस्ते"}
	v.Choices = []view.Action{act("start", "点这里开始", "Touch to start", "handset", "", view.Primary)}
	out["S0-attract"] = v

	v = base(view.Home)
	v.Home = nil
	v.Title, v.Subtitle = w("您好，有什么可以帮您？", "Hello! How can I help you?"), w("Hello! How can I help you?", "您好，有什么可以帮您？")
	v.Choices = []view.Action{{ID: "speak", Label: w("按一下，直接说话", "Press and speak"), Sub: w("比如：“明天上午豫园的门票，两张”", "Say: “Two tickets for Yu Garden tomorrow”"), Icon: "mic", Emphasis: view.Primary}}
	tile := func(id, zh, en, icon, key string) view.Action {
		return view.Action{ID: id, Label: w(zh, en), Sub: w(en, zh), Icon: icon, Key: key}
	}
	v.Tiles = []view.Action{
		tile("doctor", "看病挂号", "See a doctor", "doctor", "1"), tile("attractions", "景点预约", "Attractions", "ticket", "2"),
		tile("directions", "问路叫车", "Directions & taxi", "map", "3"), tile("call", "免费电话", "Free call", "phone", "4"),
		tile("city", "办事咨询", "City services", "city", "5"), tile("person", "找人工帮忙", "Talk to a person", "person", "0"),
	}
	v.Tiles[0].Soon, v.Tiles[2].Soon, v.Tiles[5].Emphasis = true, true, view.Human
	out["S1-home"] = v

	v.Choices = append(v.Choices, act("lang.zh", "普通话", "中文", "", "1", view.Secondary), act("lang.en", "English", "English", "", "2", view.Secondary))
	v.Strip = strip(view.Speaking, "请听我说", "Let me tell you", "按任意键可以打断", "Press any key to interrupt")
	out["S1-unknown"] = v

	v = base(view.Language)
	v.Title = "请选择语言 · Choose your language"
	for i, s := range []string{
		"普通话|您好，请说话", "English|Hello, please speak", "上海话|侬好，请讲", "粵語|你好，請講嘢", "日本語|こんにちは", "한국어|안녕하세요", "Français|Bonjour",
		"Deutsch|Guten Tag", "Español|¡Hola!", "Русский|Здравствуйте", "العربية|مرحبا", "हिन्दी|नमस्ते",
	} {
		name, hello, _ := strings.Cut(s, "|")
		a := view.Action{ID: "lang." + name, Label: name, Sub: hello, Soon: i > 1, On: i == 0}
		if i < 9 {
			a.Key = string(rune('1' + i))
		}
		v.Tiles = append(v.Tiles, a)
	}
	out["S2-language"] = v

	v = base(view.Conversation)
	v.Captions = []view.Caption{
		turn(view.Bot, "您好，我是老友。您可以直接说话，也可以按键。", "Hello, I am Laoyou. Speak, touch or press a key."),
		turn(view.Citizen, "我想预约明天上午豫园的门票，两张", "Two tickets for Yu Garden tomorrow morning, please"),
		turn(view.Bot, "好的，豫园，明天上午，两张。都是成人票吗？", "Yu Garden, tomorrow morning, two tickets. Are they all for adults?"),
	}
	v.Card = &view.Card{Title: w("预约豫园门票", "Tickets for Yu Garden"), Rows: []view.Row{{Label: w("日期", "Day"), Value: w("11月21日 星期六", "Saturday, 21 November")}, {Label: w("时间", "Time"), Value: w("上午 8:30–12:00", "morning, 8:30–12:00")}, {Label: w("人数", "People"), Value: w("2 位", "2")}}}
	v.Choices = []view.Action{act("adults", "都是成人", "All adults", "people", "1", view.Secondary), act("child", "有儿童", "With children", "people", "2", view.Secondary), act("senior", "有六十岁以上老人", "Over sixty", "people", "3", view.Secondary), act("more", "其他", "Something else", "more", "4", view.Quiet)}
	v.Strip = strip(view.Listening, "我在听……", "I am listening …", "可以说“都是成人”", "You can say “all adults”")
	out["S3-conversation"] = v

	v.Card, v.Choices, v.Strip = nil, nil, strip(view.Thinking, "正在查余票……", "Checking tickets …", "", "")
	v.Captions = append(v.Captions, turn(view.Citizen, strings.Repeat("请问豫园附近有没有适合老人慢慢走的地方，最好不要爬楼梯，", 4)+"谢谢。", strings.Repeat("Is there a place near Yu Garden where an elderly person can walk slowly without stairs? ", 4)))
	out["S3-long"] = v

	v = base(view.Form)
	v.Title, v.Subtitle = w("请输入您的手机号码", "Please type your phone number"), w("没有手机也可以，请按 #", "No phone? Just press #")
	v.Pad = &view.Pad{Label: w("手机号码", "Phone number"), Value: "13812", Max: 11, Min: 11}
	v.Captions = []view.Caption{turn(view.Bot, "请按键输入手机号码。", "Please type your phone number on the keys.")}
	v.Choices = []view.Action{act("skip", "我没有手机", "I have no phone", "", "", view.Secondary), act("back", "返回", "Back", "back", "", view.Quiet)}
	v.Strip = strip(view.Listening, "我在听……", "I am listening …", "可以念，也可以按键", "Say it or type it")
	out["S4-phone"] = v
	v.Title, v.Subtitle = w("请输入四位取票码", "Please type the 4-digit code"), ""
	v.Pad = &view.Pad{Value: "48", Max: 4, Min: 4}
	out["S4-code"] = v

	v = base(view.Form)
	v.Title = w("哪一天去豫园？", "Which day for Yu Garden?")
	v.Captions = []view.Caption{turn(view.Citizen, "我想去豫园", "I would like to see Yu Garden"), turn(view.Bot, "您打算哪一天去？", "Which day would you like to go?")}
	v.Choices = []view.Action{act("d1", "今天", "Today", "calendar", "1", ""), act("d2", "明天", "Tomorrow", "calendar", "2", ""), act("d3", "后天 星期天", "Sunday", "calendar", "3", ""), act("more", "更多日期", "More days", "more", "4", view.Quiet), act("back", "返回", "Back", "back", "", view.Quiet)}
	v.Strip = strip(view.Listening, "我在听……", "I am listening …", "可以说“明天上午”", "You can say “tomorrow morning”")
	out["S4-day"] = v

	v = base(view.Confirm)
	v.Title = w("请您核对一下", "Is this right?")
	v.Captions = []view.Caption{turn(view.Bot, "明天上午，豫园，两张成人票，一共八十元，现场付。对吗？", "Tomorrow morning, Yu Garden, two adults, 80 yuan at the gate. Is that right?")}
	v.Card = &view.Card{Title: w("预约豫园门票", "Tickets for Yu Garden"), Rows: []view.Row{{Label: w("景点", "Place"), Value: w("豫园", "Yu Garden")}, {Label: w("日期", "Day"), Value: w("11月21日 星期六", "Saturday, 21 November")}, {Label: w("时间", "Time"), Value: w("上午", "morning")}, {Label: w("人数", "People"), Value: w("成人 2 位", "2 adults")}}, Note: w("到现场付款，可以随时免费取消。", "Pay at the gate; cancel free of charge at any time.")}
	v.Choices = []view.Action{act("yes", "对，帮我预约", "Yes, book it", "check", "1", view.Primary), act("no", "不对", "No", "cross", "2", view.Secondary)}
	v.Strip = strip(view.Listening, "我在听……", "I am listening …", "请说“对”或“不对”", "Say “yes” or “no”")
	v.Focus = "yes"
	out["S5-confirm"] = v

	v = base(view.Waiting)
	v.Line = &view.Line{State: view.LineRinging, Who: w("人工客服", "A person"), Label: w("您前面还有 2 位，大约 3 分钟", "2 people before you, about 3 minutes")}
	v.Body = []string{w("可以先挂断，我们会打回这个亭子。", "You may hang up: we will call this booth back.")}
	v.Choices = []view.Action{act("callback", "挂断，请打回来", "Hang up and call me back", "phone", "1", view.Primary), act("cancel", "不等了", "Stop waiting", "cross", "2", "")}
	out["S6-waiting"] = v

	v = base(view.Call)
	v.Line = &view.Line{State: view.LineAnswered, Who: w("李姐", "Ms Li"), Label: w("正在通话 01:24", "On the line 01:24"), Seconds: 84}
	v.Captions = []view.Caption{turn(view.Citizen, "去华山医院，眼睛看不清爽。", "To Huashan Hospital, my eyes are blurry."), turn(view.Agent, "阿婆，您别着急。我帮您看看今天下午还有没有眼科的号。", "Don't worry. Let me see whether the eye clinic has a place this afternoon.")}
	v.Choices = []view.Action{act("louder", "大声一点", "Louder", "sound", "1", view.Quiet), act("hangup", "挂断", "Hang up", "phone", "2", view.Secondary)}
	out["S7-call"] = v

	v = base(view.Ticket)
	v.Title = w("约好了，祝您玩得开心！", "Booked. Enjoy your visit!")
	v.Slip = &view.Slip{Title: w("豫园 · 成人票 2 张", "Yu Garden · 2 adults"), Number: "20261121", Code: "4821", Rows: []view.Row{{Label: w("日期", "Day"), Value: w("11月21日 星期六", "Saturday, 21 November")}, {Label: w("时间", "Time"), Value: w("上午 8:30–12:00", "morning, 8:30–12:00")}}, Note: w("手机扫一扫就能带走；没有手机，记住这两个号码就行。", "Scan to take it along. No phone? The two numbers are enough."), QR: "laoyou:ticket:20261121:4821:yuyuan:2026-11-21"}
	v.Choices = []view.Action{act("again", "还要办别的", "Something else", "home", "1", view.Primary), act("cancel", "取消预约", "Cancel booking", "cancel", "2", view.Secondary)}
	out["S8-ticket"] = v

	v = base(view.SOS)
	v.Banner = &view.Banner{Kind: view.BannerTest, Text: w("演练模式：不会接通真实的 110", "TEST: this does not call the real 110")}
	v.Line = &view.Line{State: view.LineCountdown, Who: "120", Label: w("3 秒后拨打急救电话", "Calling an ambulance in 3 seconds"), Seconds: 3, Test: true, Location: w("黄浦区豫园路 85 号，九曲桥旁，老友亭 H-017", "Booth H-017, 85 Yuyuan Road, Huangpu, by the Nine-Turn Bridge")}
	v.Title, v.Body, v.Footer, v.Home = w("紧急求助", "Emergency"), []string{w("您在这里", "You are here")}, nil, nil
	v.Choices = []view.Action{
		{ID: "sos.now", Label: w("马上接通", "Call now"), Sub: w("值守人员", "Duty operator"), Icon: "siren", Emphasis: view.Danger},
		act("sos.110", "110 报警", "110 Police", "phone", "", view.Secondary), act("sos.119", "119 火警", "119 Fire", "phone", "", view.Secondary),
		act("sos.120", "120 急救", "120 Ambulance", "phone", "", view.Secondary), act("sos.cancel", "取消", "Cancel", "cancel", "*", view.Secondary),
	}
	out["S9-sos"] = v
	v.Line = &view.Line{State: view.LineAnswered, Who: w("值守人员", "Duty operator"), Label: w("已接通，请讲话", "Connected. Please speak."), Test: true, Location: v.Line.Location}
	v.Captions = []view.Caption{turn(view.Agent, "TEST。这是演练，没有接通真实的急救电话。", "TEST. This is a drill; no real emergency service was called.")}
	v.Choices = []view.Action{act("sos.cancel", "挂断", "Hang up", "cancel", "*", view.Secondary)}
	out["S9-answered"] = v

	v = base(view.Settings)
	v.Title = w("设置", "Settings")
	v.Tiles = []view.Action{tile("large", "大字", "Large text", "text", "1"), tile("contrast", "黑底黄字", "High contrast", "morning", "2"), tile("louder", "声音大一点", "Louder", "sound", "3"), tile("slow", "说慢一点", "Speak slowly", "person", "4")}
	v.Tiles[0].On = true
	v.Choices = []view.Action{act("back", "好了", "Done", "check", "#", view.Primary)}
	out["SX-settings"] = v

	v = base(view.OutOfService)
	v.Home = nil
	v.Banner = &view.Banner{Kind: view.BannerOffline, Text: w("现在连不上办理中心，只能回答，不能下单。紧急求助照常可用。", "The booking office cannot be reached. I can answer, but not book. Emergency calls still work.")}
	v.Title = w("对不起，暂时不能办事", "Sorry, not in service right now")
	v.Body = []string{w("红色的紧急求助键仍然可以用。", "The red SOS key still works."), w("最近的另一个老友亭：人民路 300 号。", "The nearest other booth: 300 Renmin Road.")}
	out["SY-out"] = v

	v = base(view.Maintenance)
	v.Visit, v.Home, v.Footer = "", nil, v.Footer[:1]
	v.Title, v.Subtitle = w("新亭待入网", "A new booth"), "A new booth"
	v.Body = []string{w("请管理员扫码，或在管理后台的“入网”页输入入网码。", "Operator: scan the code, or type it on the fleet's claim page.")}
	v.Slip = &view.Slip{Title: w("入网码", "Claim code"), Code: "K7QM3XRP", QR: "https://fleet.example/fleet/claim?code=K7QM3XRP"}
	v.Choices = []view.Action{act("start", "点这里开始", "Touch to start", "handset", "", view.Secondary)}
	out["SZ-claim"] = v
	return out
}
