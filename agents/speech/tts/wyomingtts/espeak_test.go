package wyomingtts_test

import (
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/tts"
	"github.com/laoyou/laoyou/agents/speech/tts/espeak"
	"github.com/laoyou/laoyou/agents/speech/tts/wyomingtts"
	"github.com/laoyou/laoyou/agents/speech/wyoming"
	"github.com/laoyou/laoyou/internal/audio"
)

// The test binary is its own engine: "hang" answers describe only, anything else is the argv prefix of espeak-ng.
const modeVar = "LAOYOU_TEST_ENGINE"

func TestMain(m *testing.M) {
	mode := os.Getenv(modeVar)
	if mode == "" {
		goleak.VerifyTestMain(m)
		return
	}
	var h wyoming.Handler = espeak.New(strings.Split(mode, "|"), "")
	if mode == "hang" {
		h = hung{h}
	}
	if err := wyoming.Serve(context.Background(), os.Stdin, os.Stdout, h); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

type hung struct{ wyoming.Handler }

func (hung) Handle(context.Context, wyoming.Event, *wyoming.Writer) error {
	<-time.After(time.Hour)
	return nil
}

func start(t *testing.T, mode string) *wyomingtts.Child {
	t.Helper()
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Skip("espeak-ng is not installed")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := wyomingtts.NewChild(wyomingtts.Config{
		Name: "espeak", Command: []string{self}, Env: []string{modeVar + "=" + mode},
		Languages: []agents.Lang{agents.LangZh, agents.LangEn}, First: time.Second,
	}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	soon, done := context.WithTimeout(t.Context(), 10*time.Second)
	defer done()
	if err := c.Ready(soon); err != nil {
		t.Fatal(err)
	}
	return c
}

func say(t *testing.T, e tts.Engine, r tts.Request) []int16 {
	t.Helper()
	src, err := e.Synthesize(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	s, err := audio.ReadAll(t.Context(), src, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func phrases() map[agents.Lang][]string {
	return map[agents.Lang][]string{
		agents.LangZh: {
			"您好，欢迎来到老友亭。", "请问您想预约哪一天的豫园门票？", "明天上午9点，两张，一共80元，对吗？", "预订号2061 4832，取票码1234。",
			"对不起，我没听清，请您再说一遍。", "按0转人工。", "今天的票已经售完了。", "请稍等，正在为您转接。",
		},
		agents.LangEn: {
			"Hello, welcome to the booth.", "Which day would you like to visit Yu Garden?", "Tomorrow at 9 a.m., two tickets, 80 yuan. Is that right?",
			"Your booking number is 2061 4832, your code is 1234.", "Sorry, I did not catch that. Please say it again.", "Press 0 for a person.",
			"Today is sold out.", "One moment, please.",
		},
	}
}

func TestLoudnessIsEqual(t *testing.T) {
	c := start(t, "espeak-ng")
	for lang, all := range phrases() {
		var together []int16
		for _, p := range all {
			s := say(t, c, tts.Request{Text: p, Lang: lang})
			if l := audio.SpeechRMS(s); math.Abs(l-espeak.Loudness) > 3 {
				t.Errorf("%s %q: %.1f dBFS", lang, p, l)
			}
			together = append(together, s...)
		}
		l, peak := audio.SpeechRMS(together), audio.Peak(together)
		t.Logf("%s: %.1f dBFS, peak %.1f, %.1f s", lang, l, peak, float64(len(together))/audio.Rate)
		if math.Abs(l-espeak.Loudness) > 1 {
			t.Errorf("%s speaks at %.1f dBFS, not %v", lang, l, espeak.Loudness)
		}
	}
}

func TestFirstSound(t *testing.T) {
	c := start(t, "espeak-ng")
	for lang, all := range phrases() {
		var took []time.Duration
		for range 3 {
			for _, p := range all {
				begun := time.Now()
				src, err := c.Synthesize(t.Context(), tts.Request{Text: p, Lang: lang})
				if err != nil {
					t.Fatal(err)
				}
				took = append(took, time.Since(begun))
				if _, err := audio.ReadAll(t.Context(), src, time.Minute); err != nil {
					t.Fatal(err)
				}
			}
		}
		slices.Sort(took)
		p95 := took[len(took)*95/100]
		t.Logf("%s: first sound median %v, p95 %v", lang, took[len(took)/2].Round(time.Millisecond), p95.Round(time.Millisecond))
		if p95 > 300*time.Millisecond {
			t.Errorf("%s: p95 %v", lang, p95)
		}
	}
}

func TestSlow(t *testing.T) {
	c := start(t, "espeak-ng")
	for lang, all := range phrases() {
		usual, slow := say(t, c, tts.Request{Text: all[1], Lang: lang}), say(t, c, tts.Request{Text: all[1], Lang: lang, Slow: true})
		if k := float64(len(slow)) / float64(len(usual)); k < 1.12 || k > 1.4 {
			t.Errorf("%s: slow is %.2f times as long", lang, k)
		}
	}
}

func TestMixedScripts(t *testing.T) {
	c := start(t, "espeak-ng")
	short, long := say(t, c, tts.Request{Text: "您好", Lang: agents.LangZh}), say(t, c, tts.Request{Text: "您好 Yu Garden", Lang: agents.LangZh})
	if len(long) < len(short)+audio.Rate/4 {
		t.Errorf("Latin words inside Chinese are not spoken: %d and %d samples", len(short), len(long))
	}
	if s := say(t, c, tts.Request{Text: "😀……", Lang: agents.LangZh}); audio.Peak(s) > audio.Floor {
		t.Error("there is nothing to say, yet there is sound")
	}
}

func TestBadRequests(t *testing.T) {
	c := start(t, "espeak-ng")
	for _, r := range []struct {
		tts.Request
		want error
	}{
		{tts.Request{Lang: agents.LangZh}, tts.ErrText},
		{tts.Request{Text: strings.Repeat("a", tts.MaxText+1), Lang: agents.LangZh}, tts.ErrText},
		{tts.Request{Text: "hola", Lang: "es"}, tts.ErrLanguage},
		{tts.Request{Text: " ", Lang: agents.LangZh}, wyoming.ErrEngine},
	} {
		if _, err := c.Synthesize(t.Context(), r.Request); !errors.Is(err, r.want) {
			t.Errorf("%.10q: %v, want %v", r.Text, err, r.want)
		}
	}
}

func TestChainMovesOn(t *testing.T) {
	bad, good := start(t, "hang"), start(t, "espeak-ng")
	chain := tts.NewChain(map[agents.Lang][]tts.Engine{agents.LangZh: {bad, good}}, nil)
	begun := time.Now()
	if s := say(t, chain, tts.Request{Text: "您好", Lang: agents.LangZh}); audio.Peak(s) < -20 {
		t.Error("the second engine does not speak")
	}
	if d := time.Since(begun); d > 3*time.Second {
		t.Errorf("it took %v", d)
	}
	if err := bad.Ready(t.Context()); err != nil { // the hung one was killed and is back
		t.Error(err)
	}
}

// What is said is visible neither in argv nor in the environment of espeak-ng.
func TestTextStaysOutOfArgv(t *testing.T) {
	seen := filepath.Join(t.TempDir(), "argv")
	script := filepath.Join(t.TempDir(), "espeak")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n{ echo \"$@\"; env; } >>\""+seen+"\"\nexec espeak-ng \"$@\"\n"), 0o700); err != nil { //nolint:gosec // a script
		t.Fatal(err)
	}
	c := start(t, "/bin/sh|"+script)
	if s := say(t, c, tts.Request{Text: "13812345678 qingpu", Lang: agents.LangEn}); audio.Peak(s) < -20 {
		t.Fatal("nothing was said")
	}
	b, err := os.ReadFile(seen)
	if err != nil || len(b) == 0 {
		t.Fatalf("the script did not run: %v", err)
	}
	for _, secret := range []string{"138", "1 3 8", "qingpu"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("%q is visible: %s", secret, b)
		}
	}
}

// A source ends with the context of its request, and what waited in it is gone.
func TestSourceEndsWithItsRequest(t *testing.T) {
	c := start(t, "espeak-ng")
	ctx, cancel := context.WithCancel(t.Context())
	src, err := c.Synthesize(ctx, tts.Request{Text: "您好，欢迎来到老友亭。", Lang: agents.LangZh})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := src.Read(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestGivingUpFreesTheEngine(t *testing.T) {
	c := start(t, "espeak-ng")
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := c.Synthesize(ctx, tts.Request{Text: strings.Repeat("今天天气很好。", 5), Lang: agents.LangZh}); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	begun := time.Now()
	say(t, c, tts.Request{Text: "好的", Lang: agents.LangZh})
	if d := time.Since(begun); d > 2*time.Second {
		t.Errorf("the next answer took %v", d)
	}
}
