package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pair is a fresh cloudd and boothd on free ports, as two real processes.
type pair struct {
	t     testing.TB
	data  string
	bin   string
	cloud *process
	booth *process
	more  []string // further arguments of cloudd
}

// process is one program under test.
type process struct {
	cmd *exec.Cmd
	url string
	log *lockedBuffer
	end chan struct{}
}

// lockedBuffer collects a child's log.
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

var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "laoyou-bin-")
	if err != nil {
		return "", err
	}
	if err := buildKiosk(); err != nil {
		return "", err
	}
	if out, err := exec.Command("../../scripts/build", dir, "cloudd", "boothd", "engine-espeak").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return dir, nil
})

// buildKiosk makes the kiosk for browsers, which boothd embeds, unless make has done so.
func buildKiosk() error {
	const dist = "../../firmware/virtual/dist"
	if _, err := os.Stat(dist + "/kiosk.wasm.gz"); err == nil {
		return nil
	}
	if out, err := exec.Command("../kiosk-wasm/build.sh", dist).CombinedOutput(); err != nil {
		return fmt.Errorf("build the kiosk: %w\n%s", err, out)
	}
	return nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := binaries(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// startPair starts both programs and stops them with the test.
func startPair(t testing.TB, boothArgs ...string) *pair {
	t.Helper()
	return startPairWith(t, nil, boothArgs...)
}

// startPairWith is startPair with further arguments of cloudd.
func startPairWith(t testing.TB, core []string, boothArgs ...string) *pair {
	t.Helper()
	p := startCore(t, core...)
	p.startBooth(boothArgs...)
	return p
}

// startCore starts cloudd alone; a booth that is started beside it is stopped with the test too.
func startCore(t testing.TB, core ...string) *pair {
	t.Helper()
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Fatal("espeak-ng is not installed: run scripts/setup test")
	}
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{t: t, bin: bin, data: t.TempDir(), more: core}
	p.startCloud("127.0.0.1:0")
	t.Cleanup(func() {
		if p.booth == nil {
			p.booth = p.cloud // it never came to a booth
		} else {
			p.booth.stop()
		}
		p.cloud.stop()
		if t.Failed() {
			t.Logf("cloudd:\n%s\nboothd:\n%s", p.cloud.log, p.booth.log)
		}
	})
	return p
}

func (p *pair) startCloud(listen string) {
	p.t.Helper()
	p.cloud = p.start("cloudd", append([]string{"--data", p.data, "--listen", listen, "--sip.listen", "127.0.0.1:0", "--mqtt.listen", "127.0.0.1:0"}, p.more...)...)
	p.await(p.cloud, "/readyz")
}

func (p *pair) startBooth(args ...string) {
	p.t.Helper()
	args = append([]string{"--data", p.data, "--listen", "127.0.0.1:0", "--cloud.url", p.cloud.url}, args...)
	p.booth = p.start("boothd", args...)
	p.await(p.booth, "/healthz")
}

func (p *pair) start(name string, args ...string) *process {
	p.t.Helper()
	addr := filepath.Join(p.data, "run", name+".addr")
	_ = os.Remove(addr)
	proc := &process{cmd: exec.Command(filepath.Join(p.bin, name), args...), log: &lockedBuffer{}, end: make(chan struct{})}
	proc.cmd.Stderr, proc.cmd.Stdout = proc.log, proc.log
	proc.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // Pdeathsig follows the thread that started the child
		started <- proc.cmd.Start()
		_ = proc.cmd.Wait()
		close(proc.end)
	}()
	if err := <-started; err != nil {
		p.t.Fatal(err)
	}
	p.poll(20*time.Second, name+" to say its address", func() bool {
		raw, err := os.ReadFile(addr)
		proc.url = "http://" + strings.TrimSpace(string(raw))
		return err == nil
	})
	return proc
}

func (p *pair) await(proc *process, path string) {
	p.t.Helper()
	p.poll(20*time.Second, proc.url+path, func() bool {
		r, err := http.Get(proc.url + path)
		if err != nil {
			return false
		}
		defer r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// within looks again and again until ok or the time is up.
func (p *pair) within(limit time.Duration, ok func() bool) bool {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// poll is within for what must come.
func (p *pair) poll(limit time.Duration, what string, ok func() bool) {
	p.t.Helper()
	if !p.within(limit, ok) {
		p.t.Fatalf("waited %s for %s", limit, what)
	}
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.end:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.end
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.end
}

// post does one thing at the booth's door and returns the status and the answer.
func (p *pair) post(path string, body any) (int, map[string]any) {
	p.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.Post(p.booth.url+path, "application/json", bytes.NewReader(raw))
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
	return r.StatusCode, answer
}

// must is post for what has to be accepted.
func (p *pair) must(path string, body any) {
	p.t.Helper()
	if status, answer := p.post(path, body); status != http.StatusOK {
		p.t.Fatalf("%s %v: %d %v", path, body, status, answer)
	}
}

// seen is the view as the door shows it.
type seen struct {
	Visit    string
	Screen   string
	Lang     string
	Texts    []string
	Captions []struct{ Who, Text string }
	Actions  []struct{ ID, Label, Key string }
	Ticket   *struct{ Number, Code, QR string }
}

func (p *pair) view() seen {
	p.t.Helper()
	var v seen
	if err := json.Unmarshal(p.get("/sim/v1/view"), &v); err != nil {
		p.t.Fatal(err)
	}
	return v
}

func (p *pair) get(path string) []byte {
	p.t.Helper()
	r, err := http.Get(p.booth.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %d %v %s", path, r.StatusCode, err, raw)
	}
	return raw
}

// screen waits until this screen is shown.
func (p *pair) screen(want string) seen {
	p.t.Helper()
	var v seen
	p.poll(10*time.Second, "screen "+want, func() bool {
		v = p.view()
		return v.Screen == want
	})
	return v
}
