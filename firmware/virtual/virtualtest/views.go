package virtualtest

import "github.com/laoyou/laoyou/ui/view"

func footer() []view.Action {
	return []view.Action{
		{ID: "sos", Label: "紧急求助", Sub: "SOS · 110 119 120", Icon: "sos", Emphasis: view.Danger},
		{ID: "large", Label: "大字", Icon: "text", Emphasis: view.Quiet},
		{ID: "sound", Label: "声音", Icon: "sound", Emphasis: view.Quiet},
		{ID: "language", Label: "语言", Icon: "language", Emphasis: view.Quiet},
	}
}

func base(screen view.Screen, lang string) view.View {
	return view.View{V: 1, Screen: screen, Lang: lang, Clock: "09:41", Place: "愚园路 · 静安寺", Footer: footer()}
}

// Attract is S0.
func Attract() view.View {
	v := base(view.Attract, "zh")
	v.Title, v.Subtitle = "您好", "Lift the handset, or touch anywhere"
	v.Hellos = []string{"您好", "Hello", "こんにちは", "안녕하세요", "Bonjour", "Hola", "Привет", "مرحبا"}
	return v
}

// Home is S1.
func Home(lang string) view.View {
	v := base(view.Home, lang)
	v.Title, v.Subtitle = "您好，有什么能帮您？", "Hello! How can I help you?"
	v.Tiles = []view.Action{
		{ID: "task.attraction", Label: "景点门票", Sub: "Attractions", Icon: "ticket", Key: "1"},
		{ID: "task.doctor", Label: "看病挂号", Sub: "Doctor", Icon: "doctor", Key: "2", Soon: true},
		{ID: "person", Label: "找人工帮忙", Sub: "Talk to a person", Icon: "person", Key: "0", Emphasis: view.Human},
	}
	v.Strip = &view.Strip{Activity: view.Listening, Label: "请说，我在听"}
	v.Focus = "task.attraction"
	return v
}

// Talk is S5 with a booking to confirm.
func Talk(lang string) view.View {
	v := base(view.Confirm, lang)
	v.Title = map[string]string{"zh": "这样对吗？", "en": "Is this right?"}[lang]
	v.Card = &view.Card{Title: "豫园", Rows: []view.Row{{Label: "日期", Value: "明天上午"}, {Label: "票数", Value: "2"}}}
	v.Choices = []view.Action{
		{ID: "yes", Label: "对，订吧", Key: "1", Emphasis: view.Primary},
		{ID: "no", Label: "不对", Key: "2", Emphasis: view.Secondary},
	}
	v.Focus = "yes"
	return v
}

// Done is S8.
func Done(lang string) view.View {
	v := base(view.Ticket, lang)
	v.Title = "订好了"
	v.Slip = &view.Slip{
		Title: "豫园", Number: "SH20261121", Code: "4826", QR: "LAOYOU:SH20261121:4826",
		Rows: []view.Row{{Label: "日期", Value: "11月21日 上午"}},
	}
	return v
}
