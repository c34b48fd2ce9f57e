package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/internal/config"
)

type httpSection struct {
	Listen  string        `yaml:"listen" doc:"where the HTTP door listens"`
	Timeout time.Duration `yaml:"timeout" doc:"how long a request may take"`
}

func (h *httpSection) Validate() error {
	if !strings.Contains(h.Listen, ":") {
		return errors.New("listen: want host:port")
	}
	return nil
}

type line struct {
	Name string `yaml:"name" doc:"name of the line"`
	Port uint16 `yaml:"port" doc:"port of the line"`
}

func (l line) Validate() error {
	if l.Name == "" {
		return errors.New("name: missing")
	}
	return nil
}

type settings struct {
	Data  string        `yaml:"data" doc:"folder for everything that must survive"`
	Roles []string      `yaml:"roles" doc:"what this process does"`
	Debug bool          `yaml:"debug" doc:"say more"`
	Gain  float64       `yaml:"gain" doc:"loudness"`
	Idle  time.Duration `yaml:"idle" doc:"how long"`
	Count int           `yaml:"count" doc:"how many"`
	HTTP  httpSection   `yaml:"http" doc:"the HTTP door"`
	Lines []line        `yaml:"lines" doc:"lines to the outside"`
}

func defaults() settings {
	return settings{
		Data: ".laoyou", Roles: []string{"all"}, Gain: 0.5, Count: 3, Idle: 90 * time.Minute,
		HTTP:  httpSection{Listen: "127.0.0.1:8080", Timeout: 5 * time.Second},
		Lines: []line{{Name: "first", Port: 5060}},
	}
}

func none(string) string { return "" }

func TestOrder(t *testing.T) {
	file := write(t, "data: from-file\nhttp:\n  listen: 127.0.0.1:1\n  timeout: 1s\nroles: [a, b]\ncount: 9\n")
	env := func(k string) string {
		return map[string]string{"LAOYOU_CONFIG": file, "LAOYOU_HTTP_LISTEN": "127.0.0.1:2", "LAOYOU_HTTP_TIMEOUT": "2s", "LAOYOU_DEBUG": "true"}[k]
	}
	got := defaults()
	rest, err := config.Load("x", &got, []string{"--http.listen=127.0.0.1:3", "-roles=c,d", "arg"}, env)
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.Data, want.Count, want.Debug, want.Roles = "from-file", 9, true, []string{"c", "d"}
	want.HTTP = httpSection{Listen: "127.0.0.1:3", Timeout: 2 * time.Second}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(rest, []string{"arg"}) {
		t.Errorf("rest = %q", rest)
	}
}

func TestListInFileReplacesDefault(t *testing.T) {
	got := defaults()
	if _, err := config.Load("x", &got, []string{"--config", write(t, "lines:\n  - name: a\n    port: 1\n  - name: b\n    port: 2\n")}, none); err != nil {
		t.Fatal(err)
	}
	if want := []line{{"a", 1}, {"b", 2}}; !reflect.DeepEqual(got.Lines, want) {
		t.Errorf("lines = %+v, want %+v", got.Lines, want)
	}
}

func TestSilentFileKeepsDefaults(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "http:\n  # listen: 127.0.0.1:1\ndata:\nlines:\n"} {
		got := defaults()
		if _, err := config.Load("x", &got, []string{"--config", write(t, text)}, none); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if !reflect.DeepEqual(got, defaults()) {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

// One file per mistake; its first line is the message that the operator must see after the file's name.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d bad files, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(raw), "\n")
			want := strings.ReplaceAll(strings.TrimPrefix(first, "# "), "FILE", f)
			cfg := defaults()
			_, err = config.Load("x", &cfg, []string{"--config=" + f}, none)
			checkUsage(t, err, want)
		})
	}
}

func TestBadFlagsAndVariables(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"unknown flag", []string{"--nope=1"}, nil, "flag provided but not defined: -nope (see --help)"},
		{"bad int", []string{"--count=many"}, nil, `--count: "many" is no whole number in range`},
		{"bad bool", []string{"--debug=perhaps"}, nil, `--debug: "perhaps" is no true or false`},
		{"bad duration", nil, map[string]string{"LAOYOU_HTTP_TIMEOUT": "soon"}, `LAOYOU_HTTP_TIMEOUT: "soon" is no duration (like "300ms", "5s" or "2h")`},
		{"bad float", nil, map[string]string{"LAOYOU_GAIN": "loud"}, `LAOYOU_GAIN: "loud" is no number`},
		{"invalid", []string{"--http.listen=here"}, nil, "config: http: listen: want host:port"},
		{"no file", []string{"--config=testdata/none.yaml"}, nil, "config: open testdata/none.yaml: no such file or directory"},
		{"YAML only", []string{"--lines=x"}, nil, "flag provided but not defined: -lines (see --help)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := defaults()
			_, err := config.Load("x", &cfg, tt.args, func(k string) string { return tt.env[k] })
			checkUsage(t, err, tt.want)
		})
	}
}

func TestAnswers(t *testing.T) {
	p := config.Program{Name: "x", Version: "1.2", Summary: "a program"}
	for flag, wants := range map[string][]string{
		"--help":           {"x: a program", "--http.listen=127.0.0.1:8080   (LAOYOU_HTTP_LISTEN)", "lines (YAML only)", "--roles=all"},
		"--version":        {"x 1.2 "},
		"--example-config": {"\n# the HTTP door\nhttp:\n  # where", "  listen: 127.0.0.1:8080\n", "lines:\n  - name: first\n", "roles:\n  - all\n", "  timeout: 5s\n", "idle: 1h30m\n"},
	} {
		cfg := defaults()
		_, err := p.Load(&cfg, []string{flag}, none)
		var out, errOut strings.Builder
		if code := config.Exit("x", err, &out, &errOut); code != 0 || errOut.String() != "" {
			t.Errorf("%s: exit %d, stderr %q", flag, code, errOut.String())
		}
		for _, want := range wants {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s lacks %q:\n%s", flag, want, out.String())
			}
		}
	}
}

func TestExampleLoadsAsDefaults(t *testing.T) {
	cfg := defaults()
	_, err := config.Load("x", &cfg, []string{"--example-config"}, none)
	var answer *config.Answer
	if !errors.As(err, &answer) {
		t.Fatal(err)
	}
	got := settings{}
	if _, err := config.Load("x", &got, []string{"--config", write(t, answer.Text)}, none); err != nil {
		t.Fatalf("%v\n%s", err, answer.Text)
	}
	if !reflect.DeepEqual(got, defaults()) {
		t.Errorf("got %+v", got)
	}
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
		line string
	}{
		{nil, 0, ""},
		{errors.New("boom"), 1, "x: boom\n"},
		{&config.UsageError{Msg: "port 1 is taken"}, 2, "x: port 1 is taken\n"},
	} {
		var out, errOut strings.Builder
		if code := config.Exit("x", tt.err, &out, &errOut); code != tt.code || errOut.String() != tt.line || out.String() != "" {
			t.Errorf("Exit(%v) = %d, %q, %q", tt.err, code, out.String(), errOut.String())
		}
	}
}

func TestEveryKeyNeedsDoc(t *testing.T) {
	cfg := struct {
		A string `yaml:"a"`
	}{}
	if _, err := config.Load("x", &cfg, nil, none); err == nil {
		t.Error("a key without doc was accepted")
	}
}

func checkUsage(t *testing.T, err error, want string) {
	t.Helper()
	var usage *config.UsageError
	if !errors.As(err, &usage) || usage.Msg != want {
		t.Errorf("got  %T %v\nwant *config.UsageError %s", err, err, want)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
