package dialogue

import (
	"slices"
	"strings"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
)

// A free call is a number, its read-back and a yes. The booth itself places it: Reply.Dial.

// calling answers the wish to call somebody, and a number where one is waited for or nothing else is under way.
func (b *Bot) calling(s State, u nlu.Understanding) (State, agents.Reply, bool) {
	act, number := u.Act(nlu.SlotPhone, nlu.Inform, nlu.Change)
	open := !s.busy() || s.doing(tasks.Call)
	wish := u.Intent == nlu.Call && (open || number || len(u.Acts) == 0)
	if !wish && !(number && open) {
		return s, agents.Reply{}, false
	}
	if !s.doing(tasks.Call) {
		s = b.begin(s, tasks.Call)
	}
	if s.Stage == StageConfirm && u.Signals.Has(nlu.Yes) && (!number || act.Value.ID == s.Slots.Phone) {
		return answered(b.yes(s)) // "yes, call 138 ..."
	}
	var why []string
	if number {
		s, why = b.fill(s, nlu.SlotPhone, act.Value)
	} else if _, ok := u.Act(nlu.SlotPlace, nlu.Inform, nlu.Change); ok {
		why = b.say(s, "phone.place", nil)
	}
	return answered(b.advance(s, why))
}

func (b *Bot) fillPhone(s State, v nlu.Value) (State, []string) {
	def, _ := b.d.Tasks.Flow(tasks.Call).Slot(nlu.SlotPhone)
	if len(v.ID) < def.Min || len(v.ID) > def.Max || strings.Trim(v.ID, "0123456789") != "" {
		args := tasks.Args{"min": itoa(def.Min), "max": itoa(def.Max)}
		return s.clear(nlu.SlotPhone), b.flowSay(s, tasks.Call, "phone.wrong", args)
	}
	s.Slots.Phone = v.ID
	return s, nil
}

// advanceCall asks for the number, then reads it back. For an emergency it leaves the digit field, where the emergency numbers would be
// digits like any other, for the home view, where they act at once.
func (b *Bot) advanceCall(s State, before []string) (State, agents.Reply) {
	switch {
	case urgentNumber(s.Slots.Phone):
		s, r := b.goHome(s, b.say(s, "emergency", nil))
		r.Facts.Intent = string(nlu.Emergency)
		return s, r
	case s.Slots.Phone == "":
		return b.askFor(s, nlu.SlotPhone, before)
	}
	s.Stage = StageConfirm
	return b.prompt(s, before)
}

// emergency says what helps at once. In a digit field 110 would be three digits like any other, so the field closes.
func (b *Bot) emergency(s State) (State, agents.Reply) {
	say := b.say(s, "emergency", nil)
	if b.ask(s).Kind != agents.AskDigits {
		return b.prompt(s, say)
	}
	s, r := b.reply(s, say)
	r.Ask = agents.Ask{Kind: agents.AskOpen}
	s.Reply.Say = b.question(s) // "say it again" opens the field again
	return s, r
}

// wantsUrgentCall hears "call 110" outside the task of calling.
func wantsUrgentCall(s State, u nlu.Understanding) bool {
	act, ok := u.Act(nlu.SlotPhone, nlu.Inform, nlu.Change)
	return ok && u.Intent == nlu.Call && urgentNumber(act.Value.ID) && !s.doing(tasks.Call)
}

// urgentNumber knows the emergency numbers of the city, and those that a visitor dials out of habit.
func urgentNumber(n string) bool {
	return slices.Contains(strings.Fields("110 119 120 122 112 911 999"), n)
}

// dial wishes for the call. It is reached from a yes to the card with this number only.
func (b *Bot) dial(s State) (State, agents.Reply) {
	s.Key, s.KeyFor, s.Stage = "", Slots{}, StageAfter
	s, r := b.reply(s, b.say(s, "dial", nil))
	r.Dial = s.Slots.Phone
	r.Facts.Intent = "dial"
	s.Reply.Say = b.question(s) // what is asked when the call is over
	return s, r
}
