package twin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/firmware/twin"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

func defaults(t testing.TB) fleet.Settings {
	t.Helper()
	s, err := fleet.ParseSettings([]byte(`{"name_zh":"人民广场","name_en":"People's Square","address_zh":"","address_en":"","notice_zh":"",
		"notice_en":"","idle_s":60,"volume_step":1,"brightness":80,"heartbeat_s":60,"telemetry_s":60,"spread_s":10,"log_level":"info",
		"out_of_order":false}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := twin.Check(s); err != nil {
		t.Fatal(err)
	}
	return s
}

// panel is what settings are applied to.
type panel struct {
	idle, brightness int
	refuse           error
	applied          int
}

func (p *panel) apply(_ context.Context, s fleet.Settings) error {
	if p.refuse != nil && *s.Brightness != 80 {
		return p.refuse
	}
	p.brightness = *s.Brightness
	p.applied++
	return nil
}

func (p *panel) applyIdle(_ context.Context, s fleet.Settings) error {
	p.idle = *s.IdleS
	return nil
}

func newTwin(t testing.TB, store *linktest.Memory) (*twin.Twin, *panel) {
	p := &panel{}
	tw := twin.New(twin.Deps{Store: store, Defaults: defaults(t), Appliers: []twin.Applier{p.applyIdle, p.apply}})
	if err := tw.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tw, p
}

func desire(t testing.TB, tw *twin.Twin, version, ts int64, doc string) {
	t.Helper()
	tw.Desired(t.Context(), mqttapi.Envelope{TS: ts}, mqttapi.Config{Version: version, Config: json.RawMessage(doc)})
}

func TestTakesWholeConfigsAndKeepsTheLastGoodOne(t *testing.T) {
	store := new(linktest.Memory)
	tw, p := newTwin(t, store)
	if p.idle != 60 || p.brightness != 80 || tw.Version() != 0 {
		t.Fatalf("at start: %+v, version %d", p, tw.Version())
	}
	desire(t, tw, 1, 1, `{"idle_s":90,"brightness":50}`)
	if p.idle != 90 || p.brightness != 50 || tw.Version() != 1 {
		t.Fatalf("applied: %+v, version %d", p, tw.Version())
	}
	for n, bad := range []string{
		`{"idle_s":91,"brightness":400}`, `{"idle_s":91,"colour":"red"}`, `{"idle_s":"long"}`, `[]`, `{`, `null x`,
		`{"lat_deg":31.2}`, `{"name_zh":"` + strings.Repeat("长", 41) + `"}`,
	} {
		desire(t, tw, int64(2+n), int64(2+n), bad)
		r := tw.Reported()
		if p.idle != 90 || p.brightness != 50 || tw.Version() != 1 || r.Version != int64(2+n) || len(r.Errors) != 1 {
			t.Errorf("%s: %+v, version %d, %+v", bad, p, tw.Version(), r)
		}
	}
	p.refuse = &fleet.FieldError{Field: "brightness", Msg: "the panel does not answer"}
	desire(t, tw, 20, 20, `{"idle_s":120,"brightness":30}`)
	if r := tw.Reported(); p.idle != 90 || p.brightness != 50 || r.Errors["brightness"] == "" {
		t.Errorf("an applier failed: %+v, %+v", p, r)
	}
	again, p2 := newTwin(t, store) // the program starts anew
	if p2.idle != 90 || p2.brightness != 50 || again.Version() != 1 {
		t.Errorf("after a restart: %+v, version %d", p2, again.Version())
	}
}

func TestReportsEveryField(t *testing.T) {
	tw, _ := newTwin(t, new(linktest.Memory))
	desire(t, tw, 3, 1, `{"notice_zh":"请勿吸烟","lat_deg":31.2,"lon_deg":121.5}`)
	r := tw.Reported()
	var have map[string]any
	if err := json.Unmarshal(r.Applied, &have); err != nil {
		t.Fatal(err)
	}
	if r.Version != 3 || len(r.Errors) != 0 || len(have) != 16 || have["notice_zh"] != "请勿吸烟" || have["idle_s"] != 60.0 {
		t.Errorf("%+v %v", r, have)
	}
	if s := tw.Settings(); *s.LatDeg != 31.2 {
		t.Errorf("%+v", s)
	}
	desire(t, tw, 4, 2, `{}`) // nothing desired: the booth's own again
	if s := tw.Settings(); *s.NoticeZh != "" || s.LatDeg != nil {
		t.Errorf("%+v", s)
	}
}

func TestLateAndRepeatedConfigs(t *testing.T) {
	tw, p := newTwin(t, new(linktest.Memory))
	desire(t, tw, 5, 100, `{"idle_s":100}`)
	n := p.applied
	desire(t, tw, 5, 101, `{"idle_s":100}`)
	desire(t, tw, 4, 99, `{"idle_s":99}`) // overtaken on its way
	if p.applied != n || p.idle != 100 {
		t.Errorf("applied again: %+v", p)
	}
	desire(t, tw, 2, 200, `{"idle_s":200}`) // a fleet that was restored from a backup counts anew
	if p.idle != 200 || tw.Version() != 2 {
		t.Errorf("%+v, version %d", p, tw.Version())
	}
}

func TestFullDiskAndDamagedFile(t *testing.T) {
	store := new(linktest.Memory)
	tw, p := newTwin(t, store)
	store.Fail(errors.New("disk full"))
	desire(t, tw, 1, 1, `{"idle_s":100}`)
	if p.idle != 100 || tw.Version() != 1 {
		t.Errorf("in force all the same: %+v", p)
	}
	store.Fail(nil)
	for _, doc := range []string{`{"version":`, `{"version":3,"config":{"idle_s":1}}`, `{"version":3,"config":{"idle_s":"x"}}`} {
		if err := store.Keep(t.Context(), "twin", []byte(doc)); err != nil {
			t.Fatal(err)
		}
		p := &panel{}
		tw := twin.New(twin.Deps{Store: store, Defaults: defaults(t), Appliers: []twin.Applier{p.applyIdle, p.apply}})
		if err := tw.Start(t.Context()); err == nil || p.idle != 60 || tw.Version() != 0 {
			t.Errorf("%s: %v, %+v", doc, err, p)
		}
	}
}

func TestCheckNamesWhatIsMissing(t *testing.T) {
	if err := twin.Check(fleet.Settings{}); err == nil {
		t.Error("no defaults at all are fine")
	}
}

func FuzzDesired(f *testing.F) {
	for _, doc := range []string{`{}`, `{"idle_s":60}`, `{"idle_s":1e9}`, `{"name_zh":"\ud800"}`, `null`, `{"lat_deg":90,"lon_deg":-180}`} {
		f.Add([]byte(doc), int64(1))
	}
	f.Fuzz(func(t *testing.T, doc []byte, version int64) {
		tw, p := newTwin(t, new(linktest.Memory))
		tw.Desired(t.Context(), mqttapi.Envelope{TS: 1}, mqttapi.Config{Version: version, Config: doc})
		if p.idle < 30 || p.idle > 600 || p.brightness < 5 || p.brightness > 100 {
			t.Errorf("%s applied %+v", doc, p)
		}
		r := tw.Reported()
		if _, err := fleet.ParseSettings(r.Applied); err != nil {
			t.Errorf("%s reports %s: %v", doc, r.Applied, err)
		}
		if ok := len(r.Errors) == 0; ok && fmt.Sprint(tw.Version()) != fmt.Sprint(version) {
			t.Errorf("%s: version %d in force, %d desired", doc, tw.Version(), version)
		}
	})
}
