package tasks

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// TestBadHospital makes one mistake at a time in the flow of hospital registration.
func TestBadHospital(t *testing.T) {
	files := map[string]string{}
	for _, f := range []string{"common", "attraction", "cancel", "call", "hospital"} {
		raw, err := os.ReadFile("flows/" + f + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		files[f+".yaml"] = string(raw)
	}
	for name, c := range map[string]struct{ from, to, want string }{
		"no yes":           {"confirm: true", "confirm: false", "confirm must be true"},
		"a check writes":   {"check: hospital.times", "check: hospital.register", "must be a tool that only reads"},
		"unknown tool":     {"tool: hospital.register", "tool: hospital.cure", "no such tool"},
		"slot gone":        {"  - {name: level,", "  - {name: ward,", "slot level is missing"},
		"no red flag":      {"  redflag:", "  redflags:", "redflag"},
		"fee not read out": {"  fee.unverified: {zh: [", "  fee.other: {zh: [", "fee"},
		"placeholder":      {"{yuan}元，到医院付", "{cny}元，到医院付", "unknown placeholder {cny}"},
		"one language":     {"card: {zh: 请核对, en:", "card: {zh: 请核对, fr:", "unknown language"},
	} {
		dir := fstest.MapFS{}
		for f, text := range files {
			dir[f] = &fstest.MapFile{Data: []byte(text)}
		}
		bad := strings.Replace(files["hospital.yaml"], c.from, c.to, 1)
		if bad == files["hospital.yaml"] {
			t.Errorf("%s: the file no longer has %q", name, c.from)
		}
		dir["hospital.yaml"] = &fstest.MapFile{Data: []byte(bad)}
		if _, err := LoadFS(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// TestFlowsAndToolsFit: every tool that writes is the tool of a flow that asks for a yes, and nothing that a citizen can do has no flow.
func TestFlowsAndToolsFit(t *testing.T) {
	set, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	used := map[tool.Name]bool{}
	for id := range flowKeys() {
		f := set.Flow(id)
		used[f.Tool], used[f.Check] = true, true
	}
	for _, s := range tool.Specs() {
		if !used[s.Name] {
			t.Errorf("no flow uses %s", s.Name)
		}
	}
}
