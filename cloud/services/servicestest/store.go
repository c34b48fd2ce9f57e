// Package servicestest is the conformance suite that every adapter of services.Store passes.
package servicestest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/services"
	"github.com/laoyou/laoyou/internal/id"
)

const (
	tenant   = "t1"
	capacity = 5
)

var at = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// Act returns a new act.
func Act() services.Act { return services.Act{Tenant: tenant, Key: id.New(), Fingerprint: "f"} }

// Booking returns a booking that fits the pool of the suite.
func Booking(number string, tickets int) services.Booking {
	return services.Booking{
		ID: id.New(), Tenant: tenant, Booth: "b1", At: at,
		Booking: tool.Booking{
			Number: number, Code: "4321", Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning, From: "09:00", To: "12:00",
			Tickets: tickets, Status: tool.Confirmed,
		},
	}
}

// Store runs the suite; open returns an empty store.
func Store(t *testing.T, open func(t *testing.T) services.Store) {
	for name, test := range map[string]func(*testing.T, services.Store){
		"book and find":       bookAndFind,
		"same key acts once":  sameKey,
		"key bound to wish":   keyBound,
		"sold out":            soldOut,
		"refusal frees key":   refusalFreesKey,
		"number taken":        numberTaken,
		"cancel returns once": cancelOnce,
		"wrong codes":         wrongCodes,
		"tenants apart":       tenantsApart,
		"pages":               pages,
		"concurrent buyers":   concurrentBuyers,
		"registrations":       registrations,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func mustBook(t *testing.T, s services.Store, act services.Act, b services.Booking) services.Booking {
	t.Helper()
	got, err := s.Book(t.Context(), act, b, capacity)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func sold(t *testing.T, s services.Store) int {
	t.Helper()
	pools, err := s.Pools(t.Context(), tenant, "yu-garden", "2026-11-21")
	if err != nil {
		t.Fatal(err)
	}
	return pools[tool.Morning].Sold
}

func find(s services.Store, number, code string, now time.Time) (services.Booking, error) {
	return s.Find(context.Background(), services.Lookup{
		Tenant: tenant, Booth: "b1", Number: number, Match: func(c string) bool { return c == code },
		At: now, Until: now.Add(10 * time.Minute), MaxWrong: 3,
	})
}

func bookAndFind(t *testing.T, s services.Store) {
	want := Booking("12345678", 2)
	if got := mustBook(t, s, Act(), want); got != want {
		t.Errorf("booked %+v", got)
	}
	got, err := find(s, "12345678", "4321", at)
	if err != nil || got != want {
		t.Errorf("found %+v, %v", got, err)
	}
	pools, err := s.Pools(t.Context(), tenant, "yu-garden", "2026-11-21")
	if err != nil || len(pools) != 1 || pools[tool.Morning] != (services.Pool{Capacity: capacity, Sold: 2}) {
		t.Errorf("pools %+v, %v", pools, err)
	}
}

func sameKey(t *testing.T, s services.Store) {
	act := Act()
	if _, err := s.Recall(t.Context(), act); !errors.Is(err, services.ErrNoBooking) {
		t.Errorf("recall before: %v", err)
	}
	first := mustBook(t, s, act, Booking("12345678", 2))
	second := mustBook(t, s, act, Booking("87654321", 2))
	if second != first || sold(t, s) != 2 {
		t.Errorf("second %+v, sold %d", second, sold(t, s))
	}
	if _, err := s.Cancel(t.Context(), Act(), "12345678", at); err != nil {
		t.Fatal(err)
	}
	if again := mustBook(t, s, act, Booking("87654321", 2)); again.Status != tool.Cancelled || again.Number != first.Number {
		t.Errorf("after a cancel the key returned %+v", again)
	}
	if got, err := s.Recall(t.Context(), act); err != nil || got.Number != first.Number {
		t.Errorf("recall after: %+v, %v", got, err)
	}
}

func keyBound(t *testing.T, s services.Store) {
	act := Act()
	mustBook(t, s, act, Booking("12345678", 1))
	act.Fingerprint = "other"
	if _, err := s.Book(t.Context(), act, Booking("87654321", 1), capacity); !errors.Is(err, services.ErrKeyReused) {
		t.Errorf("book: %v", err)
	}
	if _, err := s.Cancel(t.Context(), act, "12345678", at); !errors.Is(err, services.ErrKeyReused) {
		t.Errorf("cancel: %v", err)
	}
	if _, err := s.Recall(t.Context(), act); !errors.Is(err, services.ErrKeyReused) {
		t.Errorf("recall: %v", err)
	}
	if sold(t, s) != 1 {
		t.Errorf("sold %d", sold(t, s))
	}
}

func wantSoldOut(t *testing.T, err error, left int) {
	t.Helper()
	var e *tool.Error
	if !errors.As(err, &e) || e.Kind != tool.SoldOut || e.Left != left {
		t.Errorf("got %v, want sold out with %d left", err, left)
	}
}

func soldOut(t *testing.T, s services.Store) {
	mustBook(t, s, Act(), Booking("10000001", 3))
	_, err := s.Book(t.Context(), Act(), Booking("10000002", 3), capacity)
	wantSoldOut(t, err, 2)
	mustBook(t, s, Act(), Booking("10000003", 2))
	_, err = s.Book(t.Context(), Act(), Booking("10000004", 1), capacity)
	wantSoldOut(t, err, 0)
	if sold(t, s) != capacity {
		t.Errorf("sold %d", sold(t, s))
	}
}

func refusalFreesKey(t *testing.T, s services.Store) {
	mustBook(t, s, Act(), Booking("10000001", 5))
	act := Act()
	_, err := s.Book(t.Context(), act, Booking("10000002", 1), capacity)
	wantSoldOut(t, err, 0)
	if _, err := s.Cancel(t.Context(), Act(), "10000001", at); err != nil {
		t.Fatal(err)
	}
	mustBook(t, s, act, Booking("10000003", 1))
}

func numberTaken(t *testing.T, s services.Store) {
	mustBook(t, s, Act(), Booking("12345678", 1))
	act := Act()
	if _, err := s.Book(t.Context(), act, Booking("12345678", 1), capacity); !errors.Is(err, services.ErrNumberTaken) {
		t.Fatalf("got %v", err)
	}
	if sold(t, s) != 1 {
		t.Errorf("sold %d", sold(t, s))
	}
	mustBook(t, s, act, Booking("12345679", 1))
}

func cancelOnce(t *testing.T, s services.Store) {
	mustBook(t, s, Act(), Booking("12345678", 2))
	act := Act()
	for _, a := range []services.Act{act, act, Act()} {
		b, err := s.Cancel(t.Context(), a, "12345678", at)
		if err != nil || b.Status != tool.Cancelled || sold(t, s) != 0 {
			t.Errorf("status %s, sold %d, %v", b.Status, sold(t, s), err)
		}
	}
	if _, err := s.Cancel(t.Context(), Act(), "99999999", at); !errors.Is(err, services.ErrNoBooking) {
		t.Errorf("cancel of nothing: %v", err)
	}
}

func wrongCodes(t *testing.T, s services.Store) {
	mustBook(t, s, Act(), Booking("12345678", 1))
	for i, number := range []string{"12345678", "99999999", "12345678"} { // an unknown number counts like a wrong code
		if _, err := find(s, number, "0000", at.Add(time.Duration(i)*time.Minute)); !errors.Is(err, services.ErrWrongCode) {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if _, err := find(s, "12345678", "4321", at.Add(9*time.Minute)); !errors.Is(err, services.ErrTooManyWrong) {
		t.Errorf("locked: %v", err)
	}
	if _, err := find(s, "12345678", "4321", at.Add(10*time.Minute)); err != nil {
		t.Errorf("the oldest is forgiven: %v", err)
	}
}

func tenantsApart(t *testing.T, s services.Store) {
	act := Act()
	mustBook(t, s, act, Booking("12345678", 5))
	other := Booking("12345678", 5)
	other.Tenant, act.Tenant = "t2", "t2"
	if got, err := s.Book(t.Context(), act, other, capacity); err != nil || got != other {
		t.Errorf("same key, number and pool of another tenant: %+v, %v", got, err)
	}
	if list, err := s.Bookings(t.Context(), "t2", "", 10); err != nil || len(list) != 1 {
		t.Errorf("list %+v, %v", list, err)
	}
}

func pages(t *testing.T, s services.Store) {
	var want []string
	for i := range capacity {
		b := mustBook(t, s, Act(), Booking(fmt.Sprintf("1000000%d", i), 1))
		want = append([]string{b.ID}, want...)
	}
	var got []string
	for before := ""; ; {
		list, err := s.Bookings(t.Context(), tenant, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, b := range list {
			got = append(got, b.ID)
		}
		before = list[len(list)-1].ID
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func concurrentBuyers(t *testing.T, s services.Store) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	bought := 0
	for i := range 40 {
		wg.Go(func() {
			_, err := s.Book(context.Background(), Act(), Booking(fmt.Sprintf("100000%02d", i), 1), capacity)
			var e *tool.Error
			switch {
			case err == nil:
				mu.Lock()
				bought++
				mu.Unlock()
			case !errors.As(err, &e) || e.Kind != tool.SoldOut:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if bought != capacity || sold(t, s) != capacity {
		t.Errorf("bought %d, sold %d of %d", bought, sold(t, s), capacity)
	}
}
