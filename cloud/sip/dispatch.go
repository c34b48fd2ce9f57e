package sip

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/voip"
)

// Longest calls: a handset that was never put back must not hold a line for ever.
const (
	echoLimit     = 10 * time.Minute
	operatorLimit = 30 * time.Minute
	queueLimit    = 4 * time.Hour
)

// operatorRings is how long the simulated operator lets it ring.
const operatorRings = 1500 * time.Millisecond

// accept takes each INVITE that the digest let in. The goroutine it starts owns the call.
func (s *Server) accept(in *voip.Incoming) {
	booth := in.Login
	if e := s.door.enter(booth, in.To() == sipapi.UserSOS && booth != ""); e != welcome {
		s.turnAway(in, e)
		return
	}
	go func() {
		defer s.door.leave(booth)
		s.dispatch(s.door.life, in)
	}()
}

// dispatch decides by the user part who answers.
func (s *Server) dispatch(ctx context.Context, in *voip.Incoming) {
	to := in.To()
	number, free := strings.CutPrefix(to, sipapi.PrefixCall)
	switch {
	case to == sipapi.UserEcho:
		s.echo(ctx, in)
	case in.Login == "": // the digest stands in front; this is the second lock
		in.Reject(403, "")
	case to == sipapi.UserQueue:
		s.queue(ctx, in)
	case to == sipapi.UserSOS:
		s.operator(ctx, in)
	case free:
		s.free(ctx, in, number)
	default:
		s.nobody(ctx, in, to)
	}
}

// nobody refuses what we do not know, and calls from booth to booth.
func (s *Server) nobody(ctx context.Context, in *voip.Incoming, to string) {
	o := s.arrive(in, call.Refused)
	o.rec.To = clipUser(to)
	if _, booth := s.logins[to]; booth {
		o.reject(ctx, in, 403, "booths do not call each other")
		return
	}
	o.reject(ctx, in, 404, "no such user")
}

// echo returns what the caller says, as it comes.
func (s *Server) echo(ctx context.Context, in *voip.Incoming) {
	o := s.arrive(in, call.Echo)
	leg, ok := o.answer(ctx, in)
	if !ok {
		return
	}
	leg.Media().Relay(true)
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		_ = media.Echo(context.WithoutCancel(ctx), leg.Media()) // until the leg is gone
	}()
	o.stay(ctx, leg, echoLimit, nil)
	<-echoed
	o.finish(ctx, call.Cause(leg.Cause()))
}

// operator is the simulated operator of the lab: it rings, answers and plays the tone of a test.
func (s *Server) operator(ctx context.Context, in *voip.Incoming) {
	o := s.arrive(in, call.Operator)
	number, place := clipUser(in.Header(sipapi.HeaderNumber)), clipNote(in.Header(sipapi.HeaderLocation))
	o.rec.Note = strings.TrimSpace("TEST " + number + " " + place)
	if s.contacts != nil {
		matter := s.contacts.Emergency(contact.Arrival{
			Booth: o.rec.Booth, Lang: firstLanguage(in.Header(sipapi.HeaderLanguage)), Place: place, Number: number, Test: s.cfg.Lab,
		})
		o.rec.Contact = matter.ID()
		o.matter = matter
	}
	if !s.cfg.Lab {
		o.reject(ctx, in, 480, "no operator: emergencies go over their own trunk")
		return
	}
	in.Ring()
	o.rec.Legs[0].Ringing = time.Now()
	select {
	case <-time.After(operatorRings):
	case <-in.Gone():
		o.finish(ctx, o.causeOf(in))
		return
	case <-ctx.Done():
		o.why = call.Shutdown
		o.reject(ctx, in, 503, o.rec.Note)
		return
	}
	leg, ok := o.answer(ctx, in)
	if !ok {
		return
	}
	if o.matter != nil {
		o.matter.Answered()
	}
	sw := media.NewSwitch(leg.Media()) //nolint:contextcheck // it lives as long as its party
	sw.Hear(s.sounds.Test)
	o.stay(ctx, leg, operatorLimit, nil)
	sw.Close()
	o.finish(ctx, call.Cause(leg.Cause()))
}

// queue answers a citizen who wants a person, and hands the line to the owner of the conversation.
func (s *Server) queue(ctx context.Context, in *voip.Incoming) {
	o := s.arrive(in, call.Queue)
	if o.rec.Contact = contactOf(in); o.rec.Contact == "" {
		o.rec.Contact = id.New() // a phone that knows no contacts: the record and the matter know each other all the same
	}
	if s.contacts == nil {
		o.reject(ctx, in, 480, "nobody answers here")
		return
	}
	lang := in.Header(sipapi.HeaderLanguage)
	leg, ok := o.answer(ctx, in)
	if !ok {
		return
	}
	l := newLine(o, leg) //nolint:contextcheck // it lives as long as its leg
	s.contacts.Arrived(ctx, l, contact.Arrival{
		Contact: o.rec.Contact, Booth: o.rec.Booth, Lang: firstLanguage(lang), Kind: contactVisit, Place: clipNote(in.Header(sipapi.HeaderLocation)),
	})
	l.own(ctx, o)
}

// contactOf is the citizen's matter that the INVITE names, "" when it names none that can be one.
func contactOf(in *voip.Incoming) string {
	c := in.Header(sipapi.HeaderContact)
	if c == "" {
		c = sipapi.ParseUUI(in.Header(sipapi.HeaderUUI))
	}
	if !id.Valid(c) {
		return ""
	}
	return c
}

// firstLanguage of Accept-Language: "zh", "en-GB;q=0.8, zh" is en-GB.
func firstLanguage(header string) string {
	first, _, _ := strings.Cut(header, ",")
	first, _, _ = strings.Cut(first, ";")
	if first = strings.TrimSpace(first); len(first) > 16 {
		return ""
	}
	return first
}

// clipUser and clipNote bound what a caller makes us store.
func clipUser(s string) string { return clip(s, 40) }
func clipNote(s string) string { return clip(s, 200) }

func clip(s string, runes int) string {
	if r := []rune(strings.ToValidUTF8(s, "?")); len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return strings.ToValidUTF8(s, "?")
}

func sortMessages(m []call.Message) {
	slices.SortStableFunc(m, func(a, b call.Message) int { return a.At.Compare(b.At) })
}

var errNoRoom = errors.New("the core takes no more calls now")
