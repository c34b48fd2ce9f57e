package api

import (
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
	return page, err
}

func (s *Server) newCommand(c *call) (any, error) {
	var n httpapi.NewCommand
	if err := c.body(&n); err != nil {
		return nil, err
	}
	switch {
	case n.ID == "":
		n.ID = id.New()
	case !id.Valid(n.ID):
		return nil, refuse(httpapi.Invalid, "id", "must be a ULID")
	}
	if n.Cmd == fleet.CommandLogs {
		if err := s.deps.Uploads.invite(c.key, &n); err != nil {
			return nil, err
		}
	}
	return s.deps.Hub.Command(c.ctx(), c.key, c.actor.Name, n)
}

func (s *Server) command(c *call) (any, error) {
	return s.deps.Commands.Command(c.ctx(), c.key, chi.URLParam(c.r, "cmd"))
}

func (s *Server) cancelCommand(c *call) (any, error) {
	return s.deps.Hub.Cancel(c.ctx(), c.key, c.actor.Name, chi.URLParam(c.r, "cmd"))
}
