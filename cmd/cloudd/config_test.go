package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/internal/config"
)

func noEnv(string) string { return "" }

// Every mistake in testdata/*.bad.yaml is refused in one line that names it; the first line of the file says what must be in it.
func TestBadConfig(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			want, ok := strings.CutPrefix(first, "# want: ")
			if !ok {
				t.Fatalf("first line %q", first)
			}
			cfg := defaults()
			_, err = config.Load("cloudd", &cfg, []string{"-config", file}, noEnv)
			var usage *config.UsageError
			if !errors.As(err, &usage) || !strings.Contains(usage.Msg, want) || strings.Contains(usage.Msg, "\n") {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}

// The committed example is what the program prints, and loads.
func TestExample(t *testing.T) {
	cfg := defaults()
	_, err := config.Program{Name: "cloudd"}.Load(&cfg, []string{"--example-config"}, noEnv)
	var answer *config.Answer
	if !errors.As(err, &answer) {
		t.Fatal(err)
	}
	const path = "../../configs/cloudd.example.yaml"
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, []byte(answer.Text)) {
		t.Errorf("%s is stale: write it anew with cloudd --example-config", path)
	}
	loaded := defaults()
	if _, err := config.Load("cloudd", &loaded, []string{"-config", path}, noEnv); err != nil {
		t.Error(err)
	}
}
