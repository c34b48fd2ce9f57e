package services_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/services"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

// town is a catalogue of three places.
type town struct{}

func (town) Places() []services.Place {
	day := []services.Hours{
		{Session: tool.Morning, From: "09:00", To: "12:00", Capacity: 5}, {Session: tool.Afternoon, From: "13:00", To: "16:00", Capacity: 5},
	}
	return []services.Place{
		{ID: "yu-garden", Sessions: day, ClosedWeekdays: []time.Weekday{time.Monday}},
		{ID: "dawn-hall", Sessions: day[:1]},
		{ID: "the-bund"},
	}
}

func (t town) Place(name string) (services.Place, bool) {
	for _, p := range t.Places() {
		if p.ID == name {
			return p, true
		}
	}
	return services.Place{}, false
}

// bench is a service on a real store with a clock that the test turns.
type bench struct {
	t   *testing.T
	svc *services.Service
	now time.Time
}

// newBench starts on Friday 20 November 2026, 10:30 in Shanghai.
func newBench(t *testing.T) *bench {
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
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, now: time.Date(2026, 11, 20, 10, 30, 0, 0, zone).UTC()}
	b.svc = services.New(services.Deps{
		Store: store.NewServices(db), Catalogue: town{}, Tenant: "default", Zone: zone, Now: func() time.Time { return b.now },
	})
	return b
}

func (b *bench) do(c tool.Call) tool.Result { return b.svc.Do(context.Background(), "b1", c) }

func (b *bench) book(key, place, date string, s tool.Session, n int) tool.Result {
	return b.do(tool.Call{Name: tool.AttractionBook, Key: key, Book: &tool.BookArgs{Place: place, Date: date, Session: s, Tickets: n}})
}

func (b *bench) times(place, date string) tool.Result {
	return b.do(tool.Call{Name: tool.AttractionTimes, Times: &tool.TimesArgs{Place: place, Date: date}})
}

func (b *bench) cancel(key, number, code string) tool.Result {
	return b.do(tool.Call{Name: tool.BookingCancel, Key: key, Ref: &tool.RefArgs{Number: number, Code: code}})
}

func (b *bench) get(number, code string) tool.Result {
	return b.do(tool.Call{Name: tool.BookingGet, Ref: &tool.RefArgs{Number: number, Code: code}})
}

func (b *bench) ok(r tool.Result) tool.Booking {
	b.t.Helper()
	if r.Err != nil || r.Booking == nil {
		b.t.Fatalf("want a booking, got %+v, %v", r, r.Err)
	}
	return *r.Booking
}

func (b *bench) refused(r tool.Result, kind tool.ErrorKind, field string) {
	b.t.Helper()
	if r.Err == nil || r.Err.Kind != kind || r.Err.Field != field {
		b.t.Errorf("got %+v (%v), want %s %s", r, r.Err, kind, field)
	}
	if r.Booking != nil || r.Times != nil {
		b.t.Errorf("a refusal came with a result: %+v", r)
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		name, place, date string
		session           tool.Session
		kind              tool.ErrorKind // empty: booked
		field             string
	}{
		{"tomorrow", "yu-garden", "2026-11-21", tool.Morning, "", ""},
		{"today, session running", "yu-garden", "2026-11-20", tool.Morning, "", ""},
		{"30 days ahead", "yu-garden", "2026-12-20", tool.Morning, "", ""},
		{"31 days ahead", "yu-garden", "2026-12-21", tool.Morning, tool.Invalid, "date"},
		{"yesterday", "yu-garden", "2026-11-19", tool.Morning, tool.Invalid, "date"},
		{"no such day", "yu-garden", "2026-02-31", tool.Morning, tool.Invalid, "date"},
		{"closed on Mondays", "yu-garden", "2026-11-23", tool.Morning, tool.Closed, "date"},
		{"unknown place", "atlantis", "2026-11-21", tool.Morning, tool.NotFound, "place"},
		{"no such session", "dawn-hall", "2026-11-21", tool.Afternoon, tool.Closed, "session"},
		{"no timed tickets", "the-bund", "2026-11-21", tool.Morning, tool.Closed, "place"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			r := b.book(id.New(), c.place, c.date, c.session, 1)
			if c.kind == "" {
				b.ok(r)
				return
			}
			b.refused(r, c.kind, c.field)
		})
	}
}

// The city's midnight decides, not the server's: 23:30 UTC on the 20th is 07:30 on the 21st in Shanghai.
func TestTodayIsTheCitys(t *testing.T) {
	b := newBench(t)
	b.now = time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC)
	b.refused(b.book(id.New(), "yu-garden", "2026-11-20", tool.Afternoon, 1), tool.Invalid, "date")
	b.ok(b.book(id.New(), "yu-garden", "2026-11-21", tool.Morning, 1))
}

func TestSessionOver(t *testing.T) {
	b := newBench(t)
	b.now = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC) // noon in Shanghai, the minute the morning ends
	b.refused(b.book(id.New(), "yu-garden", "2026-11-20", tool.Morning, 1), tool.Closed, "date")
	b.refused(b.times("dawn-hall", "2026-11-20"), tool.Closed, "date")
	r := b.times("yu-garden", "2026-11-20")
	if r.Err != nil || len(r.Times.Sessions) != 1 || r.Times.Sessions[0].Session != tool.Afternoon {
		t.Errorf("times at noon: %+v", r)
	}
}

func TestTimesCountDown(t *testing.T) {
	b := newBench(t)
	booked := b.ok(b.book(id.New(), "yu-garden", "2026-11-21", tool.Morning, 3))
	left := func() (int, int) {
		r := b.times("yu-garden", "2026-11-21")
		if r.Err != nil || len(r.Times.Sessions) != 2 {
			t.Fatalf("times: %+v", r)
		}
		return r.Times.Sessions[0].Left, r.Times.Sessions[1].Left
	}
	if m, a := left(); m != 2 || a != 5 {
		t.Errorf("left %d and %d", m, a)
	}
	r := b.book(id.New(), "yu-garden", "2026-11-21", tool.Morning, 3)
	b.refused(r, tool.SoldOut, "tickets")
	if r.Err.Left != 2 {
		t.Errorf("left %d", r.Err.Left)
	}
	if c := b.ok(b.cancel(id.New(), booked.Number, booked.Code)); c.Status != tool.Cancelled {
		t.Errorf("status %s", c.Status)
	}
	if m, _ := left(); m != 5 {
		t.Errorf("left after cancel %d", m)
	}
}

// A retry with the same key finds its booking even when it could not be made any more.
func TestRetryAfterTheDay(t *testing.T) {
	b := newBench(t)
	key := id.New()
	first := b.ok(b.book(key, "yu-garden", "2026-11-20", tool.Morning, 5))
	b.now = b.now.Add(48 * time.Hour)
	if again := b.ok(b.book(key, "yu-garden", "2026-11-20", tool.Morning, 5)); again != first {
		t.Errorf("got %+v, want %+v", again, first)
	}
	b.refused(b.book(key, "yu-garden", "2026-11-20", tool.Morning, 4), tool.Invalid, "key")
	b.refused(b.cancel(id.New(), first.Number, first.Code), tool.Closed, "date")
}

func TestKeyBelongsToABooth(t *testing.T) {
	b := newBench(t)
	key := id.New()
	b.ok(b.book(key, "yu-garden", "2026-11-21", tool.Morning, 1))
	args := tool.BookArgs{Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning, Tickets: 1}
	b.refused(b.svc.Do(t.Context(), "b2", tool.Call{Name: tool.AttractionBook, Key: key, Book: &args}), tool.Invalid, "key")
}

func TestWrongCodes(t *testing.T) {
	b := newBench(t)
	booked := b.ok(b.book(id.New(), "yu-garden", "2026-11-21", tool.Morning, 1))
	wrong := "1000"
	if booked.Code == wrong {
		wrong = "1001"
	}
	unknown := b.get("10000000", booked.Code)
	known := b.get(booked.Number, wrong)
	b.refused(known, tool.NotFound, "number")
	if *unknown.Err != *known.Err {
		t.Errorf("unknown number %v, wrong code %v: they tell numbers apart", unknown.Err, known.Err)
	}
	for range 3 {
		b.refused(b.cancel(id.New(), booked.Number, wrong), tool.NotFound, "number")
	}
	b.refused(b.get(booked.Number, booked.Code), tool.TooMany, "code")
	if r := b.svc.Do(t.Context(), "b2", tool.Call{Name: tool.BookingGet, Ref: &tool.RefArgs{Number: booked.Number, Code: booked.Code}}); r.Err != nil {
		t.Errorf("another booth is locked too: %v", r.Err)
	}
	b.now = b.now.Add(10*time.Minute + time.Second)
	b.ok(b.get(booked.Number, booked.Code))
}

func TestMalformed(t *testing.T) {
	b := newBench(t)
	b.refused(b.book("not-a-ulid", "yu-garden", "2026-11-21", tool.Morning, 1), tool.Invalid, "key")
	b.refused(b.book(id.New(), "yu-garden", "2026-11-21", tool.Morning, 0), tool.Invalid, "tickets")
	b.refused(b.book(id.New(), "yu-garden", "2026-11-21", tool.Morning, 500), tool.Invalid, "tickets")
	b.refused(b.book(id.New(), "yu-garden", "2026-11-21", "night", 1), tool.Invalid, "session")
	b.refused(b.times(strings.Repeat("a", 10_000), "2026-11-21"), tool.Invalid, "place")
	b.refused(b.get("１２３４５６７８", "1234"), tool.Invalid, "number")
	b.refused(b.do(tool.Call{Name: tool.AttractionBook}), tool.Invalid, "name")
	b.refused(b.do(tool.Call{Name: "rm.rf", Times: &tool.TimesArgs{}}), tool.Invalid, "name")
	if list, err := b.svc.Bookings(t.Context(), "", 10); err != nil || len(list) != 0 {
		t.Errorf("garbage was stored: %v, %v", list, err)
	}
}

// A failing store is "unavailable", and its cause stays inside.
func TestStoreDown(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := b.svc.Do(ctx, "b1", tool.Call{Name: tool.AttractionTimes, Times: &tool.TimesArgs{Place: "yu-garden", Date: "2026-11-21"}})
	b.refused(r, tool.Unavailable, "")
	if strings.Contains(r.Err.Message, "context") {
		t.Errorf("the cause leaked: %s", r.Err.Message)
	}
}

func TestInventoryPages(t *testing.T) {
	b := newBench(t)
	b.ok(b.book(id.New(), "yu-garden", "2026-11-20", tool.Afternoon, 2))
	var seen []string
	q := services.StockQuery{Places: 1}
	for {
		page, err := b.svc.Inventory(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Stock {
			seen = append(seen, s.Place+" "+string(s.Session))
			if s.Date != "2026-11-20" || (s.Sold == 2) != (s.Place == "yu-garden" && s.Session == tool.Afternoon) {
				t.Errorf("stock %+v", s)
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if got := strings.Join(seen, ", "); got != "dawn-hall morning, yu-garden morning, yu-garden afternoon" {
		t.Errorf("seen %s", got)
	}
}
