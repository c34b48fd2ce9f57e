package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// rawBody is a body that is JSON already.
type rawBody []byte

// MarshalJSON returns it as it is.
func (b rawBody) MarshalJSON() ([]byte, error) { return b, nil }

// receive takes one message from paho. It never blocks: whatever blocked here would stop acknowledgments and, in the end, the pings.
func (s *session) receive(ctx context.Context, topic string, payload []byte) {
	t, ok := mqttapi.ParseTopic(topic)
	if !ok || t.Key != s.line.Key || t.Leaf.Up() {
		return // the broker's mistake; not worth an event
	}
	e, err := mqttapi.Decode(t, payload)
	if err == nil {
		s.l.clock.heard(e.TS)
		err = s.handle(t.Leaf, e)
	}
	if err != nil {
		s.l.refuse(ctx, e.Kind, err)
	}
}

func (s *session) handle(leaf mqttapi.Leaf, e mqttapi.Envelope) error {
	switch leaf {
	case mqttapi.Acknowledgment:
		var a mqttapi.Ack
		if err := e.Into(&a); err != nil {
			return err
		}
		s.acknowledged(a)
	case mqttapi.Replies:
		var r mqttapi.Reply
		if err := e.Into(&r); err != nil {
			return err
		}
		s.answered(e.CID, r)
	case mqttapi.Commands:
		var c mqttapi.Command
		if err := e.Into(&c); err != nil {
			return err
		}
		return s.inbox.put(func(ctx context.Context) {
			if s.l.deps.OnCommand != nil {
				s.l.deps.OnCommand(ctx, e, c)
			}
		})
	case mqttapi.DesiredConfig:
		var c mqttapi.Config
		if err := e.Into(&c); err != nil {
			return err
		}
		s.answered(e.CID, mqttapi.Reply{TS: e.TS})
		return s.inbox.put(func(ctx context.Context) {
			if s.l.deps.OnConfig != nil {
				s.l.deps.OnConfig(ctx, e, c)
				poke(s.l.wake) // the pace may be another
			}
		})
	default:
	}
	return nil
}

func (s *session) acknowledged(a mqttapi.Ack) {
	s.l.mu.Lock()
	ours := a.Outbox == s.l.head.Outbox
	s.l.mu.Unlock()
	if !ours {
		return
	}
	for {
		old := s.acks.Load()
		if a.Upto <= old {
			return
		}
		if s.acks.CompareAndSwap(old, a.Upto) {
			poke(s.l.wake)
			return
		}
	}
}

func (s *session) answered(cid string, r mqttapi.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.asks[cid]; ok {
		delete(s.asks, cid)
		c <- r
	}
}

// Ask asks the fleet. AskDesired is answered by OnConfig; its reply is empty.
func (l *Link) Ask(ctx context.Context, q mqttapi.Request) (mqttapi.Reply, error) {
	s := l.online()
	if s == nil {
		return mqttapi.Reply{}, ErrOffline
	}
	e := s.envelope(mqttapi.KindRequest)
	answer := make(chan mqttapi.Reply, 1)
	s.mu.Lock()
	s.asks[e.ID] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.asks, e.ID)
		s.mu.Unlock()
	}()
	start := time.Now()
	if err := s.say(ctx, mqttapi.Requests, e, q); err != nil {
		return mqttapi.Reply{}, fmt.Errorf("ask: %w", err)
	}
	if q.Ask == mqttapi.AskDesired {
		return mqttapi.Reply{}, nil
	}
	select {
	case r, ok := <-answer:
		if !ok {
			return r, ErrOffline
		}
		l.mu.Lock()
		l.state.RTT = time.Since(start)
		l.mu.Unlock()
		if r.Error != "" {
			return r, fmt.Errorf("ask %s: the fleet says: %s", q.Ask, r.Error)
		}
		return r, nil
	case <-ctx.Done():
		return mqttapi.Reply{}, ctx.Err()
	}
}

// Result says how far a command is. An error means that it may not have arrived: the fleet asks again by repeating the command.
func (l *Link) Result(ctx context.Context, command string, r mqttapi.Result) error {
	s := l.online()
	if s == nil {
		return ErrOffline
	}
	e := s.envelope(mqttapi.KindResult)
	e.CID = command
	return s.say(ctx, mqttapi.Results, e, r)
}

// refuse tells of a message that could not be taken, at most so often that a broken fleet does not fill the outbox.
func (l *Link) refuse(ctx context.Context, k mqttapi.Kind, err error) {
	l.deps.Log.WarnContext(ctx, "message from the fleet refused", "kind", string(k), "error", err)
	l.mu.Lock()
	ok := l.refused.take(l.clock.mono())
	l.mu.Unlock()
	if !ok {
		return
	}
	go l.tell(context.WithoutCancel(ctx), mqttapi.EventRefused, map[string]any{"kind": printable(string(k)), "error": err.Error()})
}

func printable(s string) string {
	if len(s) > 16 {
		s = s[:16]
	}
	if !json.Valid([]byte(`"` + s + `"`)) {
		return "?"
	}
	return s
}

// quota allows 6 in 10 minutes.
type quota struct {
	left  int
	since time.Duration
	begun bool
}

func (q *quota) take(now time.Duration) bool {
	if !q.begun || now-q.since >= 10*time.Minute {
		*q = quota{left: 6, since: now, begun: true}
	}
	if q.left == 0 {
		return false
	}
	q.left--
	return true
}

// maxQueued bounds the messages that wait for a slow handler.
const maxQueued = 64

var errOverrun = errors.New("messages came faster than they could be taken")

// inbox hands commands and configs to their handlers, one after the other, on a goroutine that lives while there are any.
type inbox struct {
	mu      sync.Mutex
	ctx     context.Context // of the session, for work that outlives the call that brought it
	s       *session
	queue   []func(context.Context)
	working bool
	overrun bool
}

func (i *inbox) start(ctx context.Context, s *session) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ctx, i.s = ctx, s
	if len(i.queue) > 0 && !i.working {
		i.working = true
		go i.work()
	}
}

// stop drops what waits: the fleet says it again after the next birth.
func (i *inbox) stop() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.queue = nil
}

func (i *inbox) put(f func(context.Context)) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.queue) >= maxQueued {
		i.overrun = true
		return errOverrun
	}
	i.queue = append(i.queue, f)
	if !i.working && i.ctx != nil {
		i.working = true
		go i.work()
	}
	return nil
}

// work ends when nothing waits. If something had to be dropped meanwhile, the connection is made anew, so that the fleet repeats it.
func (i *inbox) work() {
	for {
		i.mu.Lock()
		if len(i.queue) == 0 {
			i.working = false
			if i.overrun {
				i.s.fail(errOverrun)
			}
			i.mu.Unlock()
			return
		}
		f := i.queue[0]
		i.queue = i.queue[1:]
		ctx := i.ctx
		i.mu.Unlock()
		f(ctx)
	}
}
