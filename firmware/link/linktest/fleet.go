package linktest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// Fleet is the other end of links, as honest as the real one: it stores rows once, acknowledges what it has without gaps, repeats commands
// that are not final at every birth, and remembers all it was told. Its methods may be called from any goroutine.
type Fleet struct {
	send func(topic string, payload []byte) error
	now  func() time.Time

	mu       sync.Mutex
	rows     map[string]map[int64]mqttapi.Envelope // by outbox and sequence number
	twice    int                                   // rows that came again
	births   []mqttapi.Birth
	beats    []mqttapi.Heartbeat
	reports  []mqttapi.Applied
	requests []mqttapi.Request
	commands map[string]*Order
	order    []string
	bad      []error
	deaf     func(mqttapi.Envelope) bool
	mute     bool
	renew    func(csr string) mqttapi.Reply
	news     chan struct{}
}

// Order is a command and what the booth said of it.
type Order struct {
	Key     fleet.Key
	ID      string
	Exp     int64
	Command mqttapi.Command
	Results []mqttapi.Result
}

// State is the newest state by step, "" when the booth has said nothing.
func (o *Order) State() mqttapi.CommandState {
	var s mqttapi.CommandState
	step := -1
	for _, r := range o.Results {
		if r.Step > step {
			s, step = r.State, r.Step
		}
	}
	return s
}

// NewFleet returns a fleet that speaks through send.
func NewFleet(send func(topic string, payload []byte) error, now func() time.Time) *Fleet {
	return &Fleet{
		send: send, now: now, rows: make(map[string]map[int64]mqttapi.Envelope), commands: make(map[string]*Order),
		news: make(chan struct{}),
	}
}

// Set changes how the fleet behaves: mute acknowledges nothing; deaf loses the messages for which it is true; renew answers requests for a
// certificate.
func (f *Fleet) Set(mute bool, deaf func(mqttapi.Envelope) bool, renew func(csr string) mqttapi.Reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mute, f.deaf, f.renew = mute, deaf, renew
}

// Receive takes a message of a booth.
func (f *Fleet) Receive(topic string, payload []byte) {
	t, ok := mqttapi.ParseTopic(topic)
	if !ok || !t.Leaf.Up() {
		return
	}
	e, err := mqttapi.Decode(t, payload)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deaf != nil && f.deaf(e) {
		return
	}
	if err == nil {
		err = f.take(t, e)
	}
	if err != nil {
		f.bad = append(f.bad, fmt.Errorf("%s: %w", topic, err))
	}
	close(f.news)
	f.news = make(chan struct{})
}

func (f *Fleet) take(t mqttapi.Topic, e mqttapi.Envelope) error {
	switch t.Leaf {
	case mqttapi.State:
		return f.birth(t.Key, e)
	case mqttapi.Heartbeats:
		return keep(e, &f.beats)
	case mqttapi.Reported:
		return keep(e, &f.reports)
	case mqttapi.Telemetry, mqttapi.Events:
		return f.row(t.Key, e)
	case mqttapi.Results:
		var r mqttapi.Result
		if err := e.Into(&r); err != nil {
			return err
		}
		if o := f.commands[e.CID]; o != nil {
			o.Results = append(o.Results, r)
		}
	case mqttapi.Requests:
		return f.request(t.Key, e)
	default:
	}
	return nil
}

func keep[T any](e mqttapi.Envelope, to *[]T) error {
	var v T
	err := e.Into(&v)
	*to = append(*to, v)
	return err
}

func (f *Fleet) birth(k fleet.Key, e mqttapi.Envelope) error {
	var b mqttapi.Birth
	if err := e.Into(&b); err != nil {
		return err
	}
	f.births = append(f.births, b)
	if !b.On {
		return nil
	}
	for _, id := range f.order {
		if o := f.commands[id]; o.Key == k && !o.State().Final() {
			if err := f.say(k, mqttapi.Commands, o.envelope(f.now()), o.Command); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Order) envelope(now time.Time) mqttapi.Envelope {
	return mqttapi.Envelope{ID: o.ID, Kind: mqttapi.KindCommand, TS: now.UnixMilli(), Exp: o.Exp}
}

func (f *Fleet) row(k fleet.Key, e mqttapi.Envelope) error {
	of := f.rows[e.Outbox]
	if of == nil {
		of = make(map[int64]mqttapi.Envelope)
		f.rows[e.Outbox] = of
	}
	if old, ok := of[e.Seq]; ok {
		f.twice++
		if old.ID != e.ID {
			f.bad = append(f.bad, fmt.Errorf("number %d is of %s and of %s", e.Seq, old.ID, e.ID))
		}
	} else {
		of[e.Seq] = e
	}
	if f.mute {
		return nil
	}
	upto := int64(0)
	for of[upto+1].ID != "" {
		upto++
	}
	return f.say(k, mqttapi.Acknowledgment, f.envelope(mqttapi.KindAck), mqttapi.Ack{Outbox: e.Outbox, Upto: upto})
}

func (f *Fleet) request(k fleet.Key, e mqttapi.Envelope) error {
	var q mqttapi.Request
	if err := e.Into(&q); err != nil {
		return err
	}
	f.requests = append(f.requests, q)
	reply := mqttapi.Reply{TS: f.now().UnixMilli()}
	if q.Ask == mqttapi.AskRenew && f.renew != nil {
		reply = f.renew(q.CSR)
	}
	answer := f.envelope(mqttapi.KindReply)
	answer.CID = e.ID
	return f.say(k, mqttapi.Replies, answer, reply)
}

func (f *Fleet) envelope(kind mqttapi.Kind) mqttapi.Envelope {
	return mqttapi.Envelope{ID: id.New(), Kind: kind, TS: f.now().UnixMilli()}
}

// say sends on its own goroutine: an engine may call Receive while it holds what Send needs. What is lost is said again at a birth.
func (f *Fleet) say(k fleet.Key, leaf mqttapi.Leaf, e mqttapi.Envelope, body any) error {
	doc, err := mqttapi.Encode(e, body)
	if err != nil {
		return err
	}
	topic := mqttapi.Topic{Key: k, Leaf: leaf}.String()
	go func() { _ = f.send(topic, doc) }()
	return nil
}

// Command tells a booth to do something and returns the command's id.
func (f *Fleet) Command(k fleet.Key, c mqttapi.Command, life time.Duration) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := &Order{Key: k, ID: id.New(), Command: c}
	if life > 0 {
		o.Exp = f.now().Add(life).UnixMilli()
	}
	f.commands[o.ID] = o
	f.order = append(f.order, o.ID)
	if err := f.say(k, mqttapi.Commands, o.envelope(f.now()), c); err != nil {
		f.bad = append(f.bad, err)
	}
	return o.ID
}

// Desire sends a config.
func (f *Fleet) Desire(k fleet.Key, c mqttapi.Config) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.say(k, mqttapi.DesiredConfig, f.envelope(mqttapi.KindConfig), c); err != nil {
		f.bad = append(f.bad, err)
	}
}

// Raw sends bytes as they are.
func (f *Fleet) Raw(k fleet.Key, leaf mqttapi.Leaf, payload []byte) error {
	return f.send(mqttapi.Topic{Key: k, Leaf: leaf}.String(), payload)
}

// Seen is what a fleet was told so far.
type Seen struct {
	Rows     []mqttapi.Envelope // without those that came again; by outbox and number
	Outboxes int
	Gaps     int
	Twice    int
	Births   []mqttapi.Birth
	Beats    []mqttapi.Heartbeat
	Reports  []mqttapi.Applied
	Requests []mqttapi.Request
	Orders   map[string]Order
	Bad      []error
}

// Seen returns what the fleet was told, and a channel that is closed when there is more.
func (f *Fleet) Seen() (Seen, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := Seen{
		Twice: f.twice, Births: slices.Clone(f.births), Beats: slices.Clone(f.beats), Reports: slices.Clone(f.reports),
		Requests: slices.Clone(f.requests), Orders: make(map[string]Order), Bad: slices.Clone(f.bad), Outboxes: len(f.rows),
	}
	for _, of := range f.rows {
		numbers := make([]int64, 0, len(of))
		for n := range of {
			numbers = append(numbers, n)
		}
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != int64(i)+1 {
				s.Gaps++
			}
			s.Rows = append(s.Rows, of[n])
		}
	}
	for id, o := range f.commands {
		c := *o
		c.Results = slices.Clone(o.Results)
		s.Orders[id] = c
	}
	return s, f.news
}

// Until waits until want is true of what the fleet was told; false when it was not in time.
func (f *Fleet) Until(within time.Duration, want func(Seen) bool) (Seen, bool) {
	late := time.NewTimer(within)
	defer late.Stop()
	for {
		s, more := f.Seen()
		if want(s) {
			return s, true
		}
		select {
		case <-more:
		case <-late.C:
			return s, false
		}
	}
}
