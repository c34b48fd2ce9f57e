package desk

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/voip/webrtc"
)

// deaf is a browser whose sound never comes up.
type deaf struct{ Peer }

func (deaf) Offer() (string, error)      { return "v=0", nil }
func (deaf) Answer(string) error         { return nil }
func (deaf) States() <-chan webrtc.State { return nil }
func (deaf) Close()                      {}

// notes is the other side of a softphone: it notes what comes.
type notes struct {
	Contacts
	events chan acd.Event
	lost   chan contact.Event
}

func (n notes) Post(e acd.Event)                    { n.events <- e }
func (n notes) Do(context.Context, acd.Event) error { return nil }

type noteContacts struct{ notes }

func (n noteContacts) Do(_ context.Context, _, _ string, e contact.Event) error {
	n.lost <- e
	return nil
}

func inBubble(t *testing.T, peers func(string) (Peer, error), test func(*Hub, notes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := notes{events: make(chan acd.Event, 16), lost: make(chan contact.Event, 16)}
		h := New(Deps{Contacts: noteContacts{n}, Queue: n, Peers: peers, Log: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = h.Run(ctx) }()
		test(h, n)
		cancel()
		<-ended
	})
}

// tab opens a page that only listens.
func tab(h *Hub) *socket {
	s := &socket{out: make(chan []byte, backlog), done: make(chan struct{})}
	h.tell("mei", func(p *phone) { p.attach(s, httpapi.Agent{ID: "mei"}, "") })
	return s
}

// An agent whose page stays away is gone after the grace, not before; one who comes back in time never was.
func TestGrace(t *testing.T) {
	inBubble(t, func(string) (Peer, error) { return deaf{}, nil }, func(h *Hub, n notes) {
		s := tab(h)
		h.Assign("mei", httpapi.Contact{ID: "c1"})
		h.tell("mei", func(p *phone) { p.detach(s, false) })
		synctest.Wait()
		if e := <-n.lost; e != contact.Lose {
			t.Errorf("the citizen's owner heard %v", e)
		}
		time.Sleep(Grace - time.Second) //nolint:forbidigo // the bubble's clock
		s = tab(h)
		time.Sleep(time.Second) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		for len(n.events) > 0 {
			if e := <-n.events; e.Kind == acd.Gone {
				t.Fatal("gone in spite of coming back")
			}
		}
		h.tell("mei", func(p *phone) { p.detach(s, false) })
		time.Sleep(Grace + time.Second) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		gone := false
		for len(n.events) > 0 {
			e := <-n.events
			gone = gone || e.Kind == acd.Gone && e.State == ""
		}
		if !gone {
			t.Error("an agent without a page keeps the citizen")
		}
	})
}

// A browser that does not connect, or cannot, does not keep the citizen: the next agent has the call, this one is away.
func TestNoAudio(t *testing.T) {
	for name, peers := range map[string]func(string) (Peer, error){
		"silent": func(string) (Peer, error) { return deaf{}, nil },
		"broken": func(string) (Peer, error) { return nil, errors.New("no ports") },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, peers, func(h *Hub, n notes) {
				tab(h)
				h.Assign("mei", httpapi.Contact{ID: "c1"})
				time.Sleep(Grace + time.Second) //nolint:forbidigo // the bubble's clock
				synctest.Wait()
				for len(n.events) > 0 {
					if e := <-n.events; e.Kind == acd.Gone && e.State == httpapi.AgentAway && e.Reason == httpapi.ReasonNoAudio {
						return
					}
				}
				t.Error("the agent keeps the citizen")
			})
		})
	}
}
