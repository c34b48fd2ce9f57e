// Package calltest has the conformance suite that every adapter of call.Store passes.
package calltest

import (
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// Store runs the suite against new stores that open makes.
func Store(t *testing.T, open func(t *testing.T) call.Store) {
	t.Run("save and read", func(t *testing.T) { saveAndRead(t, open(t)) })
	t.Run("list", func(t *testing.T) { list(t, open(t)) })
	t.Run("of a contact", func(t *testing.T) { ofContact(t, open(t)) })
	t.Run("close lost", func(t *testing.T) { closeLost(t, open(t)) })
	t.Run("free calls", func(t *testing.T) { freeCalls(t, open(t)) })
	t.Run("one free call", func(t *testing.T) { oneFreeCall(t, open(t)) })
}

// full is a call with everything in it.
func full() call.Call {
	c := call.New("t1", call.Free, noon)
	c.From, c.To, c.Booth, c.Contact, c.Note = "dev", "call-138xxxxxx78", "dev", "01JD3Z0000000000000000000A", "a note"
	c.Legs = []call.Leg{
		{
			CallID: "a@x", Direction: call.In, Peer: "dev", Remote: "127.0.0.1:4000", Transport: "udp", Started: noon,
			Ringing: noon.Add(time.Second), Answered: noon.Add(2 * time.Second), Codec: "PCMU", Sent: 7, Received: 8, Lost: 1, Jitter: time.Millisecond,
		},
		{CallID: "b@x", Direction: call.Out, Peer: "trunk", Remote: "127.0.0.1:5070", Transport: "udp", Started: noon},
	}
	c.Answered = noon.Add(2 * time.Second)
	c.End(call.Normal, noon.Add(9*time.Second))
	c.Messages = []call.Message{{At: noon, CallID: "a@x", Remote: "127.0.0.1:4000", Transport: "udp", Line: "INVITE sip:call-138xxxxxx78@x", CSeq: "1 INVITE", SDP: "audio"}}
	c.Dropped = 3
	return c
}

// save stores calls that have no claim.
func save(t *testing.T, s call.Store, calls ...call.Call) {
	t.Helper()
	each, err := s.SaveCalls(t.Context(), calls)
	if err = errors.Join(append(each, err)...); err != nil || len(each) != len(calls) {
		t.Fatal(each, err)
	}
}

func saveAndRead(t *testing.T, s call.Store) {
	c := full()
	open := c
	open.Ended, open.Cause, open.Legs, open.Messages = time.Time{}, call.None, c.Legs[:1], nil
	for _, v := range []call.Call{open, c} { // the second replaces the first
		save(t, s, v)
	}
	got, err := s.Call(t.Context(), "t1", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, c) {
		t.Errorf("got\n%+v, want\n%+v", got, c)
	}
	for _, miss := range [][2]string{{"t2", c.ID}, {"t1", "01JD3Z0000000000000000000B"}} {
		if _, err := s.Call(t.Context(), miss[0], miss[1]); !errors.Is(err, call.ErrNoCall) {
			t.Errorf("%v: %v", miss, err)
		}
	}
}

func ofContact(t *testing.T, s call.Store) {
	first, second, other, foreign := full(), full(), full(), full()
	first.ID, second.ID = "01JD3Z0000000000000000000A", "01JD3Z0000000000000000000B"
	other.Contact, foreign.Tenant = "01JD3Z0000000000000000000Z", "t2"
	save(t, s, first, second, other, foreign)
	got, err := s.CallsOf(t.Context(), "t1", first.Contact)
	if err != nil || len(got) != 2 || got[0].ID != second.ID || got[1].ID != first.ID || len(got[0].Messages) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func list(t *testing.T, s call.Store) {
	var calls []call.Call
	for i := range 5 {
		c := full()
		c.ID = "01JD3Z000000000000000000" + string(rune('A'+i)) + "0"
		calls = append(calls, c)
	}
	foreign := full()
	foreign.Tenant = "t2"
	save(t, s, append(calls, foreign)...)
	var seen []string
	before := ""
	for {
		page, err := s.Calls(t.Context(), "t1", before, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			if len(c.Messages) != 0 || len(c.Legs) != 2 {
				t.Errorf("a list has legs and no messages: %+v", c)
			}
			seen = append(seen, c.ID)
		}
		before = page[len(page)-1].ID
	}
	if want := []string{calls[4].ID, calls[3].ID, calls[2].ID, calls[1].ID, calls[0].ID}; !reflect.DeepEqual(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}

func closeLost(t *testing.T, s call.Store) {
	done, open, foreign := full(), full(), full()
	open.ID, open.Ended, open.Cause = call.New("", "", noon).ID, time.Time{}, call.None
	open.Legs[1].Ended, open.Legs[1].Cause = time.Time{}, call.None
	foreign.Tenant, foreign.Ended = "t2", time.Time{}
	save(t, s, done, open, foreign)
	at := noon.Add(time.Hour)
	if n, err := s.CloseLost(t.Context(), "t1", at); err != nil || n != 1 {
		t.Fatalf("%d calls, %v", n, err)
	}
	got, err := s.Call(t.Context(), "t1", open.ID)
	if err != nil || got.Cause != call.Lost || !got.Ended.Equal(at) || got.Legs[1].Cause != call.Lost {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.Call(t.Context(), "t1", done.ID); err != nil || !reflect.DeepEqual(got, done) {
		t.Errorf("a call that had ended was changed: %+v, %v", got, err)
	}
	if n, err := s.CloseLost(t.Context(), "t1", at); err != nil || n != 0 {
		t.Errorf("once more: %d calls, %v", n, err)
	}
}

// claim stores a call that claims the number, and returns whether it could.
func claim(t *testing.T, s call.Store, number string, at time.Time) error {
	t.Helper()
	c := call.New("t1", call.Free, at)
	c.Claim = call.FreeCall{Number: number, At: at, Until: at.Add(30 * time.Minute)}
	plain := call.New("t1", call.Echo, at) // one that is refused does no harm to those beside it
	each, err := s.SaveCalls(t.Context(), []call.Call{c, plain})
	if err != nil || len(each) != 2 || each[1] != nil {
		t.Fatal(each, err)
	}
	if _, err := s.Call(t.Context(), "t1", plain.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Call(t.Context(), "t1", c.ID); (err == nil) != (each[0] == nil) {
		t.Errorf("claim %v, stored %v", each[0], err)
	}
	return each[0]
}

func freeCalls(t *testing.T, s call.Store) {
	if err := errors.Join(claim(t, s, "h1", noon), claim(t, s, "h2", noon)); err != nil {
		t.Fatal(err)
	}
	var soon *call.FreeTooSoonError
	if err := claim(t, s, "h1", noon.Add(29*time.Minute)); !errors.As(err, &soon) || !soon.Next.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("too soon: %v", err)
	}
	if err := s.ReleaseFree(t.Context(), "t1", call.FreeCall{Number: "h2", Until: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := claim(t, s, "h2", noon.Add(time.Minute)); !errors.As(err, &soon) {
		t.Errorf("somebody else's claim was given back: %v", err)
	}
	if err := s.ReleaseFree(t.Context(), "t1", call.FreeCall{Number: "h2", Until: noon.Add(30 * time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if err := claim(t, s, "h2", noon.Add(time.Minute)); err != nil {
		t.Errorf("given back: %v", err)
	}
	if err := claim(t, s, "h1", noon.Add(30*time.Minute)); err != nil {
		t.Errorf("after 30 minutes: %v", err)
	}
}

// Two booths that dial one number in the same moment: one has the call.
func oneFreeCall(t *testing.T, s call.Store) {
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if claim(t, s, "h", noon) == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d claims held", won.Load())
	}
}
