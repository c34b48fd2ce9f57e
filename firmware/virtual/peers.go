package virtual

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"

	"github.com/laoyou/laoyou/firmware"
)

const (
	maxPeers = 4
	maxSDP   = 32 << 10 // bytes
	maxPage  = 64       // bytes of a page's name
)

// offer answers a page's WebRTC offer: {"type":"offer","sdp":"…","page":"any name of the page"} gets {"type":"answer","sdp":"…"}, with all
// candidates inside. A page that offers again has its old peer replaced.
func (h *Handler) offer(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r, "application/json", maxJSON)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	var kind, sdp, page string
	err = decode(body, fields{"type": &kind, "sdp": &sdp, "page": &page})
	switch {
	case err != nil:
	case kind != "offer":
		err = &firmware.FieldError{Field: "type", Msg: `must be "offer"`}
	case sdp == "" || len(sdp) > maxSDP:
		err = &firmware.FieldError{Field: "sdp", Msg: "must be an SDP"}
	case len(page) > maxPage:
		err = &firmware.FieldError{Field: "page", Msg: "is too long"}
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	unhurried(w)
	answer, err := h.peers.answer(r.Context(), page, sdp)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]string{"type": "answer", "sdp": answer})
}

// peers are the pages that hear and speak.
type peers struct {
	sound    Sound
	log      *slog.Logger
	loopback bool

	mu     sync.Mutex
	open   map[*peer]bool
	closed bool
	wg     sync.WaitGroup // one for each open peer
}

func newPeers(d Deps) *peers {
	return &peers{sound: d.Sound, log: d.Log, loopback: d.Loopback, open: make(map[*peer]bool)}
}

func (ps *peers) answer(ctx context.Context, page, sdp string) (string, error) {
	p, err := ps.add(page, sdp)
	if err != nil {
		return "", err
	}
	answer, err := p.answer(ctx, sdp)
	if err != nil {
		p.close()
		return "", err
	}
	return answer, nil
}

func (ps *peers) add(page, sdp string) (*peer, error) {
	p, err := newPeer(ps, page, sdp)
	if err != nil {
		return nil, err
	}
	ps.mu.Lock()
	var old *peer
	for o := range ps.open {
		if page != "" && o.page == page {
			old = o
		}
	}
	full := ps.closed || (old == nil && len(ps.open) >= maxPeers)
	if !full {
		delete(ps.open, old)
		ps.open[p] = true
		ps.wg.Add(1)
	}
	ps.mu.Unlock()
	if full {
		_ = p.pc.Close()
		return nil, &refusal{http.StatusServiceUnavailable, "peers", "too many pages listen already"}
	}
	if old != nil {
		old.close()
	}
	return p, nil
}

func (ps *peers) remove(p *peer) {
	ps.mu.Lock()
	delete(ps.open, p)
	ps.mu.Unlock()
	ps.wg.Done()
}

func (ps *peers) close() {
	ps.mu.Lock()
	ps.closed = true
	all := make([]*peer, 0, len(ps.open))
	for p := range ps.open {
		all = append(all, p)
	}
	ps.mu.Unlock()
	for _, p := range all {
		p.close()
	}
	ps.wg.Wait()
}
