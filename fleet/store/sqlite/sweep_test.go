package sqlite_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
	"github.com/laoyou/laoyou/fleet/twin"
	"github.com/laoyou/laoyou/internal/id"
)

// story stores an event and a sample an hour, for a number of hours up to now.
func story(t *testing.T, s *sqlite.Store, booth string, hours int, now time.Time) {
	t.Helper()
	box := hub.OutboxID{Key: key(booth), Outbox: "ob"}
	err := s.Batch(t.Context(), hub.Want{Members: []fleet.Key{key(booth)}, Outboxes: []hub.OutboxID{box}}, func(w *hub.World) {
		for i := range hours {
			at := now.Add(-time.Duration(hours-i) * time.Hour)
			w.Events = append(w.Events, hub.Event{
				Key: key(booth), Outbox: w.Outboxes[box].N, Seq: int64(i + 1), Received: at,
				Event: httpapi.Event{ID: id.New(), At: at.UnixMilli(), Type: "test", Data: json.RawMessage(`{}`)},
			})
			w.Samples = append(w.Samples, hub.Sample{Key: key(booth), At: at, Values: map[string]float64{"cpu_pct": 1}})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	s := open(t)
	now := time.Now()
	for _, b := range []string{"a", "b"} {
		join(t, s, b, enrol.Place{})
		story(t, s, b, 1000, now)
	}
	keep := hub.Keep{Series: 100*time.Hour + 10*time.Minute, Events: 200*time.Hour + time.Minute, Commands: time.Hour}
	sweeps := 1
	for {
		more, err := s.Sweep(t.Context(), keep, now)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		sweeps++
	}
	if sweeps < 4 {
		t.Errorf("%d sweeps: each took too much", sweeps)
	}
	for _, b := range []string{"a", "b"} {
		events := 0
		for page := (api.Page{Limit: 500}); ; {
			got, err := s.Events(t.Context(), key(b), "", page)
			if err != nil {
				t.Fatal(err)
			}
			events += len(got.Events)
			if page.Cursor = got.Next; page.Cursor == "" {
				break
			}
		}
		set, err := s.Series(t.Context(), key(b), []string{"cpu_pct"}, now.Add(-2000*time.Hour), now)
		if err != nil {
			t.Fatal(err)
		}
		if events != 200 || len(set.Series[0].Points) != 100 {
			t.Errorf("%s keeps %d events and %d windows", b, events, len(set.Series[0].Points))
		}
	}
}

func TestOldOutboxesAreForgotten(t *testing.T) {
	s := open(t)
	join(t, s, "a", enrol.Place{})
	for i := range 100 {
		box := hub.OutboxID{Key: key("a"), Outbox: fmt.Sprint("ob", i)}
		err := s.Batch(t.Context(), hub.Want{Members: []fleet.Key{key("a")}, Outboxes: []hub.OutboxID{box}}, func(w *hub.World) {
			w.Outboxes[box].Upto, w.Outboxes[box].Changed = 7, true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Sweep(t.Context(), hub.DefaultKeep(), time.Now()); err != nil {
		t.Fatal(err)
	}
	upto := func(box string) (n int, upto int64) {
		id := hub.OutboxID{Key: key("a"), Outbox: box}
		err := s.Batch(t.Context(), hub.Want{Members: []fleet.Key{key("a")}, Outboxes: []hub.OutboxID{id}}, func(w *hub.World) {
			n, upto = w.Outboxes[id].N, w.Outboxes[id].Upto
		})
		if err != nil {
			t.Fatal(err)
		}
		return n, upto
	}
	if n, u := upto("ob99"); n != 100 || u != 7 {
		t.Errorf("the newest: number %d, up to %d", n, u)
	}
	if n, u := upto("ob0"); n != 101 || u != 0 {
		t.Errorf("the oldest: number %d, up to %d", n, u)
	}
}

func TestANewDeviceHasReportedNothing(t *testing.T) {
	s := open(t)
	join(t, s, "a", enrol.Place{})
	if _, err := s.SetDesired(t.Context(), twin.Change{Key: key("a"), Config: json.RawMessage(`{"idle_s":60}`), Actor: "x"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	err := s.Batch(t.Context(), hub.Want{Members: []fleet.Key{key("a")}}, func(w *hub.World) {
		m := w.Members[key("a")]
		m.Twin.Changed, m.Twin.Applied, m.Twin.Answers, m.Twin.Drift = true, json.RawMessage(`{"idle_s":60}`), 1, 0
	})
	if err != nil {
		t.Fatal(err)
	}
	drift := func() int {
		b, err := s.Booth(context.Background(), key("a"))
		if err != nil {
			t.Fatal(err)
		}
		tw, err := s.Twin(context.Background(), key("a"))
		if err != nil || len(tw.Drift) != b.Drift {
			t.Fatalf("%+v against %d, %v", tw, b.Drift, err)
		}
		return b.Drift
	}
	if drift() != 0 {
		t.Error("it was as desired")
	}
	if _, err := s.SetStanding(t.Context(), key("a"), httpapi.StandingChange{Standing: fleet.Retired}, act("retire"), time.Now()); err != nil {
		t.Fatal(err)
	}
	rejoin(t, s, "a")
	if drift() != 1 {
		t.Error("a new device has the config of the old one")
	}
}
