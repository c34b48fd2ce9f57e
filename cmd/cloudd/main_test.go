package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// childMark in the environment turns the test binary into cloudd itself, so that tests can kill a real process.
const childMark = "CLOUDD_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" {
		os.Exit(run(os.Args[1:], os.Getenv))
	}
	os.Exit(m.Run())
}

// command is a cloudd with these arguments that has not been started.
func command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(os.Environ(), childMark+"=1", "LAOYOU_ADMIN_PASSWORD=tea", "LAOYOU_AGENT_PASSWORD=tea")
	return c
}

// child is a running cloudd.
type child struct {
	cmd    *exec.Cmd
	addr   string
	stderr *bytes.Buffer
	ended  chan error
}

// start runs cloudd and waits until it is ready.
func start(t *testing.T, data, listen string, more ...string) *child {
	t.Helper()
	// A killed predecessor leaves its address behind; only a new one counts.
	published := filepath.Join(data, "run", "cloudd.addr")
	if err := os.Remove(published); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	args := append([]string{"-data", data, "-listen", listen, "-sip.listen", "127.0.0.1:0", "-mqtt.listen", "127.0.0.1:0"}, more...)
	c := &child{cmd: command(context.Background(), args...), stderr: &bytes.Buffer{}, ended: make(chan error, 1)}
	c.cmd.Stderr = c.stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.ended <- c.cmd.Wait() }()
	t.Cleanup(c.kill)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for {
		if text, err := os.ReadFile(published); err == nil {
			c.addr = strings.TrimSpace(string(text))
			return c
		}
		select {
		case err := <-c.ended:
			t.Fatalf("cloudd ended at start: %v\n%s", err, c.stderr)
		case <-late:
			t.Fatal("cloudd does not get ready")
		case <-tick.C:
		}
	}
}

// kill is kill -9; it waits until the process is gone.
func (c *child) kill() {
	if c.cmd.Process.Kill() == nil {
		<-c.ended
	}
}

func (c *child) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// wait returns how the process ended by itself.
func (c *child) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-c.ended:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("cloudd does not end")
		return nil
	}
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if err == nil {
		return 0
	}
	return exit.ExitCode()
}

// token of the booth on this machine.
func token(t *testing.T, data string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, auth.DevBoothFile))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func (c *child) client(t *testing.T, data string, timeout time.Duration) *httpapi.Client {
	t.Helper()
	secret := token(t, data)
	return &httpapi.Client{BaseURL: "http://" + c.addr, Token: func() string { return secret }, Timeout: timeout}
}

func TestUsage(t *testing.T) {
	data := t.TempDir()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() })
	line, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = line.Close() })
	file := filepath.Join(data, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(data, "broken")
	if err := os.MkdirAll(filepath.Join(broken, "cloud"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "cloud", "laoyou.db"), bytes.Repeat([]byte("junk"), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"unknown role", []string{"-roles", "king"}, 2, `"king" is unknown`},
		{"unknown flag", []string{"-rolls", "all"}, 2, "rolls"},
		{"argument", []string{"now"}, 2, "unexpected argument now"},
		{"bad address", []string{"-listen", "here"}, 2, "listen"},
		{"bad zone", []string{"-timezone", "Mars/Base"}, 2, "timezone"},
		{"port in use", []string{"-data", data, "-listen", busy.Addr().String()}, 2, "in use by another program"},
		{
			"voice port in use",
			[]string{"-data", filepath.Join(data, "v"), "-listen", "127.0.0.1:0", "-sip.listen", line.LocalAddr().String()},
			2, "sip.listen: the address is in use by another program",
		},
		{"no such wrap-up", []string{"-acd.wrap_for", "0s"}, 2, "acd: wrap_for"},
		{"data is a file", []string{"-data", file, "-listen", "127.0.0.1:0"}, 2, "data folder"},
		{"damaged database", []string{"-data", broken, "-listen", "127.0.0.1:0"}, 2, "damaged"},
		{"help", []string{"--help"}, 0, ""},
		{"version", []string{"--version"}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stderr bytes.Buffer
			cmd := command(t.Context(), c.args...)
			cmd.Stderr, cmd.Stdout = &stderr, io.Discard
			code := exitCode(t, cmd.Run())
			said := strings.TrimSpace(stderr.String())
			if code != c.code || !strings.Contains(said, c.says) || strings.Contains(said, "\n") {
				t.Errorf("exit %d, said %q", code, said)
			}
		})
	}
}

func TestTwoOnOneFolder(t *testing.T) {
	data := t.TempDir()
	start(t, data, "127.0.0.1:0")
	var stderr bytes.Buffer
	second := command(t.Context(), "-data", data, "-listen", "127.0.0.1:0")
	second.Stderr = &stderr
	if code := exitCode(t, second.Run()); code != 2 || !strings.Contains(stderr.String(), "in use by another cloudd") {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
}

// Whoever reads the address after a kill must not be sent to the dead door.
func TestStaleAddressGoes(t *testing.T) {
	data := t.TempDir()
	start(t, data, "127.0.0.1:0").kill()
	stale := filepath.Join(data, "run", "cloudd.addr")
	if _, err := os.Stat(stale); err != nil {
		t.Fatalf("the kill should have left it: %v", err)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() })
	// Even a start that fails after it has claimed the folder.
	if code := exitCode(t, command(t.Context(), "-data", data, "-listen", busy.Addr().String()).Run()); code != 2 {
		t.Errorf("exit %d", code)
	}
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the stale address is still there: %v", err)
	}
}

// SIGTERM lets a request that is under way finish; SIGINT does not wait for one. Both leave a closed database and no address.
func TestSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			data := t.TempDir()
			c := start(t, data, "127.0.0.1:0")
			conn, err := net.Dial("tcp", c.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			body := `{"place":"yu-garden"`
			head := "POST /api/v1/tools/attraction.times HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" +
				"Authorization: Bearer " + token(t, data) + "\r\nExpect: 100-continue\r\nContent-Length: 21\r\n\r\n"
			if _, err := io.WriteString(conn, head); err != nil {
				t.Fatal(err)
			}
			reply := make([]byte, 256)
			if n, err := conn.Read(reply); err != nil || !strings.Contains(string(reply[:n]), "100 Continue") {
				t.Fatalf("%q, %v", reply, err)
			}
			// The handler now waits for the body: the request is under way.
			if err := c.cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			if s == syscall.SIGTERM {
				waitClosed(t, c.addr)
				if _, err := io.WriteString(conn, body+"}"); err != nil {
					t.Fatal(err)
				}
			}
			answer, _ := io.ReadAll(conn)
			if finished := strings.Contains(string(answer), "400 Bad Request"); finished != (s == syscall.SIGTERM) {
				t.Errorf("answer %q", answer)
			}
			if code := exitCode(t, <-c.ended); code != 0 {
				t.Errorf("exit %d: %s", code, c.stderr)
			}
			for _, left := range []string{"cloud/laoyou.db-wal", "run/cloudd.addr"} {
				if _, err := os.Stat(filepath.Join(data, left)); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s is still there: %v", left, err)
				}
			}
		})
	}
}

// waitClosed returns when the door takes no more connections.
func waitClosed(t *testing.T, addr string) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	t.Fatal("the door stays open")
}
