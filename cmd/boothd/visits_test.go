package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/virtual/script"
)

// TestVisits runs every script of testdata/visits against one fresh pair of programs.
func TestVisits(t *testing.T) {
	files, err := filepath.Glob("../../testdata/visits/*.visit")
	if err != nil || len(files) < 12 {
		t.Fatalf("only %d scripts found (%v)", len(files), err)
	}
	p := startPair(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			steps, err := script.Parse(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := script.Run(t.Context(), steps, script.Options{URL: p.booth.url, Out: &out, Dir: filepath.Dir(file)}); err != nil {
				t.Errorf("%v\n%s", err, out.String())
			}
			p.rest()
		})
	}
}

// rest brings the booth back to rest, whatever a failed script left behind.
func (p *pair) rest() {
	p.t.Helper()
	if v := p.view(); v.Screen == "S9" {
		p.post("/sim/v1/touch", map[string]any{"action": "sos.cancel"})
	}
	p.post("/sim/v1/hook", map[string]any{"state": "on"})
	p.post("/sim/v1/link", map[string]any{"up": true})
	p.screen("S0")
	p.poll(5*time.Second, "the visit to be wiped", p.closed)
}
