package api

import (
	"encoding/json"
	"log/slog"
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
	switch q.Standing {
	case "", fleet.InService, fleet.Quarantined, fleet.Retired:
	default:
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
	b, err := s.deps.Booths.Patch(c.ctx(), c.key, p)
	if err == nil {
		s.record(c, "patch", c.key.Booth, p)
	}
	return b, err
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
	action, ok := map[fleet.Standing]string{fleet.Quarantined: "quarantine", fleet.InService: "release", fleet.Retired: "retire"}[change.Standing]
	if !ok {
		return nil, refuse(httpapi.Invalid, "standing", "must be in_service, quarantined or retired")
	}
	if utf8.RuneCountInString(change.Reason) > maxReason || !utf8.ValidString(change.Reason) {
		return nil, refuse(httpapi.Invalid, "reason", "must be text of at most 200 characters")
	}
	b, err := s.deps.Hub.SetStanding(c.ctx(), c.key, c.actor.Name, change)
	if err == nil {
		s.record(c, action, c.key.Booth, map[string]string{"reason": change.Reason})
	}
	return b, err
}

// record notes what was done. It was done already: a record that fails is for the log, not for who asked.
func (s *Server) record(c *call, action, booth string, data any) {
	raw, err := json.Marshal(data)
	if err == nil {
		err = s.deps.Audit.Record(c.ctx(), s.deps.Tenant, httpapi.AuditEntry{Actor: c.actor.Name, Action: action, Booth: booth, Data: raw})
	}
	if err != nil {
		s.deps.Log.ErrorContext(c.ctx(), "audit entry was not written", slog.String("action", action), slog.String("booth", booth), slog.Any("error", err))
	}
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
