package voip

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/zaf/g711"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	MuteStack()
	goleak.VerifyTestMain(m)
}

const patient = 10 * time.Second // no test waits for it; it ends the ones that hang

// start runs an agent on a free loopback port until the test ends.
func start(t *testing.T, c Config) *Agent {
	t.Helper()
	c.Listen = "127.0.0.1:0"
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	select {
	case <-a.Ready():
	case err := <-ended:
		ended <- err
		t.Fatalf("not ready: %v", err)
	}
	return a
}

func uri(user string, a *Agent, params string) string {
	return "sip:" + user + "@" + a.Addr().String() + params
}

// await reads a leg's events until one of the kind comes.
func await(t *testing.T, l *Leg, k EventKind) Event {
	t.Helper()
	late := time.NewTimer(patient)
	defer late.Stop()
	for {
		select {
		case e, ok := <-l.Events():
			if !ok {
				t.Fatalf("the leg ended (%s) before %s", l.Cause(), k)
			}
			if e.Kind == k {
				return e
			}
			if e.Kind == Ended {
				t.Fatalf("ended (%s %d %q) before %s", e.Cause, e.Code, e.Reason, k)
			}
		case <-late.C:
			t.Fatalf("no %s", k)
		}
	}
}

// answering is an agent that takes every call and hands the legs over.
func answering(t *testing.T, c Config) (*Agent, <-chan *Leg) {
	t.Helper()
	legs := make(chan *Leg, 16)
	c.Accept = func(in *Incoming) {
		in.Ring()
		l, err := in.Answer(t.Context())
		if err != nil {
			t.Errorf("answer: %v", err)
			return
		}
		legs <- l
	}
	return start(t, c), legs
}

func take[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patient):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// tone writes a sine until ctx ends.
func tone(ctx context.Context, s *Session, hz float64) {
	tick := time.NewTicker(FrameDuration)
	defer tick.Stop()
	var n int
	frame := make([]byte, FrameLen)
	for {
		for i := range frame {
			frame[i] = g711.EncodeUlawFrame(int16(8000 * math.Sin(2*math.Pi*hz*float64(n)/8000)))
			n++
		}
		if s.Write(frame) != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// frequency reads half a second of sound and says what it hears by counting zero crossings, and how loud.
func frequency(t *testing.T, s *Session) (hz, rms float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	var pcm []int16
	for len(pcm) < 4000 {
		f, err := s.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range f {
			pcm = append(pcm, g711.DecodeUlawFrame(b))
		}
	}
	var crossings int
	var sum float64
	for i, v := range pcm {
		sum += float64(v) * float64(v)
		if i > 0 && (pcm[i-1] < 0) != (v < 0) {
			crossings++
		}
	}
	return float64(crossings) / 2 / (float64(len(pcm)) / 8000), math.Sqrt(sum / float64(len(pcm)))
}

// hears waits until the session plays a tone of about hz.
func hears(t *testing.T, s *Session, hz float64) {
	t.Helper()
	var got, rms float64
	for range 10 {
		if got, rms = frequency(t, s); math.Abs(got-hz) < 15 && rms > 1000 {
			return
		}
	}
	t.Fatalf("heard %.0f Hz at %.0f, want %.0f", got, rms, hz)
}

// silent waits until the session plays nothing.
func silent(t *testing.T, s *Session) {
	t.Helper()
	var rms float64
	for range 10 {
		if _, rms = frequency(t, s); rms < 50 {
			return
		}
	}
	t.Fatalf("still heard at %.0f", rms)
}
