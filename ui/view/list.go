package view

import "strconv"

// Actions lists everything on offer, in reading order.
func (v View) Actions() []Action {
	var out []Action
	out = append(out, v.Tiles...)
	out = append(out, v.Choices...)
	if v.Pad != nil {
		out = append(out, PadActions()...)
	}
	if v.Home != nil {
		out = append(out, *v.Home)
	}
	return append(out, v.Footer...)
}

// Find returns the action with this id.
func (v View) Find(id string) (Action, bool) {
	for _, a := range v.Actions() {
		if a.ID == id {
			return a, true
		}
	}
	return Action{}, false
}

// PadActions are the keys of every Pad.
func PadActions() []Action {
	out := make([]Action, 0, 12)
	for d := range 10 {
		n := strconv.Itoa(d)
		out = append(out, Action{ID: "digit." + n, Label: n})
	}
	return append(out, Action{ID: "digit.back", Label: "⌫"}, Action{ID: "digit.ok", Label: "#"})
}

// Texts lists every word on screen, in reading order.
func (v View) Texts() []string {
	t := texts{}
	if v.Banner != nil {
		t.add(v.Banner.Text)
	}
	t.add(v.Clock, v.Place, v.Title, v.Subtitle)
	t.add(v.Hellos...)
	t.add(v.Body...)
	for _, c := range v.Captions {
		t.add(c.Text)
	}
	if v.Card != nil {
		t.add(v.Card.Title)
		t.rows(v.Card.Rows)
		t.add(v.Card.Note)
	}
	if v.Slip != nil {
		t.add(v.Slip.Title, v.Slip.Number, v.Slip.Code)
		t.rows(v.Slip.Rows)
		t.add(v.Slip.Note)
	}
	if v.Line != nil {
		t.add(v.Line.Who, v.Line.Label, v.Line.Location)
	}
	if v.Pad != nil {
		t.add(v.Pad.Label, v.Pad.Value)
	}
	if v.Strip != nil {
		t.add(v.Strip.Label, v.Strip.Hint)
	}
	for _, a := range v.Actions() {
		t.add(a.Label, a.Sub)
	}
	return t
}

type texts []string

func (t *texts) add(words ...string) {
	for _, w := range words {
		if w != "" {
			*t = append(*t, w)
		}
	}
}

func (t *texts) rows(rows []Row) {
	for _, r := range rows {
		t.add(r.Label, r.Value)
	}
}
