package telemetry_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet/telemetry"
)

func TestRolls(t *testing.T) {
	a, b := telemetry.Rolls{}, telemetry.Rolls{}
	a.Add(map[string]float64{"cpu": 3})
	a.Add(map[string]float64{"cpu": -1, "mem": 7})
	b.Add(map[string]float64{"cpu": 10})
	doc, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var read telemetry.Rolls
	if err := json.Unmarshal(doc, &read); err != nil {
		t.Fatal(err)
	}
	a.Merge(read)
	if got, want := a["cpu"], (telemetry.Roll{N: 3, Min: -1, Max: 10, Sum: 12}); got != want || got.Mean() != 4 {
		t.Errorf("%+v, want %+v", got, want)
	}
	if a["mem"].N != 1 || a["none"].Mean() != 0 {
		t.Errorf("%+v", a)
	}
	if json.Unmarshal([]byte(`{"cpu":[1,2]}`), &read) == nil {
		t.Error("half a roll-up was read")
	}
}

func TestCleanAndBounds(t *testing.T) {
	got := telemetry.Clean(map[string]float64{"cpu_pct": 1, "": 2, "Big": 3, "nan": math.NaN(), "inf": math.Inf(1), "a b": 4})
	if len(got) != 1 || got["cpu_pct"] != 1 {
		t.Errorf("%v", got)
	}
	many := map[string]float64{}
	for i := range 1000 {
		many[fmt.Sprintf("s%d", i)] = 1
	}
	if n := len(telemetry.Clean(many)); n != telemetry.MaxSeries {
		t.Errorf("%d series of one sample", n)
	}
	rolls := telemetry.Rolls{}
	for i := range 1000 {
		rolls.Add(map[string]float64{fmt.Sprintf("s%d", i): 1})
	}
	if len(rolls) > 2*telemetry.MaxSeries {
		t.Errorf("%d series in one window", len(rolls))
	}
}

func TestStart(t *testing.T) {
	at := time.Date(2026, 11, 20, 13, 14, 59, 999e6, time.UTC)
	if got := time.UnixMilli(telemetry.Start(at)).UTC(); got != time.Date(2026, 11, 20, 13, 10, 0, 0, time.UTC) {
		t.Error(got)
	}
	if got := telemetry.Start(time.UnixMilli(-1)); got != -telemetry.Window.Milliseconds() {
		t.Error(got)
	}
}
