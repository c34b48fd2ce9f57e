package dialogue

import (
	"strconv"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Choices beyond the standing ones.
const (
	choiceRetry      = agents.ChoiceValue + "retry"
	choiceContinue   = agents.ChoiceValue + "continue"
	choiceHowto      = agents.ChoiceValue + "howto"
	choiceOtherDate  = agents.ChoiceValue + "other-date"
	choiceOtherPlace = agents.ChoiceValue + "other-place"
)

// perPage leaves the fourth key for "more".
const perPage = 3

// question is the sentence that goes with ask.
func (b *Bot) question(s State) []string {
	switch s.Offered {
	case "":
	case agents.HandoffMisses:
		return b.say(s, "person.offer", nil)
	case offeredUrgent:
		return b.flowSay(s, tasks.Hospital, "redflag", nil)
	default:
		return b.say(s, "person.task", nil)
	}
	switch s.Stage {
	case StageLang:
		return b.say(s, "welcome.both", nil)
	case StageHome:
		return b.say(s, "home", nil)
	case StageSlot:
		if t, ok := b.onlySession(s); ok {
			return b.say(s, "session.only", tasks.Args{"session": b.spokenSession(s, t.Session, t.From, t.To)})
		}
		if s.Task == tasks.Hospital {
			return b.askClinic(s)
		}
		return b.say(s, s.Asked+".ask", nil)
	case StageConfirm:
		return b.readBack(s)
	case StageChange:
		return b.say(s, "change.ask", nil)
	case StageFailed:
		return b.say(s, failure(s), nil)
	case StageAfter:
		return b.say(s, "done.ask", nil)
	case StageCheck, StageAct:
		return b.say(s, "wait", nil)
	}
	return nil
}

// readBack says the card and asks for the yes.
func (b *Bot) readBack(s State) []string {
	_, clinic := careOf(s.Found)
	switch {
	case s.Task == tasks.Hospital:
		return b.confirmClinic(s)
	case s.Task == tasks.Cancel && clinic:
		return b.flowSay(s, tasks.Hospital, "cancel.ask", b.cardArgs(s))
	}
	return b.say(s, "confirm.ask", b.cardArgs(s))
}

// failure is the text for the call that failed: what may have been done must never be called undone.
func failure(s State) string {
	if s.Doubt.Key != "" && s.Doubt.Key == s.Pending.Key {
		return "uncertain"
	}
	return "unavailable"
}

// onlySession finds the single session that still has tickets when the session is asked for.
func (b *Bot) onlySession(s State) (tool.SessionTimes, bool) {
	if s.Stage != StageSlot || s.Asked != nlu.SlotSession || !s.fresh() {
		return tool.SessionTimes{}, false
	}
	var open []tool.SessionTimes
	for _, t := range s.Times.Sessions {
		if t.Left > 0 {
			open = append(open, t)
		}
	}
	if len(open) != 1 {
		return tool.SessionTimes{}, false
	}
	return open[0], true
}

// cardArgs are the spoken values of the card.
func (b *Bot) cardArgs(s State) tasks.Args {
	if s.Task == tasks.Call {
		return tasks.Args{"phone": spokenPhone(tongue(s), s.Slots.Phone)}
	}
	return b.bookingArgs(s, b.onCard(s))
}

// onCard is the booking under discussion.
func (b *Bot) onCard(s State) tool.Booking {
	if s.Task == tasks.Cancel {
		return s.Found
	}
	return b.draft(s)
}

// ask is the question of a state as data. It depends on nothing but the state, the clock and the pack.
func (b *Bot) ask(s State) agents.Ask {
	if s.Offered == offeredUrgent {
		choices := b.named(s, agents.ChoicePerson, "person", choiceContinue, "continue", agents.ChoiceHome, "home")
		ambulance := agents.Choice{ID: choiceAmbulance, Label: b.hospitalLabel(s, "ambulance", nil)}
		return agents.Ask{Kind: agents.AskChoice, Label: b.shared(s, "person", nil), Choices: append(choices, ambulance)}
	}
	if s.Offered != "" {
		return agents.Ask{Kind: agents.AskChoice, Label: b.shared(s, "person", nil), Choices: b.named(s,
			agents.ChoicePerson, "person", choiceContinue, "continue", agents.ChoiceHome, "home")}
	}
	switch s.Stage {
	case StageLang:
		return agents.Ask{Kind: agents.AskChoice, Slot: "lang", Label: b.shared(s, "lang", nil), Choices: b.named(s, "lang.zh", "lang.zh", "lang.en", "lang.en")}
	case StageHome:
		return agents.Ask{Kind: agents.AskOpen, Choices: b.named(s, "task.attraction", "attraction", "task.cancel", "cancel")}
	case StageSlot:
		return b.askSlot(s)
	case StageConfirm:
		return agents.Ask{Kind: agents.AskConfirm, Label: b.label(s, "confirm"), Choices: b.named(s, agents.ChoiceYes, "yes", agents.ChoiceNo, "no")}
	case StageChange:
		return agents.Ask{Kind: agents.AskChoice, Slot: "change", Label: b.label(s, "change"), Choices: b.slotChoices(s)}
	case StageFailed:
		return agents.Ask{Kind: agents.AskChoice, Label: b.shared(s, "failed", nil), Choices: b.named(s,
			choiceRetry, "retry", agents.ChoicePerson, "person", agents.ChoiceHome, "home")}
	case StageAfter:
		return b.askAfter(s)
	case StageCheck, StageAct:
	}
	return agents.Ask{Kind: agents.AskNothing}
}

func (b *Bot) askAfter(s State) agents.Ask {
	a := agents.Ask{Kind: agents.AskChoice, Label: b.label(s, "done")}
	switch s.Task {
	case tasks.Attraction:
		a.Choices = b.named(s, "task.attraction", "another", choiceHowto, "howto", agents.ChoiceNo, "done")
	case tasks.Hospital:
		a.Choices = b.named(s, "task.hospital", "more", choiceHowto, "howto", agents.ChoiceNo, "done")
		a.Choices[0].Label = b.hospitalLabel(s, "another", nil)
	case tasks.Call:
		a.Choices = b.named(s, "task.call", "another_call", "task.attraction", "attraction", agents.ChoiceNo, "done")
	default:
		a.Choices = b.named(s, "task.attraction", "attraction", agents.ChoiceNo, "done")
	}
	for i := range a.Choices { // the task has its own text of this name
		if a.Choices[i].ID == agents.ChoiceNo {
			a.Choices[i].Label = b.shared(s, "done", nil)
		}
	}
	return a
}

// named makes choices of pairs: id, key of the label.
func (b *Bot) named(s State, pairs ...string) []agents.Choice {
	var out []agents.Choice
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, agents.Choice{ID: pairs[i], Label: b.shared(s, pairs[i+1], nil)})
	}
	return out
}

func (b *Bot) slotChoices(s State) []agents.Choice {
	var out []agents.Choice
	for _, d := range b.d.Tasks.Flow(s.Task).Slots {
		out = append(out, agents.Choice{ID: agents.ChoiceValue + d.Name, Label: d.Label[tongue(s)]})
	}
	return page(out, s.Page, b.more(s))
}

func (b *Bot) askSlot(s State) agents.Ask {
	f := b.d.Tasks.Flow(s.Task)
	if f == nil {
		return agents.Ask{Kind: agents.AskOpen}
	}
	def, ok := f.Slot(s.Asked)
	if !ok {
		return agents.Ask{Kind: agents.AskOpen}
	}
	a := agents.Ask{Kind: agents.AskChoice, Slot: def.Name, Label: def.Label[tongue(s)]}
	if def.Ask == tasks.AskDigits {
		a.Kind, a.MinDigits, a.MaxDigits = agents.AskDigits, def.Min, def.Max
		return a
	}
	if s.Task == tasks.Hospital {
		a.Choices = b.clinicChoices(s)
		return a
	}
	switch def.Name {
	case nlu.SlotPlace:
		a.Choices = b.placeChoices(s)
	case nlu.SlotDate:
		a.Choices = b.dateChoices(s)
	case nlu.SlotSession:
		a.Choices = b.sessionChoices(s)
	}
	return a
}

// page cuts one page out of a long list; the last page leads back to the first.
func page(all []agents.Choice, n int, more agents.Choice) []agents.Choice {
	if len(all) <= perPage+1 {
		return all
	}
	pages := (len(all) + perPage - 1) / perPage
	from := (n % pages) * perPage
	out := append([]agents.Choice{}, all[from:min(from+perPage, len(all))]...)
	return append(out, more)
}

func (b *Bot) more(s State) agents.Choice {
	return agents.Choice{ID: agents.ChoiceMore, Label: b.shared(s, "more", nil)}
}

func (b *Bot) placeChoices(s State) []agents.Choice {
	var all []agents.Choice
	l := tongue(s)
	for _, p := range b.d.Pack.Attractions() {
		all = append(all, agents.Choice{ID: agents.ChoiceValue + p.ID, Label: p.Spoken(l), Sub: p.District.In(l)})
	}
	return page(all, s.Page, b.more(s))
}

// dateChoices offers the coming days on which the place is open.
func (b *Bot) dateChoices(s State) []agents.Choice {
	var all []agents.Choice
	now := b.now()
	place, known := b.d.Pack.Attraction(s.Slots.Place)
	for ahead := 0; ahead <= tool.MaxDaysAhead; ahead++ {
		day := now.AddDate(0, 0, ahead)
		date := day.Format(time.DateOnly)
		if known && !place.OpenOn(day.Weekday()) || ahead == 0 && known && now.Format("15:04") >= place.Sessions[len(place.Sessions)-1].To {
			continue
		}
		if date == s.Times.Date && s.Times.Place == s.Slots.Place && !anyLeft(s.Times) {
			continue
		}
		all = append(all, agents.Choice{ID: agents.ChoiceValue + date, Label: b.shownDate(tongue(s), date)})
	}
	return page(all, s.Page, b.more(s))
}

func anyLeft(t tool.TimesResult) bool {
	for _, x := range t.Sessions {
		if x.Left > 0 {
			return true
		}
	}
	return false
}

func (b *Bot) sessionChoices(s State) []agents.Choice {
	out := b.sessionsLeft(s)
	return append(out, b.named(s, choiceOtherDate, "other_date", choiceOtherPlace, "other_place")...)
}

// sessionsLeft offers what the day still has; both halves while nobody has looked.
func (b *Bot) sessionsLeft(s State) []agents.Choice {
	var out []agents.Choice
	for _, t := range s.Times.Sessions {
		if t.Left > 0 && len(out) < 2 && s.fresh() {
			out = append(out, agents.Choice{
				ID: agents.ChoiceValue + string(t.Session), Label: b.shownSession(s, t.Session, t.From, t.To),
				Sub: b.shared(s, "left", tasks.Args{"left": strconv.Itoa(t.Left)}),
			})
		}
	}
	if len(out) == 0 && !s.fresh() {
		out = b.named(s, agents.ChoiceValue+string(tool.Morning), "morning", agents.ChoiceValue+string(tool.Afternoon), "afternoon")
	}
	return out
}

// card shows what is understood so far.
func (b *Bot) card(s State) *agents.Card {
	if s.Task == "" || s.Stage == StageAfter {
		return nil
	}
	c := &agents.Card{Title: b.label(s, "progress"), Rows: b.cardRows(s)}
	if s.Stage == StageConfirm {
		c.Title = b.label(s, "card")
	}
	if len(c.Rows) == 0 {
		return nil
	}
	return c
}
