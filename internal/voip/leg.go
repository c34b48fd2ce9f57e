package voip

import (
	"errors"
	"context"
	"net/netip"
)

// Leg is one end of a call: a dialog with its media. Its methods may be called from any goroutine.
type Leg struct {
	id     string
	events chan Event
	media  *Session
	done   chan struct{}
}

// ID is the Call-ID.
func (l *Leg) ID() string { return l.id }

// Events are the leg's news, Ended last, after which the channel is closed. A reader who sleeps loses the oldest, never Ended.
func (l *Leg) Events() <-chan Event { return l.events }

// Media is the leg's sound. It is there from the start; until Answered (or Early) Read yields silence and Write goes nowhere.
func (l *Leg) Media() *Session { return l.media }

// Done is closed when the leg has ended; Cause tells why.
func (l *Leg) Done() <-chan struct{} { return l.done }

// Cause is Unknown until Done.
func (l *Leg) Cause() Cause { return Unknown }

// Header is a header of the message that made the leg: of the INVITE received, or of the answer to ours. "" when it is not there.
func (l *Leg) Header(name string) string { return "" }

// Hangup ends the leg: BYE, CANCEL, or a CANCEL as soon as it is allowed. It returns at once; Ended comes when the far end has agreed or
// kept silent for too long, with this cause.
func (l *Leg) Hangup(c Cause) {}

// Hold asks the far end to stop speaking (sendonly), or to go on, and waits for its answer. Only after Answered.
func (l *Leg) Hold(ctx context.Context, on bool) error { return errors.ErrUnsupported }

// Move moves our media to a new local address with a re-INVITE, after the network has changed.
func (l *Leg) Move(ctx context.Context, local netip.Addr) error { return errors.ErrUnsupported }

// SendDTMF plays digits to the far end, 100 ms each and 60 ms apart (RFC 4733); it returns when the last has been sent.
func (l *Leg) SendDTMF(ctx context.Context, digits string) error { return errors.ErrUnsupported }

// Stats are the leg's packets so far.
func (l *Leg) Stats() Stats { return Stats{} }
