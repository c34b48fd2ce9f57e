package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What an operator can get wrong, and what is said then: one line, exit 2.
func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.visit")
	good := filepath.Join(dir, "good.visit")
	for name, text := range map[string]string{bad: "lift\njump\n", good: "lift\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = "http://127.0.0.1:1"
	tests := []struct {
		args           []string
		code           int
		stdout, stderr string // beginnings; "" means nothing at all
	}{
		{nil, 2, "", "laoyou: want a command"},
		{[]string{"fly"}, 2, "", `laoyou: no command "fly"`},
		{[]string{"--help"}, 0, "laoyou: the operator's shell", ""},
		{[]string{"version"}, 0, "laoyou dev ", ""},
		{[]string{"up", "--help"}, 0, "laoyou up: start", ""},
		{[]string{"up", "--ports=some"}, 2, "", `laoyou up: config: ports: "some" is neither fixed nor free`},
		{[]string{"up", "now"}, 2, "", `laoyou up: unexpected "now"`},
		{[]string{"call", "--help"}, 0, "laoyou call: what", ""},
		{[]string{"call"}, 2, "", "laoyou call: want list or show ID"},
		{[]string{"call", "show"}, 2, "", "laoyou call: want list or show ID"},
		{[]string{"call", "list", "--limit", "0"}, 2, "", "laoyou call: --limit: must be"},
		{[]string{"call", "list", "--data", dir}, 2, "", "laoyou call: no core runs on " + dir},
		{[]string{"call", "list", "--core", nobody, "--data", dir}, 2, "", "laoyou call: no password for admin"},
		{[]string{"call", "list", "--core", nobody, "--password", "x"}, 2, "", `laoyou call: Post "` + nobody},
		{[]string{"visit", "--help"}, 0, "laoyou visit: play", ""},
		{[]string{"visit"}, 2, "", "laoyou visit: want one FILE"},
		{[]string{"visit", good}, 2, "", "laoyou visit: which booth?"},
		{[]string{"visit", good, "--color"}, 2, "", "laoyou visit: flag provided but not defined: -color"},
		{[]string{"visit", filepath.Join(dir, "none.visit"), "--sim", nobody}, 2, "", "laoyou visit: open "},
		{[]string{"visit", "--sim", nobody, bad}, 2, "", "laoyou visit: " + bad + ":"},
		{[]string{"visit", good, "--sim", nobody}, 2, "", "laoyou visit: "},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			var out, errOut strings.Builder
			code := run(tt.args, shell{env: func(string) string { return "" }, stdout: &out, stderr: &errOut})
			if code != tt.code || !begins(out.String(), tt.stdout) || !begins(errOut.String(), tt.stderr) {
				t.Errorf("exit %d\nstdout %q\nstderr %q", code, out.String(), errOut.String())
			}
			if strings.Count(errOut.String(), "\n") > 1 {
				t.Errorf("more than one line: %q", errOut.String())
			}
		})
	}
}

func begins(got, want string) bool {
	if want == "" {
		return got == ""
	}
	return strings.HasPrefix(got, want)
}
