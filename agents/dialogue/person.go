package dialogue

import (
	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks"
)

// miss is the ladder of kindness: once more with an example, then a person on offer, then the person.
func (b *Bot) miss(s State) (State, agents.Reply) {
	if s.Stage == StageAct || s.Stage == StageCheck {
		return b.reply(s, b.say(s, "wait", nil))
	}
	s.Misses++
	switch {
	case s.Misses == 1 && s.Stage == StageLang:
		return b.reply(s, b.say(s, "welcome.both", nil))
	case s.Misses == 1:
		return b.reply(s, join(b.say(s, "miss.1", nil), b.example(s)))
	case s.Misses == 2:
		say := b.eitherTongue(s, "person.offer")
		s = b.known(s)
		s.Offered = agents.HandoffMisses
		return b.reply(s, say)
	}
	return b.handOver(s, agents.HandoffMisses, "person.warm")
}

// eitherTongue says a text of the house in every language while nobody knows which one is understood.
func (b *Bot) eitherTongue(s State, key string) []string {
	if s.Lang != agents.LangUnknown {
		return b.say(s, key, nil)
	}
	c := b.d.Tasks.Common
	return join(c.Say(key, agents.LangZh, nil), c.Say(key, agents.LangEn, nil))
}

// silence helps once, then offers a person.
func (b *Bot) silence(s State) (State, agents.Reply) {
	s.Silences++
	switch {
	case s.Stage == StageAct || s.Stage == StageCheck:
		return b.hold(s)
	case s.Stage == StageLang:
		return b.prompt(s, nil)
	case s.Silences == 1 && s.Offered == "":
		return b.reply(s, join(b.say(s, "silence", nil), b.example(s)))
	case s.Silences == 2:
		s.Offered = agents.HandoffMisses
		return b.reply(s, b.say(s, "person.silence", nil))
	}
	return b.hold(s)
}

// person passes a wish on, or the yes to a person on offer.
func (b *Bot) person(s State) (State, agents.Reply) {
	reason := agents.HandoffAsked
	if s.Offered != "" && s.Offered != offeredUrgent {
		reason = s.Offered
	}
	return b.handOver(s, reason, "person")
}

// handOver wishes for a human. The dialogue stays where it is, and its question is what "say it again" says when it comes back.
func (b *Bot) handOver(s State, reason, key string) (State, agents.Reply) {
	was, misses := s.Reply, s.Misses
	s.Offered, s.Misses = "", 0
	s = b.known(s)
	s, r := b.reply(s, b.say(s, key, nil))
	r.Handoff, r.Card = reason, b.matter(s)
	r.Facts.Intent, r.Facts.Misses = b.wish(s), misses
	s.Reply.Say = b.question(s)
	if was.Ticket != nil { // its number and code are worth repeating
		s.Reply.Say, s.Reply.Ticket = b.say(s, "done", b.bookingArgs(s, s.Last)), b.ticket(s, s.Last)
	}
	return s, r
}

// wish is what the citizen came for.
func (b *Bot) wish(s State) string {
	if f := b.d.Tasks.Flow(s.Task); f != nil {
		return f.Intent
	}
	return "person"
}

// matter is what a human should see: what is known of the task, else what was booked before.
func (b *Bot) matter(s State) *agents.Card {
	if c := b.card(s); c != nil {
		return c
	}
	c := &agents.Card{Title: b.label(s, "progress"), Rows: b.cardRows(s)}
	if len(c.Rows) == 0 && s.Last.Number != "" {
		flow := tasks.Attraction
		if _, clinic := careOf(s.Last); clinic {
			flow = tasks.Hospital
		}
		c.Title = b.d.Tasks.Flow(flow).Label("progress", tongue(s), nil)
		c.Rows = append([]agents.Row{b.numberRow(s, s.Last.Number)}, b.rows(s, s.Last)...)
	}
	if len(c.Rows) == 0 {
		return nil
	}
	return c
}
