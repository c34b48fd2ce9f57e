// Package dialogue decides what a bot does next: a pure function from state and input to state and reply. Time and keys come from its
// dependencies, tools are called by whoever runs it, words come from agents/tasks. It imports agents only and does no I/O.
package dialogue

import (
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Deps is what a Bot needs.
type Deps struct {
	Understander nlu.Understander
	Tasks        *tasks.Set
	Pack         *city.Pack
	Clock        func() time.Time
	NewKey       func() string // a fresh idempotency key
}

// Bot is the policy. It holds no state of a dialogue: one Bot serves any number of them, from any goroutine.
type Bot struct {
	d Deps
}

// New builds a Bot.
func New(d Deps) *Bot { return &Bot{d} }

func (b *Bot) now() time.Time { return b.d.Clock().In(b.d.Pack.Zone) }

// Start opens a dialogue with a greeting; with an unknown language it greets in both.
func (b *Bot) Start(lang agents.Lang) (State, agents.Reply) {
	if lang != agents.LangZh && lang != agents.LangEn {
		return b.prompt(State{Stage: StageLang}, nil)
	}
	s := State{Lang: lang, Stage: StageHome}
	return b.reply(s, b.say(s, "welcome", nil))
}

// Next answers one input. It is total: whatever comes in whatever state, it returns a state that goes on.
func (b *Bot) Next(s State, in agents.Input) (State, agents.Reply) {
	s = b.mend(s)
	if !in.Silence {
		s.Silences = 0
	}
	switch {
	case in.Result != nil:
		return b.result(s, *in.Result)
	case in.Choice != "":
		return b.choose(s, in.Choice)
	case in.Digits != "":
		return b.digits(s, in.Digits)
	case in.Text != "":
		return b.words(s, in)
	case in.Silence:
		return b.silence(s)
	}
	return b.hold(s)
}

// mend makes sense of a state that no visit reaches, so that nothing below has to.
func (b *Bot) mend(s State) State {
	f := b.d.Tasks.Flow(s.Task)
	if f == nil {
		s.Task = ""
	}
	if s.Stage < StageLang || s.Stage > StageAfter || f == nil && s.Stage > StageHome {
		s.Stage = StageHome
	}
	if s.Stage == StageHome && s.Lang == agents.LangUnknown {
		s.Stage = StageLang
	}
	if s.Stage == StageSlot {
		if _, ok := f.Slot(s.Asked); !ok {
			s.Asked = f.Slots[0].Name
		}
	}
	return s
}

// hold changes nothing and says nothing: the question stands.
func (b *Bot) hold(s State) (State, agents.Reply) {
	return s, agents.Reply{Lang: b.lang(s), Ask: b.ask(s), Card: b.card(s), Facts: b.facts(s, "")}
}

// reply says something and leaves the question as the state has it. A ticket stays on show until something else is begun: whoever cannot
// hear has its number from there only.
func (b *Bot) reply(s State, say []string) (State, agents.Reply) {
	r := agents.Reply{Lang: b.lang(s), Say: say, Ask: b.ask(s), Card: b.card(s), Facts: b.facts(s, "")}
	if s.Stage == StageAfter && s.Reply.Ticket != nil {
		r.Ticket = b.ticket(s, s.Last)
	}
	s.Reply = r
	return s, r
}

// prompt says something and then the question of the state.
func (b *Bot) prompt(s State, before []string) (State, agents.Reply) {
	s = b.bindKey(s)
	return b.reply(s, join(before, b.question(s)))
}

// call sends a tool call and waits.
func (b *Bot) call(s State, stage Stage, c tool.Call, say []string) (State, agents.Reply) {
	s.Stage, s.Pending, s.Offered = stage, c, ""
	s, r := b.reply(s, say)
	r.Call = &c
	return s, r
}

// bindKey makes the key of a card about to be confirmed. A card with other slots gets another key; a card that may already have been
// booked keeps the key of that attempt, so that it can never be booked twice.
func (b *Bot) bindKey(s State) State {
	if s.Stage != StageConfirm || (s.Key != "" && s.KeyFor == s.Slots) {
		return s
	}
	s.Key, s.KeyFor = b.d.NewKey(), s.Slots
	if d := s.Doubt.Book; d != nil && s.Task == tasks.Attraction && *d == s.Slots.book() {
		s.Key = s.Doubt.Key
	}
	if d := s.Doubt.Register; d != nil && s.Task == tasks.Hospital && *d == s.Slots.register() {
		s.Key = s.Doubt.Key
	}
	if d := s.Doubt.Ref; d != nil && s.Task == tasks.Cancel && *d == s.Slots.ref() {
		s.Key = s.Doubt.Key
	}
	return s
}

func (b *Bot) lang(s State) agents.Lang { return s.Lang }

// tongue is the language to take words from, which there must be one of.
func tongue(s State) agents.Lang {
	if s.Lang == agents.LangUnknown {
		return agents.LangZh
	}
	return s.Lang
}

func (b *Bot) facts(s State, intent string) agents.Facts {
	return agents.Facts{Task: s.Task, Intent: intent, Misses: s.Misses}
}

// say takes a text of the house, or of the task under way where it has one of that name.
func (b *Bot) say(s State, key string, args tasks.Args) []string {
	if f := b.d.Tasks.Flow(s.Task); f != nil {
		if _, ok := f.Texts[key]; ok {
			return f.Say(key, tongue(s), args)
		}
	}
	return b.d.Tasks.Common.Say(key, tongue(s), args)
}

// label is a word for the screen that needs no filling in.
func (b *Bot) label(s State, key string) string {
	if f := b.d.Tasks.Flow(s.Task); f != nil {
		if _, ok := f.Labels[key]; ok {
			return f.Label(key, tongue(s), nil)
		}
	}
	return b.d.Tasks.Common.Label(key, tongue(s), nil)
}

// shared takes a label of the house, whatever the task calls the same thing.
func (b *Bot) shared(s State, key string, args tasks.Args) string {
	return b.d.Tasks.Common.Label(key, tongue(s), args)
}

func join(a, b []string) []string {
	out := make([]string, 0, len(a)+len(b))
	return append(append(out, a...), b...)
}
