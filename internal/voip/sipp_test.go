package voip

import (
	"os/exec"
	"testing"
)

// TestSIPp: the stock caller of the best-known test tool, over UDP and TCP.
func TestSIPp(t *testing.T) {
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("no sipp here")
	}
	a := start(t, Config{Accept: func(in *Incoming) {
		in.Ring()
		if l, err := in.Answer(t.Context()); err == nil {
			take(t, l.Done())
		}
	}})
	for _, transport := range []string{"u1", "t1"} {
		cmd := exec.CommandContext(t.Context(), sipp, "-sn", "uac", "-t", transport, "-m", "20", "-r", "20", "-d", "100", "-nostdin",
			"-i", "127.0.0.1", "-timeout", "20s", "-timeout_error", a.Addr().String())
		cmd.Dir = t.TempDir()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", transport, err, out)
		}
	}
}
