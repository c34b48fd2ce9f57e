// Package logging opens the one logger of a program: slog on stderr, with personal data left out.
// Messages are static and lower-case; what varies goes into snake_case attributes; what a citizen said, dialled or is called goes only
// under the group or prefix "pii", which is dropped unless an operator asks for it. It may import nothing of ours.
package logging

import (
	"fmt"
	"io"
	"log/slog"
)

// Config is the section "log" of every program.
type Config struct {
	Level  slog.Level `yaml:"level" doc:"least important message to write: DEBUG, INFO, WARN or ERROR"`
	Format string     `yaml:"format" doc:"text for people, json for collectors"`
	PII    bool       `yaml:"pii" doc:"also write personal data: what was said, numbers, names. For a lab only"`
}

// Default is what a program starts with.
func Default() Config { return Config{Level: slog.LevelInfo, Format: "text"} }

// Validate reports a format that does not exist.
func (c Config) Validate() error {
	if c.Format != "text" && c.Format != "json" {
		return fmt.Errorf("format: %q is neither text nor json", c.Format)
	}
	return nil
}

// New returns a logger that writes to w, os.Stderr in a program: stdout belongs to results.
func New(c Config, w io.Writer) *slog.Logger { return NewAt(c, c.Level, w) }

// NewAt is New with a level that may change.
func NewAt(c Config, level slog.Leveler, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, options)
	if c.Format == "json" {
		h = slog.NewJSONHandler(w, options)
	}
	if !c.PII {
		h = redactor{next: h}
	}
	return slog.New(h)
}
