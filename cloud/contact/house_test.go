package contact_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/contact/contacttest"
	"github.com/laoyou/laoyou/cloud/httpapi"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/sqlite"
)

const patience = 10 * time.Second

// news is what a desk was told.
type news struct {
	kind, agent, what string
	ring              contact.Ringing
	contact           httpapi.Contact
}

// desks is a contact.Desk that notes everything.
type desks struct{ told chan news }

func (d desks) Ring(agent string, o contact.Ringing) {
	d.told <- news{kind: "ring", agent: agent, what: o.Contact.ID, ring: o}
}

func (d desks) Unring(agent, _, why string) { d.told <- news{kind: "unring", agent: agent, what: why} }

func (d desks) Assign(agent string, c httpapi.Contact) {
	d.told <- news{kind: "assign", agent: agent, what: c.ID, contact: c}
}

func (d desks) Call(agent, _, state, cause string) {
	d.told <- news{kind: "call", agent: agent, what: strings.TrimSpace(state + " " + cause)}
}

func (d desks) Text(agent, _ string, t httpapi.Turn) {
	d.told <- news{kind: "text", agent: agent, what: t.Who + ": " + t.Text}
}

func (d desks) Update(agent string, c httpapi.Contact) {
	d.told <- news{kind: "update", agent: agent, what: string(c.State), contact: c}
}

// house is contacts, a real matcher and a real database, with fake legs and desks.
type house struct {
	t        *testing.T
	db       *sqlite.DB
	store    *store.Contacts
	contacts *contact.Service
	queue    *acd.Matcher
	desks    desks
	booths   *contacttest.Booths
	effects  chan acd.Effect // of agents
	stop     func()
}

func open(t *testing.T, path string) *sqlite.DB {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func newHouse(t *testing.T, rules acd.Rules) *house {
	t.Helper()
	return newHouseAt(t, rules, filepath.Join(t.TempDir(), "laoyou.db"))
}

func newHouseAt(t *testing.T, rules acd.Rules, path string) *house {
	t.Helper()
	h := &house{t: t, db: open(t, path), desks: desks{make(chan news, 256)}, effects: make(chan acd.Effect, 256)}
	h.store = store.NewContacts(h.db)
	h.booths = &contacttest.Booths{Answers: make(chan contacttest.Answer, 8), Called: make(chan contact.Callee, 8)}
	h.queue = acd.New(acd.Deps{Rules: rules, NewID: id.New, Out: func(e acd.Effect) {
		if e.Kind == acd.AgentNow {
			h.effects <- e
		}
		h.contacts.FromQueue(e)
	}, Show: func(s acd.Snapshot) { h.contacts.Positions(s) }})
	h.contacts = contact.NewService(contact.Deps{
		Store: h.store, Queue: h.queue, Desk: h.desks, Caller: h.booths, Tenant: "default", Log: slog.New(slog.DiscardHandler),
	})
	if err := h.contacts.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{h.queue.Run, h.contacts.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	h.stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
		if err := h.db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(h.stop)
	return h
}

// agent signs an agent in.
func (h *house) agent(name string, langs ...string) {
	h.t.Helper()
	h.queue.Post(acd.Event{Kind: acd.Present, Agent: name, On: true})
	h.set(name, httpapi.AgentAvailable, langs...)
}

func (h *house) set(name string, s acd.AgentState, langs ...string) {
	h.t.Helper()
	if len(langs) == 0 {
		langs = []string{"zh", "en"}
	}
	if err := h.queue.Do(h.t.Context(), acd.Event{Kind: acd.SetAgent, Agent: name, Langs: langs, State: s}); err != nil {
		h.t.Fatal(err)
	}
}

// wants waits for what a desk is told, "ring mei", and passes over what is not asked for.
func (h *house) wants(kind, agent, what string) news {
	h.t.Helper()
	late := time.After(patience)
	var seen []string
	for {
		select {
		case n := <-h.desks.told:
			if n.kind == kind && n.agent == agent && (what == "" || n.what == what) {
				return n
			}
			seen = append(seen, fmt.Sprint(n.kind, " ", n.agent, " ", n.what))
		case <-late:
			h.t.Fatalf("no %s %s %s; seen %s", kind, agent, what, strings.Join(seen, ", "))
		}
	}
}

// accept lets an agent take what rings.
func (h *house) accept(agent string) string {
	h.t.Helper()
	n := h.wants("ring", agent, "")
	if err := h.queue.Do(h.t.Context(), acd.Event{Kind: acd.Accept, Agent: agent, Offer: n.ring.Offer}); err != nil {
		h.t.Fatal(err)
	}
	h.wants("assign", agent, n.what)
	return n.what
}

// agentIs waits until an agent is in a state.
func (h *house) agentIs(name string, s acd.AgentState, reason string) {
	h.t.Helper()
	late := time.After(patience)
	for {
		select {
		case e := <-h.effects:
			if e.Agent == name && e.State == s && e.Reason == reason {
				return
			}
		case <-late:
			h.t.Fatalf("%s never is %s %s", name, s, reason)
		}
	}
}

// hears waits until the citizen hears something.
func (h *house) hears(l *contacttest.Line, want string) {
	h.t.Helper()
	late := time.After(patience)
	for {
		select {
		case got := <-l.Heard():
			if got == want {
				return
			}
		case <-late:
			h.t.Fatalf("%s never hears %s", l.ID(), want)
		}
	}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// is waits until a contact is stored in a state.
func (h *house) is(id string, s httpapi.ContactState) httpapi.Contact {
	h.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		c, err := h.contacts.Contact(h.t.Context(), id)
		if err == nil && c.State == s {
			return c
		}
		select {
		case <-tick.C:
		case <-late:
			h.t.Fatalf("%s is %s (%v), not %s", id, c.State, err, s)
		}
	}
}

// call is a citizen's call of booth b1 for a person.
func (h *house) call(name string) (*contacttest.Line, string) {
	l, matter := contacttest.NewLine(name), id.New()
	h.contacts.Arrived(h.t.Context(), l, contact.Arrival{Contact: matter, Booth: "b1", Lang: "zh"})
	return l, matter
}

// browser is an agent's softphone.
type browser string

func (b browser) Read(ctx context.Context) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() }
func (b browser) Write([]byte) error                       { return nil }

// line is a booth's open line.
func (h *house) line(matter string) (<-chan httpapi.LineNews, func()) {
	h.t.Helper()
	ch := make(chan httpapi.LineNews, 64)
	detach, err := h.contacts.Attach(h.t.Context(), "b1", matter, func(n httpapi.LineNews) { ch <- n })
	h.must(err)
	return ch, detach
}

// says waits for a message on a booth's line that fits.
func (h *house) says(ch <-chan httpapi.LineNews, what string, fits func(httpapi.LineNews) bool) httpapi.LineNews {
	h.t.Helper()
	late := time.After(patience)
	var seen []httpapi.LineNews
	for {
		select {
		case n := <-ch:
			if fits(n) {
				return n
			}
			seen = append(seen, n)
		case <-late:
			h.t.Fatalf("the booth is never told %s; it was told %+v", what, seen)
		}
	}
}

func (h *house) status(ch <-chan httpapi.LineNews, s httpapi.ContactState) httpapi.LineNews {
	h.t.Helper()
	return h.says(ch, string(s), func(n httpapi.LineNews) bool { return n.T == httpapi.LineStatus && n.State == s })
}
