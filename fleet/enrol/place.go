package enrol

import (
	"fmt"
	"math"

	"github.com/laoyou/laoyou/fleet"
)

// check checks what an operator says of a booth.
func (s *Service) check(k fleet.Key, p Place) error {
	if !fleet.ValidID(k.Booth) {
		return &fleet.FieldError{Field: "id", Msg: "must be lower-case letters, digits and dashes, at most 64"}
	}
	if s.deps.Taken != nil && s.deps.Taken(k.Booth) {
		return &fleet.FieldError{Field: "id", Msg: "is the name of a service"}
	}
	return p.Validate()
}

// Validate checks the lengths of the words and that the position is one.
func (p Place) Validate() error {
	for _, t := range []struct {
		field, value string
		most         int
	}{
		{"name", p.Name, 80},
		{"place_zh", p.PlaceZh, 40},
		{"place_en", p.PlaceEn, 60},
		{"district", p.District, 40},
		{"group", p.Group, 40},
	} {
		if !short(t.value, t.most) {
			return &fleet.FieldError{Field: t.field, Msg: fmt.Sprintf("must be text of at most %d characters", t.most)}
		}
	}
	if (p.Lat == nil) != (p.Lon == nil) {
		return &fleet.FieldError{Field: "lat", Msg: "needs lon, and the other way round"}
	}
	if p.Lat != nil && !(math.Abs(*p.Lat) <= 90 && math.Abs(*p.Lon) <= 180) {
		return &fleet.FieldError{Field: "lat", Msg: "lat is within ±90, lon within ±180"}
	}
	return nil
}
