// Package facts tells the fleet what happened at a booth: visits, calls, emergencies, faults. It reads the journal and passes on what an
// operator needs to know, field by field; a citizen's words, digits and numbers have no field here. It may import package firmware and
// fleet/mqttapi.
package facts

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// journal is where events come from.
type journal interface {
	Since(id uint64) ([]firmware.Event, <-chan struct{})
}

// Deps is what a Teller needs.
type Deps struct {
	Journal journal
	Tell    func(ctx context.Context, e mqttapi.Event) error // stores the event before it returns
	Log     *slog.Logger
}

// Teller turns the journal into facts. Run is its only writer; Counts may be called from any goroutine.
type Teller struct {
	deps  Deps
	visit *visit // the one that is open
	calls map[string]*call

	mu     sync.Mutex
	counts Counts
}

// Counts are how many visits and calls ended since they were last asked for.
type Counts struct{ Visits, Calls int }

// visit is what is known of the visit that is open.
type visit struct {
	id     string
	began  time.Time
	how    string
	lang   string
	turns  int
	misses int
	person bool
	tasks  map[string]bool
	tools  map[string]string // how the last call of each ended
}

// call is one that is up.
type call struct {
	began    time.Time
	answered bool
}

// New returns a Teller.
func New(d Deps) *Teller { return &Teller{deps: d, calls: map[string]*call{}} }

// Run tells until ctx is done. It begins with what happens from now on.
func (t *Teller) Run(ctx context.Context) error {
	var last uint64
	for {
		events, more := t.deps.Journal.Since(last)
		for _, e := range events {
			last = e.ID
			for _, fact := range t.note(e) {
				if err := t.deps.Tell(ctx, fact); err != nil && ctx.Err() == nil {
					t.deps.Log.ErrorContext(ctx, "event not stored", "type", fact.Type, "error", err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-more:
		}
	}
}

// Counts returns the counts since the last time, and begins anew.
func (t *Teller) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts
	t.counts = Counts{}
	return c
}

func (t *Teller) count(add Counts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Visits += add.Visits
	t.counts.Calls += add.Calls
}

// note takes one event and returns the facts that follow from it.
func (t *Teller) note(e firmware.Event) []mqttapi.Event {
	switch e.Type {
	case firmware.EventVisit:
		return t.ofVisit(e)
	case firmware.EventCall:
		return t.ofCall(e)
	case firmware.EventTurn:
		t.ofTurn(e)
	case firmware.EventTool:
		if v := t.visit; v != nil && text(e, "state") != "called" {
			v.tools[text(e, "tool")] = text(e, "state")
		}
	case firmware.EventError:
		return []mqttapi.Event{{Type: mqttapi.EventFault, Visit: e.Visit, Data: map[string]any{"part": "input"}}}
	case firmware.EventView, firmware.EventKey, firmware.EventLED:
	}
	return nil
}

func (t *Teller) ofVisit(e firmware.Event) []mqttapi.Event {
	switch text(e, "state") {
	case "opened":
		if t.visit != nil && t.visit.id == e.Visit {
			return nil // up again within the grace
		}
		t.visit = &visit{id: e.Visit, began: e.At, how: "touch", tasks: map[string]bool{}, tools: map[string]string{}}
		if lifted, _ := e.Data["handset"].(bool); lifted {
			t.visit.how = "lift"
		}
		return []mqttapi.Event{{Type: mqttapi.EventVisitStarted, Visit: e.Visit, Data: map[string]any{"how": t.visit.how}}}
	case "closed":
		v := t.visit
		t.visit = nil
		if v == nil || v.id != e.Visit {
			return nil
		}
		t.count(Counts{Visits: 1})
		return []mqttapi.Event{{Type: mqttapi.EventVisitEnded, Visit: e.Visit, Data: v.summary(e.At)}}
	}
	return nil
}

func (v *visit) summary(end time.Time) map[string]any {
	return map[string]any{
		"how": v.how, "lang": v.lang, "ms": end.Sub(v.began).Milliseconds(), "turns": v.turns, "misses": v.misses, "person": v.person,
		"tasks": slices.Sorted(maps.Keys(v.tasks)), "tools": v.tools,
	}
}

func (t *Teller) ofTurn(e firmware.Event) {
	v := t.visit
	if v == nil || e.Visit != v.id {
		return
	}
	switch text(e, "who") {
	case "citizen":
		v.turns++
	case "bot":
		v.lang = text(e, "lang")
		if task := text(e, "task"); task != "" {
			v.tasks[task] = true
		}
		if misses, _ := e.Data["misses"].(int); misses > 0 {
			v.misses++
		}
	}
}

func (t *Teller) ofCall(e firmware.Event) []mqttapi.Event {
	kind, state := text(e, "kind"), text(e, "state")
	c := t.calls[kind]
	if c == nil {
		if state == "ended" {
			return nil
		}
		c = &call{began: e.At, answered: state == "answered"}
		t.calls[kind] = c
		if v := t.visit; v != nil && kind == "person" {
			v.person = true
		}
		return t.began(kind, e)
	}
	c.answered = c.answered || state == "answered"
	if state != "ended" {
		return nil
	}
	delete(t.calls, kind)
	t.count(Counts{Calls: 1})
	facts := map[string]any{"kind": kind, "ms": e.At.Sub(c.began).Milliseconds(), "answered": c.answered}
	if cause := text(e, "cause"); cause != "" {
		facts["cause"] = cause
	}
	return []mqttapi.Event{{Type: mqttapi.EventCallEnded, Visit: e.Visit, Data: facts}}
}

// began tells of a new call. The number of an emergency is no secret, a citizen's is.
func (t *Teller) began(kind string, e firmware.Event) []mqttapi.Event {
	facts := []mqttapi.Event{{Type: mqttapi.EventCallStarted, Visit: e.Visit, Data: map[string]any{"kind": kind}}}
	if kind == "emergency" {
		facts = append(facts, mqttapi.Event{
			Type: mqttapi.EventEmergency, Visit: e.Visit, Data: map[string]any{"number": text(e, "to"), "test": e.Data["test"]},
		})
	}
	return facts
}

func text(e firmware.Event, field string) string {
	s, _ := e.Data[field].(string)
	return s
}
