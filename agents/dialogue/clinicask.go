package dialogue

import (
	"strconv"
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// hospitalLabel takes a label of the hospital's flow, whatever is under way.
func (b *Bot) hospitalLabel(s State, key string, args tasks.Args) string {
	return b.d.Tasks.Flow(tasks.Hospital).Label(key, tongue(s), args)
}

// askClinic is the sentence that goes with a slot of the hospital task.
func (b *Bot) askClinic(s State) []string {
	c, l := s.Slots.Care, tongue(s)
	switch {
	case s.Asked == nlu.SlotDept && s.Hint != "":
		return b.say(s, "dept.guide", tasks.Args{"dept": b.deptName(l, s.Hint)})
	case s.Asked == nlu.SlotDocument && c.Patient != "":
		return b.say(s, "document.other", tasks.Args{"who": b.hospitalLabel(s, "patient."+c.Patient, nil)})
	}
	if s.Asked == nlu.SlotHospital && c.Dept == "" {
		return b.say(s, "hospital.any", nil)
	}
	return b.say(s, s.Asked+".ask", tasks.Args{"dept": b.deptName(l, c.Dept)})
}

// confirmClinic reads everything back, the fee with it.
func (b *Bot) confirmClinic(s State) []string {
	say := b.say(s, "confirm.ask", b.cardArgs(s))
	if who := s.Slots.Care.Patient; who != "" {
		say = join(say, b.say(s, "confirm.other", tasks.Args{"who": b.hospitalLabel(s, "patient."+who, nil)}))
	}
	if level, ok := b.d.Pack.Level(s.Slots.Care.Level); ok {
		key := "fee"
		if level.Fee.Unverified {
			key = "fee.unverified"
		}
		say = join(say, b.say(s, key, tasks.Args{"yuan": strconv.Itoa(level.Fee.Yuan)}))
	}
	return join(say, b.say(s, "confirm.right", nil))
}

func value(id string) string { return agents.ChoiceValue + id }

// clinicChoices are the answers on offer for a slot of the hospital task.
func (b *Bot) clinicChoices(s State) []agents.Choice {
	switch s.Asked {
	case nlu.SlotDept:
		return page(b.deptChoices(s), s.Page, b.more(s))
	case nlu.SlotHospital:
		var all []agents.Choice
		for _, h := range b.d.Pack.Hospitals(s.Slots.Care.Dept) {
			all = append(all, agents.Choice{ID: value(h.ID), Label: h.Spoken(tongue(s)), Sub: h.District.In(tongue(s))})
		}
		return page(all, s.Page, b.more(s))
	case nlu.SlotLevel:
		var all []agents.Choice
		for _, l := range b.d.Pack.Levels() {
			all = append(all, agents.Choice{ID: value(string(l.ID)), Label: l.Name.In(tongue(s)), Sub: b.feeShown(s, l.Fee.Yuan, !l.Fee.Unverified)})
		}
		return all
	case nlu.SlotDate:
		return b.clinicDays(s)
	case nlu.SlotSession:
		out := b.sessionsLeft(s)
		out = append(out, b.named(s, choiceOtherDate, "other_date")...)
		return append(out, agents.Choice{ID: choiceOtherPlace, Label: b.hospitalLabel(s, "other_hospital", nil)})
	case nlu.SlotDocument:
		var all []agents.Choice
		for _, d := range tool.Documents() {
			all = append(all, agents.Choice{ID: value(string(d)), Label: b.hospitalLabel(s, "document."+string(d), nil)})
		}
		return all
	}
	return nil
}

// deptChoices offers the department that was guessed first, then what the hospital has.
func (b *Bot) deptChoices(s State) []agents.Choice {
	var first, all []agents.Choice
	h, known := b.d.Pack.Hospital(s.Slots.Care.Hospital)
	for _, d := range b.d.Pack.Departments() {
		c := agents.Choice{ID: value(d.ID), Label: d.Name.In(tongue(s))}
		switch {
		case d.ID == s.Hint:
			first = append(first, c)
		case known && !h.Has(d.ID), len(b.d.Pack.Hospitals(d.ID)) == 0:
		default:
			all = append(all, c)
		}
	}
	return append(first, all...)
}

// clinicDays offers the coming days on which the clinic is held. After a full day another hospital is offered beside them.
func (b *Bot) clinicDays(s State) []agents.Choice {
	var all []agents.Choice
	now := b.now()
	level, known := b.d.Pack.Level(s.Slots.Care.Level)
	stale := s.Times.Place != "" && s.Times.Place == s.place() && !anyLeft(s.Times)
	for ahead := 0; ahead <= tool.MaxDaysAhead; ahead++ {
		day := now.AddDate(0, 0, ahead)
		date := day.Format(time.DateOnly)
		if known && (!level.OpenOn(day.Weekday()) || ahead == 0 && now.Format("15:04") >= lastHour(level)) || stale && date == s.Times.Date {
			continue
		}
		all = append(all, agents.Choice{ID: value(date), Label: b.shownDate(tongue(s), date)})
	}
	if stale {
		from := min(2*s.Page, len(all)-2)
		return append(all[from:from+2:from+2], agents.Choice{ID: choiceOtherPlace, Label: b.hospitalLabel(s, "other_hospital", nil)}, b.more(s))
	}
	return page(all, s.Page, b.more(s))
}

func lastHour(l city.Level) string { return l.Sessions[len(l.Sessions)-1].To }

func (b *Bot) deptName(l agents.Lang, id string) string {
	d, ok := b.d.Pack.Department(id)
	if !ok {
		return ""
	}
	return d.Name.In(l)
}

// clinicName is 第六人民医院骨科 or "Orthopedics, Sixth People's Hospital".
func (b *Bot) clinicName(l agents.Lang, c Care) string {
	h, ok := b.d.Pack.Hospital(c.Hospital)
	if !ok {
		return ""
	}
	if l == agents.LangEn {
		return b.deptName(l, c.Dept) + ", " + h.Spoken(l)
	}
	return h.Spoken(l) + b.deptName(l, c.Dept)
}

// document is how a document is told (spoken) or shown: its kind and the last four characters, masked.
func (b *Bot) document(s State, d tool.Document, tail string, spoken bool) string {
	name := b.hospitalLabel(s, "document."+string(d), nil)
	switch {
	case tail == "":
		return name
	case spoken:
		if tongue(s) == agents.LangEn {
			name = strings.ToLower(name[:1]) + name[1:]
			name = strings.Replace(name, "iD", "ID", 1)
		}
		return b.hospitalLabel(s, "document.tail", tasks.Args{"document": name, "tail": digitByDigit(tongue(s), tail)})
	}
	return name + " **** " + tail
}

func (b *Bot) feeShown(s State, yuan int, verified bool) string {
	key := "fee.unverified"
	if verified {
		key = "fee.value"
	}
	return b.hospitalLabel(s, key, tasks.Args{"yuan": strconv.Itoa(yuan)})
}
