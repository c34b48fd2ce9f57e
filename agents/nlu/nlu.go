// Package nlu says what it means to understand a citizen: words in, dialogue acts out. It holds the port and its types only;
// rules is the first engine behind it, a trained model comes later. It may import agents.
package nlu

import (
	"time"

	"github.com/laoyou/laoyou/agents"
)

// Understander turns an utterance into dialogue acts. It is deterministic, total and safe to call from any goroutine.
type Understander interface {
	Understand(ctx Context, text string) Understanding
}

// Context is what the dialogue knows before the words come in.
type Context struct {
	Now     time.Time   // in the city's zone
	Lang    agents.Lang // of the dialogue so far, may be unknown
	Expect  string      // slot asked for: place date session tickets number code phone ..., empty where none is
	Task    string      // flow under way, empty where none is
	Choices []agents.Choice
}

// Slots that rules know.
const (
	SlotPlace   = "place"
	SlotDate    = "date"
	SlotSession = "session"
	SlotTickets = "tickets"
	SlotNumber  = "number"
	SlotCode    = "code"
	SlotPhone   = "phone"
)

// Slots of seeing a doctor. A symptom's value is the department it usually leads to: a guess to be confirmed, never a diagnosis.
const (
	SlotHospital = "hospital"
	SlotDept     = "dept"
	SlotLevel    = "level"
	SlotDocument = "document"
	SlotTail     = "tail" // last four characters of the document's number
	SlotPatient  = "patient"
	SlotSymptom  = "symptom"
)

// ActKind is what the citizen does with a slot.
type ActKind string

// Kinds of act.
const (
	Inform  ActKind = "inform"  // here is a value
	Negate  ActKind = "negate"  // not this value
	Change  ActKind = "change"  // this value instead; without a value: I want to change it
	Request ActKind = "request" // what is it, what is there
)

// Problem is why a value that was understood can not be used.
type Problem string

// Problems. Whether a valid date is past or too far ahead is the policy's to say.
const (
	Impossible Problem = "impossible" // 31 February
	OutOfRange Problem = "range"      // 0 or 500 tickets, half a ticket
	NoSession  Problem = "no_session" // evening
	Unknown    Problem = "unknown"    // a place this city pack does not have
)

// Value is a slot's value in canonical form.
type Value struct {
	ID      string // yu-garden, 2026-11-21, morning, 2, 20481937; AnyValue; empty with a Problem
	Number  int    // tickets: the number, also with OutOfRange; with Delta how many more
	Delta   bool   // tickets: Number is to be added to what was said before
	Problem Problem
	Fuzzy   bool // matched by sound or spelling only
}

// AnyValue means that the citizen does not mind.
const AnyValue = "any"

// Act is one dialogue act.
type Act struct {
	Kind  ActKind
	Slot  string
	Value Value
}

// Intent is what the citizen wants done.
type Intent string

// Intents. Those that no task serves yet are understood too, so that the bot can say so.
const (
	Book       Intent = "book"
	Cancel     Intent = "cancel"
	Hospital   Intent = "hospital"
	Directions Intent = "directions"
	Call       Intent = "call"
	City       Intent = "city"
	Emergency  Intent = "emergency"
)

// Signal is a set of things said to steer the dialogue itself.
type Signal uint32

// Signals.
const (
	Yes Signal = 1 << iota
	No
	Back
	Repeat
	Person
	Home
	More
	Retry
	Greeting
	Thanks
	Bye
	Help
	Slower // did not hear, speak up
)

// Has reports whether all of x is in s.
func (s Signal) Has(x Signal) bool { return s&x == x }

// Understanding is what was understood. The zero value means: nothing.
type Understanding struct {
	Lang       agents.Lang // language of the words; may be one that no bot speaks yet
	LangSure   bool        // enough words to switch the dialogue to Lang
	SwitchTo   agents.Lang // the citizen asked for this language
	Intent     Intent
	Acts       []Act
	Signals    Signal
	Choice     string // id of a choice on offer that was named
	LastOne    bool   // the booking made before in this visit is meant
	RedFlag    bool   // a symptom that must not wait
	OutOfScope bool   // words, but none that mean something here
	Confidence float64
}

// Empty reports whether nothing was understood.
func (u Understanding) Empty() bool {
	return u.Intent == "" && len(u.Acts) == 0 && u.Signals == 0 && !u.RedFlag && u.Choice == "" && u.SwitchTo == ""
}

// Act returns the last act about a slot that is of one of the kinds.
func (u Understanding) Act(slot string, kinds ...ActKind) (Act, bool) {
	for i := len(u.Acts) - 1; i >= 0; i-- {
		for _, k := range kinds {
			if u.Acts[i].Slot == slot && u.Acts[i].Kind == k {
				return u.Acts[i], true
			}
		}
	}
	return Act{}, false
}
