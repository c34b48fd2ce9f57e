package sip_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/sip"
)

// The load comes from SIPp, which is another process: what this process uses is what the core uses, records and all.

// cpu is the processor time that this process has used. It is what /proc/self/stat says, in finer units.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// load is a SIPp that makes many calls; its statistics file tells how they went.
type load struct {
	dir string
	cmd *exec.Cmd
	out bytes.Buffer
}

func newLoad(b *testing.B, addr, scenario string, args ...string) *load {
	b.Helper()
	path, err := exec.LookPath("sipp")
	if err != nil {
		b.Skip("sipp is not installed: apt-get install sip-tester")
	}
	l := &load{dir: b.TempDir()}
	if err := os.WriteFile(filepath.Join(l.dir, "load.xml"), []byte(scenario), 0o600); err != nil {
		b.Fatal(err)
	}
	// A second of sound for rtp_stream, as it goes on the wire.
	var n int
	var sound []byte
	for range 50 {
		sound = append(sound, sine(1000, &n)...)
	}
	if err := os.WriteFile(filepath.Join(l.dir, "tone.ulaw"), sound, 0o600); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	b.Cleanup(cancel)
	args = append([]string{
		addr, "-sf", "load.xml", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-au", "dev", "-ap", boothToken, "-s", "x",
		"-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_err", "-error_file", "errors.log", "-buff_size", "4000000",
	}, args...)
	l.cmd = exec.CommandContext(ctx, path, args...) //nolint:gosec // a test tool, our own arguments
	l.cmd.Dir = l.dir
	l.cmd.Stdout, l.cmd.Stderr = &l.out, &l.out
	if err := l.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return l
}

// wait returns SIPp's last figures by the names of its columns.
func (l *load) wait(b *testing.B) map[string]string {
	b.Helper()
	err := l.cmd.Wait()
	text, readErr := os.ReadFile(filepath.Join(l.dir, "stat.csv"))
	if readErr != nil {
		b.Fatalf("%v, %v\n%s", err, readErr, lastLines(l.out.Bytes(), 30))
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	figures := map[string]string{}
	last := strings.Split(lines[len(lines)-1], ";")
	for i, name := range strings.Split(lines[0], ";") {
		if i < len(last) {
			figures[name] = last[i]
		}
	}
	if err != nil {
		words, _ := os.ReadFile(filepath.Join(l.dir, "errors.log"))
		b.Logf("sipp: %v\n%s", err, lastLines(words, 30))
	}
	return figures
}

func number(b *testing.B, figures map[string]string, name string) int {
	b.Helper()
	n, err := strconv.Atoi(figures[name])
	if err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	return n
}

// freeScenario is a booth's call to a number of its own each time; talk goes where the two speak.
func freeScenario(b *testing.B, talk string) string {
	b.Helper()
	text, err := os.ReadFile(scenario(b, "auth.xml"))
	if err != nil {
		b.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("sip:[service]@"), []byte("sip:call-138[call_number]@"))
	return strings.Replace(string(text), "  <pause/>\n", talk, 1)
}

// answerer runs the trunk: SIPp's stock server.
func answerer(b *testing.B, args ...string) (addr string) {
	port := freePort(b)
	uas(b, port, append(args, "-buff_size", "4000000")...)
	return "127.0.0.1:" + port
}

// BenchmarkVoiceSetUp: 300 calls a second through the B2BUA, each with a digest, two legs and a record on disk.
func BenchmarkVoiceSetUp(b *testing.B) {
	const rate, calls = 300, 3000
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as cloudd does
	trunk := answerer(b)
	c := start(b, func(d *sip.Deps) { d.Config.Trunk, d.Config.MaxCalls = trunk, 10_000 })
	for b.Loop() {
		before, begin := cpu(b), time.Now()
		l := newLoad(b, c.Addr().String(), freeScenario(b, "  <pause milliseconds=\"100\"/>\n"),
			"-m", strconv.Itoa(calls), "-r", strconv.Itoa(rate), "-timeout", "60")
		f := l.wait(b)
		used := cpu(b) - before
		b.Logf("%d calls in %v, %d retransmissions", calls, time.Since(begin).Round(time.Millisecond), number(b, f, "Retransmissions(C)"))
		b.ReportMetric(float64(number(b, f, "FailedCall(C)")), "failed")
		b.ReportMetric(float64(number(b, f, "SuccessfulCall(C)")), "answered")
		b.ReportMetric(used.Seconds()*1000/calls, "ms-cpu/call")
	}
	var bad int
	recorded := ended(b, c, calls)
	for _, r := range recorded {
		if r.Cause != call.Normal || len(r.Legs) != 2 {
			if bad++; bad <= 3 {
				full, err := c.store.Call(b.Context(), tenant, r.ID)
				b.Logf("%s ended %s (%s) after %v: %s %v", r.To, r.Cause, r.Note, r.Ended.Sub(r.Started), ladderOf(full), err)
			}
		}
	}
	b.ReportMetric(float64(len(recorded)), "recorded")
	b.ReportMetric(float64(bad), "bad-records")
}

// ended waits until n calls are on record, page by page.
func ended(b *testing.B, c *core, n int) []call.Call {
	b.Helper()
	for deadline := time.Now().Add(patience); ; {
		var all []call.Call
		before, open := "", 0
		for {
			page, err := c.store.Calls(b.Context(), tenant, before, 500)
			if err != nil {
				b.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, r := range page {
				if r.Ended.IsZero() {
					open++
				}
			}
			all = append(all, page...)
			before = page[len(page)-1].ID
		}
		if len(all) >= n && open == 0 || time.Now().After(deadline) {
			return all
		}
		<-time.After(100 * time.Millisecond)
	}
}

// BenchmarkVoiceRelay: 100 calls with sound both ways through the B2BUA.
func BenchmarkVoiceRelay(b *testing.B) {
	const calls, talk = 100, 10 * time.Second
	trunk := answerer(b, "-rtp_echo")
	c := start(b, func(d *sip.Deps) { d.Config.Trunk, d.Config.MaxCalls = trunk, 10_000 })
	speak := "  <nop><action><exec rtp_stream=\"tone.ulaw,-1,0\"/></action></nop>\n  <pause milliseconds=\"14000\"/>\n"
	for b.Loop() {
		l := newLoad(b, c.Addr().String(), freeScenario(b, speak), "-m", strconv.Itoa(calls), "-r", "50", "-timeout", "60",
			"-mp", "31000")
		<-time.After(3 * time.Second) // all calls are up
		before := cpu(b)
		<-time.After(talk)
		used := cpu(b) - before
		f := l.wait(b)
		b.ReportMetric(float64(number(b, f, "FailedCall(C)")), "failed")
		b.ReportMetric(100*used.Seconds()/talk.Seconds()/calls, "%core/call")
	}
	var received, sent, lost uint64
	for _, r := range ended(b, c, calls) {
		for _, l := range r.Legs {
			received, sent, lost = received+l.Received, sent+l.Sent, lost+l.Lost
		}
	}
	b.ReportMetric(float64(received), "rtp-received")
	b.ReportMetric(float64(sent), "rtp-sent")
	b.ReportMetric(float64(lost), "rtp-lost")
}
