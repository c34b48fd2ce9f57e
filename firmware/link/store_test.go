package link_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// box is all that a booth keeps.
type box interface {
	link.Store
	Take(ctx context.Context, e link.Entry) (link.Entry, bool, error)
	Step(ctx context.Context, e link.Entry) error
	Unfinished(ctx context.Context) ([]link.Entry, error)
	Keep(ctx context.Context, name string, value []byte) error
	Kept(ctx context.Context, name string) ([]byte, error)
}

func openFile(t testing.TB, path string) *link.File {
	t.Helper()
	f, err := link.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func openBox(t testing.TB, f *link.File, name string) *link.Box {
	t.Helper()
	b, err := f.Box(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestStores is the contract of a store, for the one on disk, also when others share its file, and the one in memory.
func TestStores(t *testing.T) {
	for _, s := range []struct {
		name string
		open func(t *testing.T) box
	}{
		{"disk", func(t *testing.T) box { return openBox(t, openFile(t, filepath.Join(t.TempDir(), "link.db")), "") }},
		{"shared", func(t *testing.T) box {
			f := openFile(t, filepath.Join(t.TempDir(), "link.db"))
			other := openBox(t, f, "other")
			fill(t, other, 20, link.ClassSample, 0, 100)
			if _, _, err := other.Take(t.Context(), link.Entry{ID: "c1", State: mqttapi.Running, Doc: []byte("x")}); err != nil {
				t.Fatal(err)
			}
			return openBox(t, f, "one")
		}},
		{"memory", func(*testing.T) box { return new(linktest.Memory) }},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Run("rows", func(t *testing.T) { testRows(t, s.open(t)) })
			t.Run("shed", func(t *testing.T) { testShed(t, s.open(t)) })
			t.Run("inbox", func(t *testing.T) { testInbox(t, s.open(t)) })
		})
	}
}

func fill(t testing.TB, s link.Store, n int, c link.Class, born int64, size int) {
	t.Helper()
	rows := make([]link.Row, n)
	for i := range rows {
		rows[i] = link.Row{ID: id.New(), Class: c, TS: 5, Mono: 6, Boot: "b", Born: born, Body: slices.Repeat([]byte("x"), size)}
	}
	if err := s.Append(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func testRows(t *testing.T, s box) {
	h := must(s.Load(t.Context()))(t)
	if !id.Valid(h.Outbox) || h.Rows != 0 || h.Acked != 0 {
		t.Fatalf("a new store: %+v", h)
	}
	fill(t, s, 40, link.ClassEvent, 1, 10)
	first := must(s.Read(t.Context(), 0, 32))(t)
	rest := must(s.Read(t.Context(), first[31].Pos, 32))(t)
	if len(first) != 32 || len(rest) != 8 || rest[0].Pos <= first[31].Pos || first[0].Boot != "b" || len(first[0].Body) != 10 {
		t.Fatalf("read %d and %d rows", len(first), len(rest))
	}
	if freed := must(s.Trim(t.Context(), 30))(t); freed != 30*first[0].Size() {
		t.Errorf("freed %d bytes", freed)
	}
	if _, err := s.Trim(t.Context(), 11); err == nil {
		t.Error("trimmed more than there is")
	}
	h2 := must(s.Load(t.Context()))(t)
	if h2.Rows != 10 || h2.Acked != 30 || h2.Bytes != 10*first[0].Size() || h2.Outbox != h.Outbox {
		t.Errorf("after trimming: %+v", h2)
	}
	if left := must(s.Read(t.Context(), 0, 5))(t); left[0].ID != first[30].ID {
		t.Error("the wrong rows were trimmed")
	}
	for _, f := range []link.Figures{{Mark: 50, Epoch: 7}, {Mark: 40, Floor: 9, Ran: 3}} {
		if err := s.Save(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	if h := must(s.Load(t.Context()))(t); h.Mark != 50 || h.Epoch != 7 || h.Floor != 9 || h.Ran != 3 {
		t.Errorf("figures: %+v", h)
	}
	last := must(s.Read(t.Context(), 0, 100))(t)
	if _, err := s.Trim(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	fill(t, s, 10, link.ClassEvent, 1, 10)
	if next := must(s.Read(t.Context(), last[9].Pos, 100))(t); len(next) != 10 {
		t.Errorf("%d of 10 rows are behind those that are gone: a place was used again", len(next))
	}
	if err := s.Renew(t.Context(), "fresh"); err != nil {
		t.Fatal(err)
	}
	if h := must(s.Load(t.Context()))(t); h.Outbox != "fresh" || h.Acked != 0 || h.Mark != 0 || h.Rows != 10 || h.Epoch != 7 {
		t.Errorf("renewed: %+v", h)
	}
}

func testShed(t *testing.T, s box) {
	fill(t, s, 10, link.ClassSample, 1, 100) // may have been sent: never touched
	if err := s.Save(t.Context(), link.Figures{Mark: 10}); err != nil {
		t.Fatal(err)
	}
	fill(t, s, 5, link.ClassSample, 1, 100) // too old
	fill(t, s, 3, link.ClassKept, 1, 100)
	fill(t, s, 50, link.ClassSample, 100, 100)
	fill(t, s, 20, link.ClassEvent, 100, 100)
	size := link.Row{Body: make([]byte, 100)}.Size()
	for _, step := range []struct {
		bytes, before int64
		want          link.Lost
	}{
		{88 * size, 0, link.Lost{}},
		{88 * size, 50, link.Lost{Samples: 5, Bytes: 5 * size}},
		{80 * size, 50, link.Lost{Samples: 45, Bytes: 45 * size}},            // thinned to a tenth at once
		{35 * size, 50, link.Lost{Samples: 3, Bytes: 3 * size}},              // the oldest
		{20 * size, 50, link.Lost{Samples: 2, Events: 13, Bytes: 15 * size}}, // samples first
		{0, 50, link.Lost{Events: 7, Bytes: 7 * size}},                       // what is dear stays, and what was sent
		{0, 1000, link.Lost{}},
	} {
		if step.bytes < 20*size { // events that only a full disk is against
			if got := must(s.Shed(t.Context(), link.Excess{Samples: true}))(t); got != (link.Lost{}) {
				t.Errorf("shed events for room: %+v", got)
			}
		}
		if got := must(s.Shed(t.Context(), link.Excess{Bytes: step.bytes, Before: step.before}))(t); got != step.want {
			t.Errorf("shed to %d rows, before %d: %+v, want %+v", step.bytes/size, step.before, got, step.want)
		}
	}
	if h := must(s.Load(t.Context()))(t); h.Rows != 13 || h.Dropped != 75 {
		t.Errorf("left: %+v", h)
	}
}

func testInbox(t *testing.T, s box) {
	one := link.Entry{ID: "c1", State: mqttapi.Accepted, Step: 1, Doc: []byte("{}")}
	if _, fresh, err := s.Take(t.Context(), one); err != nil || !fresh {
		t.Fatalf("take: %v %v", fresh, err)
	}
	done := one
	done.State, done.Step, done.Result = mqttapi.Done, 3, []byte(`{"a":1}`)
	if err := s.Step(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	again, fresh, err := s.Take(t.Context(), one)
	if err != nil || fresh || again.State != mqttapi.Done || again.Step != 3 || string(again.Result) != `{"a":1}` {
		t.Errorf("taken again: %+v %v %v", again, fresh, err)
	}
	for n := range 3 {
		if _, _, err := s.Take(t.Context(), link.Entry{ID: fmt.Sprintf("z%d", 9-n), State: mqttapi.Accepted}); err != nil {
			t.Fatal(err)
		}
	}
	if left := must(s.Unfinished(t.Context()))(t); len(left) != 3 || left[0].ID != "z9" || left[2].ID != "z7" {
		t.Errorf("unfinished: %+v", left)
	}
	if err := s.Step(t.Context(), link.Entry{ID: "none"}); err == nil {
		t.Error("a command that never came went on")
	}
	if v := must(s.Kept(t.Context(), "twin"))(t); v != nil {
		t.Errorf("kept %q", v)
	}
	for _, v := range []string{"a", "b"} {
		if err := s.Keep(t.Context(), "twin", []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	if v := must(s.Kept(t.Context(), "twin"))(t); string(v) != "b" {
		t.Errorf("kept %q", v)
	}
}

func TestInboxForgetsTheOldestOnly(t *testing.T) {
	s := openBox(t, openFile(t, filepath.Join(t.TempDir(), "link.db")), "")
	for n := range 1100 {
		state := mqttapi.Done
		if n == 3 {
			state = mqttapi.Accepted
		}
		if _, _, err := s.Take(t.Context(), link.Entry{ID: fmt.Sprint(n), State: state}); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range map[int]bool{0: true, 3: false, 99: true, 100: false, 1099: false} {
		if _, fresh, err := s.Take(t.Context(), link.Entry{ID: fmt.Sprint(n), State: mqttapi.Done}); err != nil || fresh != want {
			t.Errorf("command %d is new: %v, want %v (%v)", n, fresh, want, err)
		}
	}
}

// A full disk takes nothing: Event says so at once, nothing is lost while memory lasts, and all is sent when there is room.
func TestDiskFull(t *testing.T) {
	f := openFile(t, filepath.Join(t.TempDir(), "link.db"))
	b := openBox(t, f, "")
	if err := f.Quota(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	l := link.New(link.Deps{Store: b, Line: func() (link.Line, error) { return link.Line{}, link.ErrNoLine }})
	defer run(t, l)()
	failed := 0
	for n := range 1500 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		err := l.Event(ctx, fact(n))
		cancel()
		switch {
		case errors.Is(err, link.ErrNotSaved):
			failed++
		case err != nil:
			t.Fatal(err)
		}
	}
	if s := l.State(); failed < 1000 || s.Memory != 1000 {
		t.Errorf("%d refused; %+v", failed, s)
	}
	if err := l.Event(t.Context(), mqttapi.Event{Type: mqttapi.EventEmergency}); !errors.Is(err, link.ErrNotSaved) {
		t.Errorf("an emergency: %v", err)
	}
	if err := f.Quota(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(60 * time.Second); l.State().Memory > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("still in memory: %+v", l.State())
		}
		pause(t)
	}
	types := make(map[mqttapi.EventType]int)
	for pos := int64(0); ; {
		rows := must(b.Read(t.Context(), pos, 500))(t)
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			var e mqttapi.Event
			if err := json.Unmarshal(r.Body, &e); err != nil {
				t.Fatal(err)
			}
			types[e.Type]++
			pos = r.Pos
		}
	}
	if types[mqttapi.EventEmergency] != 1 || types[mqttapi.EventVisitEnded] < 990 {
		t.Errorf("after the disk had room: %v", types)
	}
}

// pause lets others work between two looks at a condition.
func pause(t testing.TB) {
	t.Helper()
	timer := time.NewTimer(20 * time.Millisecond)
	defer timer.Stop()
	<-timer.C
}
