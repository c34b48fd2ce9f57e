package voip

import (
	"net/netip"
	"sync"
	"time"
)

const (
	userTries    = 8  // wrong passwords in a row for one user from one address
	addressTries = 64 // for all users from one address
	tryBack      = 5 * time.Second
	maxSources   = 1 << 14
)

// limiter slows down who guesses passwords: a bucket of tries for each address, and for each user of it, that fills again slowly. Right
// passwords cost nothing.
type limiter struct {
	mu      sync.Mutex
	now     func() time.Time
	sources map[source]bucket
}

type source struct {
	addr netip.Addr
	user string // "": all of them
}

type bucket struct {
	spent int
	at    time.Time // of the last refill
}

func newLimiter() *limiter { return &limiter{now: time.Now, sources: make(map[source]bucket)} }

// allow says whether a password may be tried, without trying.
func (l *limiter) allow(addr netip.Addr, user string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.level(source{addr, user}).spent < userTries && l.level(source{addr, ""}).spent < addressTries
}

// wrong counts a wrong password.
func (l *limiter) wrong(addr netip.Addr, user string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sources) >= maxSources {
		l.prune()
	}
	for _, s := range [...]source{{addr, user}, {addr, ""}} {
		b := l.level(s)
		b.spent++
		l.sources[s] = b
	}
}

func (l *limiter) level(s source) bucket {
	b, now := l.sources[s], l.now()
	back := int(now.Sub(b.at) / tryBack)
	if b.spent <= back {
		return bucket{at: now}
	}
	return bucket{spent: b.spent - back, at: b.at.Add(time.Duration(back) * tryBack)}
}

// prune forgets who has all tries back; if that is nobody, everybody: a flood from many addresses is not ours to remember.
func (l *limiter) prune() {
	for s := range l.sources {
		if l.level(s).spent == 0 {
			delete(l.sources, s)
		}
	}
	if len(l.sources) >= maxSources {
		clear(l.sources)
	}
}
