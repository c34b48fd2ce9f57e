// Package registry knows who belongs to the fleet and what operators say of them: name, place, group, standing. It is pure; the store keeps
// it. It may import package fleet, fleet/audit and fleet/httpapi only.
package registry

import (
	"fmt"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// Apply puts the patch on a booth.
func Apply(b *httpapi.Booth, p httpapi.BoothPatch) {
	for _, t := range []struct {
		to   *string
		from *string
	}{
		{&b.Name, p.Name}, {&b.PlaceZh, p.PlaceZh}, {&b.PlaceEn, p.PlaceEn}, {&b.District, p.District}, {&b.Group, p.Group}, {&b.Note, p.Note},
	} {
		if t.from != nil {
			*t.to = *t.from
		}
	}
	if p.Lat != nil {
		b.Lat, b.Lon = p.Lat, p.Lon
	}
}

// CheckStanding reports whether an operator may bring a booth from one standing to another. A retired booth has no certificate any more, so
// there is no way back but a new claim. Errors: fleet.ErrState, *fleet.FieldError.
func CheckStanding(from, to fleet.Standing) error {
	switch {
	case from == fleet.Retired && to != fleet.Retired:
		return fmt.Errorf("%w: the booth is retired, it must be claimed anew", fleet.ErrState)
	case to != fleet.InService && to != fleet.Quarantined && to != fleet.Retired:
		return &fleet.FieldError{Field: "standing", Msg: "must be in_service, quarantined or retired"}
	}
	return nil
}

// Action is what the record calls bringing a booth to a standing.
func Action(to fleet.Standing) string {
	switch to {
	case fleet.Quarantined:
		return audit.Quarantine
	case fleet.Retired:
		return audit.Retire
	case fleet.InService:
	}
	return audit.Release
}
