package api

import (
	"unicode/utf8"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

func (s *Server) twin(c *call) (any, error) { return s.deps.Twins.Twin(c.ctx(), c.key) }

func (s *Server) setTwin(c *call) (any, error) {
	var change httpapi.TwinChange
	if err := c.body(&change); err != nil {
		return nil, err
	}
	if len(change.Config) == 0 {
		return nil, refuse(httpapi.Invalid, "config", "is missing")
	}
	if change.IfVersion < 0 {
		return nil, refuse(httpapi.Invalid, "if_version", "must not be negative")
	}
	if utf8.RuneCountInString(change.Note) > maxNote || !utf8.ValidString(change.Note) {
		return nil, refuse(httpapi.Invalid, "note", "must be text of at most 500 characters")
	}
	if _, err := fleet.ParseSettings(change.Config); err != nil {
		return nil, err
	}
	return s.deps.Hub.SetDesired(c.ctx(), c.key, c.actor.Name, change)
}

func (s *Server) twinHistory(c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	page, err := s.deps.Twins.History(c.ctx(), c.key, p)
	if page.Versions == nil {
		page.Versions = []httpapi.TwinVersion{}
	}
	return page, err
}
