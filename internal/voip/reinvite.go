package voip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"
)

const glareTries = 3

// redo is a re-INVITE of ours until it is settled.
type redo struct {
	msg   msgReoffer
	tries int
	timer *time.Timer // when both ends asked at once
}

func (r *redo) stop() {
	if r.timer != nil {
		r.timer.Stop()
	}
}

// reoffer sends our re-INVITE. RFC 3261 §14.1.
func (l *Leg) reoffer(m msgReoffer) {
	switch {
	case l.state != legUp:
		m.reply <- ErrEnded
		return
	case l.redo != nil && l.redo.msg != m, l.pending != nil:
		m.reply <- ErrBusy
		return
	case l.redo == nil:
		l.redo = &redo{msg: m}
	}
	dir := sendrecv
	if m.hold {
		dir = sendonly
	}
	l.desc.version++
	l.dialog.seq++
	req := l.dialog.request(sip.INVITE, l.dialog.seq)
	req.AppendHeader(sip.NewHeader("Contact", l.dialog.contact))
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(l.desc.offer(l.codecs, dir))
	l.background(func(ctx context.Context) {
		res, tx, err := l.agent.exchange(ctx, req, l.login)
		l.post(msgReanswer{res, tx, req, err})
	})
}

// reanswer settles it.
func (l *Leg) reanswer(m msgReanswer) {
	r := l.redo
	if r == nil {
		return
	}
	if m.req.CSeq().SeqNo > l.dialog.seq {
		l.dialog.seq = m.req.CSeq().SeqNo // it logged in on the way
	}
	switch {
	case m.err != nil:
		l.settle(fmt.Errorf("re-invite: %w", m.err))
	case m.res.StatusCode < 300:
		l.settle(l.reaccepted(m))
	case m.res.StatusCode == sip.StatusRequestPending && r.tries < glareTries && l.state == legUp:
		r.tries++
		// RFC 3261 §14.1: who made the Call-ID waits 2.1 to 4 s, the other up to 2 s
		pause := time.Duration(rand.IntN(2000)) * time.Millisecond //nolint:gosec // not a secret
		if l.invite != nil {
			pause = 2100*time.Millisecond + pause*19/20
		}
		r.timer = time.AfterFunc(pause, func() { l.post(r.msg) })
	case m.res.StatusCode == sip.StatusCallTransactionDoesNotExists, m.res.StatusCode == sip.StatusRequestTimeout:
		l.settle(ErrEnded) // the far end has lost the dialog, RFC 3261 §12.2.1.2
		l.input(inHangup, Failed, Event{Code: m.res.StatusCode, Remote: true, Reason: m.res.Reason})
	default:
		l.settle(fmt.Errorf("re-invite: %d %s", m.res.StatusCode, m.res.Reason))
	}
}

func (l *Leg) settle(err error) {
	l.redo.msg.reply <- err
	l.redo.stop()
	l.redo = nil
}

// reaccepted takes the 2xx of a re-INVITE.
func (l *Leg) reaccepted(m msgReanswer) error {
	ack := l.dialog.request(sip.ACK, m.req.CSeq().SeqNo)
	m.tx.OnRetransmission(func(*sip.Response) { l.post(msgResend{ack.Clone()}) })
	if err := l.agent.cli.WriteRequest(ack.Clone(), l.agent.addVia); err != nil {
		return fmt.Errorf("ack: %w", err)
	}
	if c := m.res.Contact(); c != nil {
		l.dialog.target = *c.Address.Clone()
	}
	answer, err := parseSDP(m.res.Body())
	if err != nil {
		return err
	}
	st, err := l.desc.accept(answer)
	if err != nil {
		return err
	}
	l.holding = l.redo.msg.hold
	if l.holding { // what it hears is ours to choose: music, usually
		st.theyListen = st.remote.IsValid()
	}
	l.apply(st)
	return nil
}

// request handles what the far end asks for within the dialog.
func (l *Leg) request(m msgRequest) {
	var wait *pendingAck
	defer func() { m.done <- wait }()
	seq := m.req.CSeq().SeqNo
	if m.req.IsAck() {
		l.acked(m.req)
		return
	}
	if l.dialog.theirs != 0 && seq <= l.dialog.theirs {
		l.agent.respond(m.req, m.tx, 500, "CSeq out of order") // RFC 3261 §12.2.2
		return
	}
	l.dialog.theirs = seq
	switch m.req.Method {
	case sip.BYE:
		l.agent.respond(m.req, m.tx, 200, "OK")
		l.input(inBye, byeCause(m.req), Event{Remote: true, Reason: headerValue(m.req, "Reason")})
	case sip.INVITE:
		wait = l.reinvited(m)
	default:
		l.agent.respond(m.req, m.tx, 405, "Method Not Allowed", sip.NewHeader("Allow", allow))
	}
}

// byeCause reads a Reason header that one of us wrote; any other end is a normal one.
func byeCause(req *sip.Request) Cause {
	for _, r := range headerList(req, "Reason") {
		for _, c := range [...]Cause{MediaTimeout, Timeout, Failed, Shutdown, Declined, Busy, Unreachable, NoAnswer} {
			if r == fmt.Sprintf("SIP;text=%q", string(c)) {
				return c
			}
		}
	}
	return Normal
}

// reinvited answers a re-INVITE: hold, resume, another address. RFC 3261 §14.2.
func (l *Leg) reinvited(m msgRequest) *pendingAck {
	if l.pending != nil && !l.offering {
		l.gotAck() // it would not ask again without our 200; its ACK has been overtaken or lost
	}
	switch {
	case l.redo != nil:
		l.agent.respond(m.req, m.tx, 491, "Request Pending")
		return nil
	case l.pending != nil || l.state != legUp:
		l.agent.respond(m.req, m.tx, 500, "Server Internal Error", sip.NewHeader("Retry-After", "3"))
		return nil
	}
	body, st, err := l.renegotiate(m.req)
	if err != nil {
		l.agent.respond(m.req, m.tx, 488, "Not Acceptable Here") // the call goes on as it was
		return nil
	}
	if c := m.req.Contact(); c != nil {
		l.dialog.target = *c.Address.Clone()
	}
	res := l.agent.response(m.req, 200, "OK")
	l.fillOK(res, body)
	l.pending = &pendingAck{seq: m.req.CSeq().SeqNo, came: make(chan struct{}), ok: res}
	_ = m.tx.Respond(res)
	if st != nil {
		l.reapply(*st)
	}
	return l.pending
}

// renegotiate makes the SDP of our 200; the stream is nil when it is an offer.
func (l *Leg) renegotiate(req *sip.Request) ([]byte, *stream, error) {
	l.desc.version++
	if len(req.Body()) == 0 {
		l.offering = true
		return l.desc.offer(l.codecs, l.direction()), nil, nil
	}
	offer, err := parseSDP(req.Body())
	if err != nil {
		return nil, nil, err
	}
	body, st, err := l.desc.answer(offer, l.codecs, !l.holding)
	return body, &st, err
}

func (l *Leg) direction() direction { return makeDirection(true, !l.holding) }

// reapply changes the media in mid-call and tells a hold by the far end.
func (l *Leg) reapply(st stream) {
	held := !st.theyListen
	l.apply(st)
	if held == l.held {
		return
	}
	l.held = held
	if held {
		l.tell(Event{Kind: Held, Remote: true})
	} else {
		l.tell(Event{Kind: Resumed, Remote: true})
	}
}

// acked takes the ACK of one of our 200s, with the answer if that held an offer.
func (l *Leg) acked(req *sip.Request) {
	if l.pending == nil || req.CSeq().SeqNo != l.pending.seq {
		return
	}
	if !l.offering {
		l.gotAck()
		return
	}
	l.offering = false
	err := l.ackAnswer(req)
	l.gotAck()
	if err != nil {
		l.input(inHangup, Declined, Event{})
	}
}

func (l *Leg) gotAck() {
	close(l.pending.came)
	l.pending = nil
	l.input(inAck, Unknown, Event{Remote: true})
}

func (l *Leg) ackAnswer(req *sip.Request) error {
	if len(req.Body()) == 0 {
		return errors.New("an ACK without the answer")
	}
	answer, err := parseSDP(req.Body())
	if err != nil {
		return err
	}
	st, err := l.desc.accept(answer)
	if err != nil {
		return err
	}
	l.reapply(st)
	return nil
}
