package supervise_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/internal/supervise"
)

const patience = 20 * time.Second

// house is one Up over fake programs, running in this process.
type house struct {
	cfg    supervise.Config
	banner map[string]any
	stop   func() error // ends it and returns what Run returned
	stderr *lockedBuffer
}

func programs(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cloudd", "boothd", "laoyou"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func configFor(t *testing.T) supervise.Config {
	t.Helper()
	bin := programs(t)
	cfg := supervise.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.Ports = "free"
	cfg.Cloudd.Path, cfg.Boothd.Path = filepath.Join(bin, "cloudd"), filepath.Join(bin, "boothd")
	cfg.StopTimeout = 2 * time.Second
	return cfg
}

func start(t *testing.T, cfg supervise.Config) *house {
	t.Helper()
	h := &house{cfg: cfg, stderr: &lockedBuffer{}}
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		deps := supervise.Deps{Log: slog.New(slog.DiscardHandler), Stdout: w, Stderr: h.stderr}
		err := supervise.New(cfg, deps).Run(ctx)
		_ = w.Close()
		ended <- err
	}()
	h.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = h.stop() })
	scan := bufio.NewScanner(r)
	if !scan.Scan() {
		return h
	}
	text, ok := strings.CutPrefix(scan.Text(), "LAOYOU ")
	if !ok {
		t.Fatalf("banner %q", scan.Text())
	}
	if err := json.Unmarshal([]byte(text), &h.banner); err != nil {
		t.Fatalf("banner %q: %v", text, err)
	}
	go func() {
		for scan.Scan() {
			t.Errorf("second line on stdout: %q", scan.Text())
		}
	}()
	return h
}

func TestBannerAndStop(t *testing.T) {
	h := start(t, configFor(t))
	if h.banner == nil {
		t.Fatalf("no banner: %v", h.stop())
	}
	data := h.cfg.Data
	if h.banner["data"] != data || h.banner["first_run"] != filepath.Join(data, "first-run.json") || h.banner["pid"] != float64(os.Getpid()) {
		t.Errorf("banner %v", h.banner)
	}
	for key, path := range map[string]string{"booth": "/booth/", "desk": "/desk/", "fleet": "/fleet/", "api": "/api/v1", "sim": ""} {
		if s, _ := h.banner[key].(string); !strings.HasPrefix(s, "http://127.0.0.1:") || !strings.HasSuffix(s, path) {
			t.Errorf("%s = %q", key, s)
		}
	}
	if s, _ := h.banner["sip"].(string); !strings.HasPrefix(s, "sip:127.0.0.1:") || strings.HasSuffix(s, ":0") {
		t.Errorf("sip = %q", s)
	}
	if s, _ := h.banner["mqtt"].(string); !strings.HasPrefix(s, "mqtts://127.0.0.1:") || strings.HasSuffix(s, ":0") {
		t.Errorf("mqtt = %q", s)
	}
	if len(h.banner) != 10 {
		t.Errorf("keys of parts that do not exist yet: %v", h.banner)
	}
	pids := []int{pidIn(t, data, "cloudd.pid"), pidIn(t, data, "boothd.pid")}
	if err := h.stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("child %d outlived us", pid)
		}
	}
	if out := h.stderr.String(); !strings.Contains(out, "cloudd | serving\n") || !strings.Contains(out, "boothd | serving\n") {
		t.Errorf("stderr %q", out)
	}
}

func TestCrashedChildKeepsItsPort(t *testing.T) {
	h := start(t, configFor(t))
	url, _ := h.banner["sim"].(string)
	before := get(t, url+"/pid")
	// The fake dies while answering.
	if resp, err := http.Get(url + "/crash"); err == nil {
		_ = resp.Body.Close()
	}
	waitFor(t, "the booth to come back on its port", func() bool {
		after := get(t, url+"/pid")
		return after != "" && after != before
	})
}

func TestWillNotStart(t *testing.T) {
	tests := []struct {
		name, variable, mode string
		usage                bool
		want                 string
	}{
		{"cloudd refuses its settings", "FAKE_CLOUDD", "usage", true, "cloudd refuses its settings"},
		{"boothd refuses its settings", "FAKE_BOOTHD", "usage", true, "boothd refuses its settings"},
		{"cloudd dies", "FAKE_CLOUDD", "die", false, "cloudd stopped before it answered: exit status 7"},
		{"boothd never listens", "FAKE_BOOTHD", "silent", false, "boothd: waited 500ms in vain for the address in"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(tt.variable, tt.mode)
			cfg := configFor(t)
			if tt.mode == "silent" {
				cfg.ReadyTimeout = 500 * time.Millisecond
			}
			h := start(t, cfg)
			err := h.stop()
			var usage *config.UsageError
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.As(err, &usage) != tt.usage {
				t.Errorf("Run = %T %v, want %q", err, err, tt.want)
			}
			if h.banner != nil {
				t.Error("a banner was printed")
			}
		})
	}
}

func TestStubbornChildIsKilled(t *testing.T) {
	t.Setenv("FAKE_BOOTHD", "stubborn")
	cfg := configFor(t)
	cfg.StopTimeout = 300 * time.Millisecond
	h := start(t, cfg)
	pid := pidIn(t, cfg.Data, "boothd.pid")
	if err := h.stop(); err == nil || err.Error() != "boothd did not stop within 300ms and was killed" {
		t.Errorf("Run = %v", err)
	}
	if alive(pid) {
		t.Error("it lives")
	}
}

func TestWhatAChildLeavesBehindIsEnded(t *testing.T) {
	t.Setenv("FAKE_BOOTHD", "litter")
	cfg := configFor(t)
	h := start(t, cfg)
	pid := pidIn(t, cfg.Data, "litter")
	if err := h.stop(); err != nil {
		t.Error(err)
	}
	waitFor(t, "the engine to end", func() bool { return !alive(pid) })
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	cfg := configFor(t)
	cfg.Ports, cfg.Cloudd.Listen = "fixed", l.Addr().String()
	_, port, _ := net.SplitHostPort(cfg.Cloudd.Listen)
	err = start(t, cfg).stop()
	var usage *config.UsageError
	if !errors.As(err, &usage) || !strings.HasPrefix(usage.Msg, "port "+port+" is in use") || !strings.Contains(usage.Msg, "make run PORTS=free") {
		t.Errorf("Run = %v", err)
	}
}

func TestDataFolderInUse(t *testing.T) {
	cfg := configFor(t)
	start(t, cfg)
	err := start(t, cfg).stop()
	var usage *config.UsageError
	if !errors.As(err, &usage) || !strings.Contains(usage.Msg, "is in use by process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("Run = %v", err)
	}
}

func TestMissingProgram(t *testing.T) {
	cfg := configFor(t)
	cfg.Boothd.Path = "/nonexistent/boothd"
	err := start(t, cfg).stop()
	var usage *config.UsageError
	if !errors.As(err, &usage) || !strings.HasPrefix(usage.Msg, "boothd is missing") {
		t.Errorf("Run = %v", err)
	}
}

// A real make, interrupted alone, as a process manager would do it.
func TestInterruptedMake(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("no make here")
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			bin, data := programs(t), filepath.Join(t.TempDir(), "data")
			makefile := filepath.Join(bin, "Makefile")
			recipe := "run:\n\t@exec " + bin + "/laoyou --ports=free --data=" + data + " --cloudd.path=" + bin + "/cloudd --boothd.path=" + bin + "/boothd\n"
			if err := os.WriteFile(makefile, []byte(recipe), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "make", "-f", makefile, "run")
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "LAOYOU {") {
				t.Fatalf("%q, %v", line, err)
			}
			pids := []int{pidIn(t, data, "cloudd.pid"), pidIn(t, data, "boothd.pid"), pidIn(t, data, "run/up.lock")}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			for _, pid := range pids {
				waitFor(t, "process "+strconv.Itoa(pid)+" to end", func() bool { return !alive(pid) })
			}
		})
	}
}

func pidIn(t *testing.T, dir, name string) int {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// alive is false also for a process that has ended and waits for its parent to ask.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	return string(body)
}

// waitFor polls another process; there is nothing to be notified by.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !done() {
		select {
		case <-late:
			t.Fatalf("waited %v for %s", patience, what)
		case <-tick.C:
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
