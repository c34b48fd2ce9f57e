package dialogue

import (
	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Stage is where a dialogue stands.
type Stage int

// Stages. The zero value is the first one.
const (
	StageLang    Stage = iota // which language?
	StageHome                 // what can I do for you?
	StageSlot                 // Asked is asked for
	StageCheck                // a reading tool call is out
	StageConfirm              // the card was read back: yes or no?
	StageChange               // what shall be changed?
	StageAct                  // a writing tool call is out; only its result leads on
	StageFailed               // a call failed: again?
	StageAfter                // done: anything else?
)

// String names the stage in tests and logs.
func (s Stage) String() string {
	names := []string{"lang", "home", "slot", "check", "confirm", "change", "act", "failed", "after"}
	if s < 0 || int(s) >= len(names) {
		return "unknown"
	}
	return names[s]
}

// Slots are what the citizen has told so far. Empty means not known.
type Slots struct {
	Place   string
	Date    string // YYYY-MM-DD
	Session tool.Session
	Tickets int
	Number  string
	Code    string
	Phone   string // to be called
	Care    Care   // of the hospital task
}

func (s Slots) book() tool.BookArgs {
	return tool.BookArgs{Place: s.Place, Date: s.Date, Session: s.Session, Tickets: s.Tickets}
}

func (s Slots) ref() tool.RefArgs { return tool.RefArgs{Number: s.Number, Code: s.Code} }

// State is the whole memory of a dialogue: plain data that is copied, never shared and changed. It holds what a citizen said
// and is wiped with the visit.
type State struct {
	Lang  agents.Lang
	Stage Stage
	Task  string // id of the flow, empty at home
	Slots Slots

	Asked   string // slot asked for in StageSlot
	Page    int    // of a long list of choices
	Hint    string // department that a symptom led to, until it is taken or not
	Offered string // reason of a hand-off that was offered and not yet answered

	Times tool.TimesResult // of Slots.Place on Slots.Date, where it has been asked
	Found tool.Booking     // looked up, about to be cancelled
	Last  tool.Booking     // booked in this visit

	Calls
	Counts

	Reply agents.Reply // the last one, to say it again
}

// Calls are what is about to be done, under way, or in doubt.
type Calls struct {
	Key     string    // idempotency key of the card on show
	KeyFor  Slots     // the slots that the key is bound to
	Pending tool.Call // the call that is out, or that failed
	Doubt   tool.Call // a call of which nobody knows whether it was done
}

// Counts are how often something happened in a row.
type Counts struct {
	Misses   int // inputs that were not understood
	Silences int
	Tries    int // wrong numbers or codes
	Lost     int // writing calls without an answer
}

// busy reports whether a task is under way, as against none yet or one that is done.
func (s State) busy() bool { return s.Task != "" && s.Stage != StageAfter }

// doing reports whether this task is under way.
func (s State) doing(task string) bool { return s.Task == task && s.busy() }

// place is what has the stock under discussion: an attraction, or a clinic.
func (s State) place() string {
	if s.Task == tasks.Hospital {
		return s.Slots.Care.clinic()
	}
	return s.Slots.Place
}

// fresh reports whether Times belongs to the place and day under discussion.
func (s State) fresh() bool {
	return s.place() != "" && s.Times.Place == s.place() && s.Times.Date == s.Slots.Date
}

// session finds a session of the day.
func (s State) session(id tool.Session) (tool.SessionTimes, bool) {
	for _, t := range s.Times.Sessions {
		if t.Session == id {
			return t, true
		}
	}
	return tool.SessionTimes{}, false
}

// home drops the task and keeps what belongs to the visit.
func (s State) home() State {
	return State{Lang: s.Lang, Stage: StageHome, Last: s.Last, Calls: Calls{Doubt: s.Doubt}, Reply: s.Reply}
}
