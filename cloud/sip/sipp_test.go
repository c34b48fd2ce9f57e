package sip_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/sip"
)

// sippMedia is where SIPp's own media files live in its package.
const sippMedia = "/usr/share/sip-tester"

// sipp runs SIPp against an address until it has made its calls. It fails the test with SIPp's own words when one failed.
func sipp(t testing.TB, addr string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("sipp is not installed: apt-get install sip-tester")
	}
	dir := t.TempDir()
	if err := os.Symlink(sippMedia, filepath.Join(dir, "pcap")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	common := []string{addr, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-trace_err", "-error_file", "errors.log", "-timeout", "50", "-timeout_error"}
	cmd := exec.CommandContext(ctx, path, append(common, args...)...) //nolint:gosec // a test tool, our own arguments
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		words, _ := os.ReadFile(filepath.Join(dir, "errors.log"))
		t.Errorf("sipp %v: %v\n%s\n%s", args, err, lastLines(out, 40), lastLines(words, 60))
	}
}

func lastLines(text []byte, n int) []byte {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-n):], []byte("\n"))
}

// scenario is the absolute path of one of ours.
func scenario(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "sipp", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// asBooth are SIPp's arguments for one of our scenarios with booth dev's login.
func asBooth(t testing.TB, file, service string, more ...string) []string {
	return append([]string{"-sf", scenario(t, file), "-s", service, "-au", "dev", "-ap", boothToken, "-m", "1"}, more...)
}

// hangUpAll is an owner of conversations who does nothing: the caller hangs up.
func (c *contacts) hangUpAll(t testing.TB) {
	done := make(chan struct{})
	go func() {
		for {
			select {
			case a := <-c.arrived:
				a.Hear(contact.QueueTone)
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(func() { close(done) })
}

// SIPp's stock scenario calls the echo, over both transports.
func TestSIPpStock(t *testing.T) {
	for _, transport := range []string{"u1", "t1"} {
		t.Run(transport, func(t *testing.T) {
			c := start(t, nil)
			sipp(t, c.Addr().String(), "-sn", "uac", "-s", "9196", "-t", transport, "-m", "20", "-r", "10", "-d", "300")
			for _, r := range c.records(t, 20) {
				if r.Cause != call.Normal || r.Kind != call.Echo {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

// Our scenarios of a booth: what the far end must see is in the scenario, what must be on record is here.
func TestSIPpBooth(t *testing.T) {
	tests := []struct {
		scenario, service string
		transport         string
		cause             call.Cause
		answered          bool
	}{
		{"auth.xml", "queue", "u1", call.Normal, true},
		{"auth.xml", "queue", "t1", call.Normal, true},
		{"auth.xml", "sos", "u1", call.Normal, true},
		{"cancel.xml", "sos", "u1", "cancelled", false},
		{"cancel_late.xml", "queue", "u1", call.Normal, true},
		{"hold.xml", "queue", "u1", call.Normal, true},
	}
	for _, tt := range tests {
		t.Run(tt.scenario+" "+tt.service+" "+tt.transport, func(t *testing.T) {
			c := start(t, nil)
			c.hangUpAll(t)
			sipp(t, c.Addr().String(), asBooth(t, tt.scenario, tt.service, "-t", tt.transport, "-d", "300")...)
			r := c.records(t, 1)[0]
			if r.Cause != tt.cause || r.Answered.IsZero() == tt.answered || r.Booth != "dev" {
				t.Errorf("record %+v", r)
			}
		})
	}
}

// A description without sound never becomes a call.
func TestSIPpVideoOnly(t *testing.T) {
	c := start(t, nil)
	sipp(t, c.Addr().String(), asBooth(t, "video_only.xml", "queue")...)
	if n := len(c.arrived); n != 0 {
		t.Errorf("%d calls arrived", n)
	}
}

func TestSIPpRegister(t *testing.T) {
	c := start(t, nil)
	sipp(t, c.Addr().String(), asBooth(t, "register.xml", "dev")...)
}

// A free call from SIPp to SIPp: ours in the middle, with sound both ways.
func TestSIPpTrunk(t *testing.T) {
	port := freePort(t)
	c := start(t, func(d *sip.Deps) { d.Config.Trunk = "127.0.0.1:" + port })
	uas(t, port, "-rtp_echo")
	sipp(t, c.Addr().String(), asBooth(t, "auth.xml", "call-12345", "-d", "500")...)
	if r := c.records(t, 1)[0]; r.Cause != call.Normal || len(r.Legs) != 2 || r.Legs[1].Answered.IsZero() {
		t.Errorf("%+v", r)
	}
}

// uas runs SIPp's stock server until the test ends.
func uas(t testing.TB, port string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("sipp is not installed: apt-get install sip-tester")
	}
	common := []string{"-sn", "uas", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", port, "-mp", strconv.Itoa(30000 + os.Getpid()%500*60), "-nostdin"}
	cmd := exec.CommandContext(t.Context(), path, append(common, args...)...) //nolint:gosec // a test tool, our own arguments
	cmd.Dir = t.TempDir()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	bound(t, port)
}
