package espeak

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/wyoming"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		ask  wyoming.Synthesize
		want agents.Lang
	}{
		{wyoming.Synthesize{Text: "好"}, agents.LangZh},
		{wyoming.Synthesize{Text: "好", Voice: &wyoming.VoiceQuery{Language: "zh-CN"}}, agents.LangZh},
		{wyoming.Synthesize{Text: "a", Voice: &wyoming.VoiceQuery{Language: "en"}, Speed: 0.8}, agents.LangEn},
		{wyoming.Synthesize{Text: "a", Voice: &wyoming.VoiceQuery{Name: "en-us+f3"}}, agents.LangEn},
		{wyoming.Synthesize{Text: "a", Voice: &wyoming.VoiceQuery{Language: "fr"}}, ""},
		{wyoming.Synthesize{Text: "a", Voice: &wyoming.VoiceQuery{Name: "--path=/tmp", Language: "en"}}, ""},
		{wyoming.Synthesize{Text: " "}, ""},
		{wyoming.Synthesize{Text: "a", Speed: 9}, ""},
		{wyoming.Synthesize{Text: "a", Speed: -1}, ""},
		{wyoming.Synthesize{Text: strings.Repeat("a", maxText+1)}, ""},
	} {
		got, err := check(&c.ask)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%.20q %+v: %q, %v", c.ask.Text, c.ask.Voice, got, err)
		}
	}
}

// A program that fails, writes no sound or dies in the middle is an error event that quotes nothing.
func TestBadPrograms(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	for name, script := range map[string]string{
		"fails":       "exit 3",
		"no sound":    "echo hello",
		"silent":      "cat >/dev/null",
		"cut off":     `printf 'RIFF\044\000\000\000WAVEfmt \020\000\000\000\001\000\001\000\042\126\000\000\104\254\000\000\002\000\020\000data\100\000\000\000aa'`,
		"fails later": `cat >/dev/null; printf 'RIFF\044\000\000\000WAVEfmt \020\000\000\000\001\000\001\000\042\126\000\000\104\254\000\000\002\000\020\000data\002\000\000\000aa'; exit 1`,
	} {
		var out bytes.Buffer
		err := New([]string{"sh", "-c", script}, "").Handle(t.Context(), event(t, "secret"), wyoming.NewWriter(&out))
		if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(out.String(), wyoming.TypeAudioStop) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := New([]string{"no-such-program-here"}, "").Handle(t.Context(), event(t, "secret"), wyoming.NewWriter(&bytes.Buffer{}))
	if !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("a missing program: %v", err)
	}
}

func event(t *testing.T, text string) wyoming.Event {
	t.Helper()
	e, err := wyoming.New(wyoming.TypeSynthesize, wyoming.Synthesize{Text: text, Voice: &wyoming.VoiceQuery{Language: "en"}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
