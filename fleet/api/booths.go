package api

import (
	"unicode/utf8"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// Longest texts, in characters.
const (
	maxQuery  = 100
	maxReason = 200
	maxNote   = 500
)

func (s *Server) booths(c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	v := c.r.URL.Query()
	q := BoothQuery{
		Text: v.Get("q"), Standing: fleet.Standing(v.Get("standing")), Presence: fleet.Presence(v.Get("presence")),
		Group: v.Get("group"), District: v.Get("district"), Cursor: p.Cursor, Limit: p.Limit,
	}
	if q.Standing != "" && !known(q.Standing) {
		return nil, refuse(httpapi.Invalid, "standing", "must be in_service, quarantined or retired")
	}
	switch q.Presence {
	case "", fleet.Online, fleet.Offline, fleet.Unknown:
	default:
		return nil, refuse(httpapi.Invalid, "presence", "must be online, offline or unknown")
	}
	switch v.Get("drift") {
	case "", "false":
	case "true":
		q.Drift = true
	default:
		return nil, refuse(httpapi.Invalid, "drift", "must be true or false")
	}
	if utf8.RuneCountInString(q.Text) > maxQuery || !utf8.ValidString(q.Text) {
		return nil, refuse(httpapi.Invalid, "q", "is too long")
	}
	page, err := s.deps.Booths.Booths(c.ctx(), s.deps.Tenant, q)
	if page.Booths == nil {
		page.Booths = []httpapi.Booth{}
	}
	return page, err
}

func (s *Server) summary(c *call) (any, error) { return s.deps.Booths.Summary(c.ctx(), s.deps.Tenant) }

func (s *Server) points(c *call) (any, error) { return s.deps.Booths.Points(c.ctx(), s.deps.Tenant) }

func (s *Server) booth(c *call) (any, error) { return s.deps.Booths.Booth(c.ctx(), c.key) }

func (s *Server) patchBooth(c *call) (any, error) {
	var p httpapi.BoothPatch
	if err := c.body(&p); err != nil {
		return nil, err
	}
	place := enrol.Place{
		Name: text(p.Name), PlaceZh: text(p.PlaceZh), PlaceEn: text(p.PlaceEn), District: text(p.District), Group: text(p.Group), Lat: p.Lat, Lon: p.Lon,
	}
	if err := place.Validate(); err != nil {
		return nil, err
	}
	if n := text(p.Note); utf8.RuneCountInString(n) > maxNote || !utf8.ValidString(n) {
		return nil, refuse(httpapi.Invalid, "note", "must be text of at most 500 characters")
	}
	return s.deps.Booths.Patch(c.ctx(), c.key, c.actor.Name, p)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (s *Server) setStanding(c *call) (any, error) {
	var change httpapi.StandingChange
	if err := c.body(&change); err != nil {
		return nil, err
	}
	if !known(change.Standing) {
		return nil, refuse(httpapi.Invalid, "standing", "must be in_service, quarantined or retired")
	}
	if utf8.RuneCountInString(change.Reason) > maxReason || !utf8.ValidString(change.Reason) {
		return nil, refuse(httpapi.Invalid, "reason", "must be text of at most 200 characters")
	}
	return s.deps.Hub.SetStanding(c.ctx(), c.key, c.actor.Name, change)
}

func known(st fleet.Standing) bool {
	return st == fleet.InService || st == fleet.Quarantined || st == fleet.Retired
}

func (s *Server) audit(c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	v := c.r.URL.Query()
	page, err := s.deps.Audit.Entries(c.ctx(), s.deps.Tenant, v.Get("booth"), v.Get("actor"), p)
	if page.Entries == nil {
		page.Entries = []httpapi.AuditEntry{}
	}
	return page, err
}
