package voip

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// The limits of a message from outside.
const (
	maxMessage = 24 << 10 // bytes
	maxHeaders = 128
)

// fault is what is wrong with a message: the response it deserves. Code 0: nothing. Code drop: it deserves none.
type fault struct {
	code   int
	reason string
}

const drop = -1

func bad(what string) fault { return fault{400, "Bad " + what} }

// screen judges a message before the stack parses it, because the stack's parser takes much that RFC 3261 forbids (22 of the 37 wrong
// messages of RFC 4475). When ok is false the stack must not see it; answer is the response to send, nil for none.
func screen(b []byte, stream bool) (answer []byte, ok bool) {
	if isKeepAlive(b) {
		return nil, true
	}
	m, f := scan(b)
	if f.code == 0 {
		f = m.judge(stream)
	}
	switch {
	case f.code == 0:
		return nil, true
	case f.code == drop || !m.request || m.method == "ACK":
		return nil, false
	}
	return m.answer(f), false
}

// isKeepAlive: RFC 5626 §3.5.1, and the empty datagrams of routers.
func isKeepAlive(b []byte) bool { return len(bytes.Trim(b, "\r\n\x00")) == 0 }

// headerKind is a header that screen looks into.
type headerKind uint8

const (
	otherHeader headerKind = iota
	viaHeader
	fromHeader
	toHeader
	callIDHeader
	cseqHeader
	contactHeader
	forwardsHeader
	lengthHeader
	typeHeader
	headerKinds
)

// headerForms are their names, long and compact (RFC 3261 §7.3.3).
var headerForms = [headerKinds]struct{ long, compact string }{
	viaHeader:      {"Via", "v"},
	fromHeader:     {"From", "f"},
	toHeader:       {"To", "t"},
	callIDHeader:   {"Call-ID", "i"},
	cseqHeader:     {"CSeq", ""},
	contactHeader:  {"Contact", "m"},
	forwardsHeader: {"Max-Forwards", ""},
	lengthHeader:   {"Content-Length", "l"},
	typeHeader:     {"Content-Type", "c"},
}

func headerKindOf(name string) headerKind {
	for k, f := range headerForms {
		if len(name) == len(f.long) && strings.EqualFold(name, f.long) || len(name) == 1 && strings.EqualFold(name, f.compact) {
			return headerKind(k)
		}
	}
	return otherHeader
}

// rawHeader is one header line, unfolded.
type rawHeader struct {
	kind  headerKind
	value string
}

// rawMessage is a message cut into lines. Nothing of it is understood yet but the start line.
type rawMessage struct {
	request     bool
	method, uri string
	code        int
	headers     []rawHeader
	body        []byte
}

// scan cuts b. What it could read before a fault stays in the message.
func scan(b []byte) (m *rawMessage, f fault) {
	m = &rawMessage{headers: make([]rawHeader, 0, 14)}
	if len(b) > maxMessage {
		return m, fault{code: drop}
	}
	head, body, ended := bytes.Cut(b, []byte("\r\n\r\n"))
	m.body = body
	text := string(head)
	if !ended {
		text = strings.TrimSuffix(text, "\r\n")
	}
	start, rest, _ := strings.Cut(text, "\r\n")
	if strings.ContainsAny(start, "\r\n\x00") {
		return m, fault{code: drop}
	}
	startFault := m.startLine(start)
	headerFault := m.headerLines(rest)
	switch {
	case startFault.code != 0:
		return m, startFault
	case headerFault.code != 0:
		return m, headerFault
	case !ended:
		return m, bad("End of Headers")
	}
	return m, fault{}
}

// startLine reads "INVITE sip:a@b SIP/2.0" or "SIP/2.0 200 OK". RFC 3261 §7.1, §7.2: single spaces, nothing around.
func (m *rawMessage) startLine(s string) fault {
	first, rest, ok := strings.Cut(s, " ")
	if !ok {
		return fault{code: drop}
	}
	if strings.HasPrefix(first, "SIP/") {
		code, _, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(code)
		if err != nil || len(code) != 3 || n < 100 || n > 699 || first != "SIP/2.0" {
			return fault{code: drop}
		}
		m.code = n
		return fault{}
	}
	m.request, m.method = true, first
	uri, version, _ := strings.Cut(rest, " ")
	m.uri = uri
	switch {
	case !isToken(first):
		return fault{code: drop}
	case uri == "" || !strings.HasPrefix(version, "SIP/") || strings.ContainsAny(version, " \t"):
		return bad("Request-Line")
	case version != "SIP/2.0":
		return fault{505, "Version Not Supported"}
	}
	return requestURI(uri)
}

func requestURI(uri string) fault {
	scheme, rest, _ := strings.Cut(uri, ":")
	host := rest[strings.LastIndexByte(rest, '@')+1:]
	switch {
	case strings.ContainsAny(uri, "<>\"\t"):
		return bad("Request-URI")
	case !strings.EqualFold(scheme, "sip") && !strings.EqualFold(scheme, "sips"):
		return fault{416, "Unsupported URI Scheme"}
	case host == "" || strings.Contains(host, "?"): // RFC 3261 §19.1.1: no headers in a Request-URI
		return bad("Request-URI")
	}
	return fault{}
}

func (m *rawMessage) headerLines(s string) fault {
	for s != "" {
		line, rest, _ := strings.Cut(s, "\r\n")
		for strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "\t") { // folded, RFC 3261 §7.3.1
			var more string
			more, rest, _ = strings.Cut(rest, "\r\n")
			line = strings.TrimRight(line, " \t") + " " + strings.TrimLeft(more, " \t")
		}
		s = rest
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimRight(name, " \t")
		switch {
		case strings.ContainsAny(line, "\r\n"):
			return fault{code: drop} // would be two lines in our answer
		case !ok || !isToken(name):
			return bad("Header")
		case len(m.headers) == maxHeaders:
			return fault{code: drop}
		}
		m.headers = append(m.headers, rawHeader{headerKindOf(name), strings.Trim(value, " \t")})
	}
	return fault{}
}

// isToken is RFC 3261 §25.1.
func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-.!%*_+`'~", c) >= 0
}

// answer is the response to a request that cannot be parsed: its own lines, as far as they are there. RFC 3261 §8.2.6.
func (m *rawMessage) answer(f fault) []byte {
	b := make([]byte, 0, 512)
	b = append(b, "SIP/2.0 "...)
	b = strconv.AppendInt(b, int64(f.code), 10)
	b = append(b, ' ')
	b = append(b, f.reason...)
	b = append(b, "\r\n"...)
	var seen [headerKinds]bool
	for _, h := range m.headers {
		if h.kind < viaHeader || h.kind > cseqHeader || (seen[h.kind] && h.kind != viaHeader) {
			continue
		}
		seen[h.kind] = true
		b = append(b, headerForms[h.kind].long...)
		b = append(b, ": "...)
		b = append(b, h.value...)
		if h.kind == toHeader && !strings.Contains(h.value, "tag=") {
			b = append(b, ";tag="...)
			b = append(b, sip.GenerateTagN(10)...)
		}
		b = append(b, "\r\n"...)
	}
	if !seen[viaHeader] {
		return nil // nobody would know what it answers
	}
	return append(b, "Content-Length: 0\r\n\r\n"...)
}
