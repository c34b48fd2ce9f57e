package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/internal/config"
)

// A child that crashed is started again after firstPause; the pause doubles up to lastPause and starts over once a child has stayed up
// longer than that.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
)

// process is one program and the runs of it.
type process struct {
	name, path  string
	args        []string
	http        *door
	sip         *door // nil: it has none
	mqtt        *door // nil: it has none
	stopTimeout time.Duration
	log         *slog.Logger
	out         *lines
}

// door is one address at which a program listens.
type door struct {
	flag     string // "listen": how the program is told
	listen   string // where its first run is told to listen
	addrFile string // written by the program once it listens: "host:port"
	// answered is where it answered once: a later run is told to listen there, for others know it. nil: it has not yet.
	answered atomic.Pointer[string]
}

func (d *door) arg() string {
	listen := d.listen
	if addr := d.answered.Load(); addr != nil {
		listen = *addr
	}
	return "--" + d.flag + "=" + listen
}

// uri is the address of a door that has answered, behind what comes before it.
func (d *door) uri(before string) string {
	if d == nil {
		return ""
	}
	return before + dialable(*d.answered.Load())
}

// doors lists the doors of the program.
func (p *process) doors() []*door {
	list := []*door{p.http}
	for _, d := range []*door{p.sip, p.mqtt} {
		if d != nil {
			list = append(list, d)
		}
	}
	return list
}

// run keeps the program running until ctx ends. An end before it has ever answered, and a usage error, are final: starting again would
// only repeat them.
func (p *process) run(ctx context.Context) error {
	// Linux sends the parent-death signal when the thread that started a child ends, not the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		begin := time.Now()
		state, err := p.once(ctx)
		switch {
		case err != nil:
			return &config.UsageError{Msg: fmt.Sprintf("%s does not start: %v", p.name, err)}
		case ctx.Err() != nil && wasKilled(state):
			return fmt.Errorf("%s did not stop within %v and was killed", p.name, p.stopTimeout)
		case ctx.Err() != nil:
			p.log.Info("child stopped", "child", p.name)
			return nil
		case state.ExitCode() == config.ExitUsage:
			return &config.UsageError{Msg: p.name + " refuses its settings (see the line above)"}
		case p.http.answered.Load() == nil:
			return fmt.Errorf("%s stopped before it answered: %v", p.name, state)
		}
		if time.Since(begin) > lastPause {
			pause = firstPause
		}
		p.log.Warn("child stopped by itself, starting it again", "child", p.name, "state", state.String(), "pause", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// once runs the program until it ends. When ctx ends it gets SIGTERM, and SIGKILL after stopTimeout; what it left behind in its process
// group (engines) is killed with it.
func (p *process) once(ctx context.Context) (*os.ProcessState, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	copied := p.out.copy(p.name, r)
	args := slices.Clone(p.args)
	for _, d := range p.doors() {
		args = append(args, d.arg())
	}
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Stdout, cmd.Stderr = w, w // files: Wait must not wait for grandchildren that hold them
	cmd.Env = environment(os.Environ())
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = p.stopTimeout
	if err := cmd.Start(); err != nil {
		_, _ = w.Close(), r.Close()
		<-copied
		return nil, err
	}
	p.log.Debug("child started", "child", p.name, "pid", cmd.Process.Pid, "listen", p.http.arg())
	err = cmd.Wait()
	killGroup(cmd.Process.Pid)
	_ = w.Close()
	<-copied
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && ctx.Err() == nil {
		return nil, err
	}
	return cmd.ProcessState, nil
}

// environment hands on ours but for the settings file, which is meant for this program; the children have their own.
func environment(env []string) []string {
	return slices.DeleteFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "LAOYOU_CONFIG=") })
}
