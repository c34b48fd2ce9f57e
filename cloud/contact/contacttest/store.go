package contacttest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// Store is the conformance suite of contact.Store; open returns an empty one.
func Store(t *testing.T, open func(t *testing.T) contact.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, contact.Store){
		"comes back as it was": comesBack, "grows and never forgets": grows, "pages": pages, "searches": searches, "open ones": openOnes,
		"unknown": unknown,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// full is a contact with everything in it.
func full(tenant string) contact.Contact {
	at := func(s int) time.Time {
		return time.UnixMilli(1_800_000_000_000).Add(time.Duration(s) * time.Second).UTC()
	}
	return contact.Contact{
		ID: id.New(), Tenant: tenant, Booth: "b1", Place: "南京路 <1>", Kind: httpapi.KindCallback, Number: "110", Test: true, State: contact.Held, Agent: "mei",
		Handoff: httpapi.Handoff{
			Lang: "zh", Reason: httpapi.ReasonTask, Task: "attraction", Intent: "book", Slots: []httpapi.Slot{{Label: "景点", Value: "豫园"}},
			Turns: []httpapi.Turn{{Who: "citizen", Text: `"'; DROP TABLE contact; --`, AtMS: 7}},
		},
		Times:       contact.Times{Created: at(0), Queued: at(1), Answered: at(2), Ended: at(3)},
		Disposition: httpapi.Resolved, Note: "<b>好</b>",
		Texts:    []httpapi.Turn{{Who: "agent", Text: "您好", AtMS: 8}},
		Timeline: []contact.Entry{{At: at(0), Kind: "created"}, {At: at(1), Kind: "arrived", Text: "x"}},
	}
}

func save(t *testing.T, s contact.Store, c contact.Contact) {
	t.Helper()
	if err := s.SaveContact(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, s contact.Store, want contact.Contact) {
	t.Helper()
	got, err := s.Contact(t.Context(), want.Tenant, want.ID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func comesBack(t *testing.T, s contact.Store) {
	c := full("t1")
	save(t, s, c)
	same(t, s, c)
	bare := contact.Contact{ID: id.New(), Tenant: "t1", Booth: "b1", State: contact.New}
	save(t, s, bare)
	same(t, s, bare)
	if _, err := s.Contact(t.Context(), "t2", c.ID); !errors.Is(err, contact.ErrNoContact) {
		t.Errorf("another tenant sees it: %v", err)
	}
}

func grows(t *testing.T, s contact.Store) {
	c := full("t1")
	save(t, s, c)
	for i := range 5 {
		c.State, c.Agent, c.Note = contact.State(i+1), fmt.Sprint("a", i), fmt.Sprint(i)
		c.Timeline = append(c.Timeline, contact.Entry{At: c.Times.Ended, Kind: fmt.Sprint("k", i)})
		c.Texts = append(c.Texts, httpapi.Turn{Who: "citizen", Text: fmt.Sprint(i), AtMS: int64(i)})
		save(t, s, c)
		save(t, s, c) // nothing new
		same(t, s, c)
	}
}

func pages(t *testing.T, s contact.Store) {
	var want []string
	for range 5 {
		c := full("t1")
		save(t, s, c)
		save(t, s, full("t2"))
		want = append([]string{c.ID}, want...)
	}
	slices.Sort(want) // ids of one millisecond need not rise
	slices.Reverse(want)
	var got []string
	for before := ""; ; before = got[len(got)-1] {
		list, err := s.Contacts(t.Context(), "t1", contact.Search{Before: before}, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.Timeline != nil || c.Texts != nil {
				t.Errorf("a list has timelines: %+v", c)
			}
			got = append(got, c.ID)
		}
		if len(list) < 2 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// searches: each field narrows, all together; what is typed is never a pattern.
func searches(t *testing.T, s contact.Store) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC) }
	names := map[string]string{}
	for _, c := range []contact.Contact{
		{Booth: "p-1", Kind: httpapi.KindVisit, State: contact.Closed, Agent: "mei", Note: "Asked for 100% of the_rest", Times: contact.Times{Created: at(1)}},
		{Booth: "p-2", Kind: httpapi.KindVisit, State: contact.Calling, Agent: "mei", Times: contact.Times{Created: at(2)}},
		{Booth: "p-2", Kind: httpapi.KindCallback, State: contact.Talking, Agent: "tom", Place: "人民广场", Times: contact.Times{Created: at(3)}},
		{Booth: "p-3", Kind: httpapi.KindEmergency, State: contact.Operator, Number: "110", Test: true, Times: contact.Times{Created: at(4)}},
		{
			Booth: "p-3", Kind: httpapi.KindVisit, State: contact.New, Times: contact.Times{Created: at(5)},
			Handoff: httpapi.Handoff{Slots: []httpapi.Slot{{Label: "景点", Value: "豫园"}}, Turns: []httpapi.Turn{{Who: "citizen", Text: "secret"}}},
		},
	} {
		c.ID, c.Tenant = id.New(), "t1"
		names[c.ID] = fmt.Sprint(c.Times.Created.Day())
		save(t, s, c)
		c.Tenant = "t2"
		save(t, s, c)
	}
	for _, c := range []struct {
		want string
		q    contact.Search
	}{
		{"12345", contact.Search{}},
		{"23", contact.Search{Words: []string{"p-2"}}},
		{"1", contact.Search{Words: []string{"asked", "mei"}}},
		{"", contact.Search{Words: []string{"asked", "tom"}}},
		{"1", contact.Search{Words: []string{"100%"}}},
		{"1", contact.Search{Words: []string{"the_rest"}}},
		{"", contact.Search{Words: []string{"the%rest"}}},
		{"", contact.Search{Words: []string{`\`}}},
		{"", contact.Search{Words: []string{`' OR 1=1 --`}}},
		{"3", contact.Search{Words: []string{"广场"}}},
		{"5", contact.Search{Words: []string{"豫园"}}},
		{"", contact.Search{Words: []string{"secret"}}}, // what was said is not searched
		{"4", contact.Search{Words: []string{"110"}}},
		{"234", contact.Search{State: httpapi.ContactTalking}},
		{"", contact.Search{State: "nonsense"}},
		{"4", contact.Search{Kind: httpapi.KindEmergency}},
		{"12", contact.Search{Agent: "mei"}},
		{"2", contact.Search{Agent: "mei", State: httpapi.ContactTalking}},
		{"34", contact.Search{From: at(3), To: at(5)}},
		{"345", contact.Search{From: at(3)}},
	} {
		list, err := s.Contacts(t.Context(), "t1", c.q, 10)
		var got []string
		for _, k := range list {
			got = append(got, names[k.ID])
		}
		slices.Sort(got)
		if err != nil || strings.Join(got, "") != c.want {
			t.Errorf("%+v: %v, %v, want %s", c.q, got, err, c.want)
		}
	}
	first, err := s.Contacts(t.Context(), "t1", contact.Search{Words: []string{"p-"}}, 2)
	if err != nil || len(first) != 2 {
		t.Fatal(first, err)
	}
	rest, err := s.Contacts(t.Context(), "t1", contact.Search{Words: []string{"p-"}, Before: first[1].ID}, 10)
	if err != nil || len(rest) != 3 || rest[0].ID >= first[1].ID {
		t.Errorf("%+v, %v", rest, err)
	}
}

func openOnes(t *testing.T, s contact.Store) {
	var want []string
	for state := contact.New; state <= contact.Operator; state++ {
		c := full("t1")
		c.State = state
		save(t, s, c)
		if state != contact.Closed {
			want = append(want, c.ID)
		}
	}
	save(t, s, full("t2"))
	slices.Sort(want)
	if got, err := s.OpenContacts(t.Context(), "t1"); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func unknown(t *testing.T, s contact.Store) {
	if _, err := s.Contact(t.Context(), "t1", id.New()); !errors.Is(err, contact.ErrNoContact) {
		t.Errorf("got %v", err)
	}
	if list, err := s.Contacts(t.Context(), "t1", contact.Search{}, 10); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v", list, err)
	}
}
