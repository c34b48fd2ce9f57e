package voip

import (
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// dialogKey finds a leg by the tag we gave it. The far end's tag is random too, but ours is enough, and a caller may not have one (RFC 2543).
type dialogKey struct{ callID, localTag string }

// dialog is what RFC 3261 §12 calls the state of one. Its leg's goroutine owns it.
type dialog struct {
	callID      string
	local       sip.FromHeader // our address, with our tag
	remote      sip.ToHeader   // theirs, with their tag once it is known
	target      sip.Uri        // their Contact: where requests go
	routes      []string       // Route values, in order
	hop         string         // host:port that requests go to instead, "" none
	transport   string         // UDP, TCP
	contact     string         // our Contact value
	seq, theirs uint32         // CSeq of our last request and of theirs
}

func (d *dialog) key() dialogKey {
	tag, _ := d.local.Params.Get("tag")
	return dialogKey{d.callID, tag}
}

// request builds the next request of the dialog. ACK repeats the number of its INVITE. RFC 3261 §12.2.1.1.
func (d *dialog) request(method sip.RequestMethod, seq uint32) *sip.Request {
	recipient, routes := d.target, d.routes
	if len(routes) > 0 && !strings.Contains(routes[0], ";lr") { // a strict router: it wants to be the Request-URI itself
		var strict sip.Uri
		var params sip.HeaderParams
		if _, err := sip.ParseAddressValue(routes[0], &strict, &params); err == nil {
			routes = append(slices.Clone(routes[1:]), "<"+d.target.String()+">")
			recipient = strict
		}
	}
	req := sip.NewRequest(method, recipient)
	for _, r := range routes {
		req.AppendHeader(sip.NewHeader("Route", r))
	}
	from, to := d.local, d.remote
	from.Params, to.Params = from.Params.Clone(), to.Params.Clone()
	callID, forwards := sip.CallIDHeader(d.callID), sip.MaxForwardsHeader(maxForwards)
	req.AppendHeader(&forwards)
	req.AppendHeader(&from)
	req.AppendHeader(&to)
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	req.SetTransport(d.transport)
	if d.hop != "" && len(d.routes) == 0 {
		req.SetDestination(d.hop)
	}
	return req
}

// confirm takes the far end's tag, target and route set from a 2xx to our INVITE. RFC 3261 §12.1.2.
func (d *dialog) confirm(res *sip.Response) {
	if to := res.To(); to != nil {
		d.remote = *to
		d.remote.Params = to.Params.Clone()
	}
	if c := res.Contact(); c != nil {
		d.target = *c.Address.Clone()
	}
	d.routes = headerList(res, "Record-Route")
	slices.Reverse(d.routes)
}

// headerList is every value of a header that may hold several, separated by commas.
func headerList(m sip.Message, name string) []string {
	var out []string
	for _, h := range m.GetHeaders(name) {
		out = slices.AppendSeq(out, listOf(h.Value()))
	}
	return out
}

// listOf splits at commas outside quotes and angle brackets.
func listOf(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		quoted, bracket, from := false, false, 0
		for i := 0; i < len(s); i++ {
			switch c := s[i]; {
			case c == '\\' && quoted:
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '<':
				bracket = true
			case c == '>':
				bracket = false
			case c == ',' && !bracket:
				if !yield(strings.TrimSpace(s[from:i])) {
					return
				}
				from = i + 1
			}
		}
		if last := strings.TrimSpace(s[from:]); last != "" {
			yield(last)
		}
	}
}

func headerValue(m sip.Message, name string) string {
	if h := m.GetHeaders(name); len(h) > 0 {
		return h[0].Value()
	}
	return ""
}

func headerValues(m sip.Message, name string) []string {
	var out []string
	for _, h := range m.GetHeaders(name) {
		out = append(out, h.Value())
	}
	return out
}

// contactFor is our Contact: this user at the address the far end can reach us at.
func contactFor(user string, addr netip.AddrPort, transport string) string {
	c := "<sip:" + escapeUser(user)
	if user != "" {
		c += "@"
	}
	c += addr.String()
	if transport != "UDP" {
		c += ";transport=" + strings.ToLower(transport)
	}
	return c + ">"
}

// escapeUser makes any string the user part of a URI. RFC 3261 §25.1.
func escapeUser(s string) string {
	const plain = "-_.!~*'()&=+$,;?/"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte("0123456789ABCDEF"[c>>4])
		b.WriteByte("0123456789ABCDEF"[c&15])
	}
	return b.String()
}

// unescape undoes it; what is no escape stays.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
