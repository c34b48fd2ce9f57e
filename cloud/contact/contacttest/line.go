// Package contacttest has a citizen's leg without a network, for tests of who owns conversations.
package contacttest

import (
	"context"
	"fmt"
	"sync"

	"github.com/laoyou/laoyou/cloud/contact"
)

// Line is a leg that notes what it is told. Make it with NewLine.
type Line struct {
	name  string
	ended chan struct{}
	heard chan string

	mu    sync.Mutex
	over  bool
	cause string
	with  contact.Party
}

// NewLine returns a leg that is up.
func NewLine(name string) *Line {
	return &Line{name: name, ended: make(chan struct{}), heard: make(chan string, 64)}
}

// ID implements contact.Line.
func (l *Line) ID() string { return l.name }

// Hear implements contact.Line.
func (l *Line) Hear(s contact.Sound) { l.set(nil, s.String()) }

// Connect implements contact.Line.
func (l *Line) Connect(p contact.Party) { l.set(p, fmt.Sprint("connected to ", p)) }

func (l *Line) set(p contact.Party, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.with = p
		l.heard <- what
	}
}

// Hangup implements contact.Line; a test calls it for the citizen too.
func (l *Line) Hangup(cause string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.over, l.cause, l.with = true, cause, nil
		l.heard <- "ended " + cause
		close(l.ended)
	}
}

// Ended implements contact.Line.
func (l *Line) Ended() <-chan struct{} { return l.ended }

// Cause implements contact.Line.
func (l *Line) Cause() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cause
}

// Heard delivers what the citizen hears, change by change: a sound, "connected to X", "ended CAUSE".
func (l *Line) Heard() <-chan string { return l.heard }

// With is who the citizen is connected to now.
func (l *Line) With() contact.Party {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.with
}

// Booths is a contact.Caller: each call takes the next of Answers.
type Booths struct {
	Answers chan Answer
	Called  chan contact.Callee // who was called, while there is room
}

// Answer is how a booth answers: a leg, or why there is none. Neither: it rings until the caller gives up.
type Answer struct {
	Line  *Line
	Cause string
}

// CallBooth implements contact.Caller.
func (b *Booths) CallBooth(ctx context.Context, to contact.Callee) (contact.Line, error) {
	select {
	case b.Called <- to:
	default:
	}
	select {
	case a := <-b.Answers:
		if a.Line != nil {
			return a.Line, nil
		}
		return nil, &contact.Unreached{Cause: a.Cause}
	case <-ctx.Done():
		return nil, &contact.Unreached{Cause: "cancelled"}
	}
}
