package logging_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/internal/logging"
)

const secret = "13912345678"

// citizen logs itself as a group, as a domain type would.
type citizen struct{ number string }

func (c citizen) LogValue() slog.Value {
	return slog.GroupValue(slog.String("kind", "elder"), slog.Group("pii", slog.String("number", c.number)))
}

func logEverything(l *slog.Logger) {
	l.Info("prefix", "pii.number", secret, "kept", 1)
	l.Info("group", slog.Group("pii", slog.String("number", secret)), "kept", 1)
	l.Info("nested", slog.Group("call", slog.Group("pii", slog.Group("a", slog.String("b", secret))), slog.Int("kept", 1)))
	l.Info("inside", slog.Group("call", slog.String("pii.number", secret), slog.Int("kept", 1)))
	l.Info("dotted", "call.pii.number", secret, "kept", 1)
	l.Info("upper", "PII.number", secret, "kept", 1)
	l.Info("valuer", "citizen", citizen{secret}, "kept", 1)
	l.With("pii.number", secret, "kept", 1).Info("with")
	l.With("kept", 1).WithGroup("pii").Info("open group", "number", secret)
	l.With("kept", 1).WithGroup("pii").WithGroup("deep").With("number", secret).Info("open groups", "again", secret)
	l.With("kept", 1).WithGroup("call").With("pii.number", secret).Info("with in group")
}

func TestPIIIsDropped(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		logEverything(logging.New(logging.Config{Format: format}, &out))
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 11 {
			t.Fatalf("%s: %d lines, want 11", format, len(lines))
		}
		for _, line := range lines {
			if strings.Contains(line, secret) {
				t.Errorf("%s: personal data in %s", format, line)
			}
			if !strings.Contains(line, "kept") {
				t.Errorf("%s: a harmless attribute was lost in %s", format, line)
			}
			if format == "json" && !json.Valid([]byte(line)) {
				t.Errorf("no JSON: %s", line)
			}
		}
	}
}

func TestPIIOnRequest(t *testing.T) {
	var out bytes.Buffer
	logEverything(logging.New(logging.Config{Format: "json", PII: true}, &out))
	for line := range strings.SplitSeq(strings.TrimSpace(out.String()), "\n") {
		if !strings.Contains(line, secret) {
			t.Errorf("asked for, yet missing in %s", line)
		}
	}
}

func TestHarmlessKeysStay(t *testing.T) {
	var out bytes.Buffer
	logging.New(logging.Default(), &out).Info("x", "piix", "one", "xpii", "two")
	if got := out.String(); !strings.Contains(got, "piix=one") || !strings.Contains(got, "xpii=two") {
		t.Error(got)
	}
}

func TestLevelAndFormat(t *testing.T) {
	var out bytes.Buffer
	logging.New(logging.Config{Level: slog.LevelWarn, Format: "text"}, &out).Info("quiet")
	if out.Len() != 0 {
		t.Error(out.String())
	}
	if err := logging.Default().Validate(); err != nil {
		t.Error(err)
	}
	if err := (logging.Config{Format: "xml"}).Validate(); err == nil || err.Error() != `format: "xml" is neither text nor json` {
		t.Errorf("Validate = %v", err)
	}
}
