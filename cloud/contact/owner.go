package contact

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/inbox"
)

// inputKind is what an input is beside an event of the table.
type inputKind int

const (
	inEvent    inputKind = iota
	inHandoff            // booth, handoff
	inAttach             // booth, attachment
	inDetach             // attachment
	inText               // booth or agent, turn
	inPosition           // the place in the queue has changed
)

// input is a message to an owner.
type input struct {
	kind        inputKind
	event       Event
	booth       string // who sends it, if a booth does
	agent       string // whom it is about, or who sends it
	line        Line
	arrival     Arrival
	at          time.Time // of an arrival: whoever came first is first in the queue, however long the storing takes
	handoff     httpapi.Handoff
	attachment  *attachment
	turn        httpapi.Turn
	party       Party
	offer, why  string // why also: the cause of a Miss
	expires     time.Time
	disposition Disposition
	note        string
	answer      chan<- error
}

// attachment is a booth's open line.
type attachment struct{ send func(httpapi.LineNews) }

// owner is the goroutine that one contact belongs to.
type owner struct {
	s     *Service
	id    string
	in    *inbox.Inbox[input]
	brief atomic.Pointer[brief]

	c        Contact
	line     Line
	party    Party // the agent's softphone
	ringing  offer
	booth    *attachment
	stopDial context.CancelFunc
	stale    *time.Timer
	cause    string // how the last call ended
}

type offer struct {
	id, agent string
	expires   time.Time
}

type brief struct{ booth, task string }

func newOwner(s *Service, id string) *owner {
	o := &owner{s: s, id: id, in: inbox.New[input](), stale: time.NewTimer(time.Hour)}
	o.stale.Stop()
	o.brief.Store(&brief{})
	return o
}

// run serves one contact until nothing is left to do with it.
func (o *owner) run() {
	defer o.stale.Stop()
	err := o.load()
	for {
		select {
		case <-o.s.ctx.Done():
			return
		case <-o.stale.C:
			_ = o.take(input{event: Stale}) // refused where something has come of it meanwhile
		case <-o.in.Wake():
			for _, in := range o.in.Take() {
				answer := err
				if err == nil {
					answer = o.take(in)
				}
				if answer != nil {
					o.refuse(in, answer)
				}
				if in.answer != nil {
					in.answer <- answer
				}
			}
		}
		if o.idle() && o.s.retire(o) {
			return
		}
	}
}

func (o *owner) load() error {
	c, err := o.s.deps.Store.Contact(o.s.ctx, o.s.deps.Tenant, o.id)
	if errors.Is(err, ErrNoContact) {
		o.c = Contact{ID: o.id, Tenant: o.s.deps.Tenant, Kind: httpapi.KindVisit}
		return nil
	}
	if err == nil {
		o.hold(c)
	}
	return err
}

// idle reports whether the owner may end: what there is to know is stored.
func (o *owner) idle() bool {
	return (o.c.State == Closed || o.c.State == Unknown) && o.booth == nil && o.line == nil
}

func (o *owner) take(in input) error {
	if in.booth != "" && o.c.State != Unknown && in.booth != o.c.Booth {
		return ErrNotYours
	}
	switch in.kind {
	case inHandoff:
		return o.handoff(in)
	case inAttach:
		if o.c.State == Unknown {
			return ErrNoContact
		}
		o.booth = in.attachment
		o.tellBooth()
	case inDetach:
		if o.booth == in.attachment {
			o.booth = nil
		}
	case inText:
		return o.text(in)
	case inPosition:
		o.tellBooth()
	case inEvent:
		return o.event(in)
	}
	return nil
}

// handoff replaces the words; the desk that has the contact sees them at once.
func (o *owner) handoff(in input) error {
	c := o.c
	if c.State == Unknown {
		c.State, c.Booth, c.Times.Created = New, in.booth, time.Now().UTC()
		c.Timeline = append(c.Timeline, Entry{c.Times.Created, "created", ""})
		o.stale.Reset(StaleAfter)
	}
	c.Handoff = in.handoff
	if in.handoff.Place != "" {
		c.Place = in.handoff.Place
	}
	if err := o.save(c); err != nil {
		return err
	}
	o.updateDesk()
	return nil
}

// text passes on what one side typed, once it is stored.
func (o *owner) text(in input) error {
	if o.c.State == Unknown {
		return ErrNoContact
	}
	if o.c.State != Talking && o.c.State != Held {
		return ErrNotNow
	}
	if in.booth == "" && in.agent != o.c.Agent {
		return ErrNotYours
	}
	turn := in.turn
	turn.AtMS = time.Now().UnixMilli()
	c := o.c
	c.Texts = append(c.Texts[:len(c.Texts):len(c.Texts)], turn)
	if err := o.save(c); err != nil {
		return err
	}
	o.s.deps.Desk.Text(c.Agent, c.ID, turn)
	if o.booth != nil && turn.Who == httpapi.WhoAgent {
		o.booth.send(httpapi.LineNews{T: httpapi.LineText, Who: turn.Who, Text: turn.Text, AtMS: turn.AtMS})
	}
	return nil
}

// event takes one row of the table: the new state is stored before anything is done.
func (o *owner) event(in input) error {
	if err := o.allowed(in); err != nil {
		return err
	}
	r, ok := o.s.rows[situation{o.c.State, in.event}]
	if !ok {
		if o.c.State == Unknown {
			return ErrNoContact
		}
		return ErrNotNow
	}
	if in.event == Arrive {
		in.agent = o.c.Agent // who may still be writing about the call before
	}
	if err := o.save(o.next(r, in)); err != nil {
		// A citizen who waits matters more than the record: the log has the failure, the next change is stored with this one.
		o.hold(o.next(r, in))
		o.s.deps.Log.ErrorContext(o.s.ctx, "contact not stored", slog.String("contact", o.id), slog.Any("error", err))
	}
	o.receive(in)
	for _, a := range r.do {
		o.do(a, in)
	}
	o.tellBooth()
	o.updateDesk()
	return nil
}

// allowed checks who an event comes from.
func (o *owner) allowed(in input) error {
	switch in.event {
	case Connect, Lose, Hold, Resume, HangUp, Finish, FinishCallback, Go, WrapEnd:
		if in.agent != o.c.Agent {
			return ErrNotYours
		}
	case Withdraw:
		if in.offer != o.ringing.id {
			return ErrNotNow // of an offer that was taken away before
		}
	case Accept:
		if (o.c.State == Offered || o.c.State == CallbackOffered) && in.offer != o.ringing.id {
			return ErrNotNow
		}
	case LineEnd:
		if in.line != o.line {
			return ErrNotNow // the leg was replaced or hung up by us
		}
	default:
	}
	return nil
}

// refuse leaves nothing behind of an event that comes too late: no agent who thinks to have the contact, no leg that nobody owns.
func (o *owner) refuse(in input, why error) {
	switch in.event {
	case Accept:
		o.do(free, in)
	case Arrive, Reach:
		in.line.Hangup("normal")
		o.s.deps.Log.WarnContext(o.s.ctx, "leg refused", slog.String("contact", o.id), slog.Any("error", why))
	default:
	}
}

// next is the contact after a row.
func (o *owner) next(r row, in input) Contact {
	now := time.Now().UTC()
	c := o.c
	c.State = r.to
	switch in.event {
	case Arrive:
		c = arrived(c, in.arrival, in.at)
	case Alarm:
		c = arrived(c, in.arrival, in.at)
		c.Number, c.Test = in.arrival.Number, in.arrival.Test
	case AlarmUp:
		c.Times.Answered = now
	case Accept:
		if r.to == Talking || r.to == Calling {
			c.Agent = in.agent
		}
	case Go:
		if r.to != Closed {
			c.Agent = "" // somebody else will have it
		}
	case Finish, FinishCallback:
		c.Disposition, c.Note = in.disposition, in.note
	default:
	}
	switch {
	case r.to == Talking && c.Times.Answered.IsZero():
		c.Times.Answered = now
	case r.to == Callback:
		c.Kind = httpapi.KindCallback
	case r.to == Closed && o.c.State != Closed:
		c.Times.Ended = now
	}
	c.Timeline = append(c.Timeline[:len(c.Timeline):len(c.Timeline)], entry(in, now))
	return c
}

// entry is what the timeline says of an event: with whom, or why.
func entry(in input, now time.Time) Entry {
	e := Entry{At: now, Kind: in.event.String()}
	switch in.event {
	case Alarm:
		e.Text = in.arrival.Number
	case Offer, Accept, Go:
		e.Text = in.agent
	case Withdraw:
		e.Kind, e.Text = in.why, in.agent
	case LineEnd:
		e.Text = in.line.Cause()
	case Miss, AlarmOver:
		e.Text = in.why
	case Finish, FinishCallback:
		e.Text = string(in.disposition)
	default:
	}
	return e
}

// arrived fills in what the citizen's leg tells.
func arrived(c Contact, a Arrival, now time.Time) Contact {
	if c.Times.Created.IsZero() {
		c.Times.Created, c.Booth, c.Kind = now, a.Booth, a.Kind
		if c.Kind == "" {
			c.Kind = httpapi.KindVisit
		}
	}
	if c.Handoff.Lang == "" {
		c.Handoff.Lang = a.Lang
	}
	if c.Place == "" {
		c.Place = a.Place
	}
	if c.State == Queued {
		c.Times.Queued, c.Times.Answered, c.Times.Ended = now, time.Time{}, time.Time{}
		c.Agent, c.Disposition = "", ""
	}
	return c
}

// save stores c and makes it the contact.
func (o *owner) save(c Contact) error {
	if err := o.s.deps.Store.SaveContact(o.s.ctx, c); err != nil {
		return err
	}
	o.hold(c)
	return nil
}

func (o *owner) hold(c Contact) {
	o.c = c
	o.brief.Store(&brief{c.Booth, c.Handoff.Task})
}
