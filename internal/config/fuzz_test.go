package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/internal/config"
)

// Whatever a file holds, it loads or is refused with one line.
func FuzzFile(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range seeds {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Add("http: &a\n  listen: *a\n")
	f.Add("http: {listen: !!int x, <<: *b}\n")
	f.Add("lines:\n  - {name: |\n    a\n")
	name := filepath.Join(f.TempDir(), "x.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := defaults()
		_, err := config.Load("x", &cfg, []string{"--config", name}, none)
		var usage *config.UsageError
		if err != nil && (!errors.As(err, &usage) || strings.Contains(usage.Msg, "\n")) {
			t.Errorf("%T %q", err, err)
		}
	})
}
