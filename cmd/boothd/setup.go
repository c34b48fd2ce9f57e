package main

import (
	"maps"
	"sync"
	"time"

	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/visit"
	"github.com/laoyou/laoyou/fleet"
)

// setup is what can change on a running booth: its own configuration, what the fleet's twin puts over it, and what operators have to say.
// The visit is told of each change; the emergency asks.
type setup struct {
	mu      sync.Mutex
	own     visit.Setup    // as configured here
	over    fleet.Settings // as the fleet wants it
	rest    present.Rest   // claim and message; notice and out of order are settings
	changed func(visit.Setup)
}

func newSetup(cfg Config) *setup {
	return &setup{own: visit.Setup{Booth: placeOf(cfg.Booth), Idle: cfg.Visit.Idle}, changed: func(visit.Setup) {}}
}

// follow names who is told of changes from now on.
func (s *setup) follow(changed func(visit.Setup)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = changed
	changed(s.now())
}

func (s *setup) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	s.changed(s.now())
}

func (s *setup) configure(over fleet.Settings)   { s.change(func() { s.over = over }) }
func (s *setup) claim(c *present.Claim)          { s.change(func() { s.rest.Claim = c }) }
func (s *setup) message(words map[string]string) { s.change(func() { s.rest.Message = words }) }

// named takes what the fleet calls the booth: its id and where it stands. An address for emergencies that nobody has set is another
// booth's: until the fleet sets one, the place must do.
func (s *setup) named(id, placeZh, placeEn string) {
	s.change(func() {
		s.own.Booth.ID = id
		zh, en := nonEmpty(placeZh), nonEmpty(placeEn)
		s.own.Booth.Names = overlay(s.own.Booth.Names, zh, en)
		if b := defaults().Booth; zh != nil && placeZh != b.PlaceZh && s.own.Booth.Full["zh"] == b.AddrZh {
			s.own.Booth.Full = overlay(s.own.Booth.Full, zh, en)
		}
	})
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// booth is who and where the booth is.
func (s *setup) booth() present.Booth {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().Booth
}

func (s *setup) current() visit.Setup {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// now lays the fleet's settings over the booth's own.
func (s *setup) now() visit.Setup {
	out, o := s.own, s.over
	out.Booth.Names = overlay(out.Booth.Names, o.NameZh, o.NameEn)
	out.Booth.Full = overlay(out.Booth.Full, o.AddressZh, o.AddressEn)
	out.Rest = s.rest
	out.Rest.Notice = overlay(nil, o.NoticeZh, o.NoticeEn)
	out.Rest.OutOfOrder = o.OutOfOrder != nil && *o.OutOfOrder
	if o.IdleS != nil {
		out.Idle = seconds(*o.IdleS)
	}
	if o.VolumeStep != nil {
		out.Volume = *o.VolumeStep
	}
	return out
}

func overlay(own map[string]string, zh, en *string) map[string]string {
	out := maps.Clone(own)
	if out == nil {
		out = map[string]string{}
	}
	if zh != nil {
		out["zh"] = *zh
	}
	if en != nil {
		out["en"] = *en
	}
	return out
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
