package hub

import (
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet"
)

// mostRequests bounds the requests that wait for an answer. A booth whose request was dropped asks again.
const mostRequests = 8192

// todo collects what Commit leads to, for Run to do. It is bounded: by the size of the fleet, and by mostRequests.
type todo struct {
	mu   *sync.Mutex
	work work
	more chan struct{} // one slot: something was added
}

type work struct {
	births   map[fleet.Key]birth
	clones   map[fleet.Key]bool
	requests []request
	dropped  int
}

func newTodo() todo {
	return todo{mu: &sync.Mutex{}, work: newWork(), more: make(chan struct{}, 1)}
}

func newWork() work { return work{births: map[fleet.Key]birth{}, clones: map[fleet.Key]bool{}} }

func (t *todo) add(o *outcome) {
	if len(o.births)+len(o.clones)+len(o.requests) == 0 {
		return
	}
	t.mu.Lock()
	for _, b := range o.births {
		t.work.births[b.key] = b
	}
	for _, k := range o.clones {
		t.work.clones[k] = true
	}
	for _, r := range o.requests {
		if len(t.work.requests) < mostRequests {
			t.work.requests = append(t.work.requests, r)
		} else {
			t.work.dropped++
		}
	}
	t.mu.Unlock()
	t.wake()
}

// online adds a booth that is there without having been born.
func (t *todo) online(k fleet.Key, at time.Time) {
	t.mu.Lock()
	if _, born := t.work.births[k]; !born {
		t.work.births[k] = birth{key: k, at: at, config: -1, newest: -1}
	}
	t.mu.Unlock()
	t.wake()
}

func (t *todo) wake() {
	select {
	case t.more <- struct{}{}:
	default:
	}
}

// take returns all there is to do.
func (t *todo) take() work {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.work
	t.work = newWork()
	return w
}
