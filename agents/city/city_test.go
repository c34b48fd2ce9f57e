package city

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestShanghai(t *testing.T) {
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	all := p.Attractions()
	if len(all) < 10 || all[0].ID != "yu-garden" {
		t.Fatalf("%d attractions, first %s; want at least 10, yu-garden first", len(all), all[0].ID)
	}
	east, ok := p.Attraction("shanghai-museum-east")
	if !ok || east.OpenOn(time.Tuesday) || !east.OpenOn(time.Monday) {
		t.Errorf("the east museum closes on Tuesdays only: %v", east.Closed)
	}
	if _, off := time.Date(2026, 11, 20, 0, 0, 0, 0, p.Zone).Zone(); off != 8*3600 {
		t.Errorf("offset %d s, want +8 h", off)
	}
	all[0].ID = "spoilt"
	if _, ok := p.Attraction("yu-garden"); !ok {
		t.Error("Attractions gave its own slice away")
	}
}

// TestBadPacks has one file for each mistake: attractions below the first line, its message in the first line.
func TestBadPacks(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.bad.yaml")
	if len(files) < 10 {
		t.Fatalf("%d bad packs, want at least 10", len(files))
	}
	head, err := os.ReadFile("shanghai/pack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(raw), "\n")
		want := strings.TrimPrefix(first, "# ")
		_, err = LoadFS(fstest.MapFS{"pack.yaml": {Data: head}, "attractions.yaml": {Data: raw}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
