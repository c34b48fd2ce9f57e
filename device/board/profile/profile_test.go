package profile

import (
	"errors"
	"strings"
	"testing"
)

func TestEmbedded(t *testing.T) {
	all, err := Embedded()
	if err != nil || len(all) < 2 {
		t.Fatalf("%d profiles, %v", len(all), err)
	}
	for _, c := range []struct{ name, compatible, want string }{
		{"", "radxa,rock-5b\x00rockchip,rk3588\x00", "rk3588-booth-a"},
		{"", "raspberrypi,4-compute-module\x00brcm,bcm2711\x00", "cm4-booth-a"},
		{"cm4-booth-a", "rockchip,rk3588\x00", "cm4-booth-a"},
		{"", "rockchip,rk3588s\x00", ""},
		{"toaster", "", ""},
	} {
		p, err := For(all, c.name, c.compatible)
		if p.Name != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v: %q, %v", c, p.Name, err)
		}
	}
}

// Each mistake is named by its field.
func TestBadProfiles(t *testing.T) {
	good, err := files.ReadFile("profiles/rk3588-booth-a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"name: rk3588-booth-a", "name: ''", "name"},
		{"match:", "matches:", "matches"},
		{"line: 12, active: low", "line: 12, active: off", "gpio.hook: active"},
		{"line: 7, active: low, pull: up", "line: 7, active: low, pull: left", "gpio.sos: pull"},
		{"line: 7, active", "line: 12, active", "gpio.sos: gpio1:12 is gpio.hook already"},
		{"off: 40", "off: 4000", "debounce_ms"},
		{"scan_ms: 5", "scan_ms: 0", "scan_ms"},
		{"settle_us: 100", "settle_us: -1", "settle_us"},
		{`"789", `, ``, "one string per row"},
		{`"789"`, `"78"`, "one character per column"},
		{`"789"`, `"788"`, "key 8"},
		{`line: 6}, {chip: gpio3, line: 7}]`, `line: 6}, {chip: gpio3, line: 6}]`, "gpio.keypad.cols[2]"},
		{"    call:", "    cold:", "gpio.lamps.call"},
		{"rate: 48000", "rate: 96000", "audio.rate"},
		{"capture: Handset, ", "", "audio"},
		{"line: 12,", "line: twelve,", "twelve"},
	} {
		if !strings.Contains(string(good), c.old) {
			t.Fatalf("%q is not in the profile", c.old)
		}
		_, err := Parse([]byte(strings.Replace(string(good), c.old, c.new, 1)))
		if !errors.Is(err, ErrProfile) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.new, err, c.want)
		}
	}
	if _, err := Parse(nil); !errors.Is(err, ErrProfile) {
		t.Errorf("an empty file: %v", err)
	}
}
