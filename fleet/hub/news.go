package hub

import (
	"sync"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// newsBuffer is how far somebody who watches may lag behind before losing the place.
const newsBuffer = 512

// news brings what happens to those who watch. Whoever does not keep up is dropped, and comes back for the state as it is then: nobody is held
// up, and nobody is left with holes unseen.
type news struct {
	mu   sync.Mutex
	subs map[*subscriber]bool
}

type subscriber struct {
	tenant, booth string // booth "": all
	ch            chan httpapi.Live
}

// Subscribe brings news of a tenant's booths, or of one, until cancel is called. The channel is closed when its reader is too slow.
func (h *Hub) Subscribe(tenant, booth string) (<-chan httpapi.Live, func()) {
	s := &subscriber{tenant: tenant, booth: booth, ch: make(chan httpapi.Live, newsBuffer)}
	h.news.mu.Lock()
	defer h.news.mu.Unlock()
	if h.news.subs == nil {
		h.news.subs = map[*subscriber]bool{}
	}
	h.news.subs[s] = true
	return s.ch, func() { h.news.drop(s) }
}

func (n *news) drop(s *subscriber) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.remove(s)
}

func (n *news) remove(s *subscriber) {
	if n.subs[s] {
		delete(n.subs, s)
		close(s.ch)
	}
}

// watched reports whether anybody watches.
func (n *news) watched() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.subs) > 0
}

func (n *news) publish(k fleet.Key, l httpapi.Live) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for s := range n.subs {
		if s.tenant != k.Tenant || (s.booth != "" && s.booth != k.Booth) {
			continue
		}
		select {
		case s.ch <- l:
		default:
			n.remove(s)
		}
	}
}
