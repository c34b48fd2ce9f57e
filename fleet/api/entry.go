package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

func place(n httpapi.NewClaim) enrol.Place {
	return enrol.Place{
		Name: n.Name, PlaceZh: n.PlaceZh, PlaceEn: n.PlaceEn, District: n.District, Group: n.Group, Lat: n.Lat, Lon: n.Lon,
	}
}

func (s *Server) claim(c *call) (any, error) {
	var n httpapi.NewClaim
	if err := c.body(&n); err != nil {
		return nil, err
	}
	key, err := s.deps.Enrol.Claim(c.ctx(), c.actor.Name, n.Code, n.ID, place(n))
	if err != nil {
		return nil, err
	}
	return s.deps.Booths.Booth(c.ctx(), key)
}

func (s *Server) token(c *call) (any, error) {
	var n httpapi.NewToken
	if err := c.body(&n); err != nil {
		return nil, err
	}
	if n.ExpiresS < 0 || n.ExpiresS > int(enrol.TokenMost/time.Second) {
		return nil, refuse(httpapi.Invalid, "expires_s", "must be between 60 and 2592000")
	}
	token, expires, err := s.deps.Enrol.Invite(c.ctx(), c.actor.Name, n.ID, place(n.NewClaim), time.Duration(n.ExpiresS)*time.Second)
	if err != nil {
		return nil, err
	}
	return httpapi.Token{Token: token, Expires: expires.UnixMilli()}, nil
}

// enrol takes a booth's wish.
func (s *Server) enrol(c *call) (any, error) {
	var e fleet.Enrolment
	if err := c.body(&e); err != nil {
		return nil, err
	}
	claim, identity, err := s.deps.Enrol.Enrol(c.ctx(), address(c.r), e, s.deps.At(c.r))
	switch {
	case errors.Is(err, enrol.ErrUnknown):
		return nil, refuse(httpapi.Unauthenticated, "token", err.Error())
	case err != nil:
		return nil, err
	case identity != nil:
		return with{http.StatusOK, identity}, nil
	}
	return claim, nil
}

// enrolled answers a booth that asks again.
func (s *Server) enrolled(c *call) (any, error) {
	identity, err := s.deps.Enrol.Enrolled(c.ctx(), chi.URLParam(c.r, "claim"), c.bearer(), s.deps.At(c.r))
	if err == nil && identity == nil {
		return with{status: http.StatusAccepted}, nil
	}
	return identity, err
}
