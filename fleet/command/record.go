package command

import (
	"encoding/json"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Record is one command with its life so far.
type Record struct {
	ID
	Order
	State   State
	Step    int             // of the newest result that the booth sent
	Result  json.RawMessage // nil for none
	Error   string
	Sent    Sending
	Changed time.Time
	Steps   []Step
}

// ID names a command.
type ID struct {
	Key fleet.Key
	ID  string // ULID
}

// Order is what is wanted; it never changes.
type Order struct {
	Cmd       fleet.CommandName
	Args      json.RawMessage
	Force     bool
	NotBefore time.Time // zero: at once
	Expires   time.Time
	Actor     string
	Created   time.Time
}

// Sending is how often and when a command was put on the line.
type Sending struct {
	First time.Time
	Last  time.Time
	Times int
}

// Step is a state with its time.
type Step struct {
	State State
	At    time.Time
}

// New returns a queued command.
func New(id ID, o Order) Record {
	return Record{ID: id, Order: o, State: Queued, Changed: o.Created, Steps: []Step{{Queued, o.Created}}}
}

// Apply moves the command on, and reports whether the input meant anything.
func (r *Record) Apply(in Input, at time.Time) bool {
	to, ok := Next(r.State, in)
	if !ok {
		return false
	}
	if to != r.State {
		r.Steps = append(r.Steps, Step{to, at})
	}
	r.State, r.Changed = to, at
	return true
}

// Report takes what the booth says. A result that is not newer than the one before says nothing, nor does one that the state does not allow.
func (r *Record) Report(res mqttapi.Result, at time.Time) bool {
	if res.Step != 0 && res.Step <= r.Step {
		return false
	}
	if res.Step == 0 && State(res.State) == r.State { // of a booth that does not count: the same again
		return false
	}
	if !r.Apply(Input(res.State), at) {
		return false
	}
	r.Step, r.Result, r.Error = max(r.Step, res.Step), res.Result, res.Error
	return true
}

// Deliver notes that the command was put on the line.
func (r *Record) Deliver(at time.Time) {
	if r.Sent.Times == 0 {
		r.Sent.First = at
	}
	r.Sent.Last = at
	r.Sent.Times++
	if r.State == Queued {
		r.Apply(Send, at)
	}
}

// Same reports whether another order wants the same: asking again with the same id is then harmless.
func (o Order) Same(p Order) bool {
	a, b := o.Args, p.Args
	if o.Cmd == fleet.CommandLogs { // the token is another each time
		a, b = withoutSecrets(a), withoutSecrets(b)
	}
	return o.Cmd == p.Cmd && string(a) == string(b) && o.Force == p.Force && o.NotBefore.Equal(p.NotBefore)
}

// Times between two deliveries of a command about which an online booth says nothing, doubled every time.
const (
	untaken   = 15 * time.Second
	taken     = time.Minute
	mostPause = 5 * time.Minute
)

// Again is when the command is put on the line once more if nothing happens: the line may have lost it, or the answer.
func (r *Record) Again() time.Time {
	pause := untaken
	if r.State == Accepted || r.State == Running {
		pause = taken
	}
	for n := 1; n < r.Sent.Times && pause < mostPause; n++ {
		pause *= 2
	}
	last := r.Sent.Last
	if r.Changed.After(last) {
		last = r.Changed
	}
	return last.Add(min(pause, mostPause))
}

// View is the command as operators see it. Where log lines go, and with which token, is between fleet and booth.
func (r *Record) View() httpapi.Command {
	c := httpapi.Command{
		ID: r.ID.ID, Booth: r.Key.Booth, Cmd: r.Cmd, Args: r.Args, Force: r.Force, State: r.State.Public(), Result: r.Result, Error: r.Error,
		Actor: r.Actor, Created: millis(r.Created), Sent: millis(r.Sent.First), Changed: millis(r.Changed), Expires: millis(r.Expires),
		Steps: make([]httpapi.CommandStep, len(r.Steps)),
	}
	for i, s := range r.Steps {
		c.Steps[i] = httpapi.CommandStep{State: s.State.Public(), At: millis(s.At)}
	}
	if c.Cmd == fleet.CommandLogs {
		c.Args = withoutSecrets(c.Args)
	}
	if len(c.Args) == 0 {
		c.Args = json.RawMessage("{}")
	}
	if len(c.Result) == 0 {
		c.Result = json.RawMessage("null")
	}
	return c
}

func withoutSecrets(args json.RawMessage) json.RawMessage {
	var l mqttapi.Logs
	if json.Unmarshal(args, &l) != nil {
		return nil
	}
	out, err := json.Marshal(struct {
		Lines int `json:"lines,omitempty"`
	}{l.Lines})
	if err != nil {
		return nil
	}
	return out
}

// Wire is the command as the booth gets it.
func (r *Record) Wire(now time.Time) ([]byte, error) {
	c := mqttapi.Command{Cmd: r.Cmd, Args: r.Args, Force: r.Force}
	if !r.NotBefore.IsZero() {
		c.NotBefore = r.NotBefore.UnixMilli()
	}
	return mqttapi.Encode(mqttapi.Envelope{
		ID: r.ID.ID, Kind: mqttapi.KindCommand, TS: now.UnixMilli(), Exp: r.Expires.UnixMilli(), Actor: r.Actor,
	}, c)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
