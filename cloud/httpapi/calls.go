package httpapi

// Paths of call records.
const (
	PathCalls      = "/api/v1/calls"      // GET: a CallPage
	PathCallRecord = "/api/v1/calls/{id}" // GET: a CallRecord
)

// CallRecord is one call: its legs, how it ended, and in the answer for one call the messages of each leg (the ladder).
type CallRecord struct {
	ID         string    `json:"id"`   // ULID
	Kind       string    `json:"kind"` // queue callback operator free echo refused
	Contact    string    `json:"contact,omitempty"`
	Booth      string    `json:"booth,omitempty"`
	From       string    `json:"from"` // SIP user
	To         string    `json:"to"`   // SIP user; a dialled number is masked
	StartedMS  int64     `json:"started_ms"`
	AnsweredMS int64     `json:"answered_ms"`    // 0: never
	EndedMS    int64     `json:"ended_ms"`       // 0: still up
	Cause      string    `json:"cause"`          // normal busy declined no_answer cancelled unreachable timeout auth media_timeout error lost shutdown time_limit not_allowed
	Note       string    `json:"note,omitempty"` // why it was refused, where an emergency is
	Legs       []CallLeg `json:"legs"`
	Dropped    int       `json:"dropped,omitempty"` // messages beyond those that are kept
}

// CallLeg is one end of a call as the core sees it.
type CallLeg struct {
	ID         string        `json:"id"`        // Call-ID, or the name of a leg that is not SIP
	Direction  string        `json:"direction"` // in, out: seen from the core
	Peer       string        `json:"peer"`      // booth id, trunk, agent, echo, operator
	Remote     string        `json:"remote"`    // host:port of the peer's signalling
	Transport  string        `json:"transport"` // udp tcp tls webrtc
	Codec      string        `json:"codec"`
	StartedMS  int64         `json:"started_ms"`
	AnsweredMS int64         `json:"answered_ms"`
	EndedMS    int64         `json:"ended_ms"`
	RingingMS  int64         `json:"ringing_ms"`
	Cause      string        `json:"cause"`
	Sent       uint64        `json:"sent"`      // RTP packets
	Received   uint64        `json:"received"`  // RTP packets
	Lost       uint64        `json:"lost"`      // RTP packets
	JitterMS   float64       `json:"jitter_ms"` // RFC 3550 §6.4.1
	Messages   []CallMessage `json:"messages"`  // empty in lists
}

// CallMessage is one SIP message of a leg: its first line, and of its body what it says of sound.
type CallMessage struct {
	AtMS int64  `json:"at_ms"`
	Sent bool   `json:"sent"`          // by the core
	Line string `json:"line"`          // INVITE sip:queue@…, 200 OK
	CSeq string `json:"cseq"`          // 1 INVITE
	SDP  string `json:"sdp,omitempty"` // audio 127.0.0.1:20000 PCMU telephone-event
}

// CallPage is one page of calls, newest first, without messages. Next is the cursor of the following page.
type CallPage struct {
	Calls []CallRecord `json:"calls"`
	Next  string       `json:"next,omitempty"`
}
