package api

import (
	"encoding/json"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

func (s *Server) commands(c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	page, err := s.deps.Commands.Commands(c.ctx(), c.key, p)
	if page.Commands == nil {
		page.Commands = []httpapi.Command{}
	}
	for i := range page.Commands {
		page.Commands[i] = shown(page.Commands[i])
	}
	return page, err
}

func (s *Server) newCommand(c *call) (any, error) {
	var n httpapi.NewCommand
	if err := c.body(&n); err != nil {
		return nil, err
	}
	if n.ID == "" {
		n.ID = id.New()
	}
	if err := checkCommand(&n); err != nil {
		return nil, err
	}
	if n.Cmd == fleet.CommandLogs {
		if err := s.deps.Uploads.invite(c.key, &n); err != nil {
			return nil, err
		}
	}
	made, err := s.deps.Hub.Command(c.ctx(), c.key, c.actor.Name, n)
	if err == nil {
		s.record(c, "command", c.key.Booth, map[string]any{"id": made.ID, "cmd": made.Cmd, "force": made.Force})
	}
	return shown(made), err
}

func (s *Server) command(c *call) (any, error) {
	one, err := s.deps.Commands.Command(c.ctx(), c.key, chi.URLParam(c.r, "cmd"))
	return shown(one), err
}

func (s *Server) cancelCommand(c *call) (any, error) {
	one, err := s.deps.Hub.Cancel(c.ctx(), c.key, c.actor.Name, chi.URLParam(c.r, "cmd"))
	if err == nil {
		s.record(c, "cancel", c.key.Booth, map[string]any{"id": one.ID, "cmd": one.Cmd})
	}
	return shown(one), err
}

// shown leaves out what is for the booth alone: with the token of an upload somebody could put lines of their own in its place.
func shown(c httpapi.Command) httpapi.Command {
	if c.Cmd != fleet.CommandLogs {
		return c
	}
	var args map[string]json.RawMessage
	if json.Unmarshal(c.Args, &args) != nil {
		return c
	}
	delete(args, "token")
	delete(args, "url")
	c.Args, _ = json.Marshal(args) // it was JSON a moment ago
	return c
}
