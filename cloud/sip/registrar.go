package sip

import (
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/laoyou/laoyou/internal/voip"
)

// Times and numbers of bindings. RFC 3261 §10.3.
const (
	minExpires  = 30 * time.Second
	maxExpires  = time.Hour
	maxBindings = 4 // of one booth: a crashed phone leaves its old one behind
)

// binding is one place where a booth can be called.
type binding struct {
	uri       string
	source    netip.AddrPort // where its REGISTER came from: through a NAT the Contact is no address
	transport string
	callID    string
	cseq      uint32
	until     time.Time
}

// registrar knows where booths are. In memory only: booths register again within minutes, and one that cannot is not there anyway.
type registrar struct {
	now func() time.Time

	mu     sync.Mutex
	booths map[string][]binding // by user, the newest first
}

func newRegistrar(now func() time.Time) *registrar {
	return &registrar{now: now, booths: map[string][]binding{}}
}

// bind answers a REGISTER that has passed the digest. A booth binds itself only.
func (r *registrar) bind(req voip.BindRequest) voip.BindReply {
	if req.User != req.Login {
		return voip.BindReply{Code: http.StatusForbidden}
	}
	for _, c := range req.Contacts {
		if c.Expires > 0 && c.Expires < minExpires {
			return voip.BindReply{Code: 423, Min: minExpires}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	have := r.live(req.User)
	if req.All {
		have = nil
	}
	for _, c := range req.Contacts {
		at := slices.IndexFunc(have, func(b binding) bool { return b.uri == c.URI })
		if at >= 0 {
			// §10.3 step 7: an older request of the same phone must not undo a newer one.
			if have[at].callID == req.CallID && req.CSeq <= have[at].cseq {
				return voip.BindReply{Code: http.StatusInternalServerError}
			}
			have = slices.Delete(have, at, at+1)
		}
		if c.Expires > 0 {
			have = slices.Insert(have, 0, binding{
				uri: c.URI, source: req.Source, transport: req.Transport, callID: req.CallID, cseq: req.CSeq,
				until: r.now().Add(min(c.Expires, maxExpires)),
			})
		}
	}
	if len(have) > maxBindings {
		have = have[:maxBindings]
	}
	r.booths[req.User] = have
	return voip.BindReply{Code: http.StatusOK, Contacts: r.granted(have)}
}

// live drops what has expired.
func (r *registrar) live(user string) []binding {
	now := r.now()
	return slices.DeleteFunc(r.booths[user], func(b binding) bool { return !b.until.After(now) })
}

func (r *registrar) granted(have []binding) []voip.BindContact {
	list := make([]voip.BindContact, len(have))
	for i, b := range have {
		list[i] = voip.BindContact{URI: b.uri, Expires: b.until.Sub(r.now())}
	}
	return list
}

// find returns where a booth can be called, the newest place first.
func (r *registrar) find(user string) []binding {
	r.mu.Lock()
	defer r.mu.Unlock()
	have := r.live(user)
	r.booths[user] = have
	return slices.Clone(have)
}
