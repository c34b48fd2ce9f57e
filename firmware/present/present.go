// Package present is pure: it turns the state of a visit, or of an emergency, into the View that the citizen sees and the menu that they
// hear. It owns the firmware's own words in every language; what the bot says comes from the bot. It may import agents and ui/view.
package present

import (
	"strconv"
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/ui/view"
)

// Fallback is the language of a booth whose citizen's language is not known yet.
const Fallback = agents.LangZh

// Ids of actions that the firmware itself understands; all others go to the bot.
const (
	ActionStart  = "start"  // wake the booth by touch
	ActionTalk   = "talk"   // the microphone: I am about to speak
	ActionText   = "text"   // next text size and contrast
	ActionSound  = "sound"  // next loudness
	ActionLang   = "lang"   // show the languages
	ActionSOS    = "sos"    // prefix of all that belongs to the emergency
	ActionDigit  = "digit." // prefix of the pad's keys
	ActionCall   = "call."  // prefix of all that belongs to a call: call.end call.callback call.bot call.answer
	OperatorSOS  = "SOS"    // the booth's own operator
	captionsKept = 8
)

// Booth is what the screen says of the booth itself.
type Booth struct {
	ID    string
	Names map[string]string // by language: where it stands, short
	Full  map[string]string // by language: address for an emergency
}

// Location is the address in this language, or in the fallback's.
func (b Booth) Location(lang string) string { return pick(b.Full, lang) }

func pick(by map[string]string, lang string) string {
	if s, ok := by[lang]; ok {
		return s
	}
	return by[string(Fallback)]
}

// Overlay is a sheet over the visit.
type Overlay int

// Overlays.
const (
	OverlayNone Overlay = iota
	OverlayLanguage
)

// State is everything that a view of the visit is made of.
type State struct {
	Visit    string // ULID, "" at rest
	Lang     agents.Lang
	Booth    Booth
	Rest     Rest // what the start screen says beside its invitation
	Now      time.Time
	Style    view.Style
	Volume   int
	Overlay  Overlay
	AtHome   bool // nothing asked for yet
	Turns    []view.Caption
	Reply    agents.Reply // the question at hand
	Activity view.Activity
	Digits   string
	IdleLeft int // seconds until the visit ends by itself; 0 when not near
	Offline  bool
	Call     *CallState // nil without one
}

// View draws a state.
func (p *Presenter) View(s State) view.View {
	v := p.frame(s.lang(), s.Booth, s.Now)
	v.Visit, v.Style, v.Volume = s.Visit, s.Style, s.Volume
	v.Banner = p.banner(s)
	if s.Visit == "" && !s.Call.covers() {
		return p.rest(p.attract(v), s.Rest)
	}
	v.Footer = p.footer(s)
	switch v.Screen = s.screen(); v.Screen {
	case view.Home:
		p.home(&v, s)
	case view.Language:
		p.languages(&v, s)
	case view.Waiting, view.Call:
		p.call(&v, s)
	default:
		p.conversation(&v, s)
	}
	return v
}

func (s State) lang() agents.Lang {
	if s.Lang == agents.LangUnknown {
		return Fallback
	}
	return s.Lang
}

func (s State) screen() view.Screen {
	ask := s.Reply.Ask
	switch {
	case s.Overlay == OverlayLanguage:
		return view.Language
	case s.Call.covers():
		return s.Call.screen()
	case s.AtHome:
		return view.Home
	case s.Reply.Ticket != nil:
		return view.Ticket
	case ask.Kind == agents.AskConfirm:
		return view.Confirm
	case ask.Kind == agents.AskDigits:
		return view.Form
	}
	return view.Conversation
}

func (p *Presenter) frame(lang agents.Lang, b Booth, now time.Time) view.View {
	return view.View{V: 1, Lang: string(lang), Clock: now.Format("15:04"), Place: pick(b.Names, string(lang))}
}

func (p *Presenter) banner(s State) *view.Banner {
	switch {
	case s.IdleLeft > 0:
		return &view.Banner{Kind: view.BannerIdle, Text: p.Word(s.lang(), "banner.idle", "seconds", strconv.Itoa(s.IdleLeft))}
	case s.Call != nil && !s.Call.covers():
		return &view.Banner{Kind: view.BannerWaiting, Text: p.Waiting(s.lang(), s.Call)}
	case s.Offline:
		return &view.Banner{Kind: view.BannerOffline, Text: p.Word(s.lang(), "banner.offline")}
	}
	return nil
}

func (p *Presenter) attract(v view.View) view.View {
	lang := agents.Lang(v.Lang)
	v.Screen = view.Attract
	v.Title, v.Subtitle = p.Word(lang, "attract.title"), p.Word(lang, "attract.sub")
	v.Hellos = []string{"您好", "Hello", "こんにちは", "안녕하세요", "Bonjour", "Hallo", "¡Hola!", "Здравствуйте", "مرحبا"}
	v.Choices = []view.Action{{ID: ActionStart, Label: p.Word(lang, "attract.start"), Icon: "handset", Emphasis: view.Primary}}
	v.Footer = []view.Action{p.sos(lang)}
	return v
}

func (p *Presenter) sos(lang agents.Lang) view.Action {
	return view.Action{ID: ActionSOS, Label: p.Word(lang, "footer.sos"), Sub: p.Word(lang, "footer.sos.sub"), Icon: "siren", Emphasis: view.Danger}
}

func (p *Presenter) footer(s State) []view.Action {
	l := s.lang()
	out := []view.Action{
		p.sos(l),
		{ID: ActionText, Label: p.Word(l, "footer.text"), Icon: "text", Emphasis: view.Quiet, On: s.Style.Large},
		{ID: ActionSound, Label: p.Word(l, "footer.sound"), Icon: "sound", Emphasis: view.Quiet},
		{ID: ActionLang, Label: p.Word(l, "footer.lang"), Icon: "language", Emphasis: view.Quiet, On: s.Overlay == OverlayLanguage},
	}
	if s.screen() == view.Home {
		return out // a person has a tile there
	}
	return append(out, view.Action{ID: agents.ChoicePerson, Label: p.Word(l, "footer.person"), Icon: "person", Key: "0", Emphasis: view.Human})
}

func (p *Presenter) homeKey(l agents.Lang) *view.Action {
	return &view.Action{ID: agents.ChoiceHome, Label: p.Word(l, "home"), Icon: "home", Emphasis: view.Quiet}
}

// home shows the tiles. While the language is unknown the keys choose it; afterwards they choose a tile.
func (p *Presenter) home(v *view.View, s State) {
	l := s.lang()
	v.Title, v.Subtitle = p.Word(l, "hello.title"), p.Word(l, "hello.sub")
	v.Tiles = p.tiles(l)
	v.Strip = p.strip(s)
	v.Captions = s.Turns[max(0, len(s.Turns)-1):]
	v.Choices = []view.Action{{ID: ActionTalk, Label: p.Word(l, "home.talk"), Sub: p.Word(l, "home.talk.hint"), Icon: "mic", Emphasis: view.Primary}}
	if s.Lang == agents.LangUnknown {
		v.Choices = append(v.Choices,
			view.Action{ID: agents.ChoiceLangPrefix + "zh", Label: p.Word(l, "lang.zh"), Key: "1", Emphasis: view.Secondary},
			view.Action{ID: agents.ChoiceLangPrefix + "en", Label: p.Word(l, "lang.en"), Key: "2", Emphasis: view.Secondary})
		return
	}
	v.Tiles, v.Choices = keyed(v.Tiles, append(v.Choices, beyondTiles(s.Reply.Ask)...))
}

// beyondTiles are the answers that the bot offers at home and that have no tile.
func beyondTiles(ask agents.Ask) []view.Action {
	var out []view.Action
	for _, a := range choices(ask) {
		if a.ID != agents.ChoiceTaskPrefix+"attraction" {
			out = append(out, a)
		}
	}
	return out
}

// keyed numbers the tiles and then the choices in screen order; the microphone is for the finger only.
func keyed(tiles, choices []view.Action) (t, c []view.Action) {
	n := 0
	for _, list := range [][]view.Action{tiles, choices} {
		for i := range list {
			if list[i].ID != ActionTalk {
				n++
				list[i].Key = strconv.Itoa(n)
			}
		}
	}
	return tiles, choices
}

// tiles are the six things that people come for, each with its name in the other language below.
func (p *Presenter) tiles(l agents.Lang) []view.Action {
	other := agents.LangEn
	if l == agents.LangEn {
		other = agents.LangZh
	}
	tile := func(name, icon string, soon bool) view.Action {
		return view.Action{
			ID: agents.ChoiceTaskPrefix + name, Label: p.Word(l, "tile."+name), Sub: p.Word(other, "tile."+name),
			Icon: icon, Emphasis: view.Secondary, Soon: soon,
		}
	}
	person := tile("person", "headset", false)
	person.ID, person.Emphasis, person.Icon = agents.ChoicePerson, view.Human, "person"
	return []view.Action{
		tile("attraction", "ticket", false), tile("hospital", "doctor", false), tile("directions", "map", true),
		tile("call", "phone", false), tile("city", "city", true), person,
	}
}

func (p *Presenter) languages(v *view.View, s State) {
	l := s.lang()
	v.Title, v.Subtitle = p.Word(l, "choose.title"), p.Word(l, "choose.sub")
	for i, code := range []string{"zh", "en"} {
		v.Tiles = append(v.Tiles, view.Action{
			ID: agents.ChoiceLangPrefix + code, Label: p.Word(l, "lang."+code),
			Key: strconv.Itoa(i + 1), Emphasis: view.Secondary, On: string(s.Lang) == code,
		})
	}
	v.Home = p.homeKey(l)
}

// conversation draws S3, S4, S5 and S8, which differ only in what they make large.
func (p *Presenter) conversation(v *view.View, s State) {
	l := s.lang()
	v.Home = p.homeKey(l)
	v.Strip = p.strip(s)
	v.Captions = s.Turns[max(0, len(s.Turns)-captionsKept):]
	v.Card = card(s.Reply.Card)
	v.Choices = choices(s.Reply.Ask)
	if s.Reply.Ask.Slot != "" && v.Screen != view.Confirm {
		v.Choices = append(v.Choices, view.Action{ID: agents.ChoiceBack, Label: p.Word(l, "back"), Icon: "back", Emphasis: view.Quiet})
	}
	switch v.Screen {
	case view.Ticket:
		v.Title, v.Subtitle = p.Word(l, "ticket.title"), p.Word(l, "ticket.sub")
		v.Slip, v.Card = slip(s.Reply.Ticket), nil
	case view.Confirm:
		v.Title, v.Focus = p.Word(l, "confirm.title"), agents.ChoiceYes
	case view.Form:
		v.Title = s.Reply.Ask.Label
		v.Pad = &view.Pad{Label: s.Reply.Ask.Label, Value: s.Digits, Min: s.Reply.Ask.MinDigits, Max: s.Reply.Ask.MaxDigits}
		v.Focus = ActionDigit + "ok"
	default:
		v.Title = s.Reply.Ask.Label
	}
}

func card(c *agents.Card) *view.Card {
	if c == nil {
		return nil
	}
	return &view.Card{Title: c.Title, Rows: rows(c.Rows), Note: c.Note}
}

func slip(t *agents.Ticket) *view.Slip {
	return &view.Slip{Title: t.Title, Number: t.Number, Code: t.Code, Rows: rows(t.Rows), Note: t.Note, QR: t.QR}
}

func rows(in []agents.Row) []view.Row {
	out := make([]view.Row, len(in))
	for i, r := range in {
		out[i] = view.Row(r)
	}
	return out
}

// choices numbers the answers on offer in screen order. Where a number is typed they have no key: a digit is a digit.
func choices(ask agents.Ask) []view.Action {
	var out []view.Action
	for i, c := range ask.Choices {
		a := view.Action{ID: c.ID, Label: c.Label, Sub: c.Sub, Icon: choiceIcon(c.ID), Emphasis: view.Secondary}
		if strings.HasPrefix(c.ID, ActionSOS) {
			a.Icon, a.Emphasis = "siren", view.Danger
		}
		if ask.Kind != agents.AskDigits {
			a.Key = strconv.Itoa(i + 1)
		}
		if c.ID == agents.ChoiceYes {
			a.Emphasis = view.Primary
		}
		out = append(out, a)
	}
	return out
}

// choiceIcon gives the answers that mean the same everywhere their picture.
func choiceIcon(choiceID string) string {
	switch choiceID {
	case agents.ChoiceYes:
		return "check"
	case agents.ChoiceNo:
		return "cross"
	case agents.ChoiceMore:
		return "more"
	case agents.ChoiceBack:
		return "back"
	case agents.ChoicePerson:
		return "person"
	case agents.ChoiceHome:
		return "home"
	case agents.ChoiceValue + "morning":
		return "morning"
	case agents.ChoiceValue + "afternoon":
		return "afternoon"
	}
	if strings.HasPrefix(choiceID, agents.ChoiceValue+"20") {
		return "calendar"
	}
	return ""
}

func (p *Presenter) strip(s State) *view.Strip {
	l := s.lang()
	strip := &view.Strip{Activity: s.Activity, Label: p.Word(l, "strip."+string(s.Activity))}
	switch s.Activity {
	case view.Listening:
		strip.Hint = p.Word(l, "strip.listening.hint")
	case view.Speaking:
		strip.Hint = p.Word(l, "strip.speaking.hint")
	case view.Idle, view.Thinking:
	}
	return strip
}

// Menu says the answers on offer, for whoever uses the keypad: the option first, then its key.
func (p *Presenter) Menu(l agents.Lang, ask agents.Ask) []string {
	switch ask.Kind {
	case agents.AskDigits:
		return []string{p.Word(l, "menu.digits")}
	case agents.AskConfirm:
		return []string{p.Word(l, "menu.confirm")}
	case agents.AskChoice, agents.AskOpen, agents.AskNothing:
	}
	var out []string
	for _, a := range choices(ask) {
		out = append(out, p.Word(l, "menu.key", "label", a.Label, "key", a.Key))
	}
	return out
}

// HomeMenu says what the home view offers, with the keys.
func (p *Presenter) HomeMenu(l agents.Lang, ask agents.Ask) []string {
	var out []string
	tiles, others := keyed(p.tiles(l), beyondTiles(ask))
	for _, a := range append(tiles, others...) {
		if !a.Soon {
			out = append(out, p.Word(l, "menu.key", "label", a.Label, "key", a.Key))
		}
	}
	return out
}
