package dialogue

import (
	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// act does what the card says. It is reached from a yes to that card only; the key is the card's.
func (b *Bot) act(s State) (State, agents.Reply) {
	if s.Key == "" || s.KeyFor != s.Slots {
		return b.prompt(s, nil)
	}
	if s.Task == tasks.Call {
		return b.dial(s)
	}
	c := tool.Call{Name: b.d.Tasks.Flow(s.Task).Tool, Key: s.Key}
	switch s.Task {
	case tasks.Cancel:
		ref := s.Slots.ref()
		c.Ref = &ref
	case tasks.Hospital:
		args := s.Slots.register()
		c.Register = &args
	default:
		args := s.Slots.book()
		c.Book = &args
	}
	s, r := b.call(s, StageAct, c, b.say(s, "wait", nil))
	r.Facts.Intent = "yes"
	return s, r
}

// retry sends the failed call once more, with the same key: what went through the first time is not done again.
func (b *Bot) retry(s State) (State, agents.Reply) {
	if s.Stage != StageFailed || s.Pending.Name == "" {
		return b.prompt(s, nil)
	}
	stage := StageCheck
	if s.Pending.Key != "" {
		stage = StageAct
	}
	return b.call(s, stage, s.Pending, b.say(s, "again", nil))
}

// result takes the answer to the call that is out. An answer that nobody waits for changes nothing.
func (b *Bot) result(s State, r tool.Result) (State, agents.Reply) {
	if s.Stage != StageCheck && s.Stage != StageAct || r.Name != s.Pending.Name {
		return b.hold(s)
	}
	if r.Err != nil {
		return b.failed(s, *r.Err)
	}
	switch {
	case s.Pending.Times != nil && r.Times != nil:
		return b.times(s, *s.Pending.Times, *r.Times)
	case s.Pending.Book != nil && bookingFits(*s.Pending.Book, r.Booking):
		return b.booked(s, *r.Booking)
	case s.Pending.Register != nil && registrationFits(*s.Pending.Register, r.Booking):
		return b.booked(s, *r.Booking)
	case s.Pending.Ref != nil && refFits(*s.Pending.Ref, r.Booking):
		return b.reference(s, *r.Booking)
	}
	return b.noAnswer(s)
}

// noAnswer takes an answer that is none: nothing may be invented from it.
func (b *Bot) noAnswer(s State) (State, agents.Reply) {
	if s.Stage == StageAct {
		return b.failed(s, tool.Error{Kind: tool.Uncertain})
	}
	return b.failed(s, tool.Error{Kind: tool.Unavailable})
}

func (b *Bot) times(s State, asked tool.TimesArgs, got tool.TimesResult) (State, agents.Reply) {
	switch {
	case got.Place != asked.Place || got.Date != asked.Date:
		return b.hold(s) // of an earlier question: the citizen was quicker
	case !sessionsFit(got):
		return b.noAnswer(s)
	}
	s.Times = got
	return b.advance(s, nil)
}

// reference takes the booking that a number and code lead to: it was looked up, or cancelled.
func (b *Bot) reference(s State, k tool.Booking) (State, agents.Reply) {
	switch {
	case s.Stage == StageCheck:
		return b.found(s, k)
	case k.Status == tool.Cancelled:
		return b.cancelled(s)
	}
	return b.noAnswer(s)
}

func sessionsFit(r tool.TimesResult) bool {
	for _, t := range r.Sessions {
		if t.Session != tool.Morning && t.Session != tool.Afternoon || t.Left < 0 {
			return false
		}
	}
	return true
}

func refFits(a tool.RefArgs, k *tool.Booking) bool {
	return k != nil && k.Number == a.Number && k.Code == a.Code && a.Validate() == nil
}

func bookingFits(a tool.BookArgs, k *tool.Booking) bool {
	return k != nil && k.Status == tool.Confirmed &&
		k.Place == a.Place && k.Date == a.Date && k.Session == a.Session && k.Tickets == a.Tickets &&
		tool.RefArgs{Number: k.Number, Code: k.Code}.Validate() == nil
}

func (b *Bot) booked(s State, k tool.Booking) (State, agents.Reply) {
	s.Last, s.Doubt, s.Key, s.KeyFor, s.Pending = k, tool.Call{}, "", Slots{}, tool.Call{}
	s.Stage, s.Times, s.Lost = StageAfter, tool.TimesResult{}, 0
	s, r := b.reply(s, b.say(s, "done", b.bookingArgs(s, k)))
	r.Ticket = b.ticket(s, k)
	r.Facts.Intent = "booked"
	s.Reply = r
	return s, r
}

func (b *Bot) found(s State, k tool.Booking) (State, agents.Reply) {
	s.Tries = 0
	if k.Status == tool.Cancelled {
		already := b.say(s, "already", nil)
		return b.goHome(s, already)
	}
	s.Found = k
	return b.advance(s, nil)
}

func (b *Bot) cancelled(s State) (State, agents.Reply) {
	if s.Last.Number == s.Slots.Number {
		s.Last = tool.Booking{}
	}
	s.Doubt, s.Key, s.KeyFor, s.Pending, s.Found = tool.Call{}, "", Slots{}, tool.Call{}, tool.Booking{}
	s.Stage, s.Lost = StageAfter, 0
	s, r := b.reply(s, b.say(s, "done", nil))
	r.Facts.Intent = "cancelled"
	return s, r
}

// failed finds the words for each kind of refusal, and the question that helps.
func (b *Bot) failed(s State, e tool.Error) (State, agents.Reply) {
	if e.Kind == tool.Uncertain && s.Stage == StageAct {
		s.Doubt = s.Pending
		s.Lost++
	}
	switch e.Kind {
	case tool.Unavailable, tool.Uncertain:
		return b.unanswered(s, e.Kind)
	case tool.TooMany, tool.Denied:
		key := map[tool.ErrorKind]string{tool.TooMany: "too_many", tool.Denied: "unable"}[e.Kind]
		say := b.say(s, key, nil)
		return b.goHome(b.settled(s), say)
	case tool.Invalid, tool.NotFound, tool.SoldOut, tool.Closed:
	}
	s = b.settled(s)
	if s.Task == tasks.Cancel {
		return b.refused(s, e)
	}
	if s.Task == tasks.Hospital {
		return b.unregistrable(s, e)
	}
	return b.unbookable(s, e)
}

// unanswered asks whether to try again; where the answer got lost twice, a human should look.
func (b *Bot) unanswered(s State, kind tool.ErrorKind) (State, agents.Reply) {
	s.Stage = StageFailed
	say := b.question(s)
	if kind == tool.Uncertain && s.Lost >= 2 {
		s.Offered = agents.HandoffTask
		say = b.say(s, "uncertain.person", nil)
	}
	s, r := b.reply(s, say)
	r.Facts.Intent = string(kind)
	return s, r
}

// settled forgets a call that was refused: it certainly did nothing.
func (b *Bot) settled(s State) State {
	if s.Doubt.Key == s.Pending.Key {
		s.Doubt = tool.Call{}
	}
	s.Key, s.KeyFor = "", Slots{}
	return s
}

// refused answers a number and code that lead nowhere.
func (b *Bot) refused(s State, e tool.Error) (State, agents.Reply) {
	if e.Kind == tool.Closed {
		over := b.say(s, "closed", nil)
		return b.goHome(s, over)
	}
	s.Tries++
	s.Slots.Code, s.Found = "", tool.Booking{}
	if s.Tries >= 3 { // the number stays: the human will want to see it
		s.Stage, s.Asked, s.Offered = StageSlot, nlu.SlotNumber, agents.HandoffTask
		return b.reply(s, b.say(s, "unknown.person", nil))
	}
	s.Slots.Number = ""
	return b.advance(s, b.say(s, "unknown", nil))
}

// unbookable answers a place, day or session that can not be had, with what can.
func (b *Bot) unbookable(s State, e tool.Error) (State, agents.Reply) {
	args := b.bookingArgs(s, b.draft(s))
	booking := s.Stage == StageAct
	s.Times = tool.TimesResult{} // it was out of date
	switch {
	case e.Kind == tool.SoldOut && e.Left > 0:
		args["left"] = itoa(e.Left)
		say := b.say(s, "few", args)
		return b.advance(s.clear(nlu.SlotTickets), say)
	case e.Kind == tool.SoldOut:
		say := b.say(s, "full.session", args)
		return b.advance(s.clear(nlu.SlotSession), say)
	case e.Kind == tool.NotFound || e.Field == nlu.SlotPlace:
		return b.advance(s.clear(nlu.SlotPlace), b.say(s, "place.unknown", nil))
	case e.Kind == tool.Closed && booking:
		return b.advance(s.clear(nlu.SlotSession), b.say(s, "over", nil))
	case e.Kind == tool.Closed:
		say := b.say(s, "closed", args)
		return b.advance(s.clear(nlu.SlotDate), say)
	case e.Field == nlu.SlotTickets:
		return b.advance(s.clear(nlu.SlotTickets), b.say(s, "tickets.range", tasks.Args{"max": itoa(tool.MaxTickets)}))
	case e.Field == nlu.SlotSession:
		return b.advance(s.clear(nlu.SlotSession), b.say(s, "over", nil))
	}
	return b.advance(s.clear(nlu.SlotDate), b.say(s, "over", nil))
}
