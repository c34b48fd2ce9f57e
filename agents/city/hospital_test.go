package city

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

func TestHospitals(t *testing.T) {
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Hospitals("")); n < 6 {
		t.Errorf("%d hospitals, want at least 6", n)
	}
	for _, d := range p.Departments() {
		if len(p.Hospitals(d.ID)) == 0 {
			t.Errorf("no hospital has %s", d.ID)
		}
	}
	for _, h := range p.Hospitals("") {
		for _, topic := range []string{"grade", "address", "departments"} {
			found := false
			for _, f := range h.Facts {
				found = found || f.Topic == topic && f.Source != "" && f.AsOf != ""
			}
			if !found {
				t.Errorf("%s: nobody says where its %s comes from", h.ID, topic)
			}
		}
	}
	for _, id := range p.Clinics() {
		h, d, l, ok := p.Clinic(id)
		if want := (tool.Clinic{Hospital: h.ID, Department: d.ID, Level: l.ID}).ID(); !ok || want != id {
			t.Errorf("clinic %s is read as %s", id, want)
		}
		if err := (tool.TimesArgs{Place: id, Date: "2026-11-20"}).Validate(); err != nil {
			t.Errorf("%s is no place: %v", id, err)
		}
	}
	for _, id := range []string{"", "sixth", "sixth--dental--expert", "sixth--orthopedics--vip", "nowhere--orthopedics--expert", "yu-garden"} {
		if _, _, _, ok := p.Clinic(id); ok {
			t.Errorf("%q is a clinic", id)
		}
	}
	if l, _ := p.Level(tool.Expert); !l.Fee.Unverified {
		t.Error("the fee of an expert has no source, yet it is not marked")
	}
}

// TestBadHospitals makes one mistake at a time in the pack's own file.
func TestBadHospitals(t *testing.T) {
	read := func(name string) string {
		raw, err := os.ReadFile(filepath.Join("shanghai", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	good := read("hospitals.yaml")
	for name, c := range map[string]struct{ from, to, want string }{
		"unknown key":        {"levels:", "tiers:", "unknown field"},
		"level":              {"- id: ordinary", "- id: vip", "want ordinary or expert"},
		"level twice":        {"- id: expert", "- id: ordinary", "listed twice"},
		"fee":                {"{yuan: 25,", "{yuan: 0,", "fee must be at least 1 yuan"},
		"fee without source": {"{yuan: 25, unverified: true}", "{yuan: 25}", "needs as_of and source"},
		"weekday":            {"closed: [saturday, sunday]", "closed: [someday]", "unknown weekday"},
		"hours":              {`to: "11:30"`, `to: "07:30"`, "ends before it begins"},
		"department":         {"departments: [cardiology, nephrology", "departments: [alchemy, nephrology", "unknown department"},
		"two dashes":         {"- id: zhongshan", "- id: zhong--shan", "single dashes"},
		"district":           {"district: xuhui", "district: atlantis", "unknown district"},
		"same name":          {"zh: [九院,", "zh: [六院,", "already names"},
		"no language":        {"name: {zh: 普通门诊, en: General clinic}", "name: {zh: 普通门诊}", "no text in"},
		"fact":               {`as_of: 2026-11-20, source: "two`, `as_of: yesterday, source: "two`, "needs as_of and source"},
	} {
		bad := strings.Replace(good, c.from, c.to, 1)
		if bad == good {
			t.Errorf("%s: the file no longer has %q", name, c.from)
		}
		dir := fstest.MapFS{"hospitals.yaml": {Data: []byte(bad)}}
		for _, f := range []string{"pack.yaml", "attractions.yaml"} {
			dir[f] = &fstest.MapFile{Data: []byte(read(f))}
		}
		if _, err := LoadFS(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
