package voip

import (
	"strconv"
	"strings"
)

const maxCSeq = 1<<31 - 1 // RFC 3261 §8.1.1.5

// judge checks what every message must have, once, and readable. RFC 3261 §8.1.1, §20.
func (m *rawMessage) judge(stream bool) fault {
	count := make(map[string]int, 8)
	for _, h := range m.headers {
		var f fault
		switch h.name {
		case "via":
			f = m.via(h.value, count)
		case "from", "to":
			count[h.name]++
			f = address(h.value, h.name)
		case "contact":
			f = contacts(h.value)
		case "call-id":
			count[h.name]++
			if h.value == "" || strings.ContainsAny(h.value, " \t") {
				f = bad("Call-ID")
			}
		case "cseq":
			count[h.name]++
			f = m.cseq(h.value)
		case "max-forwards":
			count[h.name]++
			if _, err := strconv.ParseUint(h.value, 10, 8); err != nil { // §20.22: 0 to 255
				f = bad("Max-Forwards")
			}
		case "content-length":
			count[h.name]++
			f = m.length(h.value, stream)
		case "content-type":
			count[h.name]++
		}
		if f.code != 0 {
			return f
		}
	}
	return m.complete(count, stream)
}

// complete says what is missing or there twice.
func (m *rawMessage) complete(count map[string]int, stream bool) fault {
	for _, name := range [...]string{"from", "to", "call-id", "cseq"} {
		if count[name] != 1 {
			return bad(name)
		}
	}
	for _, name := range [...]string{"max-forwards", "content-length", "content-type"} {
		if count[name] > 1 {
			return bad(name)
		}
	}
	switch {
	case count["via"] == 0:
		return bad("via")
	case !m.request && count["via"] > 1: // RFC 3261 §8.1.3.3: not ours
		return fault{code: drop}
	case stream && count["content-length"] == 0: // §18.3
		return bad("content-length")
	}
	return fault{}
}

func (m *rawMessage) via(value string, count map[string]int) fault {
	for _, v := range splitList(value) {
		count["via"]++
		name, rest, _ := strings.Cut(v, "/")
		version, rest, _ := strings.Cut(rest, "/")
		rest = strings.TrimLeft(rest, " \t")
		transport, rest, _ := cutSpace(rest)
		sentBy, params, _ := strings.Cut(strings.TrimLeft(rest, " \t"), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "SIP") || strings.TrimSpace(version) != "2.0" || !isToken(transport) ||
			strings.TrimSpace(sentBy) == "" || !parameters(params) {
			return bad("Via")
		}
	}
	return fault{}
}

func cutSpace(s string) (before, after string, found bool) {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// parameters reads "a=b;c", after the first semicolon. An empty one is wrong, no list at all is not.
func parameters(s string) bool {
	if strings.TrimSpace(s) == "" {
		return true
	}
	for _, p := range splitAt(s, ';') {
		name, _, _ := strings.Cut(p, "=")
		if !isToken(strings.TrimSpace(name)) {
			return false
		}
	}
	return true
}

// splitAt splits outside quotes.
func splitAt(s string, sep byte) []string {
	var out []string
	quoted, from := false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == sep && !quoted:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

func (m *rawMessage) cseq(value string) fault {
	number, method, _ := cutSpace(value)
	n, err := strconv.ParseUint(number, 10, 64)
	method = strings.TrimSpace(method)
	if err != nil || n > maxCSeq || !isToken(method) || (m.request && method != m.method) {
		return bad("CSeq")
	}
	return fault{}
}

func (m *rawMessage) length(value string, stream bool) fault {
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil || (!stream && n > uint64(len(m.body))) { // §18.3
		return bad("Content-Length")
	}
	return fault{}
}

func contacts(value string) fault {
	if value == "*" {
		return fault{}
	}
	for _, c := range splitList(value) {
		if f := address(c, "Contact"); f.code != 0 {
			return f
		}
	}
	return fault{}
}

// address reads "Name" <sip:a@b>;tag=c and sip:a@b;tag=c. RFC 3261 §20.10, §25.1.
func address(s, what string) fault {
	rest := s
	switch {
	case strings.HasPrefix(s, `"`):
		_, after, ok := quoted(s)
		if rest = strings.TrimLeft(after, " \t"); !ok || !strings.HasPrefix(rest, "<") {
			return bad(what)
		}
	case strings.Contains(s, "<"):
		i := strings.IndexByte(s, '<')
		for _, word := range strings.Fields(s[:i]) {
			if !isToken(word) {
				return bad(what)
			}
		}
		rest = s[i:]
	}
	uri, params, found := strings.Cut(rest, ";")
	if strings.HasPrefix(rest, "<") {
		var ok bool
		if uri, params, ok = strings.Cut(rest[1:], ">"); !ok {
			return bad(what)
		}
		params = strings.TrimLeft(params, " \t")
		params, found = strings.CutPrefix(params, ";")
		if !found && params != "" {
			return bad(what)
		}
	} else if strings.ContainsAny(uri, "?,") { // only allowed inside angle brackets
		return bad(what)
	} else {
		uri = strings.TrimRight(uri, " \t")
	}
	scheme, opaque, ok := strings.Cut(uri, ":")
	if !ok || !isToken(scheme) || opaque == "" || strings.ContainsAny(uri, " \t<>\"") || (found && !parameters(params)) || (found && params == "") {
		return bad(what)
	}
	return fault{}
}

// quoted takes a quoted string off s.
func quoted(s string) (value, rest string, ok bool) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[1:i], s[i+1:], true
		}
	}
	return "", "", false
}
