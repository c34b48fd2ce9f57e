package voip

import (
	"iter"
	"strconv"
	"strings"
)

const maxCSeq = 1<<31 - 1 // RFC 3261 §8.1.1.5

// judge checks what every message must have, once, and readable. RFC 3261 §8.1.1, §20.
func (m *rawMessage) judge(stream bool) fault {
	var count headerCount
	for _, h := range m.headers {
		if h.kind != viaHeader {
			count[h.kind]++
		}
		var f fault
		switch h.kind {
		case viaHeader:
			f = m.via(h.value, &count)
		case fromHeader:
			f = address(h.value, "From")
		case toHeader:
			f = address(h.value, "To")
		case contactHeader:
			f = contacts(h.value)
		case callIDHeader:
			if h.value == "" || strings.ContainsAny(h.value, " \t") {
				f = bad("Call-ID")
			}
		case cseqHeader:
			f = m.cseq(h.value)
		case forwardsHeader:
			if _, err := strconv.ParseUint(h.value, 10, 8); err != nil { // §20.22: 0 to 255
				f = bad("Max-Forwards")
			}
		case lengthHeader:
			f = m.length(h.value, stream)
		default:
		}
		if f.code != 0 {
			return f
		}
	}
	return m.complete(&count, stream)
}

type headerCount [headerKinds]int

// complete says what is missing or there twice.
func (m *rawMessage) complete(count *headerCount, stream bool) fault {
	for k := fromHeader; k <= cseqHeader; k++ {
		if count[k] != 1 {
			return bad(headerForms[k].long)
		}
	}
	for k := forwardsHeader; k <= typeHeader; k++ {
		if count[k] > 1 {
			return bad(headerForms[k].long)
		}
	}
	switch {
	case count[viaHeader] == 0:
		return bad("Via")
	case !m.request && count[viaHeader] > 1: // RFC 3261 §8.1.3.3: not ours
		return fault{code: drop}
	case stream && count[lengthHeader] == 0: // §18.3
		return bad("Content-Length")
	}
	return fault{}
}

func (m *rawMessage) via(value string, count *headerCount) fault {
	for v := range listOf(value) {
		count[viaHeader]++
		name, rest, _ := strings.Cut(v, "/")
		version, rest, _ := strings.Cut(rest, "/")
		rest = strings.TrimLeft(rest, " \t")
		transport, rest := cutSpace(rest)
		sentBy, params, _ := strings.Cut(strings.TrimLeft(rest, " \t"), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "SIP") || strings.TrimSpace(version) != "2.0" || !isToken(transport) ||
			strings.TrimSpace(sentBy) == "" || !parameters(params) {
			return bad("Via")
		}
	}
	return fault{}
}

func cutSpace(s string) (before, after string) {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// parameters reads "a=b;c", after the first semicolon. An empty one is wrong, no list at all is not.
func parameters(s string) bool {
	if strings.TrimSpace(s) == "" {
		return true
	}
	for p := range splitAt(s, ';') {
		name, _, _ := strings.Cut(p, "=")
		if !isToken(strings.TrimSpace(name)) {
			return false
		}
	}
	return true
}

// splitAt splits outside quotes.
func splitAt(s string, sep byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		quoted, from := false, 0
		for i := 0; i < len(s); i++ {
			switch c := s[i]; {
			case c == '\\' && quoted:
				i++
			case c == '"':
				quoted = !quoted
			case c == sep && !quoted:
				if !yield(s[from:i]) {
					return
				}
				from = i + 1
			}
		}
		yield(s[from:])
	}
}

func (m *rawMessage) cseq(value string) fault {
	number, method := cutSpace(value)
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
	for c := range listOf(value) {
		if f := address(c, "Contact"); f.code != 0 {
			return f
		}
	}
	return fault{}
}

// address reads "Name" <sip:a@b>;tag=c and sip:a@b;tag=c. RFC 3261 §20.10, §25.1.
func address(s, what string) fault {
	rest, ok := afterName(s)
	if !ok {
		return bad(what)
	}
	uri, params, found := strings.Cut(rest, ";")
	if strings.HasPrefix(rest, "<") {
		uri, rest, ok = strings.Cut(rest[1:], ">")
		rest = strings.TrimLeft(rest, " \t")
		params, found = strings.CutPrefix(rest, ";")
		ok = ok && (found || rest == "")
	} else {
		uri = strings.TrimRight(uri, " \t")
		ok = !strings.ContainsAny(uri, "?,") // only allowed inside angle brackets
	}
	if !ok || !isAddress(uri) || (found && (params == "" || !parameters(params))) {
		return bad(what)
	}
	return fault{}
}

// afterName takes a display name off s: a quoted string, or tokens.
func afterName(s string) (rest string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		_, rest, ok = quoted(s)
		rest = strings.TrimLeft(rest, " \t")
		return rest, ok && strings.HasPrefix(rest, "<")
	}
	i := max(strings.IndexByte(s, '<'), 0)
	for word := range strings.FieldsSeq(s[:i]) {
		if !isToken(word) {
			return "", false
		}
	}
	return s[i:], true
}

// isAddress: some scheme, something behind it, nothing that would end it.
func isAddress(uri string) bool {
	scheme, opaque, _ := strings.Cut(uri, ":")
	return isToken(scheme) && opaque != "" && !strings.ContainsAny(uri, " \t<>\"")
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
