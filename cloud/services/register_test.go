package services_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/services"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

const expert = "sixth--orthopedics--expert"

// infirmary has one clinic of ten numbers, on weekdays, and one attraction.
type infirmary struct{}

func (infirmary) Places() []services.Place {
	day := []services.Hours{{Session: tool.Morning, From: "08:00", To: "11:30", Capacity: 10}}
	return []services.Place{
		{ID: expert, Clinic: true, FeeYuan: 50, Sessions: day, ClosedWeekdays: []time.Weekday{time.Saturday, time.Sunday}},
		{ID: "yu-garden", Sessions: day},
	}
}

func (i infirmary) Place(name string) (services.Place, bool) {
	for _, p := range i.Places() {
		if p.ID == name {
			return p, true
		}
	}
	return services.Place{}, false
}

func newInfirmary(t *testing.T) *services.Service {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "laoyou.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	zone := time.FixedZone("Asia/Shanghai", 8*3600)
	return services.New(services.Deps{
		Store: store.NewServices(db), Catalogue: infirmary{}, Tenant: "default", Zone: zone,
		Now: func() time.Time { return time.Date(2026, 11, 20, 10, 30, 0, 0, zone) },
	})
}

func register(svc *services.Service, key string, change func(*tool.RegisterArgs)) tool.Result {
	a := tool.RegisterArgs{Place: expert, Date: "2026-11-23", Session: tool.Morning, Document: tool.Passport, Tail: "4821"}
	if change != nil {
		change(&a)
	}
	return svc.Do(context.Background(), "b1", tool.Call{Name: tool.HospitalRegister, Key: key, Register: &a})
}

func TestRegisterAndCancel(t *testing.T) {
	svc, key := newInfirmary(t), id.New()
	r := register(svc, key, nil)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	want := tool.Registration{Document: tool.Passport, Tail: "4821", Queue: 1, FeeYuan: 50}
	if b := r.Booking; b.Registration != want || b.Place != expert || b.Tickets != 1 || b.From != "08:00" {
		t.Errorf("registered %+v", b)
	}
	if again := register(svc, key, nil); again.Err != nil || *again.Booking != *r.Booking {
		t.Errorf("the same key: %+v", again)
	}
	left := func() int {
		got := svc.Do(t.Context(), "b1", tool.Call{Name: tool.HospitalTimes, Times: &tool.TimesArgs{Place: expert, Date: "2026-11-23"}})
		if got.Err != nil {
			t.Fatal(got.Err)
		}
		return got.Times.Sessions[0].Left
	}
	if left() != 9 {
		t.Errorf("%d left, want 9", left())
	}
	ref := &tool.RefArgs{Number: r.Booking.Number, Code: r.Booking.Code}
	if got := svc.Do(t.Context(), "b2", tool.Call{Name: tool.BookingGet, Ref: ref}); got.Err != nil || *got.Booking != *r.Booking {
		t.Errorf("looked up %+v", got)
	}
	gone := svc.Do(t.Context(), "b2", tool.Call{Name: tool.BookingCancel, Key: id.New(), Ref: ref})
	if gone.Err != nil || gone.Booking.Status != tool.Cancelled || left() != 10 {
		t.Errorf("cancelled %+v, %d left", gone, left())
	}
}

func TestRegisterRefuses(t *testing.T) {
	svc := newInfirmary(t)
	for name, c := range map[string]struct {
		kind   tool.ErrorKind
		field  string
		change func(*tool.RegisterArgs)
	}{
		"unknown clinic":       {tool.NotFound, "place", func(a *tool.RegisterArgs) { a.Place = "sixth--dental--expert" }},
		"attraction":           {tool.Invalid, "place", func(a *tool.RegisterArgs) { a.Place = "yu-garden" }},
		"no such level":        {tool.Invalid, "place", func(a *tool.RegisterArgs) { a.Place = "sixth--orthopedics--vip" }},
		"weekend":              {tool.Closed, "date", func(a *tool.RegisterArgs) { a.Date = "2026-11-21" }},
		"past":                 {tool.Invalid, "date", func(a *tool.RegisterArgs) { a.Date = "2026-11-19" }},
		"no afternoon":         {tool.Closed, "session", func(a *tool.RegisterArgs) { a.Session = tool.Afternoon }},
		"whole number":         {tool.Invalid, "tail", func(a *tool.RegisterArgs) { a.Tail = "310101194901014821" }},
		"no tail":              {tool.Invalid, "tail", func(a *tool.RegisterArgs) { a.Tail = "" }},
		"tail of no document":  {tool.Invalid, "tail", func(a *tool.RegisterArgs) { a.Document = tool.NoDocument }},
		"letter of an ID card": {tool.Invalid, "tail", func(a *tool.RegisterArgs) { a.Document, a.Tail = tool.IDCard, "482A" }},
		"unknown document":     {tool.Invalid, "document", func(a *tool.RegisterArgs) { a.Document = "face" }},
	} {
		if r := register(svc, id.New(), c.change); r.Err == nil || r.Err.Kind != c.kind || r.Err.Field != c.field {
			t.Errorf("%s: %+v, want %s %s", name, r.Err, c.kind, c.field)
		}
	}
	book := &tool.BookArgs{Place: expert, Date: "2026-11-23", Session: tool.Morning, Tickets: 2}
	if r := svc.Do(t.Context(), "b1", tool.Call{Name: tool.AttractionBook, Key: id.New(), Book: book}); r.Err == nil || r.Err.Kind != tool.NotFound {
		t.Errorf("tickets for a clinic: %+v", r)
	}
}

// TestQueueUnderRush: 60 patients at once for ten numbers; each number is given out once.
func TestQueueUnderRush(t *testing.T) {
	svc := newInfirmary(t)
	var wg sync.WaitGroup
	results := make([]tool.Result, 60)
	for i := range results {
		wg.Go(func() { results[i] = register(svc, id.New(), nil) })
	}
	wg.Wait()
	seen := map[int]bool{}
	for _, r := range results {
		switch {
		case r.Err == nil && seen[r.Booking.Registration.Queue]:
			t.Errorf("number %d twice", r.Booking.Registration.Queue)
		case r.Err == nil:
			seen[r.Booking.Registration.Queue] = true
		case r.Err.Kind != tool.SoldOut:
			t.Errorf("refused with %v", r.Err)
		}
	}
	if len(seen) != 10 || !seen[1] || !seen[10] {
		t.Errorf("numbers %v, want 1 to 10", seen)
	}
}
