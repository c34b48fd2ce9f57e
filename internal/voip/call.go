package voip

import (
	"net/netip"
	"strings"
	"time"

	"github.com/laoyou/laoyou/internal/voip/opus"
)

// Codec is a way to code sound. A Session can be read and written as µ-law whatever the wire speaks.
type Codec uint8

// The codecs, by the payload types that we give them: the static ones of RFC 3551 §6, and one of the dynamic ones.
const (
	PCMU Codec = 0
	PCMA Codec = 8
	Opus Codec = 111 // wideband; only where it is built in
)

func (c Codec) String() string {
	switch c {
	case PCMU:
		return "PCMU"
	case PCMA:
		return "PCMA"
	case Opus:
		return "opus"
	}
	return "unknown"
}

// rtpmap is the codec in SDP.
func (c Codec) rtpmap() string {
	if c == Opus {
		return "opus/48000/2" // RFC 7587 §7: always two channels, whatever is spoken
	}
	return c.String() + "/8000"
}

// clock is the codec's RTP clock in Hz.
func (c Codec) clock() uint32 {
	if c == Opus {
		return opus.ClockRate
	}
	return narrowRate
}

// Codecs are all that are built in, the best first.
func Codecs() []Codec {
	if opus.Available() {
		return []Codec{Opus, PCMU, PCMA}
	}
	return Narrow()
}

// Spoken names all that are built in, the best first.
func Spoken() string {
	names := make([]string, 0, 3)
	for _, c := range Codecs() {
		names = append(names, c.String())
	}
	return strings.Join(names, " ")
}

// Narrow are the codecs that every telephone knows: G.711.
func Narrow() []Codec { return []Codec{PCMU, PCMA} }

// Call is whom to call and as whom.
type Call struct {
	To   string         // SIP URI, e.g. sip:queue@127.0.0.1:5060 or sip:dev@10.0.0.7:40001;transport=tcp
	Hop  netip.AddrPort // where the INVITE goes, if not where To says: a binding's Source, an edge. Its transport is To's.
	From string         // user part of our address; Config.Name when empty
	Name string         // display name, may be empty

	User, Password string // for the digest, when asked; User "" gives up at a challenge

	Header map[string]string // further headers, e.g. X-Laoyou-Contact
	Codecs []Codec           // in our order of preference; the agent's when empty
	// MediaAddr is the address we ask the peer to send RTP to and bind our port on; the local address of the signalling when not valid.
	MediaAddr netip.Addr
	// RingTime ends the call with NoAnswer when no answer has come so long after Dial. 0: 180 s (RFC 3261 timer C).
	RingTime time.Duration
	// TryTime ends the call with Timeout when nothing at all has come from the far end so long after Dial: it is dead. 0: 32 s.
	TryTime time.Duration
	// MaxForwards stops loops: one less than the call has that this one goes on with (Incoming.MaxForwards). 70 when 0.
	MaxForwards int
	// CallID must be unique in the world; "" makes a random one.
	CallID string
}
