package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrFailed says that a step did not hold; what was seen has been printed.
var ErrFailed = errors.New("a step failed")

// poll is how often the screen is looked at when no event says that it changed.
const poll = 100 * time.Millisecond

// Options of a run.
type Options struct {
	URL  string    // of the booth: http://127.0.0.1:P
	Out  io.Writer // where results go
	JSON bool      // one JSON object a step instead of lines for people
	Dir  string    // where the files of speak steps lie
}

// Run runs a script against a booth. The error wraps ErrFailed when a step did not hold, ErrBad or ErrUnreachable when there was no
// telling; everything else is the context's.
func Run(ctx context.Context, s Script, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // the booth is this machine
	defer transport.CloseIdleConnections()
	r := &runner{
		name: s.Name, opts: o,
		door: &door{base: strings.TrimRight(o.URL, "/"), client: &http.Client{Transport: transport}},
	}
	var err error
	if r.stream, err = r.door.listen(ctx); err != nil {
		return err
	}
	for i := range s.Steps {
		if err := r.step(ctx, &s.Steps[i]); err != nil {
			return err
		}
	}
	return nil
}

// runner is one run of a script.
type runner struct {
	name   string
	opts   Options
	door   *door
	stream <-chan happened
	events []happened // since the last step that was no expectation
	newest uint64     // id of the newest event read
	last   *seen      // the screen as last looked at
}

// result is what is printed for a step.
type result struct {
	Line  int      `json:"line"`
	Step  string   `json:"step"`
	OK    bool     `json:"ok"`
	MS    int64    `json:"ms"`
	Error string   `json:"error,omitempty"`
	Seen  *picture `json:"seen,omitempty"`
}

// picture is what was seen when a step failed.
type picture struct {
	Screen  string          `json:"screen"`
	Texts   []string        `json:"texts"`
	Actions []string        `json:"actions"`
	Said    []string        `json:"said"`
	Ticket  json.RawMessage `json:"ticket,omitempty"`
	Events  []string        `json:"events,omitempty"`
}

func (r *runner) step(ctx context.Context, s *Step) error {
	start := time.Now()
	var err error
	if s.Verb == Expect {
		err = r.expect(ctx, s.Expect)
	} else {
		err = r.act(ctx, s)
	}
	res := result{Line: s.Line, Step: s.Source, OK: err == nil, MS: time.Since(start).Milliseconds()}
	var no *refused
	if errors.As(err, &no) {
		res.Error = no.msg
		res.Seen = r.picture(ctx, s)
		err = fmt.Errorf("%w: %s:%d: %s", ErrFailed, r.name, s.Line, s.Source)
	} else if err != nil {
		return fmt.Errorf("%s:%d: %w", r.name, s.Line, err)
	}
	r.print(&res)
	return err
}

// act does a step that is no expectation.
func (r *runner) act(ctx context.Context, s *Step) error {
	r.read()
	before := r.newest
	var (
		mark  uint64 // the newest event before the step
		exact bool
		err   error
	)
	switch s.Verb {
	case Lift:
		mark, exact, err = r.door.postJSON(ctx, "hook", map[string]string{"state": "off"})
	case Hangup:
		mark, exact, err = r.door.postJSON(ctx, "hook", map[string]string{"state": "on"})
	case Say:
		mark, exact, err = r.door.postJSON(ctx, "say", map[string]string{"text": s.Arg, "lang": s.Lang})
	case Keys:
		mark, exact, err = r.door.postJSON(ctx, "keys", map[string]string{"keys": s.Arg})
	case Touch:
		mark, exact, err = r.door.postJSON(ctx, "touch", map[string]string{"action": s.Arg})
	case SOS:
		mark, exact, err = r.door.postJSON(ctx, "sos", map[string]int64{"held_ms": s.For.Milliseconds()})
	case Link:
		mark, exact, err = r.door.postJSON(ctx, "link", map[string]bool{"up": s.Arg == "up"})
	case Speak:
		mark, exact, err = r.speak(ctx, s.Arg)
	case Wait:
		err = pause(ctx, s.For)
	case Expect:
	}
	if !exact { // not from a step without a POST, nor from a door that does not say
		mark = before
	}
	r.events = slices.DeleteFunc(r.events, func(e happened) bool { return e.id <= mark })
	return err
}

func (r *runner) speak(ctx context.Context, file string) (uint64, bool, error) {
	if !filepath.IsAbs(file) {
		file = filepath.Join(r.opts.Dir, file)
	}
	wav, err := os.ReadFile(file)
	if err != nil {
		return 0, false, fmt.Errorf("%w: %w", ErrBad, err)
	}
	return r.door.post(ctx, "audio", "audio/wav", wav)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read takes the events that have arrived, without waiting.
func (r *runner) read() {
	for {
		select {
		case e, ok := <-r.stream:
			if !ok {
				r.stream = nil
				return
			}
			r.add(e)
		default:
			return
		}
	}
}

func (r *runner) add(e happened) {
	r.events = append(r.events, e)
	r.newest = max(r.newest, e.id)
}

// expect waits until the expectation holds or its time is over.
func (r *runner) expect(ctx context.Context, e *Expectation) error {
	deadline := time.NewTimer(e.Within)
	defer deadline.Stop()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for over := false; ; {
		found, err := r.find(ctx, e)
		if err != nil {
			return err
		}
		if decided, err := e.judge(found, over); decided {
			return err
		}
		select {
		case ev, ok := <-r.stream:
			if !ok {
				return fmt.Errorf("%w: the event stream broke off", ErrUnreachable)
			}
			r.add(ev)
		case <-tick.C:
		case <-deadline.C:
			over = true // one last look
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// judge decides by what was found, or, when the time is over, in any case.
func (e *Expectation) judge(found, over bool) (decided bool, err error) {
	switch lasting := e.Not && (e.Subject == Said || e.Subject == Event); {
	case lasting && found:
		return true, &refused{"it did happen"}
	case lasting:
		return over, nil
	case found != e.Not:
		return true, nil
	case over && e.Not:
		return true, &refused{fmt.Sprintf("it is still there after %v", e.Within)}
	case over:
		return true, &refused{fmt.Sprintf("not within %v", e.Within)}
	}
	return false, nil
}

func (r *runner) find(ctx context.Context, e *Expectation) (bool, error) {
	r.read()
	var among []string
	switch e.Subject {
	case Said:
		among = r.said()
	case Event:
		for _, ev := range r.events {
			among = append(among, ev.kind+" "+ev.json)
		}
	case Screen, Text, Action, Ticket:
		v, err := r.door.view(ctx)
		if err != nil {
			return false, err
		}
		r.last = v
		among = v.strings(e.Subject)
	}
	return slices.ContainsFunc(among, e.Match.MatchString), nil
}

func (v *seen) strings(s Subject) []string {
	switch s {
	case Screen:
		return []string{v.Screen}
	case Text:
		return v.Texts
	case Action:
		return v.actions()
	case Ticket:
		if len(v.Ticket) > 0 && string(v.Ticket) != "null" {
			return []string{string(v.Ticket)}
		}
	case Said, Event:
	}
	return nil
}

func (v *seen) actions() []string {
	ids := make([]string, 0, len(v.Actions))
	for _, a := range v.Actions {
		ids = append(ids, a.ID)
	}
	return ids
}

func (r *runner) said() []string {
	var out []string
	for _, ev := range r.events {
		if ev.kind == "turn" && (ev.who == "bot" || ev.who == "agent") {
			out = append(out, ev.text)
		}
	}
	return out
}
