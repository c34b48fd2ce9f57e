package sip

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/internal/voip"
)

const contactVisit = httpapi.KindVisit

// line is a citizen's leg as cloud/contact sees it. The call's own goroutine follows the leg; the contact's tells it what to do.
type line struct {
	id     string
	leg    *voip.Leg
	sw     *media.Switch
	sounds media.Sounds
	asked  chan call.Cause // to end the call
	ended  chan struct{}
	cause  call.Cause // valid once ended is closed
}

func newLine(o *ongoing, leg *voip.Leg) *line {
	o.s.spoken.add(o.rec.Contact, leg)
	return &line{
		id: o.rec.ID, leg: leg, sw: media.NewSwitch(leg.Media()), sounds: o.s.sounds,
		asked: make(chan call.Cause, 1), ended: make(chan struct{}),
	}
}

// own follows the leg to its end and puts the call on record.
func (l *line) own(ctx context.Context, o *ongoing) {
	o.stay(ctx, l.leg, queueLimit, l.asked)
	o.s.spoken.remove(o.rec.Contact, l.leg)
	l.sw.Close()
	l.cause = call.Cause(l.leg.Cause())
	if o.why != call.None {
		l.cause = o.why
	}
	close(l.ended)
	o.finish(ctx, l.cause)
}

// ID implements contact.Line.
func (l *line) ID() string { return l.id }

// Hear implements contact.Line.
func (l *line) Hear(s contact.Sound) {
	switch s {
	case contact.QueueTone:
		l.sw.Hear(l.sounds.Queue)
	case contact.Music:
		l.sw.Hear(l.sounds.Music)
	case contact.HoldTone:
		l.sw.Hear(l.sounds.Hold)
	case contact.Silence:
		l.sw.Hear(media.Sound{})
	}
}

// Connect implements contact.Line.
func (l *line) Connect(p contact.Party) { l.sw.Connect(p) }

// Hangup implements contact.Line. The first cause counts.
func (l *line) Hangup(cause string) {
	select {
	case l.asked <- call.Cause(cause):
	default:
	}
}

// Ended implements contact.Line.
func (l *line) Ended() <-chan struct{} { return l.ended }

// Cause implements contact.Line.
func (l *line) Cause() string {
	<-l.ended
	return string(l.cause)
}

// CallBooth implements contact.Caller: it rings the booth where it registered last, then elsewhere while that helps.
func (s *Server) CallBooth(ctx context.Context, to contact.Callee) (contact.Line, error) {
	places := s.registrar.find(to.Booth)
	if len(places) == 0 {
		return nil, &contact.Unreached{Cause: string(voip.Unreachable)}
	}
	err := error(&contact.Unreached{Cause: string(voip.Unreachable)})
	for _, at := range places {
		var l *line
		if l, err = s.ring(ctx, at, to); err == nil {
			return l, nil
		}
		if cause, ok := err.(unreachedError); !ok || !voip.Cause(cause).Retry() { //nolint:errorlint // our own, never wrapped
			break
		}
	}
	if cause, ok := err.(unreachedError); ok { //nolint:errorlint // as above
		return nil, &contact.Unreached{Cause: string(cause)}
	}
	return nil, err
}

type unreachedError call.Cause

func (e unreachedError) Error() string { return string(e) }

// boothRings is how long a booth rings for a callback.
const boothRings = 45 * time.Second

func (s *Server) ring(ctx context.Context, at binding, to contact.Callee) (*line, error) {
	if s.door.enter(to.Booth, false) != welcome {
		return nil, errNoRoom
	}
	answered := make(chan ringing, 1)
	go func() {
		defer s.door.leave(to.Booth)
		s.callback(ctx, at, to, answered)
	}()
	r := <-answered
	return r.line, r.err
}

type ringing struct {
	line *line
	err  error
}
