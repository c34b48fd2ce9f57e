package voip

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

const maxContacts = 16

// BindRequest is a REGISTER that has passed the digest. RFC 3261 §10.3.
type BindRequest struct {
	User      string // user part of To: the address of record
	Login     string // user of the digest, "" when Config.Auth is nil; a User that is not Login is a third-party registration
	CallID    string
	CSeq      uint32
	Agent     string         // User-Agent
	Source    netip.AddrPort // where it came from: call it there (Call.Hop), the Contact may be behind a NAT
	Transport string         // udp, tcp
	// Contacts to add, refresh or (Expires 0) remove; none asks for the list. All: remove every binding ("*").
	Contacts []BindContact
	All      bool
}

// BindContact is one Contact of a REGISTER or of its answer.
type BindContact struct {
	URI     string
	Expires time.Duration // wanted, or granted
}

// BindReply answers it.
type BindReply struct {
	Code     int           // 200, 403, 404, 423 …
	Contacts []BindContact // with 200: every binding that holds now
	Min      time.Duration // with 423: the shortest time that is granted
}

// onRegister asks whoever keeps the bindings.
func (a *Agent) onRegister(req *sip.Request, tx sip.ServerTransaction) {
	if a.conf.Bind == nil {
		a.respond(req, tx, 405, "Method Not Allowed", sip.NewHeader("Allow", allow))
		return
	}
	in := &Incoming{agent: a, req: req, tx: tx, Source: sourceOf(req), Transport: strings.ToLower(req.Transport())}
	if !a.authenticated(in) {
		return
	}
	b := BindRequest{
		User: unescape(req.To().Address.User), Login: in.Login, CallID: in.ID(), CSeq: req.CSeq().SeqNo,
		Agent: headerValue(req, "User-Agent"), Source: in.Source, Transport: in.Transport,
	}
	if b.User == "" || !b.contacts(req) {
		a.respond(req, tx, 400, "Bad Request")
		return
	}
	reply := a.conf.Bind(b)
	res := a.response(req, reply.Code, reasonOf(reply.Code))
	switch reply.Code {
	case 200:
		res.Reason = "OK"
		for _, c := range reply.Contacts {
			res.AppendHeader(sip.NewHeader("Contact", "<"+c.URI+">;expires="+seconds(c.Expires)))
		}
		res.AppendHeader(sip.NewHeader("Date", time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")))
	case 423:
		res.Reason = "Interval Too Brief"
		res.AppendHeader(sip.NewHeader("Min-Expires", seconds(reply.Min)))
	}
	_ = tx.Respond(res)
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// contacts reads the Contact headers. RFC 3261 §10.2.1.1: a contact's own expires goes before the header.
func (b *BindRequest) contacts(req *sip.Request) bool {
	common := defaultExpires
	if e := headerValue(req, "Expires"); e != "" {
		if n, err := strconv.ParseUint(strings.TrimSpace(e), 10, 32); err == nil { // a malformed one counts as the default, §20.19
			common = time.Duration(n) * time.Second
		}
	}
	list := headerList(req, "Contact")
	if len(list) == 1 && list[0] == "*" {
		b.All = true
		return common == 0 // §10.3: only with Expires 0
	}
	if len(list) > maxContacts {
		return false
	}
	for _, c := range list {
		var uri sip.Uri
		var params sip.HeaderParams
		if _, err := sip.ParseAddressValue(c, &uri, &params); err != nil || uri.Wildcard || uri.Scheme != "sip" || uri.Host == "" {
			return false
		}
		uri.Headers = nil // they are for requests that a stranger would have us send
		expires := common
		if e, ok := params.Get("expires"); ok {
			if n, err := strconv.ParseUint(e, 10, 32); err == nil {
				expires = time.Duration(n) * time.Second
			}
		}
		b.Contacts = append(b.Contacts, BindContact{URI: uri.String(), Expires: expires})
	}
	return true
}
