// Package view holds View and Action: plain data, the only words that booth and screen share. A View says everything that is on screen
// in one language; the kiosk draws it and answers with the id of an Action. It is a leaf: standard library only, and everyone may import it.
package view

// Screen is one of the booth's screens.
type Screen string

// The screens of a booth.
const (
	Attract      Screen = "S0"
	Home         Screen = "S1"
	Language     Screen = "S2"
	Conversation Screen = "S3"
	Form         Screen = "S4"
	Confirm      Screen = "S5"
	Waiting      Screen = "S6"
	Call         Screen = "S7"
	Ticket       Screen = "S8"
	SOS          Screen = "S9"
	Settings     Screen = "SX"
	OutOfService Screen = "SY"
	Maintenance  Screen = "SZ"
)

// View is everything on the screen. Absent parts are nil or empty; which parts a screen has is up to whoever made the View,
// where they stand on the panel is up to the kiosk.
type View struct {
	V        int       `json:"v"`     // 1
	Visit    string    `json:"visit"` // ULID, "" at rest
	Screen   Screen    `json:"screen"`
	Lang     string    `json:"lang"` // of the words below
	Style    Style     `json:"style"`
	Clock    string    `json:"clock"` // HH:MM
	Place    string    `json:"place"` // where this booth stands, for the header
	Title    string    `json:"title,omitempty"`
	Subtitle string    `json:"subtitle,omitempty"` // the title in the second language, smaller
	Body     []string  `json:"body,omitempty"`     // paragraphs
	Hellos   []string  `json:"hellos,omitempty"`   // S0: hello in many scripts
	Banner   *Banner   `json:"banner,omitempty"`   // a line above everything: test mode, offline, still there?
	Tiles    []Action  `json:"tiles,omitempty"`    // S1, S2: a grid, two columns
	Captions []Caption `json:"captions,omitempty"` // S3, S5, S7: the last turns, oldest first
	Strip    *Strip    `json:"strip,omitempty"`    // what the bot does right now
	Card     *Card     `json:"card,omitempty"`     // what is understood so far; on S5 to be confirmed
	Pad      *Pad      `json:"pad,omitempty"`      // S4: a number is typed
	Choices  []Action  `json:"choices,omitempty"`  // the answers on offer, at most 4 and a "more"
	Slip     *Slip     `json:"ticket,omitempty"`   // S8
	Line     *Line     `json:"line,omitempty"`     // S6, S7, S9: the call
	Home     *Action   `json:"home,omitempty"`     // back to home
	Footer   []Action  `json:"footer,omitempty"`   // SOS, large text, sound, language
	Focus    string    `json:"focus,omitempty"`    // id of the action that # would take
	Volume   int       `json:"volume"`             // ear gain step 0..3
}

// Style is how the citizen wants to see it.
type Style struct {
	Large    bool `json:"large"`    // text 1.35 times
	Contrast bool `json:"contrast"` // black and yellow
}

// Emphasis of an Action.
type Emphasis string

// Emphases, strongest first; at most one primary on a screen.
const (
	Primary   Emphasis = "primary"
	Secondary Emphasis = "secondary"
	Human     Emphasis = "human"  // leads to a person: persimmon tint
	Danger    Emphasis = "danger" // SOS red, nothing else
	Quiet     Emphasis = "quiet"
)

// Action is something that can be touched or dialled. Its ID is stable across languages.
type Action struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Sub      string   `json:"sub,omitempty"`  // smaller second line
	Icon     string   `json:"icon,omitempty"` // name of a kiosk icon
	Key      string   `json:"key,omitempty"`  // keypad key with the same effect
	Emphasis Emphasis `json:"emphasis,omitempty"`
	On       bool     `json:"on,omitempty"`   // a switch that is on, a tile that is chosen
	Soon     bool     `json:"soon,omitempty"` // not there yet; touching says so
}

// Who spoke.
const (
	Citizen = "citizen"
	Bot     = "bot"
	Agent   = "agent" // a human in the contact center
)

// Caption is one turn in words.
type Caption struct {
	Who  string `json:"who"`
	Text string `json:"text"`
}

// Activity is what the bot does right now.
type Activity string

// Activities.
const (
	Idle      Activity = "idle"
	Listening Activity = "listening"
	Thinking  Activity = "thinking"
	Speaking  Activity = "speaking"
)

// Strip shows the activity with a hint of what can be said.
type Strip struct {
	Activity Activity `json:"activity"`
	Label    string   `json:"label"`
	Hint     string   `json:"hint,omitempty"`
}

// BannerKind is why there is a Banner.
type BannerKind string

// Kinds of banner.
const (
	BannerTest    BannerKind = "test"    // emergency calls are a test here
	BannerOffline BannerKind = "offline" // no line to the city's services
	BannerIdle    BannerKind = "idle"    // still there?
	BannerWaiting BannerKind = "waiting" // a person is being looked for meanwhile
	BannerNotice  BannerKind = "notice"  // the operators have something to say
)

// Banner is one line above everything.
type Banner struct {
	Kind BannerKind `json:"kind"`
	Text string     `json:"text"`
}

// Row is one line of a Card or Slip.
type Row struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Card is a summary.
type Card struct {
	Title string `json:"title"`
	Rows  []Row  `json:"rows"`
	Note  string `json:"note,omitempty"`
}

// Pad is a number being typed on a pad of digits. Its keys are the actions digit.0 to digit.9, digit.back and digit.ok.
type Pad struct {
	Label string `json:"label"`
	Value string `json:"value"` // digits typed so far
	Max   int    `json:"max"`
	Min   int    `json:"min"`
}

// Slip is a ticket.
type Slip struct {
	Title  string `json:"title"`
	Number string `json:"number"`
	Code   string `json:"code"`
	Rows   []Row  `json:"rows"`
	Note   string `json:"note,omitempty"`
	QR     string `json:"qr"` // text for the QR code
}

// LineState is how far a call is.
type LineState string

// States of a call as the citizen sees it.
const (
	LineCountdown LineState = "countdown" // rings out in Seconds; can be cancelled
	LineRinging   LineState = "ringing"
	LineAnswered  LineState = "answered"
	LineEnded     LineState = "ended"
	LineFailed    LineState = "failed"
)

// Line is a call.
type Line struct {
	State    LineState `json:"state"`
	Who      string    `json:"who"`   // 110, or the name of the human
	Label    string    `json:"label"` // the state in words
	Seconds  int       `json:"seconds,omitempty"`
	Location string    `json:"location,omitempty"` // in large type on S9
	Test     bool      `json:"test,omitempty"`     // lab mode: nobody real answers
}
