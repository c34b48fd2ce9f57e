package present

import (
	"strconv"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/ui/view"
)

// CallState is everything that a call adds to the view.
type CallState struct {
	Kind     string // person, free, callback
	Line     view.LineState
	Agent    string // the human's name, or the number called
	Position int    // in the queue, from 1; 0 when not known
	Wait     int    // seconds, an estimate; 0 when there is none
	Held     bool
	Nobody   bool // nobody can come now
	Away     bool // the citizen goes on with the bot meanwhile
}

// covers reports whether the call has the screen.
func (c *CallState) covers() bool { return c != nil && !c.Away }

func (c *CallState) screen() view.Screen {
	if c.Line == view.LineAnswered {
		return view.Call
	}
	return view.Waiting
}

// call draws S6 and S7.
func (p *Presenter) call(v *view.View, s State) {
	l, c := s.lang(), s.Call
	v.Title = p.Word(l, "call."+c.Kind)
	v.Line = &view.Line{State: c.Line, Who: c.Agent, Label: p.callLabel(l, c)}
	if v.Line.Who == "" {
		v.Line.Who = p.Word(l, "call.who")
	}
	if c.Line == view.LineAnswered {
		v.Captions = s.Turns[max(0, len(s.Turns)-captionsKept):]
		v.Strip = &view.Strip{Activity: view.Listening, Label: p.Word(l, "call.text"), Hint: p.Word(l, "call.text.hint")}
	}
	v.Choices = p.callChoices(l, c)
}

func (p *Presenter) callLabel(l agents.Lang, c *CallState) string {
	switch {
	case c.Nobody:
		return p.Word(l, "call.nobody")
	case c.Held:
		return p.Word(l, "call.held")
	case c.Line == view.LineAnswered:
		return p.Word(l, "call.answered")
	case c.Kind == "person":
		return p.Waiting(l, c)
	}
	return p.Word(l, "call."+c.Kind+".ringing")
}

// Waiting says the place in the queue as far as it is known.
func (p *Presenter) Waiting(l agents.Lang, c *CallState) string {
	switch {
	case c.Position > 1:
		return p.Word(l, "call.position", "n", strconv.Itoa(c.Position-1))
	case c.Position == 1:
		return p.Word(l, "call.next")
	}
	return p.Word(l, "call.looking")
}

func (p *Presenter) callChoices(l agents.Lang, c *CallState) []view.Action {
	action := func(name, icon string, e view.Emphasis) view.Action {
		return view.Action{ID: ActionCall + name, Label: p.Word(l, "call.do."+name), Icon: icon, Emphasis: e}
	}
	var out []view.Action
	switch {
	case c.Kind == "callback" && c.Line != view.LineAnswered:
		out = []view.Action{action("answer", "handset", view.Primary), action("end", "cancel", view.Secondary)}
	case c.Line == view.LineAnswered:
		return []view.Action{action("end", "cancel", view.Secondary)} // a key may be part of the talk
	case c.Kind == "person" && c.Nobody:
		out = []view.Action{action("callback", "phone", view.Primary), action("bot", "back", view.Secondary)}
	case c.Kind == "person":
		out = []view.Action{action("callback", "phone", view.Secondary), action("bot", "back", view.Secondary), action("end", "cancel", view.Secondary)}
	default:
		out = []view.Action{action("end", "cancel", view.Secondary)}
	}
	_, out = keyed(nil, out)
	return out
}

// CallMenu says what can be done while waiting, with the keys.
func (p *Presenter) CallMenu(l agents.Lang, c *CallState) []string {
	var out []string
	for _, a := range p.callChoices(l, c) {
		if a.Key != "" {
			out = append(out, p.Word(l, "menu.key", "label", a.Label, "key", a.Key))
		}
	}
	return out
}
