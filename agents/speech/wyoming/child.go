package wyoming

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Why an exchange with an engine failed.
var (
	ErrDown   = errors.New("engine is not running")
	ErrHung   = errors.New("engine did not answer in time")
	ErrEngine = errors.New("engine refused")
)

// Config says how an engine runs and how long it may take.
type Config struct {
	Name    string
	Command []string // argv of the engine, which speaks Wyoming on stdin and stdout
	Env     []string // added to PATH, LANG and TMPDIR: nothing else of ours reaches an engine

	Boot  time.Duration // from start to its answer to describe; 10 s by default
	First time.Duration // from a request to the first event of its answer that is more than audio-start; 2 s by default
	Stall time.Duration // between two events of an answer; 2 s by default
	Drain time.Duration // for the rest of an answer that nobody wants any more; 300 ms by default, then the engine is killed
	Busy  time.Duration // waiting for the engine to finish other answers; 15 s by default
}

func (c *Config) defaults() {
	for _, d := range []struct {
		at *time.Duration
		by time.Duration
	}{{&c.Boot, 10 * time.Second}, {&c.First, 2 * time.Second}, {&c.Stall, 2 * time.Second}, {&c.Drain, 300 * time.Millisecond}, {&c.Busy, 15 * time.Second}} {
		if *d.at <= 0 {
			*d.at = d.by
		}
	}
}

const (
	backoffMin = 100 * time.Millisecond
	backoffMax = 10 * time.Second
)

// Child is a supervised engine: Run keeps it running, Exchange asks it. An engine that hangs is killed and started anew.
type Child struct {
	cfg   Config
	log   *slog.Logger
	idle  chan *process // holds the process while nobody uses it
	alive chan struct{} // holds a token while there is a process, idle or busy
}

// NewChild returns a Child that runs while Run runs.
func NewChild(cfg Config, log *slog.Logger) *Child {
	cfg.defaults()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Child{
		cfg:   cfg,
		log:   log.With("engine", cfg.Name),
		idle:  make(chan *process, 1),
		alive: make(chan struct{}, 1),
	}
}

// Run starts the engine, again after each end of it with growing pauses, until ctx is done. It returns after the engine is gone.
func (c *Child) Run(ctx context.Context) error {
	if len(c.cfg.Command) == 0 {
		return errors.New("wyoming: no command")
	}
	backoff := backoffMin
	for ctx.Err() == nil {
		served, err := c.life(ctx)
		if ctx.Err() != nil {
			break
		}
		if served { // it worked until a request was given up or went wrong: the next may be waiting already
			backoff = backoffMin
			c.log.Warn("engine ended", "err", err)
			continue
		}
		c.log.Warn("engine ended", "err", err, "restart_in", backoff)
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
		}
		backoff = min(2*backoff, backoffMax)
	}
	return nil
}

// life is one process from its start to its end. It says whether the process ever answered a request: then its end is no failed start.
func (c *Child) life(ctx context.Context) (served bool, err error) {
	p, err := startProcess(c.cfg, c.log)
	if err != nil {
		return false, err
	}
	defer p.stop()
	if err := c.hello(ctx, p); err != nil {
		return false, err
	}
	c.alive <- struct{}{}
	c.offer(p)
	select {
	case <-ctx.Done():
	case <-p.gone:
	}
	<-c.alive
	select { // unless an exchange holds it: that finds it dead and lets go
	case <-c.idle:
	default:
	}
	p.stop()
	return p.served.Load(), p.exit
}

// offer makes p the idle process, in place of a dead one that came back late.
func (c *Child) offer(p *process) {
	for {
		select {
		case c.idle <- p:
			return
		case <-c.idle:
		}
	}
}

// hello waits until the engine answers, so that only one that works is offered.
func (c *Child) hello(ctx context.Context, p *process) error {
	if err := p.send(ctx, []Event{{Type: TypeDescribe}}, c.cfg.Boot); err != nil {
		return err
	}
	e, err := p.next(ctx, c.cfg.Boot)
	if err != nil {
		return err
	}
	if e.Type != TypeInfo {
		return fmt.Errorf("%w: %s instead of info", ErrProtocol, e.Type)
	}
	c.log.Info("engine is ready")
	return nil
}

// Ready waits until the engine runs, or ctx is done.
func (c *Child) Ready(ctx context.Context) error {
	p, err := c.take(ctx, -1)
	if err != nil {
		return err
	}
	c.put(p)
	return nil
}

// Exchange sends events and hands each event of the answer to recv, up to and with one of type until. An error event is ErrEngine.
// It holds the engine until then. When ctx is done or recv fails, the rest of the answer is dropped in the background; an engine that
// is late with anything is killed.
func (c *Child) Exchange(ctx context.Context, send []Event, until string, recv func(Event) error) error {
	p, err := c.take(ctx, c.cfg.First)
	if err != nil {
		return err
	}
	p.forget()
	if err := p.send(ctx, send, c.cfg.First); err != nil {
		p.kill()
		return err
	}
	begun, wait := time.Now(), c.cfg.First
	for {
		e, err := p.next(ctx, wait)
		if err != nil && ctx.Err() != nil {
			go c.drain(context.WithoutCancel(ctx), p, until)
			return ctx.Err()
		}
		if err != nil {
			p.kill()
			return err
		}
		p.served.Store(true)
		if e.Type == TypeError {
			c.put(p)
			var why Error
			_ = e.Decode(&why)
			return fmt.Errorf("%w: %s", ErrEngine, why.Code) // its text could quote what was said
		}
		if err := recv(e); err != nil {
			if e.Type == until {
				c.put(p)
			} else {
				go c.drain(context.WithoutCancel(ctx), p, until)
			}
			return err
		}
		if e.Type == until {
			c.put(p)
			return nil
		}
		if e.Type == TypeAudioStart { // a promise only: sound itself is what First waits for
			wait = max(0, c.cfg.First-time.Since(begun))
		} else {
			wait = c.cfg.Stall
		}
	}
}

// drain reads the rest of an answer that nobody wants.
func (c *Child) drain(ctx context.Context, p *process, until string) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Drain)
	defer cancel()
	for {
		e, err := p.next(ctx, c.cfg.Drain)
		if err != nil {
			p.kill()
			return
		}
		if e.Type == until || e.Type == TypeError {
			c.put(p)
			return
		}
	}
}

// take waits for the engine: wait for one to start, longer while it is there but busy; a negative wait has no end.
func (c *Child) take(ctx context.Context, wait time.Duration) (*process, error) {
	var tooLate, tooBusy <-chan time.Time
	if wait >= 0 {
		tooLate, tooBusy = time.After(wait), time.After(max(wait, c.cfg.Busy))
	}
	for {
		select {
		case p := <-c.idle:
			if p.dead() {
				continue
			}
			return p, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tooLate:
			if len(c.alive) == 0 {
				return nil, ErrDown
			}
			tooLate = time.After(wait)
		case <-tooBusy:
			return nil, ErrHung
		}
	}
}

// put gives the engine back; a dead one is left to Run, which is about to notice.
func (c *Child) put(p *process) {
	if p.dead() {
		return
	}
	select {
	case c.idle <- p:
	default: // its successor is there already
	}
}
