package call

import (
	"bytes"
	"strings"
	"time"
)

// MaxMessages bounds the ladder of a call: a leg that is held and resumed all day is no reason for an endless record.
const MaxMessages = 64

// Message is one SIP message of a call: a rung of its ladder. Of the message itself only this is kept: no credentials, no addresses of
// media but the peer's own, nothing a citizen dialled.
type Message struct {
	At        time.Time `json:"at"`
	CallID    string    `json:"call_id"` // of its leg
	Sent      bool      `json:"sent"`    // by the core
	Remote    string    `json:"remote"`
	Transport string    `json:"transport"`
	Line      string    `json:"line"`          // INVITE sip:queue@…, 200 OK
	CSeq      string    `json:"cseq"`          // 1 INVITE
	SDP       string    `json:"sdp,omitempty"` // audio 127.0.0.1:20000 PCMU telephone-event sendonly
}

// Summarize reads what a ladder shows out of a SIP message as it was on the wire. Damaged bytes give a poor summary, never a panic.
func Summarize(data []byte) (line, cseq, sdp string) {
	head, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	first, headers, _ := bytes.Cut(head, []byte("\r\n"))
	for l := range bytes.SplitSeq(headers, []byte("\r\n")) {
		name, value, ok := bytes.Cut(l, []byte(":"))
		if ok && bytes.EqualFold(bytes.TrimSpace(name), []byte("CSeq")) {
			cseq = clip(string(bytes.TrimSpace(value)))
			break
		}
	}
	line = strings.TrimSuffix(string(first), " SIP/2.0")
	line = strings.TrimPrefix(line, "SIP/2.0 ")
	return clip(hideNumber(line)), cseq, clip(summarizeSDP(body))
}

// hideNumber masks the number in a request line whose user part is one of a free call.
func hideNumber(line string) string {
	const prefix = "sip:call-"
	i := strings.Index(line, prefix)
	if i < 0 {
		i = strings.Index(line, "sip:")
		if i < 0 {
			return line
		}
		i += len("sip:")
	} else {
		i += len(prefix)
	}
	n := 0
	for i+n < len(line) && line[i+n] >= '0' && line[i+n] <= '9' {
		n++
	}
	return line[:i] + Mask(line[i:i+n]) + line[i+n:]
}

func summarizeSDP(body []byte) string {
	var host, port, direction string
	var codecs []string
	for l := range strings.SplitSeq(string(body), "\n") {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "c="):
			host = last(strings.Fields(l))
		case strings.HasPrefix(l, "m=audio ") && port == "":
			port = strings.Fields(l)[1]
		case strings.HasPrefix(l, "a=rtpmap:") && len(codecs) < 6:
			name, _, _ := strings.Cut(last(strings.Fields(l)), "/")
			codecs = append(codecs, name)
		case l == "a=sendonly", l == "a=recvonly", l == "a=inactive":
			direction = " " + l[len("a="):]
		}
	}
	if port == "" {
		return ""
	}
	return "audio " + host + ":" + port + " " + strings.Join(codecs, " ") + direction
}

func last(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// clip keeps a rung short, and printable on any terminal: the bytes are a stranger's.
func clip(s string) string {
	const longest = 120
	if len(s) <= longest && printable(s) { // nearly always
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' || (r >= 0x80 && r < 0xa0) {
			return '?'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}

// printable is quick: plain ASCII.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
