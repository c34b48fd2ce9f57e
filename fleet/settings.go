package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Settings are what an operator can set on a booth from afar: the config of its twin. A nil field leaves the booth's own setting alone.
// Both ends validate with the same code, so a booth never meets what the fleet let pass.
type Settings struct {
	NameZh     *string  `json:"name_zh,omitempty"`      // where it stands, short, for the header
	NameEn     *string  `json:"name_en,omitempty"`      //
	AddressZh  *string  `json:"address_zh,omitempty"`   // for an emergency, shown and said
	AddressEn  *string  `json:"address_en,omitempty"`   //
	NoticeZh   *string  `json:"notice_zh,omitempty"`    // a line on the start screen; empty: none
	NoticeEn   *string  `json:"notice_en,omitempty"`    //
	IdleS      *int     `json:"idle_s,omitempty"`       // until a visit without any input ends
	VolumeStep *int     `json:"volume_step,omitempty"`  // ear gain with which a visit begins, 0..3
	Brightness *int     `json:"brightness,omitempty"`   // of the panel, percent
	HeartbeatS *int     `json:"heartbeat_s,omitempty"`  // between two heartbeats
	TelemetryS *int     `json:"telemetry_s,omitempty"`  // between two samples of telemetry
	SpreadS    *int     `json:"spread_s,omitempty"`     // the first reconnect after a loss comes within this time, at random
	LogLevel   *string  `json:"log_level,omitempty"`    // debug, info, warn, error
	OutOfOrder *bool    `json:"out_of_order,omitempty"` // the screen says so; emergency calls still work
	LatDeg     *float64 `json:"lat_deg,omitempty"`      // where it stands, WGS 84
	LonDeg     *float64 `json:"lon_deg,omitempty"`      //
}

// FieldError says which field of the settings is wrong.
type FieldError struct{ Field, Msg string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Msg }

// MaxConfig bounds a config document in bytes.
const MaxConfig = 32 << 10

// ParseSettings reads a config document. An unknown field is an error: it would be a wish that nobody carries out.
func ParseSettings(doc []byte) (Settings, error) {
	var s Settings
	if len(doc) > MaxConfig {
		return s, &FieldError{"config", fmt.Sprintf("has %d bytes, at most %d are allowed", len(doc), MaxConfig)}
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, &FieldError{"config", err.Error()}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) { // More would not see a closing bracket
		return s, &FieldError{"config", "more than one JSON value"}
	}
	return s, s.Validate()
}

// Validate checks every field that is set.
func (s Settings) Validate() error {
	return firstOf(s.checkTexts(), s.checkNumbers(), s.checkPlace(), s.checkLevel())
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s Settings) checkTexts() error {
	for _, t := range []struct {
		field string
		value *string
		most  int
	}{
		{"name_zh", s.NameZh, 40},
		{"name_en", s.NameEn, 60},
		{"address_zh", s.AddressZh, 120},
		{"address_en", s.AddressEn, 160},
		{"notice_zh", s.NoticeZh, 80},
		{"notice_en", s.NoticeEn, 120},
	} {
		if t.value != nil && (utf8.RuneCountInString(*t.value) > t.most || !utf8.ValidString(*t.value)) {
			return &FieldError{t.field, fmt.Sprintf("must be text of at most %d characters", t.most)}
		}
	}
	return nil
}

func (s Settings) checkNumbers() error {
	for _, n := range []struct {
		field       string
		value       *int
		least, most int
	}{
		{"idle_s", s.IdleS, 30, 600},
		{"volume_step", s.VolumeStep, 0, 3},
		{"brightness", s.Brightness, 5, 100},
		{"heartbeat_s", s.HeartbeatS, 5, 3600},
		{"telemetry_s", s.TelemetryS, 5, 3600},
		{"spread_s", s.SpreadS, 0, 600},
	} {
		if n.value != nil && (*n.value < n.least || *n.value > n.most) {
			return &FieldError{n.field, fmt.Sprintf("must be between %d and %d", n.least, n.most)}
		}
	}
	return nil
}

func (s Settings) checkPlace() error {
	if (s.LatDeg == nil) != (s.LonDeg == nil) {
		return &FieldError{"lat_deg", "needs lon_deg, and the other way round"}
	}
	if s.LatDeg != nil && (*s.LatDeg < -90 || *s.LatDeg > 90 || *s.LonDeg < -180 || *s.LonDeg > 180) {
		return &FieldError{"lat_deg", "lat_deg is within ±90, lon_deg within ±180"}
	}
	return nil
}

func (s Settings) checkLevel() error {
	if l := s.LogLevel; l != nil && *l != "debug" && *l != "info" && *l != "warn" && *l != "error" {
		return &FieldError{"log_level", "must be debug, info, warn or error"}
	}
	return nil
}
