package voip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Dial sends an INVITE and returns; the rest is news of the leg's Events. The leg outlives ctx, which is only for resolving and sending.
func (a *Agent) Dial(ctx context.Context, c Call) (*Leg, error) {
	d, err := a.newDialog(ctx, c)
	if err != nil {
		return nil, err
	}
	l := a.newLeg(d, legCalling)
	l.login, l.codecs = login{c.User, c.Password}, c.Codecs
	if len(l.codecs) == 0 {
		l.codecs = a.conf.Codecs
	}
	if err := l.openMedia(c.MediaAddr, a.farAddr(c, d.target)); err != nil {
		return nil, err
	}
	l.invite = d.request(sip.INVITE, d.seq)
	l.invite.AppendHeader(sip.NewHeader("Contact", d.contact))
	l.invite.AppendHeader(sip.NewHeader("User-Agent", a.conf.Name))
	l.invite.AppendHeader(sip.NewHeader("Allow", allow))
	if c.MaxForwards > 0 {
		*l.invite.MaxForwards() = sip.MaxForwardsHeader(c.MaxForwards)
	}
	for name, value := range c.Header {
		l.invite.AppendHeader(sip.NewHeader(name, value))
	}
	l.invite.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	l.invite.SetBody(l.desc.offer(l.codecs, sendrecv))
	if !a.keep(l) {
		l.media.close()
		return nil, ErrEnded
	}
	if l.tx, err = a.send(ctx, l.invite); err != nil {
		l.media.close()
		close(l.over)
		a.forget(l)
		return nil, err
	}
	if c.RingTime == 0 {
		c.RingTime = ringTime
	}
	l.ring = time.NewTimer(c.RingTime)
	if c.TryTime > 0 {
		l.try = time.NewTimer(c.TryTime)
	}
	go l.run() //nolint:contextcheck // it outlives ctx
	return l, nil
}

// openMedia opens our port on the address that the far end sees, or on the one that is asked for.
func (l *Leg) openMedia(want, far netip.Addr) error {
	addr := want
	if !addr.IsValid() {
		addr = l.agent.localTo(far).Addr()
	}
	s, err := newSession(l.agent.ports, addr, l.agent.log, l.digit)
	if err != nil {
		return err
	}
	l.media, l.signal = s, far.Unmap()
	l.desc = description{id: rand.Uint64() >> 2, version: 1, addr: s.Local()} //nolint:gosec // RFC 8866 §5.2 wants no secret
	return nil
}

// response takes an answer to our INVITE.
func (l *Leg) response(res *sip.Response) {
	l.setHeaders(res)
	code := res.StatusCode
	switch {
	case code < 200:
		l.provisional(res)
	case code < 300:
		l.accepted(res)
	case l.tryLogin(res):
	default:
		l.input(inRefuse, CauseOf(code), Event{Code: code, Remote: true, Reason: res.Reason})
		l.tx = nil
	}
}

// tryLogin sends the INVITE again with an answer to the challenge.
func (l *Leg) tryLogin(res *sip.Response) bool {
	if l.state != legCalling && l.state != legProceeding {
		return false
	}
	req := l.invite.Clone() // the old transaction may still send its own
	req.SetDestination(l.dialog.hop)
	if !l.agent.login(req, res, l.login, l.tries) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	tx, err := l.agent.send(ctx, req)
	if err != nil {
		return false
	}
	l.tries++
	l.invite, l.tx, l.dialog.seq, l.state = req, tx, req.CSeq().SeqNo, legCalling
	return true
}

func (l *Leg) provisional(res *sip.Response) {
	e := Event{Code: res.StatusCode, Remote: true}
	switch res.StatusCode {
	case 100, 183:
		e.Kind = Trying
	default:
		e.Kind = Ringing
	}
	if l.earlyMedia(res) {
		e.Kind = Early
	}
	l.input(inProvisional, Unknown, e)
}

// earlyMedia takes the answer that a provisional response holds.
func (l *Leg) earlyMedia(res *sip.Response) bool {
	if res.StatusCode == 100 || len(res.Body()) == 0 || l.reported {
		return false
	}
	l.early = l.takeAnswer(res.Body()) == nil || l.early
	return l.early
}

// takeAnswer applies an SDP answer.
func (l *Leg) takeAnswer(body []byte) error {
	answer, err := parseSDP(body)
	if err != nil {
		return err
	}
	st, err := l.desc.accept(answer)
	if err != nil {
		return err
	}
	l.apply(st)
	return nil
}

// apply gives the media what was agreed on.
func (l *Leg) apply(st stream) {
	if !l.reported {
		l.media.apply(st, l.signal)
	}
}

// accepted takes a 2xx.
func (l *Leg) accepted(res *sip.Response) {
	tag, _ := res.To().Params.Get("tag")
	if known, _ := l.dialog.remote.Params.Get("tag"); l.ack != nil && known != tag {
		return // another branch of a fork has answered, too; it will give up without an ACK
	}
	l.dialog.confirm(res)
	if src, err := netip.ParseAddrPort(res.Source()); err == nil {
		l.signal = src.Addr().Unmap()
	}
	l.ack = l.dialog.request(sip.ACK, l.invite.CSeq().SeqNo)
	tx, ack := l.tx, l.ack
	tx.OnRetransmission(func(*sip.Response) { l.post(msgResend{ack.Clone()}) })
	bad := l.firstAnswer(res)
	l.input(inAccept, Unknown, Event{Code: res.StatusCode, Remote: true})
	if bad != nil {
		l.agent.log.Debug("the answer holds no usable media", "err", bad, "call_id", l.id)
		l.input(inHangup, Declined, Event{})
	}
}

// firstAnswer applies the SDP of the 2xx, unless the early one has said it all.
func (l *Leg) firstAnswer(res *sip.Response) error {
	if len(res.Body()) == 0 {
		if l.early {
			return nil
		}
		return errors.New("no SDP")
	}
	return l.takeAnswer(res.Body())
}

// lost is the end of the INVITE's transaction without a final answer, or long after one.
func (l *Leg) lost() {
	err := l.tx.Err()
	l.tx = nil
	c := Unreachable
	if errors.Is(err, sip.ErrTransactionTimeout) {
		c = Timeout
	}
	l.input(inLost, c, Event{})
}

func (l *Leg) sendAck() {
	if err := l.agent.cli.WriteRequest(l.ack.Clone(), l.agent.addVia); err != nil {
		l.agent.log.Debug("ack not sent", "err", err, "call_id", l.id)
	}
}

// sendCancel is RFC 3261 §9.1: the same branch, one Via, the same number.
func (l *Leg) sendCancel() {
	req := sip.NewRequest(sip.CANCEL, l.invite.Recipient)
	for _, name := range [...]string{"Via", "Route", "Max-Forwards", "From", "To", "Call-ID"} {
		sip.CopyHeaders(name, l.invite, req)
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: l.invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	req.SetBody(nil)
	req.SetTransport(l.invite.Transport())
	req.SetDestination(l.invite.Destination())
	req.Laddr = l.invite.Laddr
	l.background(func(ctx context.Context) {
		tx, err := l.agent.cli.TransactionRequest(ctx, req, asIs)
		if err == nil {
			_, _ = final(ctx, tx)
			tx.Terminate()
		}
	})
}

func (l *Leg) sendBye() {
	l.dialog.seq++
	req := l.dialog.request(sip.BYE, l.dialog.seq)
	if l.first != Unknown && l.first != Normal {
		req.AppendHeader(sip.NewHeader("Reason", fmt.Sprintf("SIP;text=%q", string(l.first)))) // RFC 3326
	}
	l.background(func(ctx context.Context) {
		if _, _, err := l.agent.exchange(ctx, req, l.login); err != nil {
			l.agent.log.Debug("bye not answered", "err", err, "call_id", l.id)
		}
		l.post(msgInput{in: inClosed})
	})
}

// background runs f until it is done, at most for the life of a transaction or until the agent is killed.
func (l *Leg) background(f func(ctx context.Context)) {
	a := l.agent
	a.wg.Add(1) // the leg itself is counted: the counter is not zero
	go func() {
		defer a.wg.Done()
		ctx, cancel := context.WithTimeout(a.life, sip.Timer_F)
		defer cancel()
		f(ctx)
	}()
}
