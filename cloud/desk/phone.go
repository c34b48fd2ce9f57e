package desk

import (
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/inbox"
)

// phone is the softphone of one agent. Its goroutine owns everything below in.
type phone struct {
	hub *Hub
	id  string
	log *slog.Logger
	in  *inbox.Inbox[func(*phone)]

	who    httpapi.Agent
	sock   *socket
	state  httpapi.AgentState // as last said
	offer  *contact.Ringing   // what rings
	hand   *httpapi.Contact   // what the agent has, also while writing about it
	last   string             // the contact before: a note may come late
	inCall bool               // the agent and a citizen are, or are being, connected
	peer   *line              // joined with the citizen
	next   *line              // being connected, to take the place of peer
	mute   bool               // the browser's sound is gone: the citizen hears the hold tone
	grace  *time.Timer        // until an agent without a page is gone
	dial   *time.Timer        // until a browser that does not connect is given up
}

func newPhone(h *Hub, id string) *phone {
	p := &phone{
		hub: h, id: id, log: h.deps.Log.With(slog.String("agent", id)), in: inbox.New[func(*phone)](),
		grace: time.NewTimer(time.Hour), dial: time.NewTimer(time.Hour),
	}
	p.grace.Stop()
	p.dial.Stop()
	p.state = httpapi.AgentState{T: httpapi.DeskState, State: httpapi.AgentOffline, SinceMS: time.Now().UnixMilli()}
	return p
}

func (p *phone) run() {
	defer p.quit()
	for {
		select {
		case <-p.hub.ctx.Done():
			return
		case <-p.grace.C:
			p.abandon(acd.Event{Kind: acd.Gone, Agent: p.id})
		case <-p.dial.C:
			p.noAudio()
		case <-p.in.Wake():
			for _, do := range p.in.Take() {
				do(p)
			}
		}
	}
}

func (p *phone) quit() {
	p.grace.Stop()
	p.dial.Stop()
	p.hangUp()
	if p.sock != nil {
		p.sock.close()
	}
}

// attach gives the softphone to a socket: the newest has it. held names the line that the page still has: then it keeps it, and nobody
// hears that the socket was away.
func (p *phone) attach(s *socket, who httpapi.Agent, held string) {
	if p.sock != nil {
		p.send(httpapi.Bare{T: httpapi.DeskElsewhere})
		p.sock.close()
	}
	p.grace.Stop()
	p.sock, p.who = s, who
	p.hub.deps.Queue.Post(acd.Event{Kind: acd.Present, Agent: p.id, On: true})
	p.send(httpapi.Hello{
		T: httpapi.DeskHello, Agent: who, State: p.state.State, Reason: p.state.Reason, SinceMS: p.state.SinceMS,
		Next: p.state.Next, NextReason: p.state.NextReason, Contact: p.hand,
	})
	for _, news := range []*atomic.Pointer[[]byte]{&p.hub.queue, &p.hub.notice} {
		if text := news.Load(); text != nil {
			p.sendText(*text)
		}
	}
	if p.offer != nil {
		p.sendOffer()
	}
	if p.inCall && !p.keeps(held) {
		p.connect()
	}
}

// detach begins the grace of an agent whose page is away. Its sound goes on, unless the page has said that it is closed: then the citizen
// hears that the line lives.
func (p *phone) detach(s *socket, closed bool) {
	if p.sock != s {
		return // another tab has the softphone
	}
	p.sock = nil
	p.hub.deps.Queue.Post(acd.Event{Kind: acd.Present, Agent: p.id})
	p.grace.Reset(Grace)
	p.dial.Stop()
	p.next.close() // nobody is there to answer its offer
	p.next = nil
	if p.inCall && (closed || p.peer == nil) {
		p.hangUp()
		p.lose()
	}
}

// abandon gives back what is in hand.
func (p *phone) abandon(e acd.Event) {
	p.hangUp()
	p.inCall = false
	p.hub.deps.Queue.Post(e)
}

// noAudio gives up a browser that does not connect: the citizen goes to the next agent.
func (p *phone) noAudio() {
	if !p.inCall || p.hand == nil {
		return
	}
	p.send(httpapi.CallNews{T: httpapi.DeskCall, Contact: p.hand.ID, State: httpapi.CallEnded, Cause: "no_audio"})
	p.abandon(acd.Event{Kind: acd.Gone, Agent: p.id, State: httpapi.AgentAway, Reason: httpapi.ReasonNoAudio})
}

// become takes over the state that the matcher gives the agent.
func (p *phone) become(e acd.Effect) {
	p.state.State, p.state.Reason, p.state.SinceMS = e.State, e.Reason, e.At.UnixMilli()
	switch e.State {
	case httpapi.AgentBusy:
		if p.hand == nil && p.offer != nil {
			c := p.offer.Contact
			p.hand = &c
		}
	case httpapi.AgentWrapUp:
	default:
		p.hand = nil
		p.state.Next, p.state.NextReason = "", ""
	}
	p.sendState()
}

// noted shows what the agent asked to be after the contact in hand.
func (p *phone) noted(e acd.Effect) {
	p.state.Next, p.state.NextReason = e.State, e.Reason
	p.sendState()
}

func (p *phone) sendState() {
	p.state.Contact = p.hand
	p.send(p.state)
}

func (p *phone) ring(o contact.Ringing) {
	p.offer = &o
	p.sendOffer()
}

func (p *phone) sendOffer() {
	p.send(httpapi.Offer{T: httpapi.DeskOffer, Offer: p.offer.Offer, Contact: p.offer.Contact, ExpiresMS: p.offer.Expires.UnixMilli()})
}

func (p *phone) unring(offer, why string) {
	if p.offer != nil && p.offer.Offer == offer {
		p.offer = nil
		p.send(httpapi.OfferGone{T: httpapi.DeskOfferGone, Offer: offer, Why: why})
	}
}

// assign begins a call: the browser gets an offer for its sound.
func (p *phone) assign(c httpapi.Contact) {
	p.hand, p.last, p.inCall = &c, c.ID, true
	p.sendState()
	p.send(httpapi.CallNews{T: httpapi.DeskCall, Contact: c.ID, State: httpapi.CallConnecting})
	p.connect()
}

func (p *phone) call(id, state, cause string) {
	if p.hand == nil || p.hand.ID != id {
		return
	}
	if state == httpapi.CallEnded {
		p.inCall = false
		p.hangUp()
	}
	p.send(httpapi.CallNews{T: httpapi.DeskCall, Contact: id, State: state, Cause: cause})
}

func (p *phone) text(id string, t httpapi.Turn) {
	if p.hand == nil || p.hand.ID != id {
		return
	}
	c := *p.hand // others may read the one that was sent
	c.Turns = append(c.Turns[:len(c.Turns):len(c.Turns)], t)
	p.hand = &c
	p.send(httpapi.TextNews{T: httpapi.DeskText, Contact: id, Who: t.Who, Text: t.Text, AtMS: t.AtMS})
}

func (p *phone) update(c httpapi.Contact) {
	switch {
	case p.hand != nil && p.hand.ID == c.ID:
		p.hand = &c
	case p.offer != nil && p.offer.Contact.ID == c.ID:
		p.offer.Contact = c
	default:
		return
	}
	p.send(httpapi.ContactNews{T: httpapi.DeskContact, Contact: c})
}

func (p *phone) phoneFailed(err error) {
	p.log.Warn("softphone failed", slog.Any("error", err))
	p.send(httpapi.ErrorNews{T: httpapi.DeskError, Code: httpapi.CodePhone, Message: "the sound cannot be connected"})
}

// send gives the page a message. Without a page it is gone: hello says all that a page needs to know.
func (p *phone) send(message any) {
	if p.sock == nil {
		return
	}
	text, err := json.Marshal(message)
	if err != nil { // our own plain types
		p.log.Warn("message not sent", slog.Any("error", err))
		return
	}
	p.sendText(text)
}

func (p *phone) sendText(text []byte) {
	if p.sock != nil {
		p.sock.send(text)
	}
}
