// Package registry holds the rules by which a booth belongs to the fleet or no longer does. It is pure; the store keeps who belongs.
// It may import package fleet and fleet/audit only.
package registry

import (
	"fmt"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
)

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
