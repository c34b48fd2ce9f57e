package call_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
)

func TestSummarize(t *testing.T) {
	const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 0 101\r\n" +
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n"
	tests := []struct{ name, message, line, cseq, sdp string }{
		{
			"request",
			"INVITE sip:queue@127.0.0.1:5060 SIP/2.0\r\nVia: x\r\ncseq : 2 INVITE\r\nAuthorization: Digest response=\"secret\"\r\n\r\n" + sdp,
			"INVITE sip:queue@127.0.0.1:5060", "2 INVITE", "audio 127.0.0.1:20000 PCMU telephone-event sendonly",
		},
		{"response", "SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n\r\n", "180 Ringing", "1 INVITE", ""},
		{"free call", "INVITE sip:call-13812345678@x SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n", "INVITE sip:call-138xxxxxx78@x", "1 INVITE", ""},
		{"trunk", "INVITE sip:13812345678@x SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n", "INVITE sip:138xxxxxx78@x", "1 INVITE", ""},
		{"terminal", "BYE sip:\x1b[31mx SIP/2.0\r\n\r\n", "BYE sip:?[31mx", "", ""},
		{"empty", "", "", "", ""},
		{"half a line", "INVITE sip:call-", "INVITE sip:call-", "", ""},
		{"sdp without media", "SIP/2.0 200 OK\r\n\r\nc=\r\nm=audio \r\n", "200 OK", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line, cseq, sdp := call.Summarize([]byte(tt.message))
			if line != tt.line || cseq != tt.cseq || sdp != tt.sdp {
				t.Errorf("%q %q %q", line, cseq, sdp)
			}
		})
	}
}

func FuzzSummarize(f *testing.F) {
	f.Add([]byte("INVITE sip:call-123@x SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nm=audio 1 RTP/AVP 0\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		line, cseq, sdp := call.Summarize(data)
		for _, s := range []string{line, cseq, sdp} {
			if len(s) > 1000 || strings.ContainsAny(s, "\x00\x1b\r\n") {
				t.Errorf("%q", s)
			}
		}
	})
}

func TestMask(t *testing.T) {
	for number, want := range map[string]string{"13812345678": "138xxxxxx78", "12345": "12345", "123456": "123x56", "": ""} {
		if got := call.Mask(number); got != want {
			t.Errorf("%q: %q", number, got)
		}
	}
}

func TestEndOnce(t *testing.T) {
	at := time.Now()
	c := call.New("t1", call.Echo, at)
	c.Legs = []call.Leg{{Ended: at, Cause: "busy"}, {}}
	c.End("busy", at)
	c.End(call.Normal, at.Add(time.Second))
	if c.Cause != "busy" || !c.Ended.Equal(at) || c.Legs[1].Cause != "busy" || !c.Legs[1].Ended.Equal(at) {
		t.Errorf("%+v", c)
	}
}

// slow is a store whose commits take 10 ms.
type slow struct {
	call.Store
	err error

	mu      sync.Mutex
	batches int
	saved   map[string]int
}

func (s *slow) SaveCalls(_ context.Context, calls []call.Call) ([]error, error) {
	time.Sleep(10 * time.Millisecond) // inside the bubble of synctest: no real time
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches++
	for _, c := range calls {
		s.saved[c.ID]++
	}
	return make([]error, len(calls)), s.err
}

func TestRecorderCommitsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{saved: map[string]int{}}
		r := call.NewRecorder(s, "t1", slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		var wg, running sync.WaitGroup
		running.Go(func() { r.Run(ctx) })
		begin := time.Now()
		const calls = 500
		for range calls {
			wg.Go(func() {
				if err := r.Save(t.Context(), call.New("t1", call.Echo, time.Now())); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(begin); took > 200*time.Millisecond || s.batches > 4 || len(s.saved) != calls {
			t.Errorf("%d calls in %v and %d commits", len(s.saved), took, s.batches)
		}
		stop()
		running.Wait()
		if err := r.Save(t.Context(), call.New("t1", call.Echo, time.Now())); !errors.Is(err, call.ErrStopped) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestRecorderTellsFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{saved: map[string]int{}, err: errors.New("disk full")}
		r := call.NewRecorder(s, "t1", slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.Run(ctx) })
		if err := r.Save(t.Context(), call.New("t1", call.Echo, time.Now())); !errors.Is(err, s.err) {
			t.Errorf("got %v", err)
		}
		stop()
		running.Wait()
	})
}
