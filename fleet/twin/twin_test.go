package twin_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/twin"
)

func TestDrift(t *testing.T) {
	for name, tt := range map[string]struct {
		desired, reported string
		errs              map[string]string
		want              string // fields, "field!" with an error, "field?" when the booth has not said
	}{
		"nothing wanted":             {``, `{"idle_s":60}`, nil, ""},
		"in force":                   {`{"idle_s":60}`, `{"idle_s":60,"brightness":80}`, nil, ""},
		"another value":              {`{"idle_s":60}`, `{"idle_s":90}`, nil, "idle_s "},
		"never said":                 {`{"idle_s":60,"brightness":1}`, ``, nil, "brightness? idle_s? "},
		"refused":                    {`{"idle_s":60}`, `{"idle_s":90}`, map[string]string{"idle_s": "no"}, "idle_s! "},
		"in force, with an error":    {`{"idle_s":60}`, `{"idle_s":60}`, map[string]string{"idle_s": "later"}, "idle_s! "},
		"the same number":            {`{"lat_deg":31.0}`, `{"lat_deg":31}`, nil, ""},
		"nested, in another order":   {`{"x":{"a":1,"b":[1,2]}}`, `{"x":{"b":[1,2],"a":1}}`, nil, ""},
		"nested, another":            {`{"x":{"a":1,"b":[1,2]}}`, `{"x":{"b":[2,1],"a":1}}`, nil, "x "},
		"an empty text is a wish":    {`{"notice_zh":""}`, `{"notice_zh":"x"}`, nil, "notice_zh "},
		"false is not nothing":       {`{"out_of_order":false}`, `{}`, nil, "out_of_order? "},
		"an error of another field":  {`{"idle_s":60}`, `{"idle_s":60}`, map[string]string{"brightness": "no"}, ""},
		"null is another value":      {`{"idle_s":60}`, `{"idle_s":null}`, nil, "idle_s? "},
		"a number is not its digits": {`{"idle_s":60}`, `{"idle_s":"60"}`, nil, "idle_s "},
	} {
		t.Run(name, func(t *testing.T) {
			drift, err := twin.Drift(json.RawMessage(tt.desired), json.RawMessage(tt.reported), tt.errs)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, d := range drift {
				got += d.Field
				switch {
				case d.Error != "":
					got += "!"
				case string(d.Reported) == "null":
					got += "?"
				}
				got += " "
			}
			if got != tt.want {
				t.Errorf("drift %q, want %q", got, tt.want)
			}
		})
	}
	if _, err := twin.Drift(json.RawMessage(`{}`), json.RawMessage(`[1]`), nil); err == nil {
		t.Error("a list is no config")
	}
}

func TestCanonical(t *testing.T) {
	got, err := twin.Canonical(json.RawMessage(` {"idle_s": 60, "name_zh": "外滩"} `))
	if err != nil || string(got) != `{"name_zh":"外滩","idle_s":60}` {
		t.Errorf("%s, %v", got, err)
	}
	var fe *fleet.FieldError
	for _, bad := range []string{``, `[]`, `{"idle_s":1}`, `{"unknown":1}`, `{"idle_s":"60"}`} {
		if _, err := twin.Canonical(json.RawMessage(bad)); !errors.As(err, &fe) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
