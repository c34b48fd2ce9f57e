// Package remote carries out what the fleet tells a booth to do: each command once, in order, none during a visit that it would disturb.
// A command is on disk before it is accepted, and its start before it is begun; after a fall of the program those that bear it are begun
// again and the others report that they were interrupted. It may import firmware/link, package fleet and fleet/mqttapi only.
package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// inbox keeps commands; link.Box is one.
type inbox interface {
	Take(ctx context.Context, e link.Entry) (kept link.Entry, fresh bool, err error)
	Step(ctx context.Context, e link.Entry) error
	Unfinished(ctx context.Context) ([]link.Entry, error)
}

// Doer carries out one kind of command. progress, which may be called any number of times, is told to the fleet; so is result, at the end.
// The doer of restart begins the program's end and returns; the command is done when the program is back.
type Doer func(ctx context.Context, args json.RawMessage, progress func(any)) (result any, err error)

// Deps are what a remote works with.
type Deps struct {
	Inbox inbox
	Say   func(ctx context.Context, command string, r mqttapi.Result) error // the link's Result
	Doers map[fleet.CommandName]Doer
	Now   func() time.Time // the fleet's time: the link's Now
	Log   *slog.Logger
}

// restartWithin is how long a restart may take to end the program.
const restartWithin = time.Minute

// retryInbox is the pause before the inbox is read again.
const retryInbox = 10 * time.Second

// stepsLost is more than the steps a command can have told since its last one on disk.
const stepsLost = 1 << 20

// Remote carries out commands. Its methods may be called from any goroutine.
type Remote struct {
	deps Deps
	wake chan struct{}

	intake sync.Mutex // from the inbox into the queue goes one at a time, or resume and Command would both bring the same

	mu       sync.Mutex
	visiting bool
	queue    []*work
	mirror   context.CancelFunc // of the mirror that runs
}

// work is one command that is not final.
type work struct {
	entry link.Entry
	doc   doc
}

// doc is how a command is stored.
type doc struct {
	TS      int64           `json:"ts"`
	Exp     int64           `json:"exp,omitempty"`
	Command mqttapi.Command `json:"cm"`
}

// New returns a remote with nothing to do.
func New(d Deps) *Remote {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Remote{deps: d, wake: make(chan struct{}, 1)}
}

// Visiting says whether a citizen is there.
func (r *Remote) Visiting(on bool) {
	r.mu.Lock()
	r.visiting = on
	r.mu.Unlock()
	r.poke()
}

func (r *Remote) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Command takes a command from the fleet: the link's OnCommand. One that is known is answered with what is stored of it.
func (r *Remote) Command(ctx context.Context, e mqttapi.Envelope, c mqttapi.Command) {
	d := doc{TS: e.TS, Exp: e.Exp, Command: c}
	raw, err := json.Marshal(d)
	if err != nil {
		r.deps.Log.WarnContext(ctx, "command cannot be stored", "command", e.ID, "error", err)
		return
	}
	first := link.Entry{ID: e.ID, State: mqttapi.Accepted, Step: 1, Doc: raw}
	switch {
	case r.deps.Doers[c.Cmd] == nil:
		first.State, first.Error = mqttapi.Rejected, fmt.Sprintf("this booth does not know the command %.32q", c.Cmd)
	case d.expired(r.deps.Now()):
		first.State, first.Error = mqttapi.Expired, "came too late"
	}
	r.intake.Lock()
	defer r.intake.Unlock()
	kept, fresh, err := r.deps.Inbox.Take(ctx, first)
	if err != nil { // what is not stored is not begun: it could be done twice
		r.deps.Log.ErrorContext(ctx, "command cannot be stored", "command", e.ID, "error", err)
		first.State, first.Error = mqttapi.Rejected, "the booth cannot store it"
		r.say(ctx, first)
		return
	}
	r.say(ctx, kept)
	if fresh && !kept.State.Final() {
		r.mu.Lock()
		r.queue = append(r.queue, &work{kept, d})
		r.mu.Unlock()
		r.poke()
	}
}

func (d doc) expired(now time.Time) bool { return d.Exp > 0 && now.UnixMilli() >= d.Exp }

// Run resumes what was left and carries out commands until ctx ends.
func (r *Remote) Run(ctx context.Context) error {
	var mirrors sync.WaitGroup
	defer mirrors.Wait()
	for err := r.resume(ctx); err != nil; err = r.resume(ctx) {
		r.deps.Log.ErrorContext(ctx, "inbox is not readable", "error", err)
		if r.ends(ctx, retryInbox) {
			return nil
		}
	}
	for ctx.Err() == nil {
		w, wait := r.pick(ctx)
		switch {
		case w == nil:
			r.rest(ctx, wait)
		case w.doc.Command.Cmd == fleet.CommandMirror:
			own, cancel := context.WithCancel(ctx)
			r.mu.Lock()
			if r.mirror != nil {
				r.mirror() // one looks at a time: the newer
			}
			r.mirror = cancel
			r.mu.Unlock()
			mirrors.Go(func() { defer cancel(); r.do(own, w) })
		default:
			r.do(ctx, w)
		}
	}
	return nil
}

// resume deals with what an earlier run of the program left behind.
func (r *Remote) resume(ctx context.Context) error {
	r.intake.Lock()
	defer r.intake.Unlock()
	left, err := r.deps.Inbox.Unfinished(ctx)
	if err != nil {
		return err
	}
	for _, e := range left {
		w := &work{entry: e}
		if err := json.Unmarshal(e.Doc, &w.doc); err != nil {
			w.entry.Step += stepsLost
			r.move(ctx, w, eventBroken, nil, "not readable any more")
			continue
		}
		if e.State == mqttapi.Running {
			w.entry.Step += stepsLost
			switch cmd := w.doc.Command.Cmd; {
			case cmd == fleet.CommandRestart:
				r.move(ctx, w, eventDone, nil, "")
				continue
			case !cmd.Repeats():
				r.move(ctx, w, eventBroken, nil, "interrupted")
				continue
			}
		}
		r.mu.Lock()
		if !slices.ContainsFunc(r.queue, func(q *work) bool { return q.entry.ID == e.ID }) { // it may have come again already
			r.queue = append(r.queue, w)
		}
		r.mu.Unlock()
	}
	return nil
}

// pick takes the first command whose turn has come out of the queue. When there is none, it says when to look again at the latest.
func (r *Remote) pick(ctx context.Context) (*work, time.Duration) {
	const look = time.Minute
	now := r.deps.Now()
	r.mu.Lock()
	slices.SortStableFunc(r.queue, func(a, b *work) int {
		return cmp.Or(cmp.Compare(a.doc.TS/1000, b.doc.TS/1000), cmp.Compare(a.entry.ID, b.entry.ID))
	})
	wait := look
	var ready *work
	var late []*work
	r.queue = slices.DeleteFunc(r.queue, func(w *work) bool {
		switch {
		case w.entry.State == mqttapi.Accepted && w.doc.expired(now):
			late = append(late, w)
			return true
		case ready != nil:
			return false
		}
		if due := time.UnixMilli(w.doc.Command.NotBefore).Sub(now); w.doc.Command.NotBefore > 0 && due > 0 {
			wait = min(wait, due)
			wait = min(wait, w.left(now, look))
			return false
		}
		if w.doc.Command.Cmd.Interrupts() && r.visiting && !w.doc.Command.Force {
			wait = min(wait, w.left(now, look))
			return false
		}
		ready = w
		return true
	})
	r.mu.Unlock()
	for _, w := range late {
		r.move(ctx, w, eventExpire, nil, "its time passed before its turn came")
	}
	return ready, max(wait, time.Millisecond)
}

func (w *work) left(now time.Time, most time.Duration) time.Duration {
	if w.doc.Exp == 0 {
		return most
	}
	return time.UnixMilli(w.doc.Exp).Sub(now)
}

func (r *Remote) rest(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-r.wake:
	case <-t.C:
	case <-ctx.Done():
	}
}

// do carries out one command.
func (r *Remote) do(ctx context.Context, w *work) {
	start := eventStart
	if w.entry.State == mqttapi.Running {
		start = eventTell // begun again
	}
	if !r.move(ctx, w, start, nil, "") {
		return
	}
	cmd := w.doc.Command.Cmd
	result, err := r.call(ctx, r.deps.Doers[cmd], w)
	if cmd == fleet.CommandRestart && err == nil {
		if r.ends(ctx, restartWithin) {
			return // done when the program is back
		}
		err = errors.New("the program did not end")
	}
	if ctx.Err() != nil && err != nil && cmd != fleet.CommandMirror {
		return // the program ends: resume decides
	}
	// what was done is told even when the program ends
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		r.move(ctx, w, eventFail, result, err.Error())
		return
	}
	r.move(ctx, w, eventDone, result, "")
}

// ends waits for the program's end and reports whether it came in time.
func (r *Remote) ends(ctx context.Context, most time.Duration) bool {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return true
	case <-t.C:
		return false
	}
}

func (r *Remote) call(ctx context.Context, d Doer, w *work) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.deps.Log.ErrorContext(ctx, "command panicked", "command", w.entry.ID, "panic", fmt.Sprint(p))
			err = errors.New("internal error")
		}
	}()
	if d == nil {
		return nil, errors.New("this booth does not know the command any more")
	}
	var mu sync.Mutex
	return d(ctx, w.doc.Command.Args, func(news any) {
		raw, err := json.Marshal(news)
		if err != nil {
			return
		}
		mu.Lock()
		w.entry.Step++
		e := w.entry
		mu.Unlock()
		e.State, e.Result = mqttapi.Running, raw
		r.say(ctx, e)
	})
}

// move stores the next state of a command and tells it. It reports whether the state is on disk; what is not is not acted on.
func (r *Remote) move(ctx context.Context, w *work, on event, result any, fault string) bool {
	to, ok := next(w.entry.State, on)
	if !ok {
		r.deps.Log.ErrorContext(ctx, "command cannot go on", "command", w.entry.ID, "state", string(w.entry.State), "event", int(on))
		return false
	}
	e := w.entry
	e.State, e.Step, e.Error = to, e.Step+1, fault
	if result != nil {
		raw, err := json.Marshal(result)
		if err != nil {
			raw, e.Error = nil, "result: "+err.Error()
		}
		e.Result = raw
	}
	if err := r.deps.Inbox.Step(ctx, e); err != nil {
		r.deps.Log.ErrorContext(ctx, "command's state is not stored", "command", e.ID, "state", string(to), "error", err)
		if on == eventStart {
			r.mu.Lock()
			r.queue = append(r.queue, w) // tried again
			r.mu.Unlock()
			r.rest(ctx, time.Second)
			return false
		}
	}
	w.entry = e
	r.say(ctx, e)
	return true
}

// sayWithin bounds how long a result may take to go out.
const sayWithin = 10 * time.Second

// say tells a state. One that does not arrive is told when the fleet repeats the command.
func (r *Remote) say(ctx context.Context, e link.Entry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sayWithin)
	defer cancel()
	err := r.deps.Say(ctx, e.ID, mqttapi.Result{State: e.State, Result: e.Result, Error: e.Error, Step: e.Step})
	if err != nil && !errors.Is(err, link.ErrOffline) {
		r.deps.Log.InfoContext(ctx, "command's state is not told", "command", e.ID, "state", string(e.State), "error", err)
	}
}
