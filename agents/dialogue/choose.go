package dialogue

import (
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// choose answers a choice that was touched or dialled, on offer or standing.
func (b *Bot) choose(s State, id string) (State, agents.Reply) {
	s.Misses = 0
	switch id {
	case agents.ChoicePerson:
		return b.person(s)
	case agents.ChoiceRepeat:
		return b.repeat(s)
	case choiceContinue:
		s.Offered = ""
		return b.prompt(s, nil)
	case choiceAmbulance: // by key: the number itself is what calls
		return b.redFlag(s)
	}
	if lang, ok := strings.CutPrefix(id, agents.ChoiceLangPrefix); ok {
		return b.switchTo(s, agents.Lang(lang))
	}
	if s.Stage == StageAct { // money and tickets are at stake: the result first
		return b.reply(s, b.say(s, "wait", nil))
	}
	switch id {
	case agents.ChoiceBack:
		return b.back(s)
	case agents.ChoiceHome:
		return b.goHome(s, nil)
	case agents.ChoiceMore:
		s.Page++
		return b.hold2(s)
	case agents.ChoiceYes:
		return b.yes(s)
	case agents.ChoiceNo:
		return b.no(s)
	}
	if task, ok := strings.CutPrefix(id, agents.ChoiceTaskPrefix); ok {
		return b.task(s, task)
	}
	if v, ok := strings.CutPrefix(id, agents.ChoiceValue); ok {
		return b.pick(s, v)
	}
	return b.hold(s)
}

// hold2 shows another page of choices: the question is the same, so only the choices change.
func (b *Bot) hold2(s State) (State, agents.Reply) {
	if s.Stage != StageSlot && s.Stage != StageChange {
		s.Page = 0
	}
	return b.prompt(s, nil)
}

func (b *Bot) repeat(s State) (State, agents.Reply) {
	r := s.Reply
	if len(r.Say) == 0 {
		return b.prompt(s, nil)
	}
	r.Call, r.Handoff, r.Dial, r.Home = nil, "", "", false
	r.Lang, r.Ask, r.Card = b.lang(s), b.ask(s), b.card(s)
	r.Facts = b.facts(s, "repeat")
	return s, r
}

// switchTo changes the language and asks the same again; every slot stays.
func (b *Bot) switchTo(s State, l agents.Lang) (State, agents.Reply) {
	if l != agents.LangZh && l != agents.LangEn {
		return b.reply(s, b.say(s, "languages", nil))
	}
	s.Lang, s.Misses = l, 0
	if s.Stage == StageLang {
		s.Stage = StageHome
		return b.reply(s, b.say(s, "welcome", nil))
	}
	return b.prompt(s, nil)
}

// task starts a task, or says honestly that this booth does not have it yet.
func (b *Bot) task(s State, id string) (State, agents.Reply) {
	s = b.known(s)
	if b.d.Tasks.Flow(id) == nil {
		return b.soon(s)
	}
	return b.advance(b.begin(s, id), nil)
}

// known makes sure of a language once the citizen acts without having chosen one.
func (b *Bot) known(s State) State {
	if s.Lang == agents.LangUnknown {
		s.Lang = agents.LangZh
	}
	if s.Stage == StageLang {
		s.Stage = StageHome
	}
	return s
}

func (b *Bot) soon(s State) (State, agents.Reply) {
	say := b.say(s, "soon", nil)
	s = b.known(s)
	if s.Task == "" {
		s, r := b.reply(s, say)
		r.Ask.Kind = agents.AskChoice
		r.Facts.Intent = "soon"
		return s, r
	}
	return b.prompt(s, say[:1])
}

// pick takes a value: of the slot asked for, or of the slot that its form names.
func (b *Bot) pick(s State, v string) (State, agents.Reply) {
	switch agents.ChoiceValue + v {
	case choiceRetry:
		return b.retry(s)
	case choiceHowto:
		return b.reply(s, join(b.flowSay(s, booker(s), "howto", nil), b.afterQuestion(s)))
	case choiceOtherDate:
		return b.reask(s, nlu.SlotDate)
	case choiceOtherPlace:
		if s.Task == tasks.Hospital {
			return b.reask(s, nlu.SlotHospital)
		}
		return b.reask(s, nlu.SlotPlace)
	}
	if s.Stage == StageChange {
		if _, ok := b.d.Tasks.Flow(s.Task).Slot(v); ok {
			return b.reask(s, v)
		}
	}
	slot := b.slotOf(s, v)
	if slot == "" {
		return b.hold(s)
	}
	s = b.known(s)
	if f := b.d.Tasks.Flow(s.Task); f == nil || s.Stage == StageAfter {
		s = b.begin(s, tasks.Attraction)
	}
	if _, ok := b.d.Tasks.Flow(s.Task).Slot(slot); !ok {
		return b.hold(s)
	}
	s, why := b.fill(s, slot, nlu.Value{ID: v})
	return b.advance(s, why)
}

func (b *Bot) afterQuestion(s State) []string {
	if s.Stage == StageAfter || s.Stage == StageHome {
		return b.question(s)
	}
	return nil
}

// flowSay takes a text of a certain flow, whatever is under way.
func (b *Bot) flowSay(s State, flow, key string, args tasks.Args) []string {
	return b.d.Tasks.Flow(flow).Say(key, tongue(s), args)
}

// slotOf tells by its form which slot a value belongs to.
func (b *Bot) slotOf(s State, v string) string {
	if s.Task == tasks.Hospital && s.busy() {
		if slot := b.clinicSlot(v); slot != "" {
			return slot
		}
	}
	if _, ok := b.d.Pack.Attraction(v); ok {
		return nlu.SlotPlace
	}
	if _, err := time.Parse(time.DateOnly, v); err == nil {
		return nlu.SlotDate
	}
	if v == string(tool.Morning) || v == string(tool.Afternoon) {
		return nlu.SlotSession
	}
	if s.Stage == StageSlot && b.askSlot(s).Kind == agents.AskDigits && v != "" && strings.Trim(v, "0123456789") == "" {
		return s.Asked
	}
	return ""
}

// reask forgets a slot and asks for it at once, before whatever else is missing.
func (b *Bot) reask(s State, slot string) (State, agents.Reply) {
	f := b.d.Tasks.Flow(s.Task)
	if f == nil {
		return b.hold(s)
	}
	if _, ok := f.Slot(slot); !ok {
		return b.hold(s)
	}
	if slot == nlu.SlotTail && s.Slots.Care.Document == tool.NoDocument {
		slot = nlu.SlotDocument
	}
	return b.askFor(s.clear(slot), slot, nil)
}

// booker is the task whose words fit what was booked last.
func booker(s State) string {
	if s.Task == tasks.Hospital {
		return tasks.Hospital
	}
	return tasks.Attraction
}

// digits answers a finished digit field, or a digit dialled where choices are on offer.
func (b *Bot) digits(s State, d string) (State, agents.Reply) {
	a := b.ask(s)
	switch a.Kind {
	case agents.AskDigits:
		s.Misses = 0
		if len(d) > 2*tool.NumberDigits || strings.Trim(d, "0123456789") != "" {
			d = ""
		}
		s, why := b.fill(s, s.Asked, nlu.Value{ID: d})
		return b.advance(s, why)
	case agents.AskChoice, agents.AskConfirm, agents.AskOpen:
		if len(d) == 1 && d[0] >= '1' && int(d[0]-'1') < len(a.Choices) {
			return b.choose(s, a.Choices[d[0]-'1'].ID)
		}
		return b.miss(s)
	case agents.AskNothing:
	}
	return b.reply(s, b.say(s, "wait", nil))
}

// yes says yes to the question at hand and to nothing else.
func (b *Bot) yes(s State) (State, agents.Reply) {
	if s.Offered != "" {
		return b.person(s)
	}
	switch s.Stage {
	case StageConfirm:
		return b.act(s)
	case StageFailed:
		return b.retry(s)
	case StageSlot:
		if t, ok := b.onlySession(s); ok {
			s, why := b.fill(s, nlu.SlotSession, nlu.Value{ID: string(t.Session)})
			return b.advance(s, why)
		}
		if s.Asked == nlu.SlotDept && s.Hint != "" {
			s, why := b.fill(s, nlu.SlotDept, nlu.Value{ID: s.Hint})
			return b.advance(s, why)
		}
	case StageHome:
		return b.prompt(s, nil)
	case StageAfter:
		s = s.home()
		return b.prompt(s, nil)
	case StageLang, StageCheck, StageChange, StageAct:
	}
	return b.prompt(s, nil)
}

func (b *Bot) no(s State) (State, agents.Reply) {
	if s.Offered != "" {
		s.Offered = ""
		return b.prompt(s, nil)
	}
	switch s.Stage {
	case StageConfirm:
		if s.Task == tasks.Cancel {
			kept := b.say(s, "kept", nil)
			if _, clinic := careOf(s.Found); clinic {
				kept = b.flowSay(s, tasks.Hospital, "cancel.kept", nil)
			}
			return b.goHome(s, kept)
		}
		if s.Task == tasks.Call {
			return b.reask(s, nlu.SlotPhone)
		}
		s.Stage, s.Page = StageChange, 0
		return b.prompt(s, nil)
	case StageAfter, StageHome:
		return b.goodbye(s)
	case StageFailed:
		return b.goHome(s, nil)
	case StageSlot:
		if _, ok := b.onlySession(s); ok {
			return b.reask(s, nlu.SlotDate)
		}
		s.Hint = ""
	case StageLang, StageCheck, StageChange, StageAct:
	}
	return b.prompt(s, nil)
}
