package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// actTime bounds one wish: a core that takes longer says so.
const actTime = 5 * time.Second

// invalidError is a wish that makes no sense.
type invalidError string

func (e invalidError) Error() string { return string(e) }

// phoneError is a failure of the softphone.
type phoneError struct{ error }

// wish does what the page wants and says whether it was done.
func (p *phone) wish(ctx context.Context, w httpapi.DeskWish) {
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	if err := p.act(ctx, w); err != nil {
		p.sock.refuse(w.Ref, err)
		return
	}
	p.send(httpapi.OKNews{T: httpapi.DeskOK, Ref: w.Ref})
}

func (p *phone) act(ctx context.Context, w httpapi.DeskWish) error {
	queue, contacts := p.hub.deps.Queue, p.hub.deps.Contacts
	switch w.T {
	case httpapi.DeskSetState:
		return p.setState(ctx, w)
	case httpapi.DeskAccept:
		return queue.Do(ctx, acd.Event{Kind: acd.Accept, Agent: p.id, Offer: w.Offer})
	case httpapi.DeskDecline:
		return queue.Do(ctx, acd.Event{Kind: acd.Decline, Agent: p.id, Offer: w.Offer})
	case httpapi.DeskRTCAnswer:
		if err := p.answer(w.SDP); err != nil {
			return phoneError{err}
		}
		return nil
	case httpapi.DeskRTCRestart:
		return p.restart()
	case httpapi.DeskHold:
		if w.On {
			return p.do(ctx, contact.Hold)
		}
		return p.do(ctx, contact.Resume)
	case httpapi.DeskHangup:
		return p.do(ctx, contact.HangUp)
	case httpapi.DeskText:
		if err := checkText("text", w.Text, 1); err != nil {
			return err
		}
		if p.hand == nil {
			return acd.ErrGone
		}
		return contacts.Text(ctx, p.id, p.hand.ID, w.Text)
	case httpapi.DeskWrapUp:
		return p.wrapUp(ctx, w)
	default:
		return invalidError(fmt.Sprintf("t: %q is not a wish", w.T))
	}
}

func (p *phone) setState(ctx context.Context, w httpapi.DeskWish) error {
	switch w.State {
	case httpapi.AgentAvailable, httpapi.AgentAway, httpapi.AgentOffline:
	default:
		return invalidError("state: must be available, away or offline")
	}
	if err := checkText("reason", w.Reason, 0); err != nil {
		return err
	}
	if w.State == httpapi.AgentAvailable && w.Reason != "" {
		return invalidError("reason: only who is away has one")
	}
	return p.hub.deps.Queue.Do(ctx, acd.Event{Kind: acd.SetAgent, Agent: p.id, Langs: p.who.Langs, State: w.State, Reason: w.Reason})
}

func (p *phone) do(ctx context.Context, e contact.Event) error {
	if p.hand == nil {
		return acd.ErrGone
	}
	return p.hub.deps.Contacts.Do(ctx, p.id, p.hand.ID, e)
}

// restart asks the page to find a new way for the sound of the present call.
func (p *phone) restart() error {
	if p.peer == nil || p.next != nil {
		return acd.ErrNotNow
	}
	if !p.mute {
		p.lose() // the old way ends here
	}
	p.dial.Reset(Grace)
	sdp, err := p.peer.Restart()
	if err != nil {
		return phoneError{err}
	}
	p.send(httpapi.RTCOffer{T: httpapi.DeskRTCOffer, Line: p.peer.id, SDP: sdp})
	return nil
}

func (p *phone) wrapUp(ctx context.Context, w httpapi.DeskWish) error {
	switch w.Disposition {
	case httpapi.Resolved, httpapi.CallbackKept, httpapi.Transferred, httpapi.WrongContact, httpapi.Abandoned:
	default:
		return invalidError("disposition: must be resolved, callback, transferred, wrong or abandoned")
	}
	if err := checkText("note", w.Note, 0); err != nil {
		return err
	}
	about := p.last
	if w.Contact != "" { // after a restart of the core this softphone has had none yet
		about = w.Contact
	}
	if !id.Valid(about) {
		return acd.ErrGone
	}
	return p.hub.deps.Contacts.WrapUp(ctx, p.id, about, w.Disposition, w.Note)
}

// checkText keeps texts what they are, plain: nothing is escaped here, whoever shows them shows text. Control characters have no place.
func checkText(field, text string, atLeast int) error {
	n := utf8.RuneCountInString(strings.TrimSpace(text))
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return invalidError(field + ": must be plain text")
	case n < atLeast || n > httpapi.MaxText:
		return invalidError(fmt.Sprintf("%s: must have %d to %d characters", field, atLeast, httpapi.MaxText))
	}
	return nil
}

// explain turns an error into what the page is told. The cause of a failure of ours is not the page's business.
func explain(err error) (code, message string) {
	var invalid invalidError
	var phone phoneError
	switch {
	case errors.As(err, &invalid):
		return httpapi.CodeInvalid, invalid.Error()
	case errors.Is(err, ErrSignIn):
		return httpapi.CodeSignIn, "the session has expired"
	case errors.Is(err, acd.ErrGone), errors.Is(err, contact.ErrNoContact), errors.Is(err, contact.ErrNotYours):
		return httpapi.CodeGone, "it is not there any more"
	case errors.Is(err, acd.ErrNotNow), errors.Is(err, contact.ErrNotNow):
		return httpapi.CodeNotNow, "not possible in this state"
	case errors.As(err, &phone):
		return httpapi.CodePhone, "the sound cannot be connected"
	default:
		return httpapi.CodeUnavailable, "the core cannot do it now"
	}
}
