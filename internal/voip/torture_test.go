package voip

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tortureDir is where the stack keeps the messages of RFC 4475.
func tortureDir(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Skipf("no module directory: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "sip", "testdata", "torture")
}

// harmless are the messages of the invalid folder that RFC 4475 itself lets an element answer as if nothing was wrong (§3.1.2, §3.2, §3.3):
// what is wrong with them is for another layer, or for nobody.
var harmless = map[string]bool{
	"badbranch": true,                                     // an empty branch: matched the old way
	"baddate":   true,                                     // Date is not ours to read
	"bext01":    true,                                     // 420, by the agent
	"cparam01":  true, "cparam02": true, "regescrt": true, // valid, hard to read
	"inv2543":  true, // an old phone
	"invut":    true, // 415, by the agent
	"sdp01":    true, // 406, by the agent
	"regaut01": true, // 401, by the agent
	"unksm2":   true, // 400 by the registrar
	"zeromf":   true, // 483 or an answer; we are the last hop
}

// TestTorture sends every message of RFC 4475 to a live port and lists the verdicts. The agent must live, and refuse what is wrong.
func TestTorture(t *testing.T) {
	dir := tortureDir(t)
	sent := make(chan string, 256)
	a := start(t, Config{
		Auth:   func(string) (Secret, bool) { return Secret{}, false },
		Accept: func(in *Incoming) { in.Reject(486, "") },
		Bind:   func(BindRequest) BindReply { return BindReply{Code: 200} },
		Trace: func(m TraceMessage) {
			if m.Sent {
				line, _, _ := strings.Cut(string(m.Data), "\r\n")
				sent <- m.CallID + " " + line
			}
		},
	})
	conn, err := net.Dial("udp", a.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var table strings.Builder
	for _, kind := range []string{"valid", "invalid"} {
		files, err := filepath.Glob(filepath.Join(dir, kind, "*.dat"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s messages: %v", kind, err)
		}
		for _, f := range files {
			name := strings.TrimSuffix(filepath.Base(f), ".dat")
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			_, passed := screen(b, false)
			fmt.Fprintf(&table, "%-8s %-12s passed=%-5v %s\n", kind, name, passed, ask(t, conn, b, sent, verdictTime))
			if want := kind == "valid" || harmless[name]; passed != want {
				t.Errorf("%s %s: passed is %v", kind, name, passed)
			}
		}
	}
	t.Logf("\n%s", table.String())
	if got := ask(t, conn, []byte(options), sent, patient); !strings.HasPrefix(got, "SIP/2.0 200") {
		t.Errorf("after all that, OPTIONS gets %q", got)
	}
}

const options = "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKafter;rport\r\nMax-Forwards: 70\r\n" +
	"From: <sip:a@b>;tag=1\r\nTo: <sip:x@b>\r\nCall-ID: after\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"

const verdictTime = 100 * time.Millisecond // for an answer that only goes into the table

// ask sends a datagram and returns the status line of the agent's answer, wherever that goes by the message's Via.
func ask(t *testing.T, conn net.Conn, b []byte, sent <-chan string, wait time.Duration) string {
	t.Helper()
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
	none := time.NewTimer(wait)
	defer none.Stop()
	for {
		select {
		case s := <-sent:
			if id, line, _ := strings.Cut(s, " "); id == callIDOf(b) {
				return line
			}
		case <-none.C:
			return "no answer"
		}
	}
}
