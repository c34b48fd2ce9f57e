// Package agents holds the domain words of the AI agents ("bots") that serve a citizen.
// Its children understand (nlu), decide (dialogue), do (tasks) and speak (speech). A bot knows no device, no screen and no wire:
// a citizen's words, keys and touches come in as Input, what to say and ask goes out as Reply.
package agents

import "github.com/laoyou/laoyou/agents/tasks/tool"

// Lang is a language by its ISO 639-1 code. The zero value means unknown.
type Lang string

// The languages that the first bots speak.
const (
	LangUnknown Lang = ""
	LangZh      Lang = "zh"
	LangEn      Lang = "en"
)

// Input is one thing that happened in the dialogue. Speech, typing, touch and keypad are equal: at most one of
// Text, Choice, Digits, Silence and Result is set.
type Input struct {
	Text    string       // what the citizen said or typed
	Lang    Lang         // language of Text where the source knows it
	Choice  string       // id of a Choice on offer, or one of the standing choices below
	Digits  string       // a finished digit field
	Silence bool         // nothing came for a while
	Result  *tool.Result // answer to the Call of an earlier Reply
}

// Choices that are understood at any point of a dialogue, whether on offer or not.
const (
	ChoiceYes        = "yes"
	ChoiceNo         = "no"
	ChoiceBack       = "back"   // one question back (key **)
	ChoiceRepeat     = "repeat" // say it again (key *)
	ChoicePerson     = "person" // a human, please (key 0 or *0)
	ChoiceMore       = "more"   // the next choices of a long list
	ChoiceHome       = "home"   // drop the task, back to the home view
	ChoiceLangPrefix = "lang."  // lang.zh, lang.en: switch language, keep every slot
	ChoiceTaskPrefix = "task."  // task.attraction, task.cancel ...: start a task
	ChoiceValue      = "v."     // v.<canonical id>: a value for the slot asked for
)

// Reply is what a bot does in answer to one Input.
type Reply struct {
	Lang    Lang       // language of the dialogue from now on
	Say     []string   // sentences, spoken and captioned in this order
	Ask     Ask        // what the bot waits for now
	Card    *Card      // the summary under discussion, where there is one
	Call    *tool.Call // a tool to call; its Result is the next Input
	Ticket  *Ticket    // a booking that really exists
	Handoff string     // reason for a human (Handoff...), empty when none is wished for
	Dial    string     // a number to call for the citizen, digits only; the firmware places it
	Home    bool       // back to the home view
	Facts   Facts      // what happened, without a citizen's words
}

// Reasons for a hand-off, as Reply.Handoff has them.
const (
	HandoffAsked  = "asked"  // the citizen wants a person
	HandoffMisses = "misses" // the bot did not understand, twice or more
	HandoffTask   = "task"   // the task itself gets no further without one
)

// AskKind says in what form an answer is expected. Free speech is always welcome too, except in AskNothing.
type AskKind int

// Kinds of question.
const (
	AskNothing AskKind = iota // the bot works (a tool call is out)
	AskOpen                   // anything; Choices may give examples
	AskChoice                 // one of Choices
	AskDigits                 // a number typed on the pad, MinDigits..MaxDigits long
	AskConfirm                // yes or no to Card; nothing irreversible happens without it
)

// Ask is the question at hand.
type Ask struct {
	Kind      AskKind
	Slot      string   // what is asked for: place date session tickets number code phone, empty at the home view
	Choices   []Choice // at most 4, in the order of the keys 1..4
	MinDigits int
	MaxDigits int
	Label     string // short title of the field or question, in the dialogue's language
}

// Choice is one answer that can be touched or dialled.
type Choice struct {
	ID    string // canonical: v.yu-garden, yes, more
	Label string
	Sub   string // smaller second line, may be empty
}

// Row is one line of a Card or Ticket, in the dialogue's language.
type Row struct{ Label, Value string }

// Card is what the bot has understood so far, for the eye.
type Card struct {
	Title string
	Rows  []Row
	Note  string
}

// Ticket is a confirmed booking as the citizen takes it away.
type Ticket struct {
	Title   string
	Number  string // booking number
	Code    string // 4 digits, needed to cancel
	Rows    []Row
	Note    string
	QR      string // text of the QR code
	Booking tool.Booking
}

// Facts are what may leave the booth: no words of a citizen.
type Facts struct {
	Task   string // attraction, cancel, call, or empty
	Intent string // book, cancel, yes, no, unknown ...; in a hand-off the wish of the task under way, person where there is none
	Misses int    // inputs in a row that were not understood
}
