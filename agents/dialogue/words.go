package dialogue

import (
	"strconv"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

func itoa(n int) string { return strconv.Itoa(n) }

// words answers what was said or typed.
func (b *Bot) words(s State, in agents.Input) (State, agents.Reply) {
	ctx := nlu.Context{Now: b.now(), Lang: s.Lang, Expect: expect(s), Task: taskUnderWay(s), Choices: b.ask(s).Choices}
	u := b.d.Understander.Understand(ctx, in.Text)
	s, foreign := b.tune(s, u, in.Lang)
	if foreign && u.Empty() && s.Misses == 0 {
		s.Misses++
		return b.reply(s, b.say(s, "languages", nil))
	}
	s, r := b.heard(s, u)
	if r.Facts.Intent == "" {
		r.Facts.Intent = intentFact(u)
	}
	return s, r
}

// expect is the slot that words may fill, also while a person is on offer: who goes on answering needs none.
func expect(s State) string {
	switch {
	case s.Stage == StageSlot:
		return s.Asked
	case s.Stage == StageConfirm && s.Task == tasks.Call:
		return nlu.SlotPhone // read back wrong, it is said once more
	}
	return ""
}

func taskUnderWay(s State) string {
	if s.busy() {
		return s.Task
	}
	return ""
}

// tune sets the dialogue's language by the words. It reports words in a language that no bot speaks yet.
func (b *Bot) tune(s State, u nlu.Understanding, hint agents.Lang) (State, bool) {
	speaks := func(l agents.Lang) bool { return l == agents.LangZh || l == agents.LangEn }
	switch {
	case u.SwitchTo != "":
		s.Lang = u.SwitchTo
	case u.LangSure && speaks(u.Lang):
		s.Lang = u.Lang
	case s.Lang == agents.LangUnknown && speaks(hint):
		s.Lang = hint
	case s.Lang == agents.LangUnknown && speaks(u.Lang) && !u.Empty():
		s.Lang = u.Lang
	}
	foreign := u.Lang != "" && !speaks(u.Lang) || hint != "" && !speaks(hint) && u.Lang == ""
	return s, foreign
}

func intentFact(u nlu.Understanding) string {
	switch {
	case u.Intent != "":
		return string(u.Intent)
	case u.Signals.Has(nlu.Yes):
		return "yes"
	case u.Signals.Has(nlu.No):
		return "no"
	case len(u.Acts) > 0:
		return "inform"
	case u.Empty():
		return "unknown"
	}
	return "steer"
}

// heard answers an understanding. The order says what matters most when several things were said at once.
func (b *Bot) heard(s State, u nlu.Understanding) (State, agents.Reply) {
	if u.OutOfScope {
		return b.outOfScope(s, u)
	}
	misses := s.Misses
	s.Misses = 0
	if s.Stage == StageLang && s.Lang != agents.LangUnknown {
		if u.SwitchTo != "" && len(u.Acts) == 0 && u.Intent == "" {
			return b.switchTo(s, s.Lang)
		}
		s.Stage = StageHome
	}
	for _, f := range []hearing{b.urgent, b.clinic, b.elsewhere, b.calling, b.slots, b.move, b.request, b.smallTalk} {
		if next, r, ok := f(s, u); ok {
			return next, r
		}
	}
	s.Misses = misses
	return b.miss(s)
}

// hearing looks for one kind of thing in an understanding and answers it. It reports false where nothing of the kind was said.
type hearing func(State, nlu.Understanding) (State, agents.Reply, bool)

// answered makes an answer of a hearing out of an answer.
func answered(s State, r agents.Reply) (State, agents.Reply, bool) { return s, r, true }

// outOfScope refuses to leave the rules, and takes everything else that is foreign as not understood.
func (b *Bot) outOfScope(s State, u nlu.Understanding) (State, agents.Reply) {
	told := u.Confidence == 1 && s.Misses == 0 && s.Stage != StageAct && s.Stage != StageLang
	if !told {
		return b.miss(s)
	}
	s.Misses++
	return b.prompt(s, b.say(s, "scope", nil))
}

// urgent answers what goes before any task.
func (b *Bot) urgent(s State, u nlu.Understanding) (State, agents.Reply, bool) {
	switch {
	case u.RedFlag:
		return answered(b.redFlag(s))
	case u.Intent == nlu.Emergency, wantsUrgentCall(s, u):
		return answered(b.emergency(s))
	case u.Signals.Has(nlu.Person):
		return answered(b.person(s))
	case s.Stage == StageAct:
		return answered(b.reply(s, b.say(s, "wait", nil)))
	case u.Choice != "":
		return answered(b.choose(s, u.Choice))
	case u.SwitchTo != "" && len(u.Acts) == 0:
		return answered(b.switchTo(s, s.Lang))
	}
	return s, agents.Reply{}, false
}

// elsewhere goes to the task that an intent leads to, when it is not the one under way.
func (b *Bot) elsewhere(s State, u nlu.Understanding) (State, agents.Reply, bool) {
	switch u.Intent {
	case nlu.Directions, nlu.City:
		if !s.busy() || len(u.Acts) == 0 {
			return answered(b.soon(s))
		}
	case nlu.Cancel:
		abandon := s.busy() && u.Signals.Has(nlu.Home)
		if (s.doing(tasks.Attraction) || s.doing(tasks.Hospital)) && u.LastOne && s.Last.Number == "" { // "cancel that one", of what is not booked yet
			return answered(b.goHome(s, nil))
		}
		if !abandon && !s.doing(tasks.Cancel) {
			return answered(b.beginCancel(s, u))
		}
	case nlu.Book, nlu.Call, nlu.Emergency, nlu.Hospital:
	}
	return s, agents.Reply{}, false
}

// beginCancel starts cancelling; the booking made a moment ago need not be spelled out.
func (b *Bot) beginCancel(s State, u nlu.Understanding) (State, agents.Reply) {
	recent := s.Last.Number != "" && (u.LastOne || s.Stage == StageAfter && s.Task != tasks.Call)
	last := s.Last
	s = b.begin(s, tasks.Cancel)
	if recent {
		s.Slots.Number, s.Slots.Code = last.Number, last.Code
	}
	s, why := b.fillRef(s, u)
	return b.advance(s, why)
}

func (b *Bot) fillRef(s State, u nlu.Understanding) (State, []string) {
	var say []string
	for _, slot := range []string{nlu.SlotNumber, nlu.SlotCode} {
		if a, ok := u.Act(slot, nlu.Inform, nlu.Change); ok {
			var why []string
			s, why = b.fill(s, slot, a.Value)
			say = join(say, why)
		}
	}
	return s, say
}

// slots puts what was said into the slots of the task. It reports false where nothing was said about any.
func (b *Bot) slots(s State, u nlu.Understanding) (State, agents.Reply, bool) {
	if s.doing(tasks.Cancel) && (s.Stage == StageSlot || s.Stage == StageConfirm) {
		if next, why := b.fillRef(s, u); next.Slots != s.Slots || why != nil {
			return answered(b.advance(next, why))
		}
	}
	switch {
	case !wantsBooking(s, u):
		return s, agents.Reply{}, false
	case s.Stage == StageAfter && s.Last.Number != "" && changesOnly(u):
		return answered(b.reply(s, join(b.flowSay(s, booker(s), "fixed", nil), b.question(s))))
	case !s.doing(tasks.Attraction):
		s = b.begin(s, tasks.Attraction)
	}
	return answered(b.bookingWords(s, u))
}

// wantsBooking tells words about a booking from others. In the middle of cancelling, only a plain wish to book leads away; in the middle
// of booking, the mere wish to book is nothing new.
func wantsBooking(s State, u nlu.Understanding) bool {
	wish, said := u.Intent == nlu.Book, saysBooking(u)
	switch {
	case s.doing(tasks.Cancel):
		return wish && said
	case s.doing(tasks.Call):
		return wish
	case s.doing(tasks.Hospital):
		return wish && elseWish(u)
	case s.doing(tasks.Attraction):
		return said
	}
	return wish || said
}

// bookingWords puts what was said into the booking and goes on from there.
func (b *Bot) bookingWords(s State, u nlu.Understanding) (State, agents.Reply) {
	before := s.Slots
	s, why, reask := b.apply(s, u)
	switch {
	case s.Slots == before && why == nil && reask == "" && s.Stage == StageConfirm && u.Signals.Has(nlu.Yes):
		return b.yes(s) // "yes, Yu Garden"
	case reask != "" && (s.fresh() || s.Slots.Place == "" || s.Slots.Date == ""):
		return b.askFor(s, reask, why)
	}
	return b.advance(s, why)
}

func bookingSlots() []string {
	return []string{nlu.SlotPlace, nlu.SlotDate, nlu.SlotSession, nlu.SlotTickets}
}

func saysBooking(u nlu.Understanding) bool {
	for _, slot := range bookingSlots() {
		if _, ok := u.Act(slot, nlu.Inform, nlu.Change, nlu.Negate); ok {
			return true
		}
	}
	_, list := u.Act(nlu.SlotPlace, nlu.Request)
	return list
}

// changesOnly is a wish to change what is already booked, as against the wish for another booking.
func changesOnly(u nlu.Understanding) bool {
	for _, a := range u.Acts {
		if a.Kind != nlu.Change && !a.Value.Delta || a.Slot == nlu.SlotPlace {
			return false
		}
	}
	return len(u.Acts) > 0
}

// apply fills every slot that was named. reask is a slot that shall be asked next, because its value was taken back.
func (b *Bot) apply(s State, u nlu.Understanding) (next State, why []string, reask string) {
	for _, slot := range bookingSlots() {
		if a, ok := u.Act(slot, nlu.Inform, nlu.Change); ok {
			if a.Value == (nlu.Value{}) { // "another day", without saying which
				s, reask = s.clear(slot), slot
				continue
			}
			var w []string
			s, w = b.fill(s, slot, a.Value)
			if w != nil && reask == "" {
				reask = slot
			}
			why = join(why, w)
			continue
		}
		if a, ok := u.Act(slot, nlu.Negate); ok {
			s, reask = b.negate(s, slot, a.Value.ID, reask)
		}
	}
	if len(why) == 0 {
		why = nil
	}
	return s, why, reask
}

// negate takes a value back. Of two sessions, not the one means the other.
func (b *Bot) negate(s State, slot, id, reask string) (State, string) {
	if slot == nlu.SlotSession {
		other := tool.Morning
		if id == string(tool.Morning) {
			other = tool.Afternoon
		}
		s.Slots.Session = other
		return s, reask
	}
	cleared := s.clear(slot)
	same := s.Slots.Care.is(slot, id) || slot == nlu.SlotDept && s.Hint == id || slot == nlu.SlotPlace && s.Slots.Place == id || slot == nlu.SlotDate && s.Slots.Date == id ||
		slot == nlu.SlotTickets && itoa(s.Slots.Tickets) == id
	if same {
		return cleared, slot
	}
	return s, reask
}

// move answers what was said about the way through the dialogue.
func (b *Bot) move(s State, u nlu.Understanding) (State, agents.Reply, bool) {
	sig := u.Signals
	switch {
	case sig.Has(nlu.Retry) && s.Stage == StageFailed:
		return answered(b.retry(s))
	case sig.Has(nlu.Home) && s.Stage != StageHome:
		return answered(b.goHome(s, nil))
	case sig.Has(nlu.Back):
		return answered(b.back(s))
	case leaves(s, sig) && s.busy():
		return answered(b.goHome(s, nil))
	case leaves(s, sig):
		return answered(b.goodbye(s))
	case sig.Has(nlu.More):
		return answered(b.choose(s, agents.ChoiceMore))
	case sig.Has(nlu.Repeat), sig.Has(nlu.Slower):
		return answered(b.repeat(s))
	}
	return s, agents.Reply{}, false
}

// leaves hears a goodbye; "no, thanks" is one where there is nothing to say no to.
func leaves(s State, sig nlu.Signal) bool {
	if sig.Has(nlu.Bye) && s.Stage != StageSlot {
		return true
	}
	return sig.Has(nlu.No) && sig.Has(nlu.Thanks) && (s.Stage == StageAfter || s.Stage == StageHome)
}

// request answers a question of the citizen's.
func (b *Bot) request(s State, u nlu.Understanding) (State, agents.Reply, bool) {
	for _, slot := range []string{"howto", "price", "hours", nlu.SlotSession, nlu.SlotDate, nlu.SlotTickets} {
		if _, ok := u.Act(slot, nlu.Request); ok {
			return answered(b.tell(s, slot))
		}
	}
	return s, agents.Reply{}, false
}

// smallTalk answers the short words: yes and no to what was asked, thanks, hello.
func (b *Bot) smallTalk(s State, u nlu.Understanding) (State, agents.Reply, bool) {
	sig := u.Signals
	switch {
	case sig.Has(nlu.No):
		return answered(b.no(s))
	case sig.Has(nlu.Yes):
		return answered(b.yes(s))
	case sig.Has(nlu.Help):
		return answered(b.prompt(s, b.say(s, "help", nil)))
	case sig.Has(nlu.Thanks):
		return answered(b.prompt(s, b.say(s, "thanks", nil)))
	case sig.Has(nlu.Greeting):
		return answered(b.prompt(s, b.say(s, "greeting", nil)))
	case sig.Has(nlu.Bye):
		return answered(b.goHome(s, nil))
	case u.Intent == nlu.Book && s.Task == tasks.Attraction:
		return answered(b.prompt(s, nil))
	}
	return s, agents.Reply{}, false
}

// tell answers a question about the service.
func (b *Bot) tell(s State, topic string) (State, agents.Reply) {
	switch topic {
	case "howto":
		return b.prompt(s, b.flowSay(s, booker(s), "howto", nil))
	case "price", "hours":
		return b.prompt(s, b.say(s, topic, nil))
	}
	if !s.busy() {
		return b.advance(b.begin(s, tasks.Attraction), nil)
	}
	return b.prompt(s, nil)
}

// example is what could be said now.
func (b *Bot) example(s State) []string {
	if s.Offered != "" {
		return b.question(s)
	}
	switch s.Stage {
	case StageSlot:
		return b.say(s, s.Asked+".example", nil)
	case StageConfirm:
		return b.say(s, "confirm.example", nil)
	case StageChange:
		return b.say(s, "change.example", nil)
	case StageAfter:
		return b.say(s, "done.example", nil)
	case StageHome:
		return b.say(s, "home.example", nil)
	case StageLang, StageCheck, StageAct, StageFailed:
	}
	return b.question(s)
}
