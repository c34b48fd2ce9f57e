package desk

import (
	"log/slog"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/voip/webrtc"
)

// line is a peer, its name for the page, and the end of it.
type line struct {
	Peer
	id   string
	gone chan struct{}
}

func (l *line) close() {
	if l != nil {
		close(l.gone)
		l.Close()
	}
}

// watch tells the softphone how the sound stands until the line is closed.
func (l *line) watch(p *phone) {
	for {
		select {
		case s := <-l.States():
			p.in.Put(func(p *phone) { p.sound(l, s) })
		case <-l.gone:
			return
		case <-p.hub.ctx.Done():
			return
		}
	}
}

// connect offers the page a new connection for its sound. The old one, if there is one, stays until the new one is up.
func (p *phone) connect() {
	p.next.close()
	p.next = nil
	p.dial.Reset(Grace)
	contact := ""
	if p.hand != nil {
		contact = p.hand.ID
	}
	peer, err := p.hub.deps.Peers(contact)
	if err != nil {
		p.phoneFailed(err)
		return
	}
	l := &line{peer, id.New(), make(chan struct{})}
	p.next = l
	sdp, err := peer.Offer()
	if err != nil {
		p.phoneFailed(err)
		return
	}
	p.hub.wg.Go(func() { l.watch(p) })
	p.send(httpapi.RTCOffer{T: httpapi.DeskRTCOffer, Line: l.id, SDP: sdp})
}

// keeps reports whether the page that is back still has the sound of the call, and lets go of what else was begun.
func (p *phone) keeps(held string) bool {
	if p.peer == nil || p.mute || held != p.peer.id {
		return false
	}
	p.next.close()
	p.next = nil
	return true
}

// answer takes the page's side of the connection.
func (p *phone) answer(sdp string) error {
	switch {
	case p.next != nil:
		return p.next.Answer(sdp)
	case p.peer != nil:
		return p.peer.Answer(sdp) // of a restart
	default:
		return acd.ErrGone
	}
}

// sound takes news of a browser's sound. Losing it begins the time in which it may come back, whether the page is there or not.
func (p *phone) sound(l *line, s webrtc.State) {
	if p.hand == nil || !p.inCall || l != p.next && l != p.peer {
		return
	}
	switch {
	case s == webrtc.Connected && l == p.next:
		p.peer.close()
		p.peer, p.next = l, nil
		p.join()
	case s == webrtc.Connected && p.mute:
		p.join()
	case s == webrtc.Lost && l == p.peer && !p.mute:
		p.lose()
		if p.sock != nil {
			p.dial.Reset(Grace)
		}
	}
}

// join lets a page whose sound flows and the citizen hear each other.
func (p *phone) join() {
	p.mute = false
	if p.next == nil {
		p.dial.Stop()
	}
	if err := p.hub.deps.Contacts.Connected(p.hub.ctx, p.id, p.hand.ID, p.peer.Peer); err != nil {
		p.log.Warn("agent not joined", slog.Any("error", err))
	}
}

// lose has the citizen hear that the line lives, though the agent cannot be heard.
func (p *phone) lose() {
	p.mute = true
	if err := p.hub.deps.Contacts.Do(p.hub.ctx, p.id, p.hand.ID, contact.Lose); err != nil {
		p.log.Warn("hold tone not begun", slog.Any("error", err))
	}
}

// hangUp ends the sound of the page.
func (p *phone) hangUp() {
	p.dial.Stop()
	p.peer.close()
	p.next.close()
	p.peer, p.next, p.mute = nil, nil, false
}
