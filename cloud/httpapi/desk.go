package httpapi

// What travels between the core and the desk of an agent: one WebSocket (PathDesk, session cookie of an agent or a supervisor, own origin
// only). An agent has one softphone: the newest socket has it, an older one gets DeskElsewhere and is closed.

// DeskKind is the field t of a message.
type DeskKind string

// Messages of the core to a desk.
const (
	DeskHello     DeskKind = "hello"      // Hello: first, always
	DeskState     DeskKind = "state"      // AgentState
	DeskOffer     DeskKind = "offer"      // Offer
	DeskOfferGone DeskKind = "offer_gone" // OfferGone
	DeskCall      DeskKind = "call"       // CallNews
	DeskText      DeskKind = "text"       // TextNews; as a wish: Text
	DeskContact   DeskKind = "contact"    // ContactNews
	DeskQueue     DeskKind = "queue"      // QueueNews
	DeskRTCOffer  DeskKind = "rtc_offer"  // RTCOffer: answer it with DeskRTCAnswer; a later one replaces the connection
	DeskElsewhere DeskKind = "elsewhere"  // Bare: another tab has the softphone now
	DeskRestart   DeskKind = "restart"    // RestartNews: the core ends its calls and starts anew
	DeskError     DeskKind = "error"      // ErrorNews: the wish with this ref was refused
	DeskOK        DeskKind = "ok"         // OKNews: the wish with this ref was done
)

// Messages of a desk to the core, beside DeskText.
const (
	DeskSetState   DeskKind = "set_state"   // State, Reason
	DeskAccept     DeskKind = "accept"      // Offer
	DeskDecline    DeskKind = "decline"     // Offer
	DeskRTCAnswer  DeskKind = "rtc_answer"  // SDP
	DeskRTCRestart DeskKind = "rtc_restart" // asks for an offer that restarts ICE of the present connection
	DeskHold       DeskKind = "hold"        // On
	DeskHangup     DeskKind = "hangup"
	DeskWrapUp     DeskKind = "wrap_up" // Disposition, Note
)

// State of an agent.
type State string

// States of an agent.
const (
	AgentOffline   State = "offline"
	AgentAvailable State = "available"
	AgentOffered   State = "offered"
	AgentBusy      State = "busy"
	AgentWrapUp    State = "wrap_up"
	AgentAway      State = "away" // with a reason; ReasonNoAnswer is the core's own
)

// Reasons of the core for making an agent away.
const (
	ReasonNoAnswer = "no answer" // an offer was not answered in time
	ReasonNoAudio  = "no audio"  // accepted, but the browser never connected
)

// Why an offer is gone.
const (
	GoneAccepted  = "accepted"
	GoneDeclined  = "declined"
	GoneTimeout   = "timeout"
	GoneLeft      = "left"      // the citizen left
	GoneElsewhere = "elsewhere" // another agent has it, or this one went away
)

// States of the call at a desk.
const (
	CallConnecting = "connecting" // accepted; the browser or, at a callback, the booth is being connected
	CallTalking    = "talking"
	CallHeld       = "held"
	CallEnded      = "ended" // with a cause
)

// Codes of ErrorNews.
const (
	CodeInvalid     = "invalid"     // the message makes no sense; Message says why
	CodeSignIn      = "sign_in"     // the session has expired: sign in and open the socket again; a call goes on
	CodeGone        = "gone"        // the offer or the call is not there any more
	CodeNotNow      = "not_now"     // the state of the agent or the call does not allow it
	CodePhone       = "phone"       // the softphone failed
	CodeUnavailable = "unavailable" // the core cannot do it now
)

// Agent is who is at the desk.
type Agent struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Langs []string `json:"langs"`
	Roles []string `json:"roles"`
}

// Hello is the first message: all that the page needs to draw itself, also after a reload in mid-call.
type Hello struct {
	T       DeskKind `json:"t"`
	Agent   Agent    `json:"agent"`
	State   State    `json:"state"`
	Reason  string   `json:"reason"`
	SinceMS int64    `json:"since_ms"`
	// Next is away or offline when the agent has asked to be that after the contact in hand, else empty.
	Next       State    `json:"next"`
	NextReason string   `json:"next_reason"`
	Contact    *Contact `json:"contact"` // the one in hand, also while it is wrapped up; null without
}

// AgentState says what the agent's state is now.
type AgentState struct {
	T       DeskKind `json:"t"`
	State   State    `json:"state"`
	Reason  string   `json:"reason"`
	SinceMS int64    `json:"since_ms"`
	// Next and NextReason are as in Hello.
	Next       State    `json:"next"`
	NextReason string   `json:"next_reason"`
	Contact    *Contact `json:"contact"`
}

// Offer rings. It is sent again after a reload.
type Offer struct {
	T         DeskKind `json:"t"`
	Offer     string   `json:"offer"` // ULID
	Contact   Contact  `json:"contact"`
	ExpiresMS int64    `json:"expires_ms"` // ms since 1970
}

// OfferGone ends the ringing.
type OfferGone struct {
	T     DeskKind `json:"t"`
	Offer string   `json:"offer"`
	Why   string   `json:"why"`
}

// CallNews says how the call is.
type CallNews struct {
	T       DeskKind `json:"t"`
	Contact string   `json:"contact"`
	State   string   `json:"state"`
	Cause   string   `json:"cause"` // why it ended: normal busy declined no_answer cancelled unreachable timeout …
}

// TextNews is a typed text, also the agent's own: what is shown is what was kept.
type TextNews struct {
	T       DeskKind `json:"t"`
	Contact string   `json:"contact"`
	Who     string   `json:"who"`
	Text    string   `json:"text"`
	AtMS    int64    `json:"at_ms"`
}

// ContactNews is the whole contact in hand or on offer after a change.
type ContactNews struct {
	T       DeskKind `json:"t"`
	Contact Contact  `json:"contact"`
}

// QueueNews is who waits and who is there, at most twice a second.
type QueueNews struct {
	T       DeskKind     `json:"t"`
	Waiting []Waiting    `json:"waiting"` // the first 100, in the order they came
	Total   int          `json:"total"`   // how many wait in all
	Agents  []AgentBrief `json:"agents"`
}

// Waiting is a contact in the queue.
type Waiting struct {
	ID       string `json:"id"`
	Lang     string `json:"lang"`
	Booth    string `json:"booth"`
	Task     string `json:"task"`
	SinceMS  int64  `json:"since_ms"`
	Callback bool   `json:"callback"`
}

// AgentBrief is an agent as colleagues see them.
type AgentBrief struct {
	Name    string `json:"name"`
	State   State  `json:"state"`
	Reason  string `json:"reason"`
	SinceMS int64  `json:"since_ms"`
}

// RTCOffer is an SDP offer of the core. Line names the connection: a page that lost only its socket opens the next one with ?line= of the
// sound that it still has, and keeps it.
type RTCOffer struct {
	T    DeskKind `json:"t"`
	Line string   `json:"line"` // ULID
	SDP  string   `json:"sdp"`
}

// RestartNews says that the core is being restarted: there are no more offers, and it waits for the calls that are up until UntilMS.
type RestartNews struct {
	T       DeskKind `json:"t"`
	UntilMS int64    `json:"until_ms"` // ms since 1970
}

// ErrorNews refuses a wish.
type ErrorNews struct {
	T       DeskKind `json:"t"`
	Ref     string   `json:"ref"`
	Code    string   `json:"code"`
	Message string   `json:"message"`
}

// OKNews says that a wish was done.
type OKNews struct {
	T   DeskKind `json:"t"`
	Ref string   `json:"ref"`
}

// Bare is a message without fields.
type Bare struct {
	T DeskKind `json:"t"`
}

// DeskWish is a message of a desk to the core. Each has a ref, which its answer (OKNews or ErrorNews) repeats.
type DeskWish struct {
	T           DeskKind    `json:"t"`
	Ref         string      `json:"ref"`
	State       State       `json:"state,omitempty"` // of DeskSetState: available, away, offline
	Reason      string      `json:"reason,omitempty"`
	Offer       string      `json:"offer,omitempty"`
	SDP         string      `json:"sdp,omitempty"`
	On          bool        `json:"on,omitempty"`
	Text        string      `json:"text,omitempty"`
	Disposition Disposition `json:"disposition,omitempty"`
	Note        string      `json:"note,omitempty"`
	Contact     string      `json:"contact,omitempty"` // of DeskWrapUp: a note that comes late says what it is about; else the contact in hand
}
