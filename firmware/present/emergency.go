package present

import (
	"strconv"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/ui/view"
)

// EmergencyState is everything that the emergency's view is made of.
type EmergencyState struct {
	Visit    view.View // what the visit shows below: its language and style are kept
	Menu     bool      // numbers only, no call yet
	Line     view.LineState
	Number   string
	Seconds  int
	Captions []view.Caption
	Booth    Booth
	Lab      bool
	Now      time.Time
}

// Emergency draws an emergency.
func (p *Presenter) Emergency(s EmergencyState) view.View {
	l := agents.Lang(s.Visit.Lang)
	if _, ok := p.words[l]; !ok {
		l = Fallback
	}
	v := p.frame(l, s.Booth, s.Now)
	v.Screen, v.Visit, v.Style, v.Volume = view.SOS, s.Visit.Visit, s.Visit.Style, s.Visit.Volume
	v.Title = p.Word(l, "sos.title")
	v.Body = []string{p.Word(l, "sos.here")}
	v.Captions = s.Captions
	if s.Lab {
		v.Banner = &view.Banner{Kind: view.BannerTest, Text: p.Word(l, "banner.test")}
	}
	v.Line = &view.Line{
		State: s.Line, Who: p.who(l, s.Number), Label: p.lineLabel(l, s), Seconds: s.Seconds,
		Location: s.Booth.Location(string(l)), Test: s.Lab,
	}
	v.Choices = p.emergencyChoices(l, s)
	return v
}

func (p *Presenter) who(l agents.Lang, number string) string {
	if number == OperatorSOS || number == "" {
		return p.Word(l, "sos.operator")
	}
	return p.Word(l, "sos."+number)
}

func (p *Presenter) lineLabel(l agents.Lang, s EmergencyState) string {
	if s.Menu {
		return p.Word(l, "sos.menu")
	}
	return p.Word(l, "sos."+string(s.Line), "seconds", strconv.Itoa(s.Seconds))
}

func (p *Presenter) emergencyChoices(l agents.Lang, s EmergencyState) []view.Action {
	cancel := view.Action{ID: ActionSOS + ".cancel", Label: p.Word(l, "sos.cancel"), Icon: "cancel", Key: "*", Emphasis: view.Secondary}
	if s.Line == view.LineRinging || s.Line == view.LineAnswered {
		cancel.Label = p.Word(l, "sos.hangup")
		return []view.Action{cancel}
	}
	if s.Line == view.LineEnded {
		cancel.Label, cancel.Icon = p.Word(l, "sos.return"), "back"
		return []view.Action{cancel}
	}
	out := []view.Action{{ID: ActionSOS + ".now", Label: p.Word(l, "sos.now"), Sub: p.Word(l, "sos.operator"), Icon: "siren", Emphasis: view.Danger}}
	for _, number := range []string{"110", "119", "120"} {
		out = append(out, view.Action{ID: ActionSOS + "." + number, Label: p.Word(l, "sos."+number), Icon: "phone", Emphasis: view.Secondary})
	}
	return append(out, cancel)
}
