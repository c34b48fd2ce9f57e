package voip

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// allow is what we understand.
const allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER"

const patience = 3 * time.Minute // for an Accept that never decides

// route tells the stack who handles what.
func (a *Agent) route() {
	a.srv.OnInvite(a.guarded(a.onInvite))
	a.srv.OnAck(a.guarded(a.onAck))
	a.srv.OnBye(a.guarded(a.inDialog))
	a.srv.OnCancel(a.guarded(func(req *sip.Request, tx sip.ServerTransaction) {
		a.respond(req, tx, 481, "Call/Transaction Does Not Exist") // one that matches is the stack's
	}))
	a.srv.OnOptions(a.guarded(a.onOptions))
	a.srv.OnRegister(a.guarded(a.onRegister))
	a.srv.OnNoRoute(a.guarded(func(req *sip.Request, tx sip.ServerTransaction) {
		switch req.Method {
		case sip.SUBSCRIBE, sip.NOTIFY, sip.REFER, sip.INFO, sip.MESSAGE, sip.PRACK, sip.UPDATE, sip.PUBLISH:
			a.respond(req, tx, 405, "Method Not Allowed", sip.NewHeader("Allow", allow))
		default:
			a.respond(req, tx, 501, "Not Implemented", sip.NewHeader("Allow", allow)) // RFC 3261 §21.5.2
		}
	}))
}

// guarded counts a handler and keeps what it cannot use away from it.
func (a *Agent) guarded(h func(*sip.Request, sip.ServerTransaction)) func(*sip.Request, sip.ServerTransaction) {
	return func(req *sip.Request, tx sip.ServerTransaction) {
		a.mu.Lock()
		closing := a.closing
		if !closing {
			a.wg.Add(1)
		}
		a.mu.Unlock()
		if closing {
			return
		}
		defer a.wg.Done()
		if req.From() == nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil || req.Via() == nil {
			a.respond(req, tx, 400, "Bad Request")
			return
		}
		if unknown := headerList(req, "Require"); len(unknown) > 0 && !req.IsAck() && !req.IsCancel() {
			a.respond(req, tx, 420, "Bad Extension", sip.NewHeader("Unsupported", strings.Join(unknown, ", "))) // RFC 3261 §8.2.2.3
			return
		}
		h(req, tx)
	}
}

// response is an answer with what every one of ours has.
func (a *Agent) response(req *sip.Request, code int, reason string, headers ...sip.Header) *sip.Response {
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	res.AppendHeader(sip.NewHeader("Server", a.conf.Name))
	for _, h := range headers {
		res.AppendHeader(h)
	}
	return res
}

func (a *Agent) respond(req *sip.Request, tx sip.ServerTransaction, code int, reason string, headers ...sip.Header) {
	if req.IsAck() {
		return
	}
	if err := tx.Respond(a.response(req, code, reason, headers...)); err != nil {
		a.log.Debug("answer not sent", "err", err, "code", code)
	}
}

func reasonOf(code int) string {
	for _, c := range causes {
		if c.code == code {
			return c.reason
		}
	}
	return "Refused"
}

func forwards(req *sip.Request) int {
	if mf := req.MaxForwards(); mf != nil {
		return int(mf.Val())
	}
	return maxForwards
}

func sourceOf(req *sip.Request) netip.AddrPort {
	ap, _ := netip.ParseAddrPort(req.Source())
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// onInvite handles an INVITE until its last answer has arrived.
func (a *Agent) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if tag, _ := req.To().Params.Get("tag"); tag != "" {
		a.inDialog(req, tx)
		return
	}
	in, ok := a.newIncoming(req, tx)
	if !ok {
		return
	}
	defer a.unwait(in)
	if !tx.OnCancel(func(*sip.Request) { in.cancelled() }) {
		in.cancelled()
		return
	}
	a.wg.Go(func() { a.conf.Accept(in) }) // it may stay as long as the call: our 200 must be repeated meanwhile
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-in.gone:
	case <-tx.Done():
		in.cancelled()
	case <-late.C:
		in.Reject(480, "")
	}
	<-in.gone
	if in.leg != nil {
		a.repeat(in.leg, in.wait, tx)
	}
}

// newIncoming checks an INVITE and answers the ones that nobody needs to see.
func (a *Agent) newIncoming(req *sip.Request, tx sip.ServerTransaction) (*Incoming, bool) {
	in := &Incoming{
		agent: a, req: req, tx: tx, Source: sourceOf(req), Transport: strings.ToLower(req.Transport()),
		tag: sip.GenerateTagN(16), gone: make(chan struct{}),
	}
	tag, _ := req.From().Params.Get("tag")
	in.key = inviteKey{in.ID(), tag, req.CSeq().SeqNo}
	switch {
	case forwards(req) == 0:
		a.respond(req, tx, 483, "Too Many Hops")
		return nil, false
	case !a.authenticated(in):
		return nil, false
	case a.conf.Accept == nil:
		a.respond(req, tx, 480, "Temporarily Unavailable")
		return nil, false
	case !acceptsSDP(req):
		a.respond(req, tx, 406, "Not Acceptable")
		return nil, false
	}
	if len(req.Body()) > 0 {
		if ct := req.ContentType(); ct == nil || !isSDP(ct.Value()) {
			a.respond(req, tx, 415, "Unsupported Media Type", sip.NewHeader("Accept", "application/sdp"))
			return nil, false
		}
		offer, err := parseSDP(req.Body())
		if err != nil {
			a.respond(req, tx, 400, "Bad SDP")
			return nil, false
		}
		if _, err := offer.audio(); err != nil {
			a.respond(req, tx, 488, "Not Acceptable Here", sip.NewHeader("Warning", `304 laoyou "no audio in PCMU or PCMA"`))
			return nil, false
		}
		in.offer = offer
	}
	return in, a.await(in)
}

// await files an INVITE; one that is here already by another way has gone around a loop or a fork (RFC 3261 §8.2.2.2).
func (a *Agent) await(in *Incoming) bool {
	a.mu.Lock()
	_, twice := a.waiting[in.key]
	closing := a.closing
	if !twice && !closing {
		a.waiting[in.key] = in
	}
	a.mu.Unlock()
	switch {
	case twice:
		a.respond(in.req, in.tx, 482, "Loop Detected")
	case closing:
		a.respond(in.req, in.tx, 503, "Service Unavailable")
	default:
		return true
	}
	return false
}

func (a *Agent) unwait(in *Incoming) {
	a.mu.Lock()
	delete(a.waiting, in.key)
	a.mu.Unlock()
}

func isSDP(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(t), "application/sdp")
}

// acceptsSDP: a caller whose Accept has no SDP could not read our answer.
func acceptsSDP(req *sip.Request) bool {
	list := headerList(req, "Accept")
	for _, t := range list {
		t, _, _ = strings.Cut(t, ";")
		switch strings.ToLower(strings.TrimSpace(t)) {
		case "application/sdp", "application/*", "*/*":
			return true
		}
	}
	return len(list) == 0
}

func isNoCodec(err error) bool { return errors.Is(err, ErrNoCodec) }

// repeat sends a 200 again and again until its ACK has come. RFC 3261 §13.3.1.4.
func (a *Agent) repeat(l *Leg, wait *pendingAck, tx sip.ServerTransaction) {
	pause := sip.T1
	t := time.NewTimer(pause)
	defer t.Stop()
	end := time.NewTimer(64 * sip.T1)
	defer end.Stop()
	for {
		select {
		case <-wait.came:
			return
		case <-l.over:
			return
		case <-a.life.Done():
			return
		case ack := <-tx.Acks(): // an ACK in the INVITE's own transaction: wrong, and seen
			l.forward(ack, nil)
		case <-t.C:
			_ = tx.Respond(wait.ok)
			pause = min(2*pause, sip.T2)
			t.Reset(pause)
		case <-end.C:
			l.post(msgInput{in: inNoAck, cause: Timeout})
			return
		}
	}
}

// forward gives the owner a request and waits until it has answered. The pending ACK is nil when there is none to wait for.
func (l *Leg) forward(req *sip.Request, tx sip.ServerTransaction) *pendingAck {
	m := msgRequest{req, tx, make(chan *pendingAck, 1)}
	l.post(m)
	select {
	case wait := <-m.done:
		return wait
	case <-l.over:
		select {
		case wait := <-m.done:
			return wait
		default:
		}
		if tx != nil {
			l.agent.respond(req, tx, 481, "Call/Transaction Does Not Exist")
		}
		return nil
	}
}

// find is the leg of a request within a dialog.
func (a *Agent) find(req *sip.Request) *Leg {
	tag, _ := req.To().Params.Get("tag")
	return a.leg(dialogKey{req.CallID().Value(), tag})
}

// inDialog handles BYE and re-INVITE.
func (a *Agent) inDialog(req *sip.Request, tx sip.ServerTransaction) {
	l := a.find(req)
	if l == nil {
		a.respond(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	if wait := l.forward(req, tx); wait != nil {
		a.repeat(l, wait, tx)
	}
}

func (a *Agent) onAck(req *sip.Request, _ sip.ServerTransaction) {
	if l := a.find(req); l != nil {
		l.forward(req, nil)
	}
}

// onOptions says what we are, inside a dialog or not. RFC 3261 §11.2.
func (a *Agent) onOptions(req *sip.Request, tx sip.ServerTransaction) {
	if tag, _ := req.To().Params.Get("tag"); tag != "" && a.find(req) == nil {
		a.respond(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	a.respond(req, tx, 200, "OK",
		sip.NewHeader("Allow", allow), sip.NewHeader("Accept", "application/sdp"), sip.NewHeader("Accept-Language", "zh, en"))
}
