package main

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Wall clocks that jump by a day, either way: what happens stays in its order and at its time, nothing that is to happen later happens
// early and nothing is too late because of it, and the fleet shows whose clock is wrong.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	c := startCore(t)
	cfg := c.troubled(3)
	r := c.play(cfg, func(s *scene) {
		begin := time.Now()
		jumps := map[string]time.Duration{}
		for i, b := range s.herd.Booths() {
			jumps[b.ID()] = []time.Duration{day, -day, 0}[i]
			s.until(patience, "events before", func() bool { return b.Sent() > 2 })
			b.Jump(jumps[b.ID()])
		}
		later := time.Now().Add(6 * time.Second)
		var held []httpapi.Command
		for id := range jumps {
			held = append(held, s.message(id, later))
			s.commandEnds(s.message(id, time.Time{}), "done")
		}
		for _, h := range held {
			if done := s.commandEnds(h, "done"); ran(done).Before(later) {
				t.Errorf("%s did at %v what was for %v", h.Booth, ran(done), later)
			}
		}
		for id, jump := range jumps {
			s.jumpIsTold(id, jump)
		}
		for _, b := range s.herd.Booths() {
			b.Crash() // and it starts with the wrong clock
		}
		for _, b := range s.herd.Booths() {
			s.until(patience, "skew of "+b.ID(), func() bool {
				row := s.row(b.ID())
				skew := time.Duration(row.SkewMS) * time.Millisecond
				if jumps[b.ID()] == day {
					return (skew - day).Abs() < time.Minute
				}
				return skew.Abs() < time.Minute // one that goes slow is overruled by what the booth knows
			})
		}
		s.until(patience, "all online", func() bool { return s.all(fleet.Online) })
		s.live(2*time.Second, s.calm)
		s.herd.Quiet()
		s.until(patience, "all is said", func() bool { return s.herd.Pending() == 0 })
		for id := range jumps {
			s.inOrder(id, s.numbers(id))
			for _, e := range s.events(id, "") {
				if at := time.UnixMilli(e.At); at.Before(begin.Add(-time.Minute)) || at.After(time.Now().Add(time.Minute)) {
					t.Errorf("%s: %s is said to have been at %v", id, e.Type, at)
				}
			}
		}
	})
	r.whole(t)
}

// message gives a booth a command that expires long before the day is over.
func (s *scene) message(booth string, from time.Time) (c httpapi.Command) {
	s.t.Helper()
	n := httpapi.NewCommand{Cmd: fleet.CommandMessage, Args: json.RawMessage(`{"zh":"` + booth + from.String() + `","seconds":5}`), ExpiresS: 600}
	if !from.IsZero() {
		n.NotBefore = from.UnixMilli()
	}
	s.ask(http.MethodPost, path(httpapi.PathCommands, booth), n, &c)
	return c
}

// commandEnds waits for a command's end.
func (s *scene) commandEnds(c httpapi.Command, state string) httpapi.Command {
	s.t.Helper()
	s.until(patience, "command of "+c.Booth+" is "+state, func() bool {
		var page httpapi.Commands
		s.ask(http.MethodGet, path(httpapi.PathCommands, c.Booth)+"?limit=50", nil, &page)
		for _, now := range page.Commands {
			if now.ID == c.ID {
				c = now
			}
		}
		return c.State == state
	})
	return c
}

// ran is when a command began to be carried out.
func ran(c httpapi.Command) time.Time {
	for _, step := range c.Steps {
		if step.State == string(mqttapi.Running) {
			return time.UnixMilli(step.At)
		}
	}
	return time.Time{}
}

// jumpIsTold waits for the booth's own word on its clock.
func (s *scene) jumpIsTold(booth string, jump time.Duration) {
	s.t.Helper()
	if jump == 0 {
		return
	}
	s.until(patience, booth+" says that its clock jumped", func() bool {
		for _, e := range s.events(booth, mqttapi.EventClock) {
			var data struct {
				StepMS int64 `json:"step_ms"`
			}
			if json.Unmarshal(e.Data, &data) == nil && (time.Duration(data.StepMS)*time.Millisecond-jump).Abs() < time.Minute {
				return true
			}
		}
		return false
	})
}
