package enrol

import (
	"sync"
	"time"
)

// limiter counts attempts by who makes them within a span that begins with the first.
type limiter struct {
	most int
	span time.Duration

	mu   sync.Mutex
	seen map[string]*attempts
}

type attempts struct {
	n     int
	until time.Time
}

// limiterKeys bounds the memory that strangers can take. Beyond it all newcomers share one count.
const limiterKeys = 4096

func newLimiter(most int, span time.Duration) *limiter {
	return &limiter{most: most, span: span, seen: map[string]*attempts{}}
}

// take counts one attempt, and reports false when there were too many already.
func (l *limiter) take(who string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.of(who, now)
	if a.n >= l.most {
		return false
	}
	a.n++
	return true
}

// full reports whether another attempt would be one too many.
func (l *limiter) full(who string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.seen[who]
	return ok && now.Before(a.until) && a.n >= l.most
}

// giveBack forgets one attempt: it was a good one.
func (l *limiter) giveBack(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a, ok := l.seen[who]; ok && a.n > 0 {
		a.n--
	}
}

func (l *limiter) of(who string, now time.Time) *attempts {
	a, ok := l.seen[who]
	if !ok && len(l.seen) >= limiterKeys {
		for k, old := range l.seen {
			if !now.Before(old.until) {
				delete(l.seen, k)
			}
		}
		if len(l.seen) >= limiterKeys {
			who = "(others)"
			a, ok = l.seen[who]
		}
	}
	if !ok || !now.Before(a.until) {
		a = &attempts{until: now.Add(l.span)}
		l.seen[who] = a
	}
	return a
}
