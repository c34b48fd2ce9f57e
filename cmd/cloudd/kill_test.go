package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/services"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

const testPlace = "yu-garden"

// openDate is a day on which the place surely sells tickets.
func openDate(t *testing.T, c *httpapi.Client) (string, tool.TimesResult) {
	t.Helper()
	for d := 2; d < 10; d++ {
		date := time.Now().AddDate(0, 0, d).Format(time.DateOnly)
		r := c.Do(t.Context(), tool.Call{Name: tool.AttractionTimes, Times: &tool.TimesArgs{Place: testPlace, Date: date}})
		if r.Err == nil {
			return date, *r.Times
		}
		if r.Err.Kind != tool.Closed {
			t.Fatal(r.Err)
		}
	}
	t.Fatal("the place never opens")
	return "", tool.TimesResult{}
}

func bookCall(date string, s tool.Session, tickets int) tool.Call {
	return tool.Call{
		Name: tool.AttractionBook, Key: id.New(),
		Book: &tool.BookArgs{Place: testPlace, Date: date, Session: s, Tickets: tickets},
	}
}

// stored is what the database holds after all processes have ended.
func stored(t *testing.T, data string) (map[string]services.Booking, *store.Services) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(data, "cloud", "laoyou.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s := store.NewServices(db)
	list, err := s.Bookings(t.Context(), "default", "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	byNumber := map[string]services.Booking{}
	for _, b := range list {
		byNumber[b.Number] = b
	}
	return byNumber, s
}

// kill -9 at random moments during 100 bookings: none lost that was confirmed, none doubled.
func TestKilledDuringBookings(t *testing.T) {
	const wishes = 100
	data := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String() // the same door after every kill, so that clients find it again
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := start(t, data, addr)
	client := c.client(t, data, 30*time.Second)
	date, times := openDate(t, client)

	confirmed := make([]tool.Booking, wishes)
	progress := make(chan struct{}, wishes)
	var wg sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wg.Go(func() {
			for i := range next {
				call := bookCall(date, times.Sessions[i%2].Session, 1)
				confirmed[i] = insist(t, client, call)
				progress <- struct{}{}
			}
		})
	}
	go func() {
		for i := range wishes {
			next <- i
		}
		close(next)
	}()
	go func() {
		wg.Wait()
		close(progress)
	}()
	kills := 0
	for range progress { // at least one booking a life, or the test might never end
		// A random moment in the middle of the others: each takes a millisecond or two.
		<-time.After(time.Duration(rand.IntN(8_000)) * time.Microsecond)
		c.kill()
		kills++
		for range len(progress) { // what this life confirmed
			<-progress
		}
		c = start(t, data, addr)
	}
	c.kill()
	t.Logf("%d kills", kills)
	if kills < 5 {
		t.Errorf("only %d kills: the test proves little", kills)
	}
	checkStored(t, data, date, confirmed)
}

// insist asks with the same key until the answer is certain.
func insist(t *testing.T, client *httpapi.Client, call tool.Call) tool.Booking {
	for {
		r := client.Do(context.Background(), call)
		switch {
		case r.Err == nil:
			return *r.Booking
		case r.Err.Kind != tool.Uncertain && r.Err.Kind != tool.Unavailable:
			t.Errorf("%s: %v", call.Name, r.Err)
			return tool.Booking{}
		}
	}
}

func checkStored(t *testing.T, data, date string, confirmed []tool.Booking) {
	t.Helper()
	have, s := stored(t, data)
	sum := map[tool.Session]int{}
	for _, b := range confirmed {
		if have[b.Number].Booking != b {
			t.Errorf("confirmed %+v, stored %+v", b, have[b.Number])
		}
		sum[b.Session] += b.Tickets
	}
	if len(have) != len(confirmed) {
		t.Errorf("%d bookings for %d wishes", len(have), len(confirmed))
	}
	pools, err := s.Pools(t.Context(), "default", testPlace, date)
	if err != nil {
		t.Fatal(err)
	}
	for session, n := range sum {
		if pools[session].Sold != n {
			t.Errorf("%s: sold %d, booked %d", session, pools[session].Sold, n)
		}
	}
}

// 200 buyers at once for one session: as many tickets as there are, not one more.
func TestNoOverselling(t *testing.T) {
	const buyers, tickets = 200, 2
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	client := c.client(t, data, 30*time.Second)
	date, times := openDate(t, client)
	session, capacity := times.Sessions[0].Session, times.Sessions[0].Left

	var wg sync.WaitGroup
	results := make([]tool.Result, buyers)
	begin := make(chan struct{})
	for i := range results {
		wg.Go(func() {
			call := bookCall(date, session, tickets)
			<-begin
			results[i] = client.Do(context.Background(), call)
		})
	}
	started := time.Now()
	close(begin)
	wg.Wait()
	t.Logf("%d buyers in %v", buyers, time.Since(started))
	var bought []tool.Booking
	for _, r := range results {
		switch {
		case r.Err == nil:
			bought = append(bought, *r.Booking)
		case r.Err.Kind != tool.SoldOut:
			t.Errorf("refused with %v", r.Err)
		}
	}
	if want := min(buyers, capacity/tickets); len(bought) != want || want == buyers {
		t.Errorf("%d bookings of %d tickets for a capacity of %d", len(bought), tickets, capacity)
	}
	c.kill()
	checkStored(t, data, date, bought)
}

// A restart does not hand out new guesses, however the process ended.
func TestWrongCodesSurviveAKill(t *testing.T) {
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	client := c.client(t, data, 10*time.Second)
	date, times := openDate(t, client)
	booked := insist(t, client, bookCall(date, times.Sessions[0].Session, 1))
	get := func(code string) *tool.Error {
		return client.Do(t.Context(), tool.Call{Name: tool.BookingGet, Ref: &tool.RefArgs{Number: booked.Number, Code: code}}).Err
	}
	wrong := "1000"
	if booked.Code == wrong {
		wrong = "1001"
	}
	for i := range 5 {
		if e := get(wrong); e == nil || e.Kind != tool.NotFound {
			t.Fatalf("guess %d: %v", i, e)
		}
		c.kill()
		c = start(t, data, "127.0.0.1:0")
		client = c.client(t, data, 10*time.Second)
	}
	if e := get(booked.Code); e == nil || e.Kind != tool.TooMany {
		t.Errorf("after five wrong codes and kills: %v", e)
	}
}

// The story of a cancellation over the wire: tickets come back once, and a repeated wish says the same.
func TestCancelOverTheWire(t *testing.T) {
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	client := c.client(t, data, 10*time.Second)
	date, times := openDate(t, client)
	booked := insist(t, client, bookCall(date, times.Sessions[0].Session, 3))
	cancel := tool.Call{Name: tool.BookingCancel, Key: id.New(), Ref: &tool.RefArgs{Number: booked.Number, Code: booked.Code}}
	for i := range 3 {
		if i == 2 {
			cancel.Key = id.New()
		}
		if b := insist(t, client, cancel); b.Status != tool.Cancelled {
			t.Errorf("cancel %d: %+v", i, b)
		}
	}
	after := client.Do(t.Context(), tool.Call{Name: tool.AttractionTimes, Times: &tool.TimesArgs{Place: testPlace, Date: date}})
	if after.Err != nil || fmt.Sprint(*after.Times) != fmt.Sprint(times) {
		t.Errorf("before %+v, after %+v", times, after)
	}
}
