package present_test

import (
	"slices"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/ui/view"
)

func presenter(t *testing.T) *present.Presenter {
	t.Helper()
	p, err := present.New() // fails when a language lacks a key
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var booth = present.Booth{ID: "b1", Names: map[string]string{"zh": "福佑路口", "en": "Fuyou Road"}, Full: map[string]string{"zh": "福佑路168号", "en": "168 Fuyou Road"}}

func TestScreens(t *testing.T) {
	p := presenter(t)
	visit := present.State{Visit: "01", Lang: agents.LangZh, Booth: booth, Now: time.Date(2026, 11, 20, 9, 41, 0, 0, time.UTC), Activity: view.Listening}
	with := func(change func(*present.State)) present.State { s := visit; change(&s); return s }
	for name, c := range map[string]struct {
		state present.State
		want  view.Screen
	}{
		"rest":     {present.State{Booth: booth}, view.Attract},
		"home":     {with(func(s *present.State) { s.AtHome = true }), view.Home},
		"language": {with(func(s *present.State) { s.AtHome, s.Overlay = true, present.OverlayLanguage }), view.Language},
		"talk":     {visit, view.Conversation},
		"digits":   {with(func(s *present.State) { s.Reply.Ask = agents.Ask{Kind: agents.AskDigits, MinDigits: 4, MaxDigits: 4} }), view.Form},
		"confirm": {with(func(s *present.State) {
			s.Reply.Ask = agents.Ask{Kind: agents.AskConfirm}
			s.Reply.Card = &agents.Card{}
		}), view.Confirm},
		"ticket": {with(func(s *present.State) { s.Reply.Ticket = &agents.Ticket{Number: "12345678"} }), view.Ticket},
	} {
		t.Run(name, func(t *testing.T) {
			v := p.View(c.state)
			if v.Screen != c.want {
				t.Errorf("screen %s, want %s", v.Screen, c.want)
			}
			ids := map[string]bool{}
			for _, a := range v.Actions() {
				if a.ID == "" || a.Label == "" || ids[a.ID] {
					t.Errorf("action %+v is nameless or there twice", a)
				}
				ids[a.ID] = true
			}
			if !ids[present.ActionSOS] {
				t.Error("no SOS on this screen")
			}
		})
	}
}

func TestKeysFollowTheScreen(t *testing.T) {
	p := presenter(t)
	ask := agents.Ask{Kind: agents.AskChoice, Choices: []agents.Choice{{ID: "v.morning", Label: "上午"}, {ID: "v.afternoon", Label: "下午"}}}
	v := p.View(present.State{Visit: "01", Lang: agents.LangZh, Booth: booth, Reply: agents.Reply{Ask: ask}})
	if a, _ := v.Find("v.afternoon"); a.Key != "2" {
		t.Errorf("second choice has key %q", a.Key)
	}
	want := []string{"上午，请按1。", "下午，请按2。"}
	if got := p.Menu(agents.LangZh, ask); !slices.Equal(got, want) {
		t.Errorf("menu %q, want %q", got, want)
	}
	ask.Kind = agents.AskDigits
	v = p.View(present.State{Visit: "01", Lang: agents.LangZh, Booth: booth, Reply: agents.Reply{Ask: ask}})
	if a, _ := v.Find("v.afternoon"); a.Key != "" {
		t.Error("in a digit field a digit is a digit, yet a choice has a key")
	}
}

func TestUnknownLanguageOffersBoth(t *testing.T) {
	v := presenter(t).View(present.State{Visit: "01", AtHome: true, Booth: booth})
	for id, key := range map[string]string{"lang.zh": "1", "lang.en": "2"} {
		if a, ok := v.Find(id); !ok || a.Key != key {
			t.Errorf("%s has key %q", id, a.Key)
		}
	}
	if a, _ := v.Find("task.attraction"); a.Key != "" {
		t.Error("a tile takes a key from the languages")
	}
}

func TestEmergencySaysTestAndPlace(t *testing.T) {
	p := presenter(t)
	v := p.Emergency(present.EmergencyState{Visit: view.View{Lang: "en"}, Line: view.LineRinging, Number: "110", Booth: booth, Lab: true})
	if v.Banner == nil || v.Banner.Kind != view.BannerTest || v.Line.Location != "168 Fuyou Road" || v.Line.Who != "110 Police" {
		t.Errorf("%+v %+v", v.Banner, v.Line)
	}
	if _, ok := v.Find("sos.cancel"); !ok {
		t.Error("it cannot be cancelled")
	}
}

func TestCaptionsReadDigitsTogether(t *testing.T) {
	for said, want := range map[string]string{
		"号码 3 6 3 6，9 8 4 7。":   "号码 3636，9847。",
		"The code is 0 1 2 3.":  "The code is 0123.",
		"2 tickets, 3 children": "2 tickets, 3 children",
	} {
		if got := present.Caption(said); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestHomeOffersWhatHasNoTile(t *testing.T) {
	p := presenter(t)
	ask := agents.Ask{Kind: agents.AskOpen, Choices: []agents.Choice{{ID: "task.attraction", Label: "订票"}, {ID: "task.cancel", Label: "取消订票"}}}
	v := p.View(present.State{Visit: "01", Lang: agents.LangZh, AtHome: true, Booth: booth, Reply: agents.Reply{Ask: ask}})
	if a, ok := v.Find("task.cancel"); !ok || a.Key != "7" {
		t.Errorf("cancel: %+v", a)
	}
	want := []string{"景点门票，请按1。", "看病挂号，请按2。", "免费电话，请按4。", "找人工，请按6。", "取消订票，请按7。"}
	if got := p.HomeMenu(agents.LangZh, ask); !slices.Equal(got, want) {
		t.Errorf("menu %q, want %q", got, want)
	}
}

func TestRest(t *testing.T) {
	p := presenter(t)
	at := func(r present.Rest) view.View { return p.View(present.State{Booth: booth, Rest: r}) }
	claim := at(present.Rest{Claim: &present.Claim{Code: "K7QM3XRP", URL: "https://f/claim?code=K7QM3XRP"}})
	if claim.Screen != view.Maintenance || claim.Slip == nil || claim.Slip.Code != "K7QM3XRP" || len(claim.Footer) != 1 || len(claim.Choices) != 1 {
		t.Errorf("claim: %+v", claim)
	}
	if v := at(present.Rest{Claim: &present.Claim{Problem: true}}); v.Slip != nil || len(v.Body) != 2 {
		t.Errorf("claim without a code: %+v", v)
	}
	if v := at(present.Rest{OutOfOrder: true, Claim: &present.Claim{}}); v.Screen != view.OutOfService || len(v.Footer) != 1 {
		t.Errorf("out of order: %+v", v)
	}
	v := at(present.Rest{Notice: map[string]string{"zh": "雨", "en": "Rain"}, Message: map[string]string{"en": "Back at nine"}})
	if v.Screen != view.Attract || len(v.Body) != 2 || v.Banner == nil || v.Banner.Text != "Back at nine" || v.Banner.Kind != view.BannerNotice {
		t.Errorf("notice and message: %+v", v)
	}
}
