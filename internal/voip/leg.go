package voip

import (
	"cmp"
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	legInbox   = 16
	eventQueue = 16
	ringTime   = 3 * time.Minute        // RFC 3261 timer C
	graceTime  = 200 * time.Millisecond // for the far end to agree to our hang-up
)

// Leg is one end of a call: a dialog with its media. Its methods may be called from any goroutine. One goroutine of its own keeps its state;
// everything else sends it messages.
type Leg struct {
	agent  *Agent
	id     string
	key    dialogKey
	media  *Session
	inbox  chan any
	events chan Event
	up     chan struct{} // closed when both ends speak
	done   chan struct{} // closed when the leg has ended for us
	over   chan struct{} // closed when the far end has been told, too
	cause  atomic.Pointer[Cause]
	header atomic.Pointer[func(name string) string]

	// The owner's.
	state    legState
	dialog   *dialog
	desc     description
	codecs   []Codec
	login    login
	signal   netip.Addr // the far end's, on the SIP side
	first    Cause      // why we are ending
	last     Event      // what brought the end
	upOnce   sync.Once
	reported bool
	held     bool // the far end does not listen
	holding  bool // we asked it not to speak
	early    bool // its media came before the answer
	offering bool // our 200 holds an offer, the ACK will answer it
	invite   *sip.Request
	tx       sip.ClientTransaction
	tries    int
	pending  *pendingAck
	redo     *redo
	ack      *sip.Request
	ring     *time.Timer
	try      *time.Timer
	grace    *time.Timer // from our hang-up to Ended, if the far end says nothing
}

// pendingAck is a 200 of ours that is repeated until its ACK comes.
type pendingAck struct {
	seq  uint32
	ok   *sip.Response
	came chan struct{}
}

// Messages to the owner.
type (
	msgInput struct { // something happened
		in    legInput
		cause Cause
		event Event
	}
	msgRequest struct { // the far end wants something
		req  *sip.Request
		tx   sip.ServerTransaction
		done chan *pendingAck // gets one, nil when there is no ACK to wait for
	}
	msgDigit   byte
	msgReoffer struct { // our own re-INVITE
		hold  bool
		reply chan error
	}
	msgReanswer struct { // its answer
		res *sip.Response
		tx  sip.ClientTransaction
		req *sip.Request
		err error
	}
	msgResend struct{ req *sip.Request } // a 200 came again: so does its ACK
)

// ID is the Call-ID.
func (l *Leg) ID() string { return l.id }

// Events are the leg's news, Ended last, after which the channel is closed. A reader who sleeps loses the oldest, never Ended.
func (l *Leg) Events() <-chan Event { return l.events }

// Media is the leg's sound. It is there from the start; until Answered (or Early) Read yields silence and Write goes nowhere.
func (l *Leg) Media() *Session { return l.media }

// Done is closed when the leg has ended; Cause tells why.
func (l *Leg) Done() <-chan struct{} { return l.done }

// Cause is Unknown until Done.
func (l *Leg) Cause() Cause {
	if c := l.cause.Load(); c != nil {
		return *c
	}
	return Unknown
}

// Header is a header of the message that made the leg: of the INVITE received, or of the last answer to ours. "" when it is not there.
func (l *Leg) Header(name string) string {
	if h := l.header.Load(); h != nil {
		return (*h)(name)
	}
	return ""
}

func (l *Leg) setHeaders(m sip.Message) {
	f := func(name string) string { return headerValue(m, name) }
	l.header.Store(&f)
}

// Hangup ends the leg: BYE, or CANCEL as soon as that is allowed. It returns at once. Ended with this cause comes when the far end has
// agreed, and after 200 ms at the latest; what it still has to be told goes on behind that, also when its answer crosses the CANCEL. After
// Hangup there is no Answered. Further calls do nothing.
func (l *Leg) Hangup(c Cause) {
	if c == Unknown {
		c = Normal
	}
	l.post(msgInput{in: inHangup, cause: c})
}

// Hold asks the far end to stop speaking (sendonly), or to go on, and waits for its answer. What it hears meanwhile is what is written.
// Only after Answered.
func (l *Leg) Hold(ctx context.Context, on bool) error {
	reply := make(chan error, 1)
	l.post(msgReoffer{on, reply})
	select {
	case err := <-reply:
		return err
	case <-l.done:
		return ErrEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// SendDTMF plays digits to the far end, 100 ms each and 60 ms apart (RFC 4733); it returns when the last has been sent.
func (l *Leg) SendDTMF(ctx context.Context, digits string) error {
	return l.media.sendDTMF(ctx, digits)
}

// Stats are the leg's packets so far.
func (l *Leg) Stats() Stats { return l.media.Stats() }

// post tells the owner; a leg that is over has none.
func (l *Leg) post(m any) {
	select {
	case l.inbox <- m:
	case <-l.over:
	}
}

// newLeg makes a leg with an open port, not yet running.
func (a *Agent) newLeg(d *dialog, s legState) *Leg {
	return &Leg{
		agent: a, id: d.callID, key: d.key(), dialog: d, state: s,
		inbox: make(chan any, legInbox), events: make(chan Event, eventQueue),
		up: make(chan struct{}), done: make(chan struct{}), over: make(chan struct{}),
	}
}

// digit is called on the media goroutine. A digit that finds the inbox full is lost: waiting here could wait for ourselves.
func (l *Leg) digit(d byte) {
	select {
	case l.inbox <- msgDigit(d):
	default:
	}
}

// tell puts an event before whoever listens; the oldest gives way.
func (l *Leg) tell(e Event) {
	if l.reported {
		return
	}
	for {
		select {
		case l.events <- e:
			return
		default:
		}
		select {
		case <-l.events:
		default:
		}
	}
}

// report ends the leg for our side.
func (l *Leg) report(c Cause, e Event) {
	if l.reported {
		return
	}
	e.Kind, e.Cause = Ended, c
	l.cause.Store(&c)
	l.tell(e)
	l.reported = true
	close(l.events)
	close(l.done)
	l.media.close()
}

// run is the owner.
func (l *Leg) run() {
	defer l.agent.forget(l)
	defer close(l.over)
	defer l.stopTimers()
	defer func() { l.report(cmp.Or(l.first, Failed), l.last) }() // only when killed
	var media <-chan time.Time
	if l.agent.conf.MediaTimeout > 0 {
		t := time.NewTicker(l.agent.conf.MediaTimeout / 16) // a relayed call costs little; its watch should not be felt
		defer t.Stop()
		media = t.C
	}
	for l.state != legOver {
		var responses <-chan *sip.Response
		var ended <-chan struct{}
		if l.tx != nil {
			responses, ended = l.tx.Responses(), l.tx.Done()
		}
		select {
		case m := <-l.inbox:
			l.handle(m)
		case res := <-responses:
			l.response(res)
		case <-ended:
			l.lost()
		case <-timerC(l.ring):
			l.input(inHangup, NoAnswer, Event{})
		case <-timerC(l.try):
			if l.state == legCalling {
				l.input(inHangup, Timeout, Event{})
			}
		case <-timerC(l.grace):
			l.grace = nil
			l.report(l.first, l.last)
		case <-media:
			l.checkMedia()
		case <-l.agent.life.Done():
			return
		}
	}
}

func timerC(t *time.Timer) <-chan time.Time {
	if t == nil {
		return nil
	}
	return t.C
}

func (l *Leg) stopTimers() {
	for _, t := range [...]*time.Timer{l.ring, l.try, l.grace} {
		if t != nil {
			t.Stop()
		}
	}
	l.ring, l.try, l.grace = nil, nil, nil
	if l.redo != nil {
		l.redo.stop()
	}
}

func (l *Leg) handle(m any) {
	switch m := m.(type) {
	case msgInput:
		l.input(m.in, m.cause, m.event)
	case msgRequest:
		l.request(m)
	case msgDigit:
		l.tell(Event{Kind: DTMF, Digit: byte(m)})
	case msgReoffer:
		l.reoffer(m)
	case msgReanswer:
		l.reanswer(m)
	case msgResend:
		_ = l.agent.cli.WriteRequest(m.req, l.agent.addVia)
	}
}

// checkMedia ends a call whose far end has gone silent without a word.
func (l *Leg) checkMedia() {
	if l.state != legUp || l.held || l.holding {
		return
	}
	if last := l.media.lastReceived(); !last.IsZero() && time.Since(last) > l.agent.conf.MediaTimeout {
		l.input(inHangup, MediaTimeout, Event{})
	}
}

// input takes one step of the table and does what it says.
func (l *Leg) input(in legInput, c Cause, e Event) {
	next, do, ok := l.state.step(in)
	if !ok {
		return
	}
	l.state = next
	if l.first == Unknown && (in == inHangup || do&doEnd != 0 || in == inNoAck) {
		l.first, l.last = c, e
	}
	if do&doTell != 0 {
		l.tell(e)
	}
	if do&doAck != 0 {
		l.sendAck()
	}
	if do&doCancel != 0 {
		l.sendCancel()
	}
	if do&doUp != 0 {
		l.goUp(e)
	}
	if do&doBye != 0 {
		l.sendBye()
	}
	switch {
	case l.first == Unknown:
	case l.state == legOver:
		l.report(l.first, l.last)
	case l.grace == nil && !l.reported:
		l.grace = time.NewTimer(graceTime)
	}
}

// goUp is when both ends speak.
func (l *Leg) goUp(e Event) {
	l.stopTimers()
	l.upOnce.Do(func() { close(l.up) })
	e.Kind = Answered
	l.tell(e)
}
