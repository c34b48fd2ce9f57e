package voip

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"
)

// inviteKey tells one INVITE from another before it has a dialog. RFC 3261 §8.2.2.2.
type inviteKey struct {
	callID, tag string
	seq         uint32
}

// callState is how an Incoming stands.
type callState = int32

const (
	callWaiting callState = iota
	callAnswering
	callAnswered
	callRejected
	callCancelled
)

// Incoming is an INVITE that waits for Answer or Reject. Its methods may be called from any goroutine.
type Incoming struct {
	Source    netip.AddrPort
	Transport string // udp, tcp
	Login     string // the user of the digest; "" when none was asked

	agent *Agent
	req   *sip.Request
	tx    sip.ServerTransaction
	offer *sdp // nil: the caller wants ours
	tag   string
	key   inviteKey

	state atomic.Int32
	cause atomic.Pointer[Cause]
	gone  chan struct{}
	once  sync.Once
	leg   *Leg // after Answer, for who waits for its ACK
	wait  *pendingAck
}

// ID is the Call-ID.
func (in *Incoming) ID() string { return in.req.CallID().Value() }

// From is the user part of the caller's address; trust Login, not this.
func (in *Incoming) From() string { return unescape(in.req.From().Address.User) }

// To is the user part of the Request-URI: whom to call.
func (in *Incoming) To() string { return unescape(in.req.Recipient.User) }

// Header is a header's value, "" when it is not there.
func (in *Incoming) Header(name string) string { return headerValue(in.req, name) }

// MaxForwards is what a call made for this one may have left (Call.MaxForwards).
func (in *Incoming) MaxForwards() int { return forwards(in.req) - 1 }

// Gone is closed when the INVITE needs no answer any more: it was answered, rejected, or its caller gave up (Cause tells).
func (in *Incoming) Gone() <-chan struct{} { return in.gone }

// Cause is Normal after Answer, Cancelled when the caller gave up, the cause of its code after Reject, and Unknown before.
func (in *Incoming) Cause() Cause {
	if c := in.cause.Load(); c != nil {
		return *c
	}
	return Unknown
}

func (in *Incoming) finish(c Cause) {
	in.once.Do(func() {
		in.cause.Store(&c)
		close(in.gone)
	})
}

// Ring tells the caller that it rings (180).
func (in *Incoming) Ring() {
	if in.state.Load() == callWaiting {
		res := in.response(180, "Ringing")
		res.AppendHeader(sip.NewHeader("Contact", in.contact()))
		_ = in.tx.Respond(res)
	}
}

func (in *Incoming) response(code int, reason string) *sip.Response {
	res := in.agent.response(in.req, code, reason)
	res.To().Params.Add("tag", in.tag)
	return res
}

func (in *Incoming) contact() string {
	return contactFor(in.To(), in.agent.localTo(in.Source.Addr()), in.req.Transport())
}

// Reject refuses the call; an empty reason is the code's own.
func (in *Incoming) Reject(code int, reason string) { in.RejectWith(code, reason, nil) }

// RejectWith is Reject with further headers: Reason (RFC 3326), Retry-After.
func (in *Incoming) RejectWith(code int, reason string, header map[string]string) {
	if in.state.CompareAndSwap(callWaiting, callRejected) {
		in.refuse(code, reason, header)
	}
}

func (in *Incoming) refuse(code int, reason string, header map[string]string) {
	if reason == "" {
		reason = reasonOf(code)
	}
	res := in.response(code, reason)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		res.AppendHeader(sip.NewHeader(name, header[name]))
	}
	_ = in.tx.Respond(res)
	in.finish(CauseOf(code))
}

// cancelled is called by the stack when the caller gives up; the stack answers 487 by itself.
func (in *Incoming) cancelled() {
	if in.state.CompareAndSwap(callWaiting, callCancelled) {
		in.finish(Cancelled)
	}
}

// Answer takes the call. It returns when the caller's ACK has come, or when ctx ends before, with the leg in both cases: sound flows from
// the 200 on, and an ACK that never comes ends the leg. ErrGone says that the caller gave up first, ErrNoCodec that 488 has been sent.
func (in *Incoming) Answer(ctx context.Context) (*Leg, error) {
	if !in.state.CompareAndSwap(callWaiting, callAnswering) {
		return nil, ErrGone
	}
	l, err := in.makeLeg()
	if err != nil {
		in.state.Store(callRejected)
		code := 500
		if l == nil && in.offer != nil && isNoCodec(err) {
			code = 488
		}
		in.refuse(code, "", nil)
		return nil, err
	}
	if !in.agent.keep(l) {
		l.media.close()
		in.state.Store(callRejected)
		in.refuse(503, "", nil)
		return nil, ErrEnded
	}
	go l.run() //nolint:contextcheck // it outlives ctx
	if err := in.tx.Respond(in.wait.ok); err != nil {
		// A CANCEL was faster. The stack would repeat the last response it was given instead of its 487: give it that again.
		_ = in.tx.Respond(in.response(487, "Request Terminated"))
		in.state.Store(callCancelled)
		l.post(msgInput{in: inBye, cause: Cancelled})
		in.finish(Cancelled)
		return nil, ErrGone
	}
	in.state.Store(callAnswered)
	in.leg = l
	in.finish(Normal)
	select {
	case <-l.up:
	case <-ctx.Done():
	case <-l.done:
		select {
		case <-l.up: // it was a short call
		default:
			return l, ErrEnded
		}
	}
	return l, nil
}

// makeLeg negotiates and opens the port.
func (in *Incoming) makeLeg() (*Leg, error) {
	l := in.agent.newLeg(in.newDialog(), legAnswered)
	l.codecs = in.agent.conf.Codecs
	if err := l.openMedia(netip.Addr{}, in.Source.Addr()); err != nil {
		return nil, err
	}
	var body []byte
	if in.offer == nil {
		l.offering = true
		body = l.desc.offer(l.codecs, sendrecv)
	} else {
		b, st, err := l.desc.answer(in.offer, l.codecs, true)
		if err != nil {
			l.media.close()
			return nil, err
		}
		l.held = !st.theyListen
		l.apply(st)
		body = b
	}
	l.setHeaders(in.req)
	in.wait = &pendingAck{seq: in.req.CSeq().SeqNo, came: make(chan struct{})}
	l.pending = in.wait
	in.wait.ok = in.response(200, "OK")
	l.fillOK(in.wait.ok, body)
	return l, nil
}

// fillOK completes a 200 to an INVITE.
func (l *Leg) fillOK(res *sip.Response, body []byte) {
	res.AppendHeader(sip.NewHeader("Contact", l.dialog.contact))
	res.AppendHeader(sip.NewHeader("Allow", allow))
	res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	res.SetBody(body)
}

// newDialog is RFC 3261 §12.1.1.
func (in *Incoming) newDialog() *dialog {
	req := in.req
	from, to := req.From(), req.To()
	d := &dialog{
		callID: in.ID(), transport: req.Transport(), contact: in.contact(), routes: headerList(req, "Record-Route"),
		seq: rand.Uint32() >> 2, theirs: req.CSeq().SeqNo, //nolint:gosec // RFC 3261 §8.1.1.5 wants no secret
	}
	d.local = sip.FromHeader{DisplayName: to.DisplayName, Address: *to.Address.Clone()}
	d.local.Params.Add("tag", in.tag)
	d.remote = sip.ToHeader{DisplayName: from.DisplayName, Address: *from.Address.Clone(), Params: from.Params.Clone()}
	d.target = *from.Address.Clone()
	if c := req.Contact(); c != nil {
		d.target = *c.Address.Clone()
	}
	if len(d.routes) == 0 {
		// Whatever the Contact says: through a NAT, only the way that the INVITE came leads back (RFC 5626 has this as flows).
		d.hop = in.Source.String()
	}
	return d
}

func (in *Incoming) String() string { return fmt.Sprintf("invite %s", in.ID()) }
