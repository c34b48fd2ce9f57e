package script_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/firmware/virtual"
	"github.com/laoyou/laoyou/firmware/virtual/script"
	"github.com/laoyou/laoyou/firmware/virtual/virtualtest"
	"github.com/laoyou/laoyou/internal/audio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newBooth(t *testing.T) (url string, booth *virtualtest.Booth) {
	t.Helper()
	booth = virtualtest.NewBooth()
	h := virtual.New(virtual.Deps{Booth: booth, Events: booth, Sound: virtualtest.NewSound(), Loopback: true})
	srv := httptest.NewServer(h)
	t.Cleanup(func() { h.Close(); srv.Close() })
	return srv.URL, booth
}

func run(t *testing.T, url, text string, asJSON bool) (string, error) {
	t.Helper()
	s, err := script.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s.Name = "x.visit"
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out bytes.Buffer
	err = script.Run(ctx, s, script.Options{URL: url, Out: &out, JSON: asJSON, Dir: t.TempDir()})
	return out.String(), err
}

// TestScripts runs testdata/*.visit; those whose name ends in .fail.visit must fail.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.visit")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			url, _ := newBooth(t)
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out, err := run(t, url, string(b), false)
			if strings.HasSuffix(file, ".fail.visit") {
				if !errors.Is(err, script.ErrFailed) || !strings.Contains(out, "FAIL x.visit:") {
					t.Errorf("%v\n%s", err, out)
				}
			} else if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestFailureShowsWhatWasSeen(t *testing.T) {
	url, _ := newBooth(t)
	out, err := run(t, url, "lift\nexpect said /您好/\nexpect screen /S8/ within 50ms\nhangup\n", false)
	if !errors.Is(err, script.ErrFailed) || !strings.Contains(err.Error(), "x.visit:3") {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"ok   x.visit:1: lift", "FAIL x.visit:3: expect screen /S8/ within 50ms", "screen  S1", "有什么能帮您", "task.attraction", "Just tell me"} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "hangup") {
		t.Errorf("it went on after the failure:\n%s", out)
	}
}

func TestJSONResults(t *testing.T) {
	url, _ := newBooth(t)
	out, err := run(t, url, "lift\ntouch nowhere\n", true)
	if !errors.Is(err, script.ErrFailed) {
		t.Errorf("error %v", err)
	}
	var last struct {
		Line  int
		OK    bool
		Error string
		Seen  struct{ Screen string }
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || last.Line != 2 || last.OK || last.Seen.Screen != "S1" || !strings.Contains(last.Error, "400") {
		t.Errorf("%s", out)
	}
}

func TestNoBooth(t *testing.T) {
	srv := httptest.NewServer(nil) // something else that answers 404
	defer srv.Close()
	for _, url := range []string{"http://127.0.0.1:1", srv.URL} {
		if _, err := run(t, url, "lift\n", false); !errors.Is(err, script.ErrUnreachable) {
			t.Errorf("%s: %v", url, err)
		}
	}
	url, _ := newBooth(t)
	if _, err := run(t, url, "speak nothing.wav\n", false); !errors.Is(err, script.ErrBad) {
		t.Errorf("missing file: %v", err)
	}
}

func TestSpeakIsHeard(t *testing.T) {
	url, _ := newBooth(t)
	file := filepath.Join(t.TempDir(), "a.wav")
	var b bytes.Buffer
	if err := audio.WriteWAV(&b, 16000, make([]int16, 640)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, url, "lift\nspeak "+file+" zh\n", false); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestSaidCountsFromTheLastStep(t *testing.T) {
	url, booth := newBooth(t)
	out, err := run(t, url, `
lift
expect said /Hello/
say zh "豫园"
expect said /两张票/
expect not said /Hello/ within 100ms
expect event /^turn .*"who":"citizen"/
expect not event /^visit/ within 100ms
touch yes
expect ticket /"code":"4826"/
expect said /四八二六/
hangup
expect not ticket /./
expect screen /S0/
`, false)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if got := booth.Calls(); len(got) != 4 {
		t.Errorf("calls %q", got)
	}
}
