package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// core is a real cloudd that can be killed and started again where it was.
type core struct {
	t    testing.TB
	data string
	http string
	sip  string
	mqtt string
	args []string // more of them
	via  []string // command that starts it
	cmd  *exec.Cmd
	end  chan struct{}
	log  *guarded
}

// guarded collects a child's log.
type guarded struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (g *guarded) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.b.Write(p)
}

func (g *guarded) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.b.String()
}

var cloudd = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "laoyou-sim-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "cloudd")
	cmd := exec.Command("go", "build", "-o", path, "github.com/laoyou/laoyou/cmd/cloudd")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cloudd: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := cloudd(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func startCore(t testing.TB, change ...func(*core)) *core {
	t.Helper()
	c := &core{t: t, data: t.TempDir(), http: "127.0.0.1:0", sip: "127.0.0.1:0", mqtt: "127.0.0.1:0", log: &guarded{}}
	for _, f := range change {
		f(c)
	}
	c.start()
	t.Cleanup(func() {
		c.stop()
		if t.Failed() {
			t.Logf("cloudd:\n%s", c.log)
		}
	})
	return c
}

// start runs cloudd, where it was when it ran before, and returns how long it took to be ready.
func (c *core) start() time.Duration {
	c.t.Helper()
	path, err := cloudd()
	if err != nil {
		c.t.Fatal(err)
	}
	begin := time.Now()
	for _, name := range []string{"cloudd.addr", "sip.addr", "mqtt.addr"} {
		_ = os.Remove(filepath.Join(c.data, "run", name))
	}
	args := append(slices.Clone(c.via), path, "--data", c.data, "--listen", c.http, "--sip.listen", c.sip, "--mqtt.listen", c.mqtt, "--log.level", "WARN")
	args = append(args, c.args...)
	c.cmd = exec.Command(args[0], args[1:]...)
	c.cmd.Stderr, c.cmd.Stdout = c.log, c.log
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.end = make(chan struct{})
	started := make(chan error)
	go func(cmd *exec.Cmd, end chan struct{}) {
		runtime.LockOSThread() // Pdeathsig follows the thread that started the child
		started <- cmd.Start()
		_ = cmd.Wait()
		close(end)
	}(c.cmd, c.end)
	if err := <-started; err != nil {
		c.t.Fatal(err)
	}
	c.await()
	return time.Since(begin)
}

func (c *core) await() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(10 * time.Millisecond); !c.ready(); {
		select {
		case <-c.end:
			c.t.Fatalf("cloudd ended:\n%s", c.log)
		case <-ctx.Done():
			c.t.Fatalf("cloudd does not get ready:\n%s", c.log)
		case <-tick.C:
		}
	}
}

// ready reads the addresses and asks.
func (c *core) ready() bool {
	for name, to := range map[string]*string{"cloudd.addr": &c.http, "sip.addr": &c.sip, "mqtt.addr": &c.mqtt} {
		raw, err := os.ReadFile(filepath.Join(c.data, "run", name))
		if err != nil {
			return false
		}
		*to = strings.TrimSpace(string(raw))
	}
	r, err := http.Get("http://" + c.http + "/readyz")
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

func (c *core) kill() {
	_ = c.cmd.Process.Kill()
	<-c.end
}

func (c *core) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.end:
	case <-time.After(20 * time.Second):
		c.kill()
	}
}
