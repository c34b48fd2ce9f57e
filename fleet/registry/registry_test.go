package registry_test

import (
	"errors"
	"testing"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/registry"
)

func TestCheckStanding(t *testing.T) {
	all := []fleet.Standing{fleet.InService, fleet.Quarantined, fleet.Retired}
	for _, from := range all {
		for _, to := range all {
			err := registry.CheckStanding(from, to)
			if want := from == fleet.Retired && to != fleet.Retired; want != errors.Is(err, fleet.ErrState) || (!want && err != nil) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
		var fe *fleet.FieldError
		if err := registry.CheckStanding(from, "gone"); from != fleet.Retired && !errors.As(err, &fe) {
			t.Errorf("%s to nothing known: %v", from, err)
		}
	}
}
