package main

import (
	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/cloud/services"
)

// catalogue is a city pack as the city back end sees it.
type catalogue struct {
	byID  map[string]services.Place
	order []services.Place
}

func newCatalogue(pack *city.Pack) (*catalogue, error) {
	c := &catalogue{byID: map[string]services.Place{}}
	for _, a := range pack.Attractions() {
		p := services.Place{ID: a.ID, ClosedWeekdays: a.Closed}
		for _, s := range a.Sessions {
			p.Sessions = append(p.Sessions, services.Hours{Session: s.ID, From: s.From, To: s.To, Capacity: s.Capacity})
		}
		if err := c.add(p); err != nil {
			return nil, err
		}
	}
	for _, id := range pack.Clinics() {
		_, _, level, _ := pack.Clinic(id)
		p := services.Place{ID: id, Clinic: true, ClosedWeekdays: level.Closed, FeeYuan: level.Fee.Yuan, FeeVerified: !level.Fee.Unverified}
		for _, s := range level.Sessions {
			p.Sessions = append(p.Sessions, services.Hours{Session: s.ID, From: s.From, To: s.To, Capacity: s.Capacity})
		}
		if err := c.add(p); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *catalogue) add(p services.Place) error {
	if err := p.Validate(); err != nil {
		return err
	}
	c.byID[p.ID] = p
	c.order = append(c.order, p)
	return nil
}

// Place implements services.Catalogue.
func (c *catalogue) Place(id string) (services.Place, bool) {
	p, ok := c.byID[id]
	return p, ok
}

// Places implements services.Catalogue.
func (c *catalogue) Places() []services.Place { return c.order }
