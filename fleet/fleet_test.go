package fleet_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/fleet"
)

func TestClaimCode(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		code := fleet.NewClaimCode()
		if got, ok := fleet.CanonicalClaimCode(" " + strings.ToLower(code[:4]) + "-" + code[4:]); !ok || got != code {
			t.Fatalf("%q typed by a person becomes %q, %v", code, got, ok)
		}
		if seen[code] {
			t.Fatalf("%q came twice", code)
		}
		seen[code] = true
	}
	for _, bad := range []string{"", "ABCD", "ABCDEFG0", "ABCDEFGHJ", "ABCD_FGH", "豫园豫园"} {
		if code, ok := fleet.CanonicalClaimCode(bad); ok {
			t.Errorf("%q was taken as %q", bad, code)
		}
	}
}

func TestSettings(t *testing.T) {
	good := `{"name_zh":"豫园","idle_s":60,"volume_step":1,"lat_deg":31.2,"lon_deg":121.4,"out_of_order":false}`
	if s, err := fleet.ParseSettings([]byte(good)); err != nil || *s.IdleS != 60 || s.Brightness != nil {
		t.Errorf("%+v, %v", s, err)
	}
	for doc, field := range map[string]string{
		`{"idle_s":5}`: "idle_s", `{"volume_step":4}`: "volume_step", `{"log_level":"loud"}`: "log_level", `{"lat_deg":1}`: "lat_deg",
		`{"lat_deg":100,"lon_deg":0}`: "lat_deg", `{"nmae_zh":"x"}`: "config", `[]`: "config", `{} {}`: "config", `{}}`: "config", `{}]`: "config", ``: "config",
		`{"name_zh":"` + strings.Repeat("字", 41) + `"}`: "name_zh", `{"notice_en":"` + strings.Repeat("x", fleet.MaxConfig) + `"}`: "config",
	} {
		var wrong *fleet.FieldError
		if _, err := fleet.ParseSettings([]byte(doc)); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%.60s: %v, want a complaint about %s", doc, err, field)
		}
	}
}
