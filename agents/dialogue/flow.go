package dialogue

import (
	"slices"
	"strconv"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// begin starts a task with empty slots.
func (b *Bot) begin(s State, task string) State {
	s = s.home()
	s.Task, s.Stage = task, StageSlot
	return s
}

// advance goes on to what is next: a question, a look at the tickets, the read-back. before is said first.
func (b *Bot) advance(s State, before []string) (State, agents.Reply) {
	s.Offered = ""
	switch s.Task {
	case tasks.Cancel:
		return b.advanceCancel(s, before)
	case tasks.Call:
		return b.advanceCall(s, before)
	case tasks.Hospital:
		return b.advanceClinic(s, before)
	}
	x := s.Slots
	if x.Place != "" && x.Date != "" && !s.fresh() {
		c := tool.Call{Name: b.d.Tasks.Flow(s.Task).Check, Times: &tool.TimesArgs{Place: x.Place, Date: x.Date}}
		return b.call(s, StageCheck, c, b.orCheck(s, before))
	}
	if s.fresh() {
		var why []string
		if s, why = b.fit(s); why != nil {
			before = join(before, why)
		}
	}
	for _, def := range b.d.Tasks.Flow(s.Task).Slots {
		if def.Required && s.missing(def.Name) {
			return b.askFor(s, def.Name, before)
		}
	}
	s.Stage = StageConfirm
	return b.prompt(s, before)
}

// orCheck fills the wait with a word, unless there is something to say anyway.
func (b *Bot) orCheck(s State, before []string) []string {
	if len(before) > 0 {
		return before
	}
	return b.say(s, "check", nil)
}

// advanceCancel asks for number and code, then looks the booking up.
func (b *Bot) advanceCancel(s State, before []string) (State, agents.Reply) {
	for _, def := range b.d.Tasks.Flow(s.Task).Slots {
		if def.Required && s.missing(def.Name) {
			return b.askFor(s, def.Name, before)
		}
	}
	if s.Found.Number == s.Slots.Number && s.Found.Code == s.Slots.Code {
		s.Stage = StageConfirm
		return b.prompt(s, before)
	}
	ref := s.Slots.ref()
	return b.call(s, StageCheck, tool.Call{Name: b.d.Tasks.Flow(s.Task).Check, Ref: &ref}, b.orCheck(s, before))
}

// askFor asks for one slot, from the first page of its choices unless it is asked already.
func (b *Bot) askFor(s State, slot string, before []string) (State, agents.Reply) {
	if s.Asked != slot || s.Stage != StageSlot {
		s.Page = 0
	}
	s.Stage, s.Asked = StageSlot, slot
	return b.prompt(s, before)
}

func (s State) missing(slot string) bool {
	switch slot {
	case nlu.SlotPlace:
		return s.Slots.Place == ""
	case nlu.SlotDate:
		return s.Slots.Date == ""
	case nlu.SlotSession:
		return s.Slots.Session == ""
	case nlu.SlotTickets:
		return s.Slots.Tickets == 0
	case nlu.SlotNumber:
		return s.Slots.Number == ""
	case nlu.SlotCode:
		return s.Slots.Code == ""
	case nlu.SlotPhone:
		return s.Slots.Phone == ""
	}
	return s.Slots.Care.missing(slot)
}

// clear forgets one slot.
func (s State) clear(slot string) State {
	if slot == nlu.SlotHospital {
		s = s.sameDay()
	}
	s.Slots.Care = s.Slots.Care.clear(slot)
	switch slot {
	case nlu.SlotDept:
		s.Hint = ""
	case nlu.SlotPlace:
		s.Slots.Place = ""
	case nlu.SlotDate:
		s.Slots.Date = ""
	case nlu.SlotSession:
		s.Slots.Session = ""
	case nlu.SlotTickets:
		s.Slots.Tickets = 0
	case nlu.SlotNumber:
		s.Slots.Number = ""
	case nlu.SlotCode:
		s.Slots.Code = ""
	case nlu.SlotPhone:
		s.Slots.Phone = ""
	}
	return s
}

// fit drops what the tickets of the day do not allow, and says why. The alternatives are the choices of the question that follows.
func (b *Bot) fit(s State) (State, []string) {
	args := tasks.Args{"place": b.placeSpoken(tongue(s), s.Slots.Place), "date": b.spokenDate(tongue(s), s.Slots.Date)}
	if len(s.Times.Sessions) == 0 {
		return s.clear(nlu.SlotDate), b.say(s, "closed", args)
	}
	if !anyLeft(s.Times) {
		return s.clear(nlu.SlotDate), b.say(s, "full", args)
	}
	if s.Slots.Session == "" {
		return s, nil
	}
	t, ok := s.session(s.Slots.Session)
	args["session"] = b.spokenSession(s, s.Slots.Session, t.From, t.To)
	switch {
	case !ok || t.Left == 0:
		return s.clear(nlu.SlotSession), b.say(s, "full.session", args)
	case t.Left < s.Slots.Tickets:
		args["left"] = strconv.Itoa(t.Left)
		if b.roomElsewhere(s) {
			return s.clear(nlu.SlotSession), b.say(s, "few", args)
		}
		return s.clear(nlu.SlotTickets), b.say(s, "few", args)
	}
	return s, nil
}

// roomElsewhere reports whether another session of the day takes everybody.
func (b *Bot) roomElsewhere(s State) bool {
	for _, t := range s.Times.Sessions {
		if t.Session != s.Slots.Session && t.Left >= s.Slots.Tickets {
			return true
		}
	}
	return false
}

// fill puts a canonical value into a slot, or says why it can not be used. A refused value leaves the slot empty, so that it is asked.
func (b *Bot) fill(s State, slot string, v nlu.Value) (State, []string) {
	if v.ID == nlu.AnyValue {
		v = b.anyOf(s, slot)
	}
	if slices.Contains(careSlots(), slot) {
		return b.fillCare(s, slot, v)
	}
	switch slot {
	case nlu.SlotPlace:
		return b.fillPlace(s, v)
	case nlu.SlotDate:
		return b.fillDate(s, v)
	case nlu.SlotSession:
		if id := tool.Session(v.ID); v.Problem == "" && (id == tool.Morning || id == tool.Afternoon) {
			s.Slots.Session = id
			return s, nil
		}
		return s.clear(slot), b.say(s, "session.night", nil)
	case nlu.SlotTickets:
		return b.fillTickets(s, v)
	case nlu.SlotNumber:
		if (tool.RefArgs{Number: v.ID, Code: "0000"}).Validate() != nil {
			return s.clear(slot), b.say(s, "number.wrong", nil)
		}
		s.Slots.Number = v.ID
	case nlu.SlotCode:
		if (tool.RefArgs{Number: "00000000", Code: v.ID}).Validate() != nil {
			return s.clear(slot), b.say(s, "code.wrong", nil)
		}
		s.Slots.Code = v.ID
	case nlu.SlotPhone:
		return b.fillPhone(s, v)
	}
	return s, nil
}

// anyOf is the first choice on offer, for a citizen who does not mind.
func (b *Bot) anyOf(s State, slot string) nlu.Value {
	s.Stage, s.Asked = StageSlot, slot
	a := b.askSlot(s)
	if len(a.Choices) == 0 {
		return nlu.Value{ID: "1", Number: 1}
	}
	return nlu.Value{ID: a.Choices[0].ID[len(agents.ChoiceValue):]}
}

func (b *Bot) fillPlace(s State, v nlu.Value) (State, []string) {
	if _, ok := b.d.Pack.Attraction(v.ID); !ok {
		return s.clear(nlu.SlotPlace), b.say(s, "place.unknown", nil)
	}
	s.Slots.Place = v.ID
	return s, nil
}

func (b *Bot) fillDate(s State, v nlu.Value) (State, []string) {
	args := tasks.Args{"days": strconv.Itoa(tool.MaxDaysAhead)}
	t, ok := b.parseDay(v.ID)
	if v.Problem != "" || !ok {
		return s.clear(nlu.SlotDate), b.say(s, "date.impossible", args)
	}
	args["date"] = b.spokenDate(tongue(s), v.ID)
	switch ahead := b.daysAhead(t); {
	case ahead < 0:
		return s.clear(nlu.SlotDate), b.say(s, "date.past", args)
	case ahead > tool.MaxDaysAhead:
		return s.clear(nlu.SlotDate), b.say(s, "date.far", args)
	}
	s.Slots.Date = t.Format(time.DateOnly)
	return s, nil
}

func (b *Bot) fillTickets(s State, v nlu.Value) (State, []string) {
	n := v.Number
	if n == 0 && v.Problem == "" {
		n, _ = strconv.Atoi(v.ID)
	}
	if v.Delta {
		n += s.Slots.Tickets
	}
	if v.Problem != "" || n < 1 || n > tool.MaxTickets {
		return s.clear(nlu.SlotTickets), b.say(s, "tickets.range", tasks.Args{"max": strconv.Itoa(tool.MaxTickets)})
	}
	s.Slots.Tickets = n
	return s, nil
}

// back undoes the last answer: the slot before the one asked for is asked again.
func (b *Bot) back(s State) (State, agents.Reply) {
	f := b.d.Tasks.Flow(s.Task)
	switch {
	case s.Offered != "":
		s.Offered = ""
		return b.prompt(s, nil)
	case s.Stage == StageAct:
		return b.reply(s, b.say(s, "wait", nil))
	case f == nil || s.Stage == StageAfter:
		return b.goHome(s, nil)
	}
	at := len(f.Slots) // behind the last slot: at the confirmation
	if s.Stage == StageSlot {
		for i, d := range f.Slots {
			if d.Name == s.Asked {
				at = i
			}
		}
	}
	for i := at - 1; i >= 0; i-- {
		if slot := f.Slots[i].Name; !s.missing(slot) && (slot != nlu.SlotTail || s.Slots.Care.Tail != "") {
			return b.askFor(s.clear(slot), slot, nil)
		}
	}
	if at > 0 && at < len(f.Slots) {
		return b.askFor(s, f.Slots[0].Name, nil)
	}
	return b.goHome(s, nil)
}

// goHome drops the task. What was not booked is said, and what nobody knows too.
func (b *Bot) goHome(s State, before []string) (State, agents.Reply) {
	if s.Doubt.Key != "" {
		before = join(before, b.say(s, "left.doubt", nil))
	} else if (s.Task == tasks.Attraction || s.Task == tasks.Hospital) && s.Stage != StageAfter && before == nil {
		before = b.say(s, "left", nil)
	}
	s = s.home()
	s, r := b.prompt(s, before)
	r.Home = true
	return s, r
}

// goodbye ends the task after it is done.
func (b *Bot) goodbye(s State) (State, agents.Reply) {
	before := b.say(s, "bye", nil)
	s, r := b.reply(s.home(), before)
	r.Home = true
	return s, r
}
