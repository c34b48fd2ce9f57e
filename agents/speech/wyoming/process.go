package wyoming

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// stopGrace is what an engine gets to leave after its stdin was closed.
const stopGrace = time.Second

// process is one run of an engine.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	out    *Writer
	events chan Event
	broken error         // why events ended; set before events is closed
	gone   chan struct{} // closed when the process has ended
	exit   error         // set before gone is closed
	abort  chan struct{} // closed by kill
	once   sync.Once
	served atomic.Bool // it has answered a request

	mu     sync.Mutex
	reaped bool // the pid may belong to somebody else by now
}

func startProcess(cfg Config, log *slog.Logger) (*process, error) {
	cmd := exec.Command(cfg.Command[0], cfg.Command[1:]...) //nolint:noctx // its life and death are ours
	cmd.Env = append(inherited("PATH", "LANG", "TMPDIR", "HOME", "LD_LIBRARY_PATH"), cfg.Env...)
	ownGroup(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	p := &process{
		cmd: cmd, stdin: stdin, out: NewWriter(stdin),
		events: make(chan Event, 16), gone: make(chan struct{}), abort: make(chan struct{}),
	}
	go p.pump(stdout, stderr, log)
	return p, nil
}

func inherited(names ...string) []string {
	var env []string
	for _, n := range names {
		if v, ok := os.LookupEnv(n); ok {
			env = append(env, n+"="+v)
		}
	}
	return env
}

// pump reads what the engine writes until it ends, then waits for it.
func (p *process) pump(stdout, stderr io.Reader, log *slog.Logger) {
	complaints := make(chan struct{})
	go func() {
		defer close(complaints)
		for s := bufio.NewScanner(stderr); s.Scan(); {
			log.Debug("engine complains", "pii.line", s.Text()) // an engine may quote its input
		}
		_, _ = io.Copy(io.Discard, stderr) // after a line too long for the scanner
	}()
	in := NewReader(stdout)
	for {
		e, err := in.Read()
		if err != nil {
			p.broken = err
			break
		}
		select {
		case p.events <- e:
			continue
		case <-p.abort:
			p.broken = ErrDown
		}
		break
	}
	close(p.events)
	if !errors.Is(p.broken, io.EOF) {
		p.kill()
	}
	late := time.AfterFunc(stopGrace, p.kill) // it closed its stdout: it has nothing more to say
	<-complaints
	late.Stop()
	p.killOnce(true) // what it started and left behind
	p.exit = errors.Join(ErrDown, p.cmd.Wait())
	close(p.gone)
}

func (p *process) kill() {
	p.once.Do(func() { close(p.abort) })
	p.killOnce(false)
}

func (p *process) killOnce(last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		killGroup(p.cmd)
	}
	p.reaped = p.reaped || last
}

func (p *process) dead() bool {
	select {
	case <-p.gone:
		return true
	case <-p.abort:
		return true
	default:
		return false
	}
}

// stop asks the process to leave, kills it when it does not, and waits for its end.
func (p *process) stop() {
	_ = p.stdin.Close()
	select {
	case <-p.gone:
	case <-p.abort:
		<-p.gone
	case <-time.After(stopGrace):
		p.kill()
		<-p.gone
	}
}

// send writes events; an engine that does not read them in time is hung.
func (p *process) send(ctx context.Context, events []Event, limit time.Duration) error {
	sent := make(chan error, 1)
	go func() { // ends at the latest when the process is killed and its pipe breaks
		for _, e := range events {
			if err := p.out.Write(e); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	select {
	case err := <-sent:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(limit):
		return ErrHung
	}
}

// forget drops events that nobody asked for, before a new request.
func (p *process) forget() {
	for {
		select {
		case _, more := <-p.events:
			if !more {
				return
			}
		default:
			return
		}
	}
}

// next returns the engine's next event within limit.
func (p *process) next(ctx context.Context, limit time.Duration) (Event, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case e, more := <-p.events:
		if !more {
			return Event{}, fmt.Errorf("%w: %w", ErrDown, p.broken)
		}
		return e, nil
	case <-p.abort:
		return Event{}, ErrDown
	case <-ctx.Done():
		return Event{}, ctx.Err()
	case <-timer.C:
		return Event{}, ErrHung
	}
}
