package board

import (
	"os"
	"path/filepath"
	"testing"
)

func TestBacklight(t *testing.T) {
	b := Backlight{root: t.TempDir()}
	if err := b.Set(50); err == nil {
		t.Error("a panel without a light was set")
	}
	panel := filepath.Join(b.root, "panel")
	if err := os.MkdirAll(panel, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(panel, "max_brightness"), []byte("255\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for percent, want := range map[int]string{100: "255", 50: "127", 0: "1"} {
		if err := b.Set(percent); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(filepath.Join(panel, "brightness")); string(got) != want {
			t.Errorf("%d %%: %s, want %s", percent, got, want)
		}
	}
}
