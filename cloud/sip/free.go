package sip

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// freeRings is how long a number rings before the citizen is told that nobody answers.
const freeRings = 60 * time.Second

// free connects a citizen with a number through the trunk: two legs and a bridge, the sound passed on as it comes.
func (s *Server) free(ctx context.Context, in *voip.Incoming, number string) {
	o := s.arrive(in, call.Free)
	o.rec.To = sipapi.PrefixCall + call.Mask(clipUser(number))
	o.rec.Contact = contactOf(in)
	why := judge(number)
	if why == "" && s.cfg.Trunk == "" {
		why = sipapi.RefusedNoTrunk
	}
	if why != "" {
		o.refuse(ctx, in, why, time.Time{})
		return
	}
	// The claim is stored with the call, before anything rings: a crash must not give away a second one.
	o.rec.Claim = s.claim(number)
	var soon *call.FreeTooSoonError
	switch err := o.save(ctx); {
	case errors.As(err, &soon):
		o.rec.Claim = call.FreeCall{}
		o.refuse(ctx, in, sipapi.RefusedTooSoon, soon.Next)
	case err != nil:
		o.reject(ctx, in, 500, "the call cannot be recorded")
	default:
		claim := o.rec.Claim
		o.rec.Claim = call.FreeCall{}
		o.connect(ctx, in, number, func() { _ = s.store.ReleaseFree(context.WithoutCancel(ctx), s.tenant, claim) })
	}
}

// claim of a number. Its hash is a weak secret, but lives for half an hour only.
func (s *Server) claim(number string) call.FreeCall {
	now := time.Now()
	sum := sha256.Sum256([]byte(s.tenant + "\x00" + number))
	return call.FreeCall{Number: hex.EncodeToString(sum[:]), At: now, Until: now.Add(s.cfg.FreePause)}
}

// connect calls the number and stays with the two legs. A call that nobody took was none: it is given back before the citizen is told.
func (o *ongoing) connect(ctx context.Context, in *voip.Incoming, number string, giveBack func()) {
	trunk := o.s.cfg.Trunk
	b, err := o.s.agent.Dial(ctx, voip.Call{
		To: "sip:" + number + "@" + trunk, From: "laoyou", Codecs: voip.Narrow(), RingTime: freeRings, MaxForwards: in.MaxForwards(),
	})
	if err != nil {
		giveBack()
		o.log.WarnContext(ctx, "trunk was not called", slog.Any("error", err))
		o.reject(ctx, in, 503, "the trunk was not called")
		return
	}
	o.dialled(b, "trunk", trunk, "udp")
	if !o.ringTrunk(ctx, in, b, giveBack) {
		return
	}
	a, err := in.Answer(ctx)
	if err != nil { // gave up while the other end lifted
		giveBack()
		b.Hangup(voip.Normal)
		o.drain(1, b)
		o.finish(ctx, o.causeOf(in))
		return
	}
	o.legs[0] = a
	o.up(0, time.Now())
	o.talk(ctx, a, b)
}

// ringTrunk follows the trunk's leg until it is answered; otherwise both ends are over and on record.
func (o *ongoing) ringTrunk(ctx context.Context, in *voip.Incoming, b *voip.Leg, giveBack func()) bool {
	gone, stop := in.Gone(), ctx.Done()
	for {
		select {
		case e, more := <-b.Events():
			if !more {
				giveBack()
				code, reason := b.Cause().Status()
				if o.why == call.Shutdown {
					code, reason = 503, ""
				}
				if gone != nil {
					in.Reject(code, reason)
				}
				o.finish(ctx, call.Cause(b.Cause()))
				return false
			}
			o.note(1, e)
			switch e.Kind {
			case voip.Ringing, voip.Early:
				in.Ring()
				if l := &o.rec.Legs[0]; l.Ringing.IsZero() {
					l.Ringing = time.Now()
				}
			case voip.Answered:
				if gone != nil {
					return true
				}
			case voip.NoEvent, voip.Trying, voip.Held, voip.Resumed, voip.DTMF, voip.Ended:
			}
		case <-gone:
			gone = nil
			o.hangup(1, o.causeOf(in))
		case <-stop:
			stop = nil
			o.hangup(1, call.Shutdown)
		}
	}
}

// talk passes sound between the legs until one ends, the time is over or the core stops.
func (o *ongoing) talk(ctx context.Context, a, b *voip.Leg) {
	defer join(a.Media(), b.Media())() //nolint:contextcheck // until both legs are over
	timer := time.NewTimer(o.s.cfg.FreeLimit)
	defer timer.Stop()
	news := [2]<-chan voip.Event{a.Events(), b.Events()}
	legs := [2]*voip.Leg{a, b}
	cause, stop := call.None, ctx.Done()
	follow := func(i int, e voip.Event, more bool) {
		if !more {
			news[i] = nil
			return
		}
		o.note(i, e)
		switch e.Kind {
		case voip.DTMF:
			go func() { _ = legs[1-i].SendDTMF(ctx, string(e.Digit)) }() // a far end without keys misses it
		case voip.Ended:
			if cause == call.None {
				cause = call.Cause(e.Cause)
			}
			legs[1-i].Hangup(voip.Normal)
		case voip.NoEvent, voip.Trying, voip.Ringing, voip.Early, voip.Answered, voip.Held, voip.Resumed:
		}
	}
	for news[0] != nil || news[1] != nil {
		select {
		case e, more := <-news[0]:
			follow(0, e, more)
		case e, more := <-news[1]:
			follow(1, e, more)
		case <-timer.C:
			o.hangup(0, call.TimeLimit)
			o.hangup(1, call.TimeLimit)
		case <-stop:
			stop = nil
			o.hangup(0, call.Shutdown)
			o.hangup(1, call.Shutdown)
		}
	}
	o.finish(ctx, cause)
}

// join lets two legs hear each other until stop. G.711 passes at once; the line of a booth that speaks Opus may lose packets, so what it
// says is mended before it becomes G.711.
func join(a, b *voip.Session) (stop func()) {
	if a.Codec() != voip.Opus && b.Codec() != voip.Opus {
		a.Forward(b)
		b.Forward(a)
		return func() {}
	}
	return media.Join(a, b, media.Options{}).Close
}

// drain follows leg i, which has been told to end, to its end.
func (o *ongoing) drain(i int, leg *voip.Leg) {
	for e := range leg.Events() {
		o.note(i, e)
	}
}

// refuse tells why a number is not called, in words for any phone and in one that the booth understands.
func (o *ongoing) refuse(ctx context.Context, in *voip.Incoming, why sipapi.Refusal, next time.Time) {
	r := refusals[why]
	header := map[string]string{sipapi.HeaderRefusal: string(why), sipapi.HeaderReason: reasonHeader(why)}
	if !next.IsZero() {
		header[sipapi.HeaderRetry] = strconv.Itoa(1 + int(time.Until(next).Seconds())) // RFC 3261 §20.33
	}
	in.RejectWith(r.code, r.phrase, header)
	o.rec.Note = string(why)
	o.finish(ctx, call.NotDialed)
}
