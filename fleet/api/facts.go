package api

import (
	"regexp"
	"strings"
	"time"

	"github.com/laoyou/laoyou/fleet/httpapi"
)

const (
	maxSeries = 20
	maxSpan   = 31 * 24 * time.Hour
)

var (
	seriesName = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,63}$`)
	typePrefix = regexp.MustCompile(`^[a-z0-9_.]{0,64}$`)
)

func (s *Server) series(c *call) (any, error) {
	var names []string
	if list := c.r.URL.Query().Get("name"); list != "" {
		names = strings.Split(list, ",")
	}
	if len(names) > maxSeries {
		return nil, refuse(httpapi.Invalid, "name", "at most 20 series")
	}
	for _, n := range names {
		if !seriesName.MatchString(n) {
			return nil, refuse(httpapi.Invalid, "name", "must be names of series, separated by commas")
		}
	}
	now := time.Now()
	to, err := c.instant("to", now)
	if err != nil {
		return nil, err
	}
	from, err := c.instant("from", to.Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	if span := to.Sub(from); span <= 0 || span > maxSpan {
		return nil, refuse(httpapi.Invalid, "from", "must be before to, and within 31 days of it")
	}
	set, err := s.deps.Facts.Series(c.ctx(), c.key, names, from, to)
	if set.Series == nil {
		set.Series = []httpapi.Series{}
	}
	return set, err
}

func (s *Server) events(c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	prefix := c.r.URL.Query().Get("type")
	if !typePrefix.MatchString(prefix) {
		return nil, refuse(httpapi.Invalid, "type", "must be the beginning of a type")
	}
	page, err := s.deps.Facts.Events(c.ctx(), c.key, prefix, p)
	if page.Events == nil {
		page.Events = []httpapi.Event{}
	}
	return page, err
}
