package script_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/firmware/virtual/script"
)

const good = `
# a visit
lift
say zh "我想\"订票\" # 不是注释"   # a comment
keys 12#*
touch task.attraction
speak /abs/hello.wav zh
sos 1200
link down
wait 10
expect not text /a\/b\d+/ within 300ms
expect screen /^S3$/
hangup
`

func TestParse(t *testing.T) {
	s, err := script.Parse(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Steps) != 11 {
		t.Fatalf("%d steps", len(s.Steps))
	}
	if got := s.Steps[1].Arg; got != `我想"订票" # 不是注释` {
		t.Errorf("text %q", got)
	}
	if got := s.Steps[4].Arg; got != "/abs/hello.wav" {
		t.Errorf("file %q", got)
	}
	e := s.Steps[8].Expect
	if !e.Not || e.Subject != script.Text || !e.Match.MatchString("xa/b7") || e.Within.Milliseconds() != 300 || s.Steps[8].Line != 11 {
		t.Errorf("expectation %+v in line %d", e, s.Steps[8].Line)
	}
	if got := s.Steps[9].Expect.Within.Seconds(); got != 2 {
		t.Errorf("an expectation has %v s by itself, want 2", got)
	}
}

func TestParseNamesTheLine(t *testing.T) {
	for _, bad := range []string{
		"jump", "lift now", "say zh", "say zh hello", `say zh "hello`, `say zh "a" "b"`, "keys", "keys 12a", "touch", "speak", "sos", "sos long",
		"sos -1", "link", "link sideways", "wait 1e3", "wait 99999999", "expect", "expect not", "expect screen", "expect weather /x/",
		"expect screen S1", "expect screen /(/", "expect screen /x", "expect screen /x/ soon", "expect screen /x/ within", "expect screen /x/ within 2",
		"expect screen /x/ within 2h", "expect screen /x/ within 2s more", "\"lift\" 1", strings.Repeat("x", 70_000),
	} {
		_, err := script.Parse(strings.NewReader("lift\n\n" + bad + "\nhangup\n"))
		if !errors.Is(err, script.ErrBad) || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	files, err := filepath.Glob("testdata/*.visit")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := script.Parse(strings.NewReader(text))
		if err != nil && !errors.Is(err, script.ErrBad) {
			t.Errorf("%v", err)
		}
		for _, step := range s.Steps {
			if step.Line < 1 || step.Source == "" || (step.Verb == script.Expect) != (step.Expect != nil) {
				t.Errorf("step %+v", step)
			}
		}
	})
}
