package sip

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/internal/voip"
)

// ongoing is a call under way: its record, which one goroutine writes.
type ongoing struct {
	s    *Server
	rec  call.Call
	legs []*voip.Leg // beside rec.Legs; nil while the INVITE waits for its answer
	why  call.Cause  // why the core ended it; None: it did not

	matter contact.Emergency // of an emergency, else nil
	log    *slog.Logger
}

// arrive begins the record of an INVITE.
func (s *Server) arrive(in *voip.Incoming, kind call.Kind) *ongoing {
	o := s.begin(kind)
	o.rec.From, o.rec.To, o.rec.Booth = in.Login, in.To(), in.Login
	if in.Login == "" {
		o.rec.From = in.From()
	}
	o.addLeg(call.Leg{CallID: in.ID(), Direction: call.In, Peer: o.rec.From, Remote: in.Source.String(), Transport: in.Transport})
	return o
}

func (s *Server) begin(kind call.Kind) *ongoing {
	o := &ongoing{s: s, rec: call.New(s.tenant, kind, time.Now())}
	o.log = s.log.With(slog.String("call", o.rec.ID), slog.String("kind", string(kind)))
	return o
}

func (o *ongoing) addLeg(l call.Leg) int {
	l.Started = time.Now()
	o.rec.Legs = append(o.rec.Legs, l)
	o.legs = append(o.legs, nil)
	o.s.ladders.take(l.CallID)
	return len(o.rec.Legs) - 1
}

// dialled adds the leg of our own INVITE.
func (o *ongoing) dialled(leg *voip.Leg, peer, remote, transport string) {
	i := o.addLeg(call.Leg{CallID: leg.ID(), Direction: call.Out, Peer: peer, Remote: remote, Transport: transport})
	o.legs[i] = leg
}

// note writes down what is new about leg i.
func (o *ongoing) note(i int, e voip.Event) {
	l, now := &o.rec.Legs[i], time.Now()
	switch e.Kind {
	case voip.Ringing:
		if l.Ringing.IsZero() {
			l.Ringing = now
		}
	case voip.Answered:
		o.up(i, now)
	case voip.Ended:
		l.Ended, l.Cause = now, call.Cause(e.Cause)
	case voip.NoEvent, voip.Trying, voip.Early, voip.Held, voip.Resumed, voip.DTMF:
	}
}

// up notes that leg i was answered; the call was, once its first leg is.
func (o *ongoing) up(i int, at time.Time) {
	l := &o.rec.Legs[i]
	if !l.Answered.IsZero() {
		return
	}
	l.Answered, l.Codec = at, o.legs[i].Media().Codec().String()
	if i == 0 {
		o.rec.Answered = at
	}
}

// answer takes the INVITE as leg 0, once it is on record: a call that a crash forgets must not have been answered.
// When it fails the call is over and on record.
func (o *ongoing) answer(ctx context.Context, in *voip.Incoming) (*voip.Leg, bool) {
	if err := o.save(ctx); err != nil {
		in.Reject(500, "")
		o.finish(ctx, call.Cause(voip.Failed))
		return nil, false
	}
	leg, err := in.Answer(ctx)
	if err != nil {
		o.log.InfoContext(ctx, "call was not answered", slog.Any("error", err))
		cause := o.causeOf(in)
		if leg != nil { // answered, and then no ACK came
			cause = call.Cause(leg.Cause())
		}
		o.finish(ctx, cause)
		return nil, false
	}
	o.legs[0] = leg
	o.up(0, time.Now())
	return leg, true
}

// causeOf says how an INVITE ended that did not become a leg.
func (o *ongoing) causeOf(in *voip.Incoming) call.Cause {
	if c := in.Cause(); c != voip.Unknown {
		return call.Cause(c)
	}
	return call.Cause(voip.Failed)
}

// reject refuses the INVITE and ends the record.
func (o *ongoing) reject(ctx context.Context, in *voip.Incoming, code int, note string) {
	in.Reject(code, "")
	o.rec.Note = note
	o.finish(ctx, call.Cause(voip.CauseOf(code)))
}

// hangup ends leg i because of us.
func (o *ongoing) hangup(i int, why call.Cause) {
	if o.why == call.None {
		o.why = why
	}
	if leg := o.legs[i]; leg != nil {
		told := voip.Normal
		if why == call.Shutdown {
			told = voip.Shutdown // the booth has words for it
		}
		leg.Hangup(told)
	}
}

// stay follows the only leg until it has ended, or ends it: when the core stops, after limit, or when asked to.
func (o *ongoing) stay(ctx context.Context, leg *voip.Leg, limit time.Duration, asked <-chan call.Cause) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	stop := ctx.Done()
	for {
		select {
		case e, more := <-leg.Events():
			if !more {
				return
			}
			o.note(0, e)
		case <-timer.C:
			o.hangup(0, call.TimeLimit)
		case why := <-asked:
			o.hangup(0, why)
		case <-stop:
			stop = nil
			o.hangup(0, call.Shutdown)
		}
	}
}

// finish ends the record and stores it. cause is the network's; what we decided ourselves goes before it.
func (o *ongoing) finish(ctx context.Context, cause call.Cause) {
	if o.why != call.None {
		cause = o.why
	}
	for i, leg := range o.legs {
		if leg != nil {
			st := leg.Stats()
			l := &o.rec.Legs[i]
			l.Sent, l.Received, l.Lost, l.Jitter = st.Sent, st.Received, st.Lost, st.Jitter
		}
	}
	o.rec.End(cause, time.Now())
	o.rec.Messages, o.rec.Dropped = make([]call.Message, 0, usual*len(o.rec.Legs)), 0
	for _, l := range o.rec.Legs {
		messages, dropped := o.s.ladders.read(l.CallID)
		o.rec.Messages = append(o.rec.Messages, messages...)
		o.rec.Dropped += dropped
		o.s.ladders.drop(l.CallID)
	}
	sortMessages(o.rec.Messages)
	if o.matter != nil {
		o.matter.Ended(string(cause))
	}
	ctx = context.WithoutCancel(ctx) // the record is the last thing a call leaves, also when the core stops
	_ = o.save(ctx)
	o.log.InfoContext(ctx, "call ended", slog.String("cause", string(cause)), slog.String("booth", o.rec.Booth),
		slog.Duration("took", o.rec.Ended.Sub(o.rec.Started)))
}

func (o *ongoing) save(ctx context.Context) error {
	err := o.s.recorder.Save(ctx, o.rec)
	if soon := new(call.FreeTooSoonError); err != nil && !errors.As(err, &soon) {
		o.log.ErrorContext(ctx, "call was not recorded", slog.Any("error", err))
	}
	return err
}
