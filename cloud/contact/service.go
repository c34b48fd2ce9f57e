package contact

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// StaleAfter is how long a contact may be new without anything coming of it.
const StaleAfter = 2 * time.Minute

// Deps are what a Service needs.
type Deps struct {
	Store  Store
	Queue  Queue
	Desk   Desk
	Caller Caller
	Tenant string
	Log    *slog.Logger
}

// Service owns the contacts of this core. Its methods may be called from any goroutine, before Run too.
type Service struct {
	deps  Deps
	rows  map[situation]row
	ctx   context.Context //nolint:containedctx // the life of Run, which all owners share
	stop  context.CancelFunc
	wg    sync.WaitGroup
	mu    sync.Mutex // guards what follows
	live  map[string]*owner
	place map[string]int // position in the queue, from 1
}

// NewService returns a service without contacts.
func NewService(d Deps) *Service {
	ctx, stop := context.WithCancel(context.Background())
	return &Service{deps: d, rows: index(table()), ctx: ctx, stop: stop, live: map[string]*owner{}, place: map[string]int{}}
}

// Recover takes up what an earlier life of the core left open, before anything of this life begins: calls are over, callbacks wait on.
func (s *Service) Recover(ctx context.Context) error {
	ids, err := s.deps.Store.OpenContacts(ctx, s.deps.Tenant)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.ask(ctx, id, input{event: Restart}); err != nil {
			return fmt.Errorf("contact %s: %w", id, err)
		}
	}
	if len(ids) > 0 {
		s.deps.Log.InfoContext(ctx, "contacts of an earlier life taken up", slog.Int("contacts", len(ids)))
	}
	return nil
}

// Run serves until ctx ends and all owners have stopped. What is open then is taken up by the next life.
func (s *Service) Run(ctx context.Context) error {
	<-ctx.Done()
	s.mu.Lock()
	s.stop() // under the lock, so that no owner begins after it
	s.mu.Unlock()
	s.wg.Wait()
	return nil
}

// Arrived takes over the leg of a citizen who wants a person. It returns at once; a leg that cannot be served is hung up.
func (s *Service) Arrived(_ context.Context, l Line, a Arrival) {
	if !id.Valid(a.Contact) {
		a.Contact = id.New()
	}
	if !s.post(a.Contact, input{event: Arrive, line: l, arrival: a, booth: a.Booth, at: time.Now().UTC()}) {
		l.Hangup("shutdown")
	}
}

// Emergency begins the record of a call to the emergency operator. Whatever the booth was doing before is another matter.
func (s *Service) Emergency(a Arrival) Emergency {
	a.Contact, a.Kind = id.New(), httpapi.KindEmergency
	s.post(a.Contact, input{event: Alarm, arrival: a, at: time.Now().UTC()})
	return alarm{s, a.Contact}
}

type alarm struct {
	s  *Service
	id string
}

func (a alarm) ID() string         { return a.id }
func (a alarm) Answered()          { a.s.post(a.id, input{event: AlarmUp}) }
func (a alarm) Ended(cause string) { a.s.post(a.id, input{event: AlarmOver, why: cause}) }

// Handoff stores what the bot knew. The leg may be there already or come later; a repeated one replaces the words.
func (s *Service) Handoff(ctx context.Context, booth, id string, h httpapi.Handoff) error {
	return s.ask(ctx, id, input{kind: inHandoff, booth: booth, handoff: h})
}

// Attach opens the line's text side: send gets every status and text until the returned function is called, at once the present state.
// The newest one counts. send must not wait.
func (s *Service) Attach(ctx context.Context, booth, id string, send func(httpapi.LineNews)) (detach func(), err error) {
	a := &attachment{send: send}
	if err := s.ask(ctx, id, input{kind: inAttach, booth: booth, attachment: a}); err != nil {
		return nil, err
	}
	return func() { s.post(id, input{kind: inDetach, attachment: a}) }, nil
}

// FromBooth does what the citizen wants: LineText, LineCallback or LineLeave.
func (s *Service) FromBooth(ctx context.Context, booth, id string, w httpapi.LineWish) error {
	switch w.T {
	case httpapi.LineText:
		return s.ask(ctx, id, input{kind: inText, booth: booth, turn: httpapi.Turn{Who: httpapi.WhoCitizen, Text: w.Text}})
	case httpapi.LineCallback:
		return s.ask(ctx, id, input{event: Ask, booth: booth})
	case httpapi.LineLeave:
		return s.ask(ctx, id, input{event: Leave, booth: booth})
	default:
		return ErrNotNow
	}
}

// Do lets an agent act on the contact in hand: Hold, Resume, HangUp, Lose.
func (s *Service) Do(ctx context.Context, agent, id string, e Event) error {
	return s.ask(ctx, id, input{event: e, agent: agent})
}

// Connected joins the agent's softphone to the conversation.
func (s *Service) Connected(ctx context.Context, agent, id string, p Party) error {
	return s.ask(ctx, id, input{event: Connect, agent: agent, party: p})
}

// Text sends what an agent typed.
func (s *Service) Text(ctx context.Context, agent, id, text string) error {
	return s.ask(ctx, id, input{kind: inText, agent: agent, turn: httpapi.Turn{Who: httpapi.WhoAgent, Text: text}})
}

// WrapUp ends the agent's work on a contact.
func (s *Service) WrapUp(ctx context.Context, agent, id string, d Disposition, note string) error {
	e := Finish
	if d == httpapi.CallbackKept {
		e = FinishCallback
	}
	return s.ask(ctx, id, input{event: e, agent: agent, disposition: d, note: note})
}

// Contact returns one contact.
func (s *Service) Contact(ctx context.Context, id string) (httpapi.Contact, error) {
	c, err := s.deps.Store.Contact(ctx, s.deps.Tenant, id)
	if err != nil {
		return httpapi.Contact{}, err
	}
	return c.Wire(s.position(id)), nil
}

// Contacts lists the contacts that a search finds, newest first, without turns and timeline.
func (s *Service) Contacts(ctx context.Context, q Search, limit int) ([]httpapi.Contact, error) {
	list, err := s.deps.Store.Contacts(ctx, s.deps.Tenant, q, limit)
	out := make([]httpapi.Contact, len(list))
	for i, c := range list {
		c.Handoff.Turns = nil
		out[i] = c.Wire(s.position(c.ID))
	}
	return out, err
}

// FromQueue takes an effect of the matcher to the contact that it is about.
func (s *Service) FromQueue(e acd.Effect) {
	in := input{agent: e.Agent, offer: e.Offer, why: e.Why, expires: e.At}
	switch e.Kind {
	case acd.Offered:
		in.event = Offer
	case acd.Withdrawn:
		in.event = Withdraw
	case acd.Accepted:
		in.event = Accept
	case acd.None:
		in.event = Nobody
	case acd.WrapEnded:
		in.event = WrapEnd
	case acd.Lost:
		in.event = Go
	default:
		return // about agents only
	}
	s.post(e.Contact, in)
}

// Positions tells those who wait how their place in the queue has changed.
func (s *Service) Positions(q acd.Snapshot) {
	now := make(map[string]int, len(q.Waiting))
	for _, w := range q.Waiting {
		now[w.Contact] = w.Position
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, o := range s.live {
		if s.place[id] != now[id] {
			o.in.Put(input{kind: inPosition})
		}
	}
	s.place = now
}

func (s *Service) position(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.place[id]
}

// Brief returns what the queue's display needs of a contact in memory.
func (s *Service) Brief(id string) (booth, task string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.live[id]; o != nil {
		b := o.brief.Load()
		return b.booth, b.task
	}
	return "", ""
}

// ask sends an input to the owner of a contact and waits for what it says.
func (s *Service) ask(ctx context.Context, id string, in input) error {
	answer := make(chan error, 1)
	in.answer = answer
	s.post(id, in)
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.ctx.Done():
		return errors.New("the core is stopping")
	}
}

// post sends an input to the owner of a contact, and wakes one up if there is none. It reports false when the service has stopped.
func (s *Service) post(id string, in input) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	o := s.live[id]
	if o == nil {
		o = newOwner(s, id)
		s.live[id] = o
		s.wg.Go(o.run)
	}
	o.in.Put(in)
	return true
}

// retire ends an owner that has nothing to do, unless something has just come.
func (s *Service) retire(o *owner) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !o.in.Empty() {
		return false
	}
	delete(s.live, o.id)
	return true
}
