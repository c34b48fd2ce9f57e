package hub

import (
	"errors"
	"slices"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Why a record is left out. Each is a label of the metric.
const (
	refusedUnknown  = "unknown"  // no such booth
	refusedStanding = "standing" // not in service
	refusedBody     = "body"     // makes no sense
	refusedHole     = "hole"     // too many rows beyond one that is missing
	refusedStray    = "stray"    // a result of a command that is not this booth's
)

// mostAhead bounds what is stored beyond a hole; a booth sends within a window of 32.
const mostAhead = 128

// outcome is what a batch leads to once it is stored.
type outcome struct {
	heard    []sound
	births   []birth
	requests []request
	clones   []fleet.Key
	moved    []command.Record
	passing  []passing // what is for those who watch now and is not kept
	events   []Event
	acked    map[OutboxID]bool
	touched  map[fleet.Key]bool
	refused  map[string]int
	again    int // rows that were stored before
}

// sound is one message as presence hears it.
type sound struct {
	key   fleet.Key
	epoch int64
	at    time.Time
	will  bool
	beat  time.Duration // 0: not said
}

type passing struct {
	key  fleet.Key
	view httpapi.Command
}

type birth struct {
	key    fleet.Key
	at     time.Time
	config int64 // version that it has applied
	newest int64 // version that it should have
}

type request struct {
	key fleet.Key
	id  string
	mqttapi.Request
}

// wants names what a batch concerns.
func wants(batch []ingest.Record) Want {
	members, outboxes := map[fleet.Key]bool{}, map[OutboxID]bool{}
	var w Want
	for _, r := range batch {
		if !members[r.Key] {
			members[r.Key] = true
			w.Members = append(w.Members, r.Key)
		}
		if o := (OutboxID{r.Key, r.Envelope.Outbox}); r.Envelope.Seq > 0 && !outboxes[o] {
			outboxes[o] = true
			w.Outboxes = append(w.Outboxes, o)
		}
		switch r.Leaf {
		case mqttapi.Reported:
			w.Twins = append(w.Twins, r.Key)
		case mqttapi.Results:
			w.Commands = append(w.Commands, command.ID{Key: r.Key, ID: r.Envelope.CID})
		default:
		}
	}
	return w
}

// apply does to the world what the records say, in their order, and returns what that leads to. It is pure.
func apply(w *World, batch []ingest.Record) *outcome {
	o := &outcome{acked: map[OutboxID]bool{}, touched: map[fleet.Key]bool{}, refused: map[string]int{}}
	for i := range batch {
		o.one(w, &batch[i])
	}
	return o
}

func (o *outcome) one(w *World, r *ingest.Record) {
	m := w.Members[r.Key]
	if m == nil {
		o.refused[refusedUnknown]++
		return
	}
	if m.Standing != fleet.InService {
		o.refused[refusedStanding]++
		return
	}
	if r.Leaf == mqttapi.State {
		o.state(w, m, r)
		return
	}
	o.heard = append(o.heard, sound{key: r.Key, epoch: r.Envelope.Epoch, at: r.At})
	var err error
	switch r.Leaf {
	case mqttapi.Events, mqttapi.Telemetry:
		err = o.row(w, m, r)
	case mqttapi.Heartbeats:
		err = o.heartbeat(m, r)
	case mqttapi.Reported:
		err = o.reported(m, r)
	case mqttapi.Results:
		err = o.result(w, m, r)
	case mqttapi.Requests:
		err = o.request(r)
	default: // nothing else comes up
	}
	if err != nil {
		o.refused[refusedBody]++
	}
}

// state takes a birth or a will.
func (o *outcome) state(w *World, m *Member, r *ingest.Record) {
	var b mqttapi.Birth
	if err := r.Envelope.Into(&b); err != nil {
		o.refused[refusedBody]++
		return
	}
	b.Epoch = max(b.Epoch, r.Envelope.Epoch)
	if !b.On || r.Envelope.Kind == mqttapi.KindWill {
		o.heard = append(o.heard, sound{key: r.Key, epoch: b.Epoch, at: r.At, will: true})
		return
	}
	switch l := &m.Link; {
	case slices.Contains(l.Births, r.Envelope.ID): // told again, by the booth or by an engine that retained it: it proves nothing new
	case b.Epoch > l.Epoch:
		o.born(m, r, b)
	case b.Epoch < l.Epoch && b.Boot == l.Boot && b.Boot != "": // overtaken by a later one of the same device
	default:
		o.clone(w, m, r, b)
	}
}

// knownBirths is how many births are told apart from new ones.
const knownBirths = 4

func (o *outcome) born(m *Member, r *ingest.Record, b mqttapi.Birth) {
	births := append([]string{r.Envelope.ID}, m.Link.Births...)
	m.Link = Link{
		Changed: true, Epoch: b.Epoch, Boot: short(b.Boot), Births: births[:min(len(births), knownBirths)],
		BirthAt: r.At, BirthMono: r.Envelope.Mono, Skew: r.Envelope.TS - r.At.UnixMilli(),
		Firmware: short(b.Firmware), Board: short(b.Board), Config: b.Config,
		Beat: m.Link.Beat, LastSeen: r.At, Visit: m.Link.Visit, Pulse: m.Link.Pulse,
	}
	o.touched[m.Key] = true
	o.heard = append(o.heard, sound{key: r.Key, epoch: b.Epoch, at: r.At, beat: m.Link.Beat})
	o.births = append(o.births, birth{key: r.Key, at: r.At, config: b.Config, newest: m.Twin.Version})
}

// clone quarantines a booth: two devices have its identity, and nobody here can tell which is the true one.
func (o *outcome) clone(w *World, m *Member, r *ingest.Record, b mqttapi.Birth) {
	m.Standing, m.Reason, m.Cut = fleet.Quarantined, "two devices were seen with its identity", true
	o.touched[m.Key] = true
	o.clones = append(o.clones, m.Key)
	data := map[string]any{"epoch": b.Epoch, "known_epoch": m.Link.Epoch, "boot": short(b.Boot), "known_boot": m.Link.Boot}
	w.Acts = append(w.Acts, Act{Tenant: m.Key.Tenant, At: r.At, Act: audit.Act{
		Actor: audit.Fleet, Action: audit.Quarantine, Booth: m.Key.Booth, Data: map[string]any{"reason": m.Reason, "seen": data},
	}})
	o.found(w, m, r, "clone", data)
}

// row takes a row of an outbox: a fact or telemetry. One that was stored before changes nothing; one that makes no sense is stored as a
// refusal, so that the rows behind it can go on.
func (o *outcome) row(w *World, m *Member, r *ingest.Record) error {
	id := OutboxID{r.Key, r.Envelope.Outbox}
	box := w.Outboxes[id]
	o.acked[id] = true
	switch box.take(r.Envelope.Seq, r.Envelope.Seq-1-r.Envelope.Gap) {
	case rowAgain:
		o.again++
		return nil
	case rowBeyond:
		o.refused[refusedHole]++
		return nil
	case rowNew:
	}
	var err error
	if r.Leaf == mqttapi.Telemetry {
		err = o.telemetry(w, m, r)
	} else {
		err = o.event(w, m, r, box)
	}
	if err == nil {
		return nil
	}
	o.add(w, Event{Key: r.Key, Outbox: box.N, Seq: r.Envelope.Seq, Received: r.At, Event: httpapi.Event{
		ID: r.Envelope.ID, Booth: r.Key.Booth, At: told(m.Link, r.Envelope, r.At).UnixMilli(), Type: string(mqttapi.EventRefused),
		Data: data(map[string]any{"kind": r.Envelope.Kind, "error": err.Error()}),
	}})
	return err
}

func (o *outcome) result(w *World, m *Member, r *ingest.Record) error {
	var res mqttapi.Result
	if err := r.Envelope.Into(&res); err != nil {
		return err
	}
	c := w.Commands[command.ID{Key: r.Key, ID: r.Envelope.CID}]
	if c == nil {
		o.refused[refusedStray]++
		return nil
	}
	res.Error = cut(res.Error, 1000)
	screen := res.Result
	mirrors := c.Cmd == fleet.CommandMirror && res.State == mqttapi.Running
	if mirrors { // what a screen shows is for those who watch now
		res.Result = nil
	}
	if !c.Report(res, r.At) {
		return nil
	}
	c.Changed = true
	if mirrors {
		live := c.View()
		live.Result = screen
		o.passing = append(o.passing, passing{r.Key, live})
		return nil
	}
	o.moved = append(o.moved, c.Record)
	o.touched[m.Key] = true
	return nil
}

var errAsk = errors.New("unknown request")

func (o *outcome) request(r *ingest.Record) error {
	q := request{key: r.Key, id: r.Envelope.ID}
	if err := r.Envelope.Into(&q.Request); err != nil {
		return err
	}
	switch q.Ask {
	case mqttapi.AskTime, mqttapi.AskDesired, mqttapi.AskRenew:
		o.requests = append(o.requests, q)
		return nil
	}
	return errAsk
}

// found stores a fact that the fleet itself found out about a booth.
func (o *outcome) found(w *World, m *Member, r *ingest.Record, kind string, about map[string]any) {
	o.add(w, Event{Key: m.Key, Sub: -1, Received: r.At, Event: httpapi.Event{
		ID: r.Envelope.ID, Booth: m.Key.Booth, At: r.At.UnixMilli(), Type: kind, Data: data(about),
	}})
}

func (o *outcome) add(w *World, e Event) {
	w.Events = append(w.Events, e)
	o.events = append(o.events, e)
}
