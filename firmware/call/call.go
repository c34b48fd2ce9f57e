// Package call is the booth's voice line: it asks the core for a person, places free calls, and takes the calls that come back. It turns
// SIP, sound and the contact's text line into news for the visit, which alone decides what they mean. It may import package firmware,
// firmware/{emergency,voiceio}, cloud/{httpapi,sipapi}, internal/{audio,id,voip}.
package call

import "time"

// Kind is what a call is for.
type Kind int

// Kinds of call.
const (
	KindUnknown Kind = iota
	KindPerson       // to a person in the contact center
	KindFree         // to a number of the citizen's
	KindBack         // from the contact center, as promised
)

var kindNames = [...]string{"unknown", "person", "free", "callback"}

func (k Kind) String() string { return kindNames[k] }

// NewsKind is what happened to a call.
type NewsKind int

// Kinds of news.
const (
	NewsUnknown  NewsKind = iota
	NewsRinging           // a call that came in is for somebody who speaks Lang; the first of its news
	NewsQueued            // waits at Position; Wait is an estimate in seconds, 0 when there is none
	NewsAnswered          // somebody is there: Agent says who
	NewsHeld              // on hold
	NewsResumed           // off hold
	NewsText              // Agent typed Text
	NewsNobody            // nobody can come now; a callback is on offer, the call is over
	NewsKept              // the callback is promised, the call is over
	NewsEnded             // over: Cause says why
)

// News is one report about a call. NewsNobody, NewsKept and NewsEnded are the last ones.
type News struct {
	Kind     NewsKind
	Position int
	Wait     int
	Agent    string
	Text     string
	Lang     string
	Cause    Cause
}

// Cause is why a call ended, in words that the visit has a sentence for.
type Cause string

// Causes.
const (
	CauseDone    Cause = "done"     // one of the two hung up
	CauseBusy    Cause = "busy"     // the other end is busy or does not want to
	CauseNoReply Cause = "noreply"  // nobody picked up
	CauseRefused Cause = "refused"  // the core does not place this call
	CauseTooSoon Cause = "too_soon" // this number had its free call a moment ago
	CausePaid    Cause = "paid"     // a number that costs, or abroad
	CauseLimit   Cause = "limit"    // the free minutes are over
	CauseRestart Cause = "restart"  // the core is being restarted
	CauseLost    Cause = "lost"     // the line broke or never came to be
)

// Wish is what a person must know before they answer.
type Wish struct {
	Contact string // ULID
	Lang    string
	Reason  string // asked, misses, task
	Task    string
	Intent  string
	Slots   []Slot
	Turns   []Turn
}

// Slot is one thing that is known, in the citizen's language.
type Slot struct{ Label, Value string }

// Turn is one thing that was said: Who is citizen or bot.
type Turn struct {
	Who  string
	Text string
	At   time.Time
}

// Talk is one call under way. Its methods never block.
type Talk interface {
	Kind() Kind
	News() <-chan News // closed after the last
	Answer()           // takes a call that came in
	Listen(on bool)    // the call's sound at the ear and the citizen's at the mouth, or not
	Text(text string)  // typed by the citizen, for the other end
	Callback()         // hang up, and be called back
	End()
}
