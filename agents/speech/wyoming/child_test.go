package wyoming_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/agents/speech/wyoming"
)

// The test binary is its own engine: mode says how it behaves.
const modeVar = "LAOYOU_TEST_ENGINE"

func TestMain(m *testing.M) {
	if mode := os.Getenv(modeVar); mode != "" {
		os.Exit(engine(mode))
	}
	goleak.VerifyTestMain(m)
}

type fake struct{ mode string }

func (fake) Info() wyoming.Info { return wyoming.Info{} }

func (f fake) Handle(_ context.Context, e wyoming.Event, w *wyoming.Writer) error {
	chunk, _ := wyoming.New(wyoming.TypeAudioChunk, wyoming.AudioFormat{Rate: 16000, Width: 2, Channels: 1})
	chunk.Payload = make([]byte, 640)
	var ask wyoming.Synthesize
	if err := e.Decode(&ask); err != nil {
		return err
	}
	switch {
	case ask.Text == "hang" || f.mode == "mute":
		<-time.After(time.Hour)
	case ask.Text == "promise":
		if err := w.Write(wyoming.Event{Type: wyoming.TypeAudioStart}); err != nil {
			return err
		}
		<-time.After(time.Hour)
	case ask.Text == "stall":
		if err := w.Write(chunk); err != nil {
			return err
		}
		<-time.After(time.Hour)
	case ask.Text == "crash":
		os.Exit(3)
	case ask.Text == "garbage":
		fmt.Println("this is not Wyoming")
		return nil
	case ask.Text == "refuse":
		return errors.New("no")
	case ask.Text == "env":
		chunk.Payload = []byte(strings.Join(os.Environ(), "\n"))
	case ask.Text == "pid":
		chunk.Payload = []byte(fmt.Sprint(os.Getpid()))
	case ask.Text == "long":
		for range 100 {
			if err := w.Write(chunk); err != nil {
				return err
			}
		}
	}
	if err := w.Write(chunk); err != nil {
		return err
	}
	return w.Write(wyoming.Event{Type: wyoming.TypeAudioStop})
}

func engine(mode string) int {
	if mode == "dies" {
		return 1
	}
	if mode == "parent" { // a wrapper whose child must die with it
		_ = exec.Command("sleep", "600").Start() //nolint:noctx // that it outlives us is the point
	}
	if err := wyoming.Serve(context.Background(), os.Stdin, os.Stdout, fake{mode}); err != nil {
		return 1
	}
	return 0
}

func start(t *testing.T, mode string) *wyoming.Child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := wyoming.NewChild(wyoming.Config{
		Name: mode, Command: []string{self}, Env: []string{modeVar + "=" + mode},
		First: 300 * time.Millisecond, Stall: 300 * time.Millisecond, Drain: 100 * time.Millisecond, Busy: time.Second,
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
	return c
}

// ask returns the payload of the last chunk.
func ask(ctx context.Context, c *wyoming.Child, text string) (string, error) {
	e, err := wyoming.New(wyoming.TypeSynthesize, wyoming.Synthesize{Text: text})
	if err != nil {
		return "", err
	}
	last := ""
	err = c.Exchange(ctx, []wyoming.Event{e}, wyoming.TypeAudioStop, func(e wyoming.Event) error {
		if e.Type == wyoming.TypeAudioChunk {
			last = string(e.Payload)
		}
		return nil
	})
	return last, err
}

func ready(t *testing.T, c *wyoming.Child) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.Ready(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestExchange(t *testing.T) {
	c := start(t, "good")
	ready(t, c)
	first, err := ask(t.Context(), c, "pid")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t.Context(), c, "refuse"); !errors.Is(err, wyoming.ErrEngine) {
		t.Errorf("an error event gives %v", err)
	}
	if again, err := ask(t.Context(), c, "pid"); err != nil || again != first {
		t.Errorf("a refusal cost the engine its life: %v", err)
	}
}

// Whatever an engine does wrong, the exchange ends in time and the next engine works.
func TestBadEngines(t *testing.T) {
	for text, want := range map[string]error{
		"hang": wyoming.ErrHung, "promise": wyoming.ErrHung, "stall": wyoming.ErrHung, "crash": wyoming.ErrDown, "garbage": wyoming.ErrProtocol,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			c := start(t, "good")
			ready(t, c)
			before, err := ask(t.Context(), c, "pid")
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			if _, err := ask(t.Context(), c, text); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			if d := time.Since(begun); d > 1500*time.Millisecond {
				t.Errorf("it took %v", d)
			}
			ready(t, c)
			after, err := ask(t.Context(), c, "pid")
			if err != nil || after == before {
				t.Errorf("engine %s after %s: %v", after, before, err)
			}
		})
	}
}

func TestCancelKeepsAQuickEngine(t *testing.T) {
	c := start(t, "good")
	ready(t, c)
	before, err := ask(t.Context(), c, "pid")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	e, _ := wyoming.New(wyoming.TypeSynthesize, wyoming.Synthesize{Text: "long"})
	err = c.Exchange(ctx, []wyoming.Event{e}, wyoming.TypeAudioStop, func(wyoming.Event) error { cancel(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if after, err := ask(t.Context(), c, "pid"); err != nil || after != before {
		t.Errorf("engine %s after %s: %v", after, before, err)
	}
}

func TestDown(t *testing.T) {
	c := start(t, "dies")
	if _, err := ask(t.Context(), c, "x"); !errors.Is(err, wyoming.ErrDown) {
		t.Errorf("got %v", err)
	}
}

func TestEnvironmentIsSmall(t *testing.T) {
	t.Setenv("LAOYOU_AGENT_PASSWORD", "secret")
	c := start(t, "good")
	ready(t, c)
	env, err := ask(t.Context(), c, "env")
	if err != nil || strings.Contains(env, "PASSWORD") || !strings.Contains(env, modeVar) {
		t.Errorf("%v; the engine sees %q", err, env)
	}
}

func TestRunEndsWithGrandchildren(t *testing.T) {
	self, _ := os.Executable()
	c := wyoming.NewChild(wyoming.Config{Name: "parent", Command: []string{self}, Env: []string{modeVar + "=parent"}}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	ready(t, c)
	pid, err := ask(ctx, c, "pid")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-ended
	var group int
	if _, err := fmt.Sscan(pid, &group); err != nil {
		t.Fatal(err)
	}
	for range 100 { // a killed orphan is reaped by init when it likes; a zombie still answers
		if syscall.Kill(-group, 0) != nil {
			return
		}
		if out, _ := exec.CommandContext(t.Context(), "ps", "-o", "stat=", "-g", pid).Output(); !strings.ContainsAny(string(out), "SRD") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("what the engine started outlives it")
}

func TestServe(t *testing.T) {
	in, out := &strings.Builder{}, &strings.Builder{}
	w := wyoming.NewWriter(in)
	ping, _ := wyoming.New(wyoming.TypePing, wyoming.Text{Text: "a"})
	for _, e := range []wyoming.Event{{Type: wyoming.TypeDescribe}, ping, {Type: wyoming.TypeSynthesize, Data: []byte(`{"text":"refuse"}`)}, {Type: wyoming.TypePing, Data: []byte(`{"text":1}`)}} {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := wyoming.Serve(t.Context(), strings.NewReader(in.String()), out, fake{}); err != nil {
		t.Fatal(err)
	}
	r := wyoming.NewReader(strings.NewReader(out.String()))
	for _, want := range []string{wyoming.TypeInfo, wyoming.TypePong, wyoming.TypeError, wyoming.TypeError} {
		if e, err := r.Read(); err != nil || e.Type != want {
			t.Errorf("got %s, %v, want %s", e.Type, err, want)
		}
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v at the end", err)
	}
}
