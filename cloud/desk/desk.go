// Package desk is the agents' side of a conversation: one softphone for each agent, which the newest browser tab holds over a WebSocket.
// A softphone is one goroutine; it outlives its socket for a while, so that a page that is loaded again finds its call. It decides nothing
// about who gets which contact (acd) or what becomes of it (contact).
package desk

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/voip/webrtc"
)

// Grace is how long an agent whose page is gone keeps the call and the place, and how long a browser may take to connect its sound. The
// sound itself goes on meanwhile where the page still lives: losing the socket is not losing the line.
const Grace = 15 * time.Second

// Contacts is what the softphones do to contacts: contact.Service.
type Contacts interface {
	Do(ctx context.Context, agent, id string, e contact.Event) error
	Connected(ctx context.Context, agent, id string, p contact.Party) error
	Text(ctx context.Context, agent, id, text string) error
	WrapUp(ctx context.Context, agent, id string, d contact.Disposition, note string) error
	Brief(id string) (booth, task string)
}

// Queue is the matcher of acd.
type Queue interface {
	Do(ctx context.Context, e acd.Event) error
	Post(e acd.Event)
}

// Peer is the sound of one browser. Closing it ends Read.
type Peer interface {
	contact.Party
	Offer() (sdp string, err error)
	Answer(sdp string) error
	Restart() (sdp string, err error)
	States() <-chan webrtc.State // every change, the newest replacing one that nobody took
	Close()
}

// Deps are what a Hub needs.
type Deps struct {
	Contacts Contacts
	Queue    Queue
	Peers    func(contact string) (Peer, error) // the sound of a browser, to be joined with the citizen of a contact
	Log      *slog.Logger
}

// Hub holds the softphones of all agents. It implements contact.Desk.
type Hub struct {
	deps   Deps
	ctx    context.Context //nolint:containedctx // the life of Run, which all softphones share
	stop   context.CancelFunc
	wg     sync.WaitGroup
	queue  atomic.Pointer[[]byte] // the last QueueNews
	notice atomic.Pointer[[]byte] // RestartNews, once there is one
	mu     sync.Mutex             // guards phones
	phones map[string]*phone
}

// New returns a hub without agents.
func New(d Deps) *Hub {
	ctx, stop := context.WithCancel(context.Background())
	return &Hub{deps: d, ctx: ctx, stop: stop, phones: map[string]*phone{}}
}

// Run serves until ctx ends and all sockets and softphones are closed.
func (h *Hub) Run(ctx context.Context) error {
	<-ctx.Done()
	h.mu.Lock()
	h.stop() // under the lock, so that no softphone begins after it
	h.mu.Unlock()
	h.wg.Wait()
	return nil
}

// phone returns the softphone of an agent; nil once the hub has stopped.
func (h *Hub) phone(agent string) *phone {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return nil
	}
	p := h.phones[agent]
	if p == nil {
		p = newPhone(h, agent)
		h.phones[agent] = p
		h.wg.Go(p.run)
	}
	return p
}

// tell has the softphone of an agent do something, some time soon.
func (h *Hub) tell(agent string, do func(*phone)) {
	if p := h.phone(agent); p != nil {
		p.in.Put(do)
	}
}

// Shut closes the page of an agent whose account is gone: it cannot come back, and the agent is offline after the grace.
func (h *Hub) Shut(agent string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.phones[agent]; p != nil {
		p.in.Put(func(p *phone) {
			if p.sock != nil {
				p.sock.close()
			}
		})
	}
}

// FromQueue takes an effect of the matcher: the state of an agent, now or later.
func (h *Hub) FromQueue(e acd.Effect) {
	switch e.Kind {
	case acd.AgentNow:
		h.tell(e.Agent, func(p *phone) { p.become(e) })
	case acd.Next:
		h.tell(e.Agent, func(p *phone) { p.noted(e) })
	default: // about contacts
	}
}

// Ring implements contact.Desk.
func (h *Hub) Ring(agent string, o contact.Ringing) {
	h.tell(agent, func(p *phone) { p.ring(o) })
}

// Unring implements contact.Desk.
func (h *Hub) Unring(agent, offer, why string) {
	h.tell(agent, func(p *phone) { p.unring(offer, why) })
}

// Assign implements contact.Desk.
func (h *Hub) Assign(agent string, c httpapi.Contact) {
	h.tell(agent, func(p *phone) { p.assign(c) })
}

// Call implements contact.Desk.
func (h *Hub) Call(agent, contact, state, cause string) {
	h.tell(agent, func(p *phone) { p.call(contact, state, cause) })
}

// Text implements contact.Desk.
func (h *Hub) Text(agent, contact string, t httpapi.Turn) {
	h.tell(agent, func(p *phone) { p.text(contact, t) })
}

// Update implements contact.Desk.
func (h *Hub) Update(agent string, c httpapi.Contact) {
	h.tell(agent, func(p *phone) { p.update(c) })
}

// maxShown bounds the contacts that a desk is shown of a long queue.
const maxShown = 100

// Show sends the queue to every desk.
func (h *Hub) Show(s acd.Snapshot) {
	news := httpapi.QueueNews{T: httpapi.DeskQueue, Waiting: []httpapi.Waiting{}, Total: len(s.Waiting), Agents: []httpapi.AgentBrief{}}
	for _, w := range s.Waiting[:min(len(s.Waiting), maxShown)] {
		booth, task := h.deps.Contacts.Brief(w.Contact)
		news.Waiting = append(news.Waiting, httpapi.Waiting{
			ID: w.Contact, Lang: w.Lang, Booth: booth, Task: task, SinceMS: w.Since.UnixMilli(), Callback: w.Callback,
		})
	}
	for _, a := range s.Agents {
		news.Agents = append(news.Agents, httpapi.AgentBrief{Name: a.Name, State: a.State, Reason: a.Reason, SinceMS: a.Since.UnixMilli()})
	}
	text, err := json.Marshal(news)
	if err != nil { // our own plain types
		return
	}
	h.queue.Store(&text)
	h.sendAll(text)
}

// Restarting tells every desk, also those that open from now on, that the core waits for its calls until then and starts anew.
func (h *Hub) Restarting(until time.Time) {
	text, err := json.Marshal(httpapi.RestartNews{T: httpapi.DeskRestart, UntilMS: until.UnixMilli()})
	if err != nil { // our own plain types
		return
	}
	h.notice.Store(&text)
	h.sendAll(text)
}

func (h *Hub) sendAll(text []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.phones {
		p.in.Put(func(p *phone) { p.sendText(text) })
	}
}
