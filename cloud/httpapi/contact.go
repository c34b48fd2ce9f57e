package httpapi

// Paths of contacts, the desk and staff accounts.
const (
	PathContacts = "/api/v1/contacts"           // GET: a ContactPage
	PathContact  = "/api/v1/contacts/{id}"      // PUT a Handoff (booth), GET the Contact (staff)
	PathLine     = "/api/v1/contacts/{id}/line" // GET: WebSocket of a booth, LineNews and LineWish
	PathDesk     = "/api/v1/desk"               // GET: WebSocket of an agent, Desk… messages and DeskWish
	PathUsers    = "/api/v1/users"              // GET a UserPage, POST a NewUser
	PathUser     = "/api/v1/users/{id}"         // PATCH a UserChange, DELETE; id is the name of the account
)

// ContactPath is the path of one contact.
func ContactPath(id string) string { return PathContacts + "/" + id }

// LinePath is the path of the WebSocket between a booth and the contact that it began.
func LinePath(id string) string { return ContactPath(id) + "/line" }

// Limits of what a booth or a desk may send; more is refused as invalid.
const (
	MaxTurns    = 200
	MaxSlots    = 40
	MaxText     = 2000 // characters of one text, turn, slot value or note
	MaxWord     = 200  // characters of a label, a place, a reason
	MaxLangs    = 8
	MaxMessage  = 32 << 10 // bytes of one message on a line's WebSocket
	MaxDeskWish = 64 << 10 // bytes of one message on a desk's WebSocket: an SDP answer is the longest
)

// ContactState says where a contact is.
type ContactState string

// States of a contact.
const (
	ContactNew      ContactState = "new"      // known, not in a queue; also after nobody could answer
	ContactQueued   ContactState = "queued"   // waits for an agent
	ContactOffered  ContactState = "offered"  // rings at one agent
	ContactTalking  ContactState = "talking"  // an agent has it; for a callback also while the booth rings
	ContactHeld     ContactState = "held"     // the agent has put it on hold
	ContactWrapUp   ContactState = "wrap_up"  // the call is over, the agent writes
	ContactClosed   ContactState = "closed"   // over; another call with the same id opens it again
	ContactCallback ContactState = "callback" // nobody is on the line: an agent will call the booth
)

// Kind says how a contact came about.
type Kind string

// Kinds of contact.
const (
	KindVisit     Kind = "visit"
	KindEmergency Kind = "emergency"
	KindCallback  Kind = "callback"
)

// Reason says why the bot handed over.
type Reason string

// Reasons for a hand-off.
const (
	ReasonAsked  Reason = "asked"  // the citizen wanted a person
	ReasonMisses Reason = "misses" // the bot did not understand, twice
	ReasonTask   Reason = "task"   // the task itself wants a person
)

// Who said or typed something.
const (
	WhoCitizen = "citizen"
	WhoBot     = "bot"
	WhoAgent   = "agent"
)

// Disposition is how an agent says that a contact ended.
type Disposition string

// Dispositions.
const (
	Resolved     Disposition = "resolved"
	CallbackKept Disposition = "callback" // the contact is kept as a callback
	Transferred  Disposition = "transferred"
	WrongContact Disposition = "wrong"
	Abandoned    Disposition = "abandoned"
)

// Handoff is what a booth tells about a contact once a human is wanted: never before. A repeated PUT replaces it.
type Handoff struct {
	Lang   string `json:"lang"` // of the citizen, BCP 47: zh, en
	Reason Reason `json:"reason"`
	Place  string `json:"place,omitempty"` // where the booth stands, in words
	Task   string `json:"task,omitempty"`
	Intent string `json:"intent,omitempty"`
	Slots  []Slot `json:"slots,omitempty"`
	Turns  []Turn `json:"turns,omitempty"`
}

// Slot is one thing that the bot knew, in the citizen's words for it.
type Slot struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Turn is one utterance or typed text.
type Turn struct {
	Who  string `json:"who"` // WhoCitizen, WhoBot, WhoAgent
	Text string `json:"text"`
	AtMS int64  `json:"at_ms"` // ms since 1970
}

// TimelineEntry is one thing that happened to a contact.
type TimelineEntry struct {
	AtMS int64  `json:"at_ms"`
	Kind string `json:"kind"` // created arrived queued offered declined timeout left accepted connected held resumed lost requeued none …
	Text string `json:"text,omitempty"`
}

// Contact is one citizen's matter as staff see it. Times are ms since 1970, 0 when it has not happened.
type Contact struct {
	ID          string          `json:"id"` // ULID, made by the booth
	Booth       string          `json:"booth"`
	Place       string          `json:"place"` // where the booth stands, in words; may be empty
	Kind        Kind            `json:"kind"`
	Number      string          `json:"number"` // what was dialled; emergencies only
	Test        bool            `json:"test"`   // an emergency that reached the simulated operator of a laboratory
	Lang        string          `json:"lang"`
	Reason      Reason          `json:"reason"`
	Task        string          `json:"task"`
	Intent      string          `json:"intent"`
	Slots       []Slot          `json:"slots"`
	Turns       []Turn          `json:"turns"` // what was said to the bot, then what was typed on the call, in order
	State       ContactState    `json:"state"`
	Position    int             `json:"position"` // in the queue, from 1; 0 when not in one
	CreatedMS   int64           `json:"created_ms"`
	QueuedMS    int64           `json:"queued_ms"`
	AnsweredMS  int64           `json:"answered_ms"`
	EndedMS     int64           `json:"ended_ms"`
	Agent       string          `json:"agent"`
	Disposition Disposition     `json:"disposition"` // empty until the agent has said one
	Note        string          `json:"note"`        // plain text, shown as such
	Timeline    []TimelineEntry `json:"timeline"`
}

// ContactPage is one page of contacts, newest first, without turns and timeline. Next is the cursor of the following page.
type ContactPage struct {
	Contacts []Contact `json:"contacts"`
	Next     string    `json:"next,omitempty"`
}

// User is an account of staff.
type User struct {
	User  string   `json:"user"`
	Roles []string `json:"roles"` // agent supervisor operator administrator
	Langs []string `json:"langs"` // languages an agent speaks, the best first
	// Disabled keeps the account and lets nobody in with it.
	Disabled bool `json:"disabled"`
}

// UserChange changes an account; what is absent stays as it is. A new password and disabling end its sessions.
type UserChange struct {
	Roles    []string `json:"roles,omitempty"`
	Langs    []string `json:"langs,omitempty"`
	Password *string  `json:"password,omitempty"` // 8 to 256 bytes
	Disabled *bool    `json:"disabled,omitempty"`
}

// UserPage is one page of accounts by name. Next is the cursor of the following page.
type UserPage struct {
	Users []User `json:"users"`
	Next  string `json:"next,omitempty"`
}

// NewUser creates an account. An existing one is refused.
type NewUser struct {
	User     string   `json:"user"`
	Password string   `json:"password"` // 8 to 256 bytes
	Roles    []string `json:"roles"`
	Langs    []string `json:"langs,omitempty"` // default zh, en
}
