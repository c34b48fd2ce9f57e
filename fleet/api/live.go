package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// A stream says at least every beat that it is there, and looks then whether its reader may still read. A reader that takes longer than
// patience for one piece is dropped; it comes back and reads anew.
const (
	beat     = 15 * time.Second
	patience = 10 * time.Second
)

// news streams what happens as server-sent events.
func (s *Server) news(c *call) error {
	booth := c.r.URL.Query().Get("booth")
	if booth != "" {
		if !fleet.ValidID(booth) {
			return fleet.ErrNoBooth
		}
		if _, err := s.deps.Booths.Booth(c.ctx(), fleet.Key{Tenant: s.deps.Tenant, Booth: booth}); err != nil {
			return err
		}
	}
	news, cancel := s.deps.Hub.Subscribe(s.deps.Tenant, booth)
	defer cancel()
	s.live.Inc()
	defer s.live.Dec()
	st := &stream{w: c.w, ctl: http.NewResponseController(c.w)}
	// The server's deadline for reading a request would end the wait for its end.
	if err := st.ctl.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	c.w.Header().Set("Content-Type", "text/event-stream")
	c.w.Header().Set("X-Accel-Buffering", "no") // a proxy that collects would make live late
	c.w.WriteHeader(http.StatusOK)
	if st.say(": hello\n\n") == nil {
		s.follow(c, st, news)
	}
	return nil
}

// follow writes until either end has enough.
func (s *Server) follow(c *call, st *stream, news <-chan httpapi.Live) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-c.ctx().Done():
			return
		case <-s.quit:
			return
		case <-tick.C:
			actor, denied := s.deps.Who.Authorize(c.r)
			if denied != nil || actor.May < Read {
				return
			}
			err = st.say(": beat\n\n")
		case n, open := <-news:
			if !open {
				return
			}
			err = st.pass(n, news)
		}
		if err != nil {
			return
		}
	}
}

// stream writes one reader's news.
type stream struct {
	w   io.Writer
	ctl *http.ResponseController
}

// pass writes a piece of news and what waits behind it, and then makes sure that it is on its way.
func (st *stream) pass(n httpapi.Live, more <-chan httpapi.Live) error {
	const atOnce = 256
	text := line(nil, n)
	for range atOnce {
		select {
		case n, open := <-more:
			if !open {
				return st.say(string(text))
			}
			text = line(text, n)
			continue
		default:
		}
		break
	}
	return st.say(string(text))
}

func line(text []byte, n httpapi.Live) []byte {
	data, err := json.Marshal(n)
	if err != nil { // our own types
		return text
	}
	text = append(text, "data: "...)
	text = append(text, data...)
	return append(text, "\n\n"...)
}

func (st *stream) say(text string) error {
	// The server's own deadline is for answers that end.
	if err := st.ctl.SetWriteDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := io.WriteString(st.w, text); err != nil {
		return err
	}
	return st.ctl.Flush()
}
