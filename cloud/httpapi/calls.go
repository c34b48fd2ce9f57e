package httpapi

// Paths of call records.
const (
	PathCalls      = "/api/v1/calls"      // GET: a CallPage
	PathCallRecord = "/api/v1/calls/{id}" // GET: a CallRecord
)

// CallRecord is one call: its legs, how it ended, and in the answer for one call the messages of each leg (the ladder).
type CallRecord struct {
	ID         string    `json:"id"` // ULID
	Contact    string    `json:"contact,omitempty"`
	Booth      string    `json:"booth,omitempty"`
	From       string    `json:"from"` // SIP user
	To         string    `json:"to"`
	StartedMS  int64     `json:"started_ms"`
	AnsweredMS int64     `json:"answered_ms"` // 0: never
	EndedMS    int64     `json:"ended_ms"`    // 0: still up
	Cause      string    `json:"cause"`       // normal busy declined no_answer cancelled unreachable timeout auth media_timeout error
	Legs       []CallLeg `json:"legs"`
}

// CallLeg is one end of a call as the core sees it.
type CallLeg struct {
	ID         string        `json:"id"`        // Call-ID, or the name of a leg that is not SIP
	Direction  string        `json:"direction"` // in, out: seen from the core
	Peer       string        `json:"peer"`      // booth id, trunk, agent, echo, operator
	Transport  string        `json:"transport"` // udp tcp tls webrtc
	Codec      string        `json:"codec"`
	StartedMS  int64         `json:"started_ms"`
	AnsweredMS int64         `json:"answered_ms"`
	EndedMS    int64         `json:"ended_ms"`
	Cause      string        `json:"cause"`
	Messages   []CallMessage `json:"messages"` // empty in lists
}

// CallMessage is one SIP message of a leg: its first line, nothing of its body.
type CallMessage struct {
	AtMS   int64  `json:"at_ms"`
	Sent   bool   `json:"sent"`    // by the core
	Line   string `json:"line"`    // INVITE sip:queue@…, 200 OK
	CSeq   string `json:"cseq"`    // 1 INVITE
	HasSDP bool   `json:"has_sdp"` // the message carried a description
}

// CallPage is one page of calls, newest first, without messages. Next is the cursor of the following page.
type CallPage struct {
	Calls []CallRecord `json:"calls"`
	Next  string       `json:"next,omitempty"`
}
