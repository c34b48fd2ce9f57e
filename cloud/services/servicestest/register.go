package servicestest

import (
	"fmt"
	"testing"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/services"
)

// registrations: each patient has a number of the queue of their own, which nobody gets again; what was told is kept, and not more.
func registrations(t *testing.T, s services.Store) {
	patient := func(n int) services.Booking {
		b := Booking(fmt.Sprintf("1234567%d", n), 1)
		b.Place = "sixth--orthopedics--expert"
		b.Registration = tool.Registration{Document: tool.IDCard, Tail: "482X", FeeYuan: 50}
		return b
	}
	act := Act()
	first := mustBook(t, s, act, patient(1))
	want := patient(1)
	want.ID, want.Registration.Queue = first.ID, 1
	if first != want {
		t.Errorf("registered %+v, want %+v", first, want)
	}
	if second := mustBook(t, s, Act(), patient(2)); second.Registration.Queue != 2 {
		t.Errorf("second in the queue is %d", second.Registration.Queue)
	}
	if again := mustBook(t, s, act, patient(3)); again != first {
		t.Errorf("the same key registered %+v", again)
	}
	if _, err := s.Cancel(t.Context(), Act(), "12345672", at); err != nil {
		t.Fatal(err)
	}
	if third := mustBook(t, s, Act(), patient(4)); third.Registration.Queue != 3 {
		t.Errorf("a cancelled number was given out again: %d", third.Registration.Queue)
	}
	afternoon := patient(5)
	afternoon.Session = tool.Afternoon
	if b := mustBook(t, s, Act(), afternoon); b.Registration.Queue != 1 {
		t.Errorf("the afternoon begins with %d", b.Registration.Queue)
	}
	if got, err := find(s, "12345671", "4321", at); err != nil || got != first {
		t.Errorf("found %+v, %v", got, err)
	}
	for i := 6; i < 9; i++ {
		mustBook(t, s, Act(), patient(i))
	}
	_, err := s.Book(t.Context(), Act(), patient(9), capacity)
	wantSoldOut(t, err, 0)
}
