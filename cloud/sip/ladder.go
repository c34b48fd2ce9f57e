package sip

import (
	"bytes"
	"net/netip"
	"sync"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/internal/voip"
)

// ladders collects the messages of calls as they cross the wire. An INVITE opens one before anybody knows whether it will become a call:
// who only knocks (a challenge, a stranger) is forgotten soon. The trace of the agent comes from its goroutines, hence the mutex.
type ladders struct {
	now func() time.Time

	mu     sync.Mutex
	byCall map[string]*ladder // by Call-ID
	knocks []*ladder          // not taken by a call yet, the oldest first
}

type ladder struct {
	callID   string
	begun    time.Time
	taken    bool
	messages []call.Message
	dropped  int
	remote   netip.AddrPort // of the last message; the next one nearly always has the same, and its words
}

const (
	usual     = 10               // messages of a leg: a challenge, an INVITE, a BYE, and what belongs to them
	maxKnocks = 2048             // ladders without a call: a storm of strangers must not fill the memory
	knockTime = 40 * time.Second // a transaction is over after 32 s, RFC 3261 §17
)

func newLadders(now func() time.Time) *ladders {
	return &ladders{now: now, byCall: map[string]*ladder{}}
}

// trace is the agent's Trace.
func (l *ladders) trace(m voip.TraceMessage) {
	if bytes.HasPrefix(m.Data, []byte("REGISTER ")) || bytes.HasPrefix(m.Data, []byte("OPTIONS ")) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	lad := l.byCall[m.CallID]
	if lad == nil {
		if !bytes.HasPrefix(m.Data, []byte("INVITE ")) {
			return
		}
		lad = &ladder{callID: m.CallID, begun: l.now(), messages: make([]call.Message, 0, usual)}
		l.byCall[m.CallID] = lad
		l.knocks = append(l.knocks, lad)
		l.forget()
	}
	if len(lad.messages) >= call.MaxMessages {
		lad.dropped++
		return
	}
	line, cseq, sdp := call.Summarize(m.Data)
	lad.messages = append(lad.messages, call.Message{
		At: m.At, CallID: lad.callID, Sent: m.Sent, Remote: lad.peer(m.Remote), Transport: m.Transport, Line: line, CSeq: cseq, SDP: sdp,
	})
}

// peer is the address in words.
func (l *ladder) peer(at netip.AddrPort) string {
	if n := len(l.messages); n > 0 && at == l.remote {
		return l.messages[n-1].Remote
	}
	l.remote = at
	return at.String()
}

// forget drops the oldest knocks that nobody has taken.
func (l *ladders) forget() {
	limit := l.now().Add(-knockTime)
	for len(l.knocks) > 0 {
		first := l.knocks[0]
		if !first.taken && len(l.knocks) <= maxKnocks && first.begun.After(limit) {
			return
		}
		if !first.taken {
			delete(l.byCall, first.callID)
		}
		l.knocks[0] = nil
		l.knocks = l.knocks[1:]
	}
}

// take keeps the ladder of a Call-ID until drop.
func (l *ladders) take(callID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if lad := l.byCall[callID]; lad != nil {
		lad.taken = true
	}
}

// read returns the messages of a Call-ID so far, and how many were too many.
func (l *ladders) read(callID string) ([]call.Message, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lad := l.byCall[callID]
	if lad == nil {
		return nil, 0
	}
	return lad.messages[:len(lad.messages):len(lad.messages)], lad.dropped
}

// drop forgets a ladder.
func (l *ladders) drop(callID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byCall, callID)
}
