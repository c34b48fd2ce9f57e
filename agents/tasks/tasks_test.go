package tasks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestLoad(t *testing.T) {
	set, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if f := set.Flow(Attraction); len(f.Slots) != 4 || f.Slots[0].Name != "place" {
		t.Errorf("attraction asks for %v", f.Slots)
	}
	if f := set.Flow(Call); len(f.Slots) != 1 || f.Tool != "" || !f.Confirm {
		t.Errorf("call is %+v", f)
	}
	got := set.Flow(Attraction).Say("tickets.range", "en", Args{"max": "10"})
	if len(got) != 1 || got[0] != "I can book 1 to 10 tickets at a time." {
		t.Errorf("got %q", got)
	}
}

// TestBad has one file for each mistake. Its first line names the message, its second the file and the change to make in it.
func TestBad(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.bad.yaml")
	if len(files) < 12 {
		t.Fatalf("%d bad files, want at least 12", len(files))
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitN(string(raw), "\n", 3)
		want, target := strings.TrimPrefix(lines[0], "# "), strings.TrimPrefix(lines[1], "# ")
		dir := fstest.MapFS{}
		for _, f := range []string{"common", "attraction", "cancel", "call", "hospital"} {
			good, err := os.ReadFile("flows/" + f + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			dir[f+".yaml"] = &fstest.MapFile{Data: good}
		}
		dir[target] = &fstest.MapFile{Data: []byte(lines[2])}
		if _, err := LoadFS(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
