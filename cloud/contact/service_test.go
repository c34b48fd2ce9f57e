package contact_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/contact/contacttest"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

func handoff() httpapi.Handoff {
	return httpapi.Handoff{
		Lang: "zh", Reason: httpapi.ReasonAsked, Task: "attraction", Place: "南京路",
		Slots: []httpapi.Slot{{Label: "景点", Value: "豫园"}}, Turns: []httpapi.Turn{{Who: "citizen", Text: "转人工", AtMS: 1}},
	}
}

func TestStory(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	l, matter := h.call("call 1")
	h.hears(l, "queue tone")
	booth, _ := h.line(matter)
	h.status(booth, httpapi.ContactNew) // nobody is there yet, so the queue has given up at once
	h.agent("mei")
	l2 := contacttest.NewLine("call 2")
	h.must(h.contacts.Handoff(t.Context(), "b1", matter, handoff()))
	h.contacts.Arrived(t.Context(), l2, contact.Arrival{Contact: matter, Booth: "b1", Lang: "zh"})
	h.hears(l, "ended normal") // the booth dialled again
	n := h.wants("ring", "mei", matter)
	if c := n.ring.Contact; c.Task != "attraction" || c.Slots[0].Value != "豫园" || c.Turns[0].Text != "转人工" || c.Place != "南京路" {
		t.Errorf("the offer shows %+v", c)
	}
	h.must(h.queue.Do(t.Context(), acd.Event{Kind: acd.Accept, Agent: "mei", Offer: n.ring.Offer}))
	h.wants("assign", "mei", matter)
	h.must(h.contacts.Connected(t.Context(), "mei", matter, browser("mei")))
	h.hears(l2, "connected to mei")
	if n := h.status(booth, httpapi.ContactTalking); n.Agent != "mei" {
		t.Errorf("%+v", n)
	}
	h.must(h.contacts.Do(t.Context(), "mei", matter, contact.Hold))
	h.hears(l2, "music")
	h.must(h.contacts.Do(t.Context(), "mei", matter, contact.Resume))
	h.hears(l2, "connected to mei")
	h.must(h.contacts.Do(t.Context(), "mei", matter, contact.HangUp))
	h.hears(l2, "ended normal")
	h.wants("call", "mei", "ended normal")
	h.must(h.contacts.WrapUp(t.Context(), "mei", matter, httpapi.Resolved, "<b>ok</b>"))
	c := h.is(matter, httpapi.ContactClosed)
	if c.Disposition != httpapi.Resolved || c.Note != "<b>ok</b>" || c.Agent != "mei" || c.AnsweredMS < c.QueuedMS || c.EndedMS < c.AnsweredMS {
		t.Errorf("%+v", c)
	}
	var kinds []string
	for _, e := range c.Timeline {
		kinds = append(kinds, e.Kind)
	}
	want := "arrived nobody arrived offered accepted connected held resumed hung_up wrapped_up"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("timeline %s, want %s", got, want)
	}
	h.agentIs("mei", httpapi.AgentAvailable, "")
}

func TestTextsBothWays(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	h.agent("mei")
	_, matter := h.call("call")
	booth, _ := h.line(matter)
	h.accept("mei")
	const html = `<script>alert(1)</script> & "您好"`
	h.must(h.contacts.FromBooth(t.Context(), "b1", matter, httpapi.LineWish{T: httpapi.LineText, Text: html}))
	h.wants("text", "mei", "citizen: "+html)
	h.must(h.contacts.Text(t.Context(), "mei", matter, html))
	n := h.says(booth, "the text", func(n httpapi.LineNews) bool { return n.T == httpapi.LineText })
	if n.Text != html || n.Who != httpapi.WhoAgent {
		t.Errorf("%+v", n)
	}
	if err := h.contacts.Text(t.Context(), "tom", matter, "x"); !errors.Is(err, contact.ErrNotYours) {
		t.Errorf("somebody else's text: %v", err)
	}
	if err := h.contacts.FromBooth(t.Context(), "b2", matter, httpapi.LineWish{T: httpapi.LineText, Text: "x"}); !errors.Is(err, contact.ErrNotYours) {
		t.Errorf("another booth's text: %v", err)
	}
	c, err := h.contacts.Contact(t.Context(), matter)
	if err != nil || len(c.Turns) != 2 || c.Turns[0].Text != html || c.Turns[1].Who != httpapi.WhoAgent {
		t.Errorf("stored %+v, %v", c.Turns, err)
	}
}

// The handset goes down in every state: nothing is left behind, and the agent is free for the next.
func TestCitizenLeaves(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	h.agent("mei")
	for _, state := range []string{"offered", "accepted", "talking", "held"} {
		t.Run(state, func(t *testing.T) {
			l, matter := h.call(state)
			n := h.wants("ring", "mei", matter)
			if state == "offered" {
				l.Hangup("normal")
				h.wants("unring", "mei", httpapi.GoneLeft)
				h.is(matter, httpapi.ContactClosed)
				return
			}
			h.must(h.queue.Do(t.Context(), acd.Event{Kind: acd.Accept, Agent: "mei", Offer: n.ring.Offer}))
			h.wants("assign", "mei", matter)
			if state != "accepted" {
				h.must(h.contacts.Connected(t.Context(), "mei", matter, browser("mei")))
			}
			if state == "held" {
				h.must(h.contacts.Do(t.Context(), "mei", matter, contact.Hold))
			}
			l.Hangup("normal")
			h.wants("call", "mei", "ended normal")
			h.is(matter, httpapi.ContactWrapUp)
			h.must(h.contacts.WrapUp(t.Context(), "mei", matter, httpapi.Resolved, ""))
			h.is(matter, httpapi.ContactClosed)
		})
	}
}

func TestNobodyThenCallback(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	l, matter := h.call("call")
	h.must(h.contacts.Handoff(t.Context(), "b1", matter, handoff()))
	booth, _ := h.line(matter)
	h.hears(l, "silence")
	h.status(booth, httpapi.ContactNew)
	h.must(h.contacts.FromBooth(t.Context(), "b1", matter, httpapi.LineWish{T: httpapi.LineCallback}))
	h.hears(l, "ended normal")
	h.is(matter, httpapi.ContactCallback)

	h.agent("mei")
	back := contacttest.NewLine("callback")
	h.accept("mei")
	h.must(h.contacts.Connected(t.Context(), "mei", matter, browser("mei")))
	h.booths.Answers <- contacttest.Answer{Line: back}
	h.hears(back, "connected to mei")
	if to := <-h.booths.Called; to != (contact.Callee{Booth: "b1", Contact: matter, Lang: "zh"}) {
		t.Errorf("called %+v", to)
	}
	c := h.is(matter, httpapi.ContactTalking)
	if c.Kind != httpapi.KindCallback || c.Agent != "mei" {
		t.Errorf("%+v", c)
	}
	back.Hangup("normal")
	h.wants("call", "mei", "ended normal")
	h.must(h.contacts.WrapUp(t.Context(), "mei", matter, httpapi.Resolved, "done"))
	h.is(matter, httpapi.ContactClosed)
}

func TestCallbackNotReached(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	_, matter := h.call("call")
	h.is(matter, httpapi.ContactNew)
	h.must(h.contacts.FromBooth(t.Context(), "b1", matter, httpapi.LineWish{T: httpapi.LineCallback}))
	h.agent("mei")
	h.accept("mei")
	h.booths.Answers <- contacttest.Answer{Cause: "no_answer"}
	h.wants("call", "mei", "ended no_answer")
	h.must(h.contacts.WrapUp(t.Context(), "mei", matter, httpapi.CallbackKept, "again"))
	n := h.wants("ring", "mei", matter) // it waits for the next, who is the same
	h.must(h.queue.Do(t.Context(), acd.Event{Kind: acd.Decline, Agent: "mei", Offer: n.ring.Offer}))
	h.is(matter, httpapi.ContactCallback) // a callback is never given up
	h.must(h.contacts.FromBooth(t.Context(), "b1", matter, httpapi.LineWish{T: httpapi.LineLeave}))
	h.is(matter, httpapi.ContactClosed)
}

// An agent who hangs up while the booth rings leaves no ringing booth behind; one whom the citizen calls meanwhile talks at once.
func TestCallbackRaces(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	_, matter := h.call("call")
	h.is(matter, httpapi.ContactNew)
	h.must(h.contacts.FromBooth(t.Context(), "b1", matter, httpapi.LineWish{T: httpapi.LineCallback}))
	h.agent("mei")
	h.accept("mei")
	h.must(h.contacts.Do(t.Context(), "mei", matter, contact.HangUp))
	h.wants("call", "mei", "ended normal")
	h.must(h.contacts.WrapUp(t.Context(), "mei", matter, httpapi.CallbackKept, ""))
	h.accept("mei")
	h.must(h.contacts.Connected(t.Context(), "mei", matter, browser("mei")))
	again := contacttest.NewLine("again")
	h.contacts.Arrived(t.Context(), again, contact.Arrival{Contact: matter, Booth: "b1", Lang: "zh"})
	h.hears(again, "connected to mei")
}

// The agent's page is loaded again: the citizen hears that the line lives. The agent is gone for good: the next one has the citizen.
func TestAgentLost(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	h.agent("mei")
	l, matter := h.call("call")
	h.accept("mei")
	h.must(h.contacts.Connected(t.Context(), "mei", matter, browser("mei")))
	h.must(h.contacts.Do(t.Context(), "mei", matter, contact.Lose))
	h.hears(l, "hold tone")
	h.must(h.contacts.Connected(t.Context(), "mei", matter, browser("mei again")))
	h.hears(l, "connected to mei again")
	h.agent("tom")
	h.queue.Post(acd.Event{Kind: acd.Gone, Agent: "mei"})
	h.hears(l, "queue tone")
	h.agentIs("mei", httpapi.AgentOffline, "")
	if got := h.accept("tom"); got != matter {
		t.Errorf("tom got %s", got)
	}
	if err := h.contacts.Do(t.Context(), "mei", matter, contact.HangUp); !errors.Is(err, contact.ErrNotYours) {
		t.Errorf("mei still acts: %v", err)
	}
}

func TestRingsInVain(t *testing.T) {
	rules := acd.DefaultRules()
	rules.RingFor = 30 * time.Millisecond
	h := newHouse(t, rules)
	h.agent("mei")
	h.agent("tom")
	_, matter := h.call("call")
	booth, _ := h.line(matter)
	h.wants("ring", "mei", matter)
	h.wants("unring", "mei", httpapi.GoneTimeout)
	h.agentIs("mei", httpapi.AgentAway, httpapi.ReasonNoAnswer)
	h.wants("ring", "tom", matter)
	h.wants("unring", "tom", httpapi.GoneTimeout)
	h.says(booth, "none", func(n httpapi.LineNews) bool { return n.T == httpapi.LineNone && n.Callback })
	h.is(matter, httpapi.ContactNew)
}

func TestPositions(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	h.agent("mei")
	h.call("first")
	h.accept("mei")
	_, second := h.call("second")
	_, third := h.call("third")
	h.is(second, httpapi.ContactQueued)
	h.is(third, httpapi.ContactQueued)
	booth, _ := h.line(third)
	h.says(booth, "position 2", func(n httpapi.LineNews) bool { return n.Position == 2 })
	h.must(h.contacts.FromBooth(t.Context(), "b1", second, httpapi.LineWish{T: httpapi.LineLeave}))
	h.says(booth, "position 1", func(n httpapi.LineNews) bool { return n.Position == 1 })
}

func TestRefusals(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	unknown := id.New()
	if _, err := h.contacts.Attach(t.Context(), "b1", unknown, nil); !errors.Is(err, contact.ErrNoContact) {
		t.Errorf("line of no contact: %v", err)
	}
	if err := h.contacts.Do(t.Context(), "mei", unknown, contact.HangUp); err == nil {
		t.Error("an agent acts on no contact")
	}
	h.agent("mei")
	_, matter := h.call("call")
	h.accept("mei")
	if err := h.contacts.Handoff(t.Context(), "b2", matter, handoff()); !errors.Is(err, contact.ErrNotYours) {
		t.Errorf("another booth's words: %v", err)
	}
	stranger := contacttest.NewLine("stranger")
	h.contacts.Arrived(t.Context(), stranger, contact.Arrival{Contact: matter, Booth: "b2"})
	h.hears(stranger, "ended normal")
	if err := h.contacts.Do(t.Context(), "mei", matter, contact.Resume); !errors.Is(err, contact.ErrNotNow) {
		t.Errorf("resumed what is not held: %v", err)
	}
	if err := h.contacts.WrapUp(t.Context(), "mei", matter, httpapi.Resolved, ""); !errors.Is(err, contact.ErrNotNow) {
		t.Errorf("wrapped up in mid-call: %v", err)
	}
}

// A core that was killed left contacts in every state: the next life ends the calls and keeps the callbacks; none is lost, none stuck.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "laoyou.db")
	db := open(t, path)
	s := newHouseAt(t, acd.DefaultRules(), path).store
	want := map[string]httpapi.ContactState{}
	for state := contact.New; state <= contact.Calling; state++ {
		c := contact.Contact{ID: id.New(), Tenant: "default", Booth: "b1", Kind: httpapi.KindVisit, State: state, Handoff: handoff(), Agent: "mei"}
		c.Times.Created = time.UnixMilli(1_700_000_000_000).UTC()
		c.Timeline = []contact.Entry{{At: c.Times.Created, Kind: "created"}}
		if err := s.SaveContact(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		want[c.ID] = httpapi.ContactClosed
		if state == contact.Callback || state == contact.CallbackOffered || state == contact.Calling {
			want[c.ID] = httpapi.ContactCallback
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	h := newHouseAt(t, acd.DefaultRules(), path)
	for id, state := range want {
		c := h.is(id, state)
		last := c.Timeline[len(c.Timeline)-1].Kind
		if state == httpapi.ContactCallback && last != "core_restarted" {
			t.Errorf("%+v", c)
		}
	}
	h.agent("mei")
	var rung []string
	for range 3 {
		rung = append(rung, h.accept("mei"))
		h.booths.Answers <- contacttest.Answer{Cause: "no_answer"}
		h.wants("call", "mei", "ended no_answer")
		h.must(h.contacts.WrapUp(t.Context(), "mei", rung[len(rung)-1], httpapi.Abandoned, ""))
	}
	for _, id := range rung {
		if want[id] != httpapi.ContactCallback {
			t.Errorf("%s rang", id)
		}
	}
	if slices.Sort(rung); len(slices.Compact(rung)) != 3 {
		t.Errorf("rang %v", rung)
	}
}

// A store that fails does not take the citizen's call away.
func TestStoreFails(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	h.agent("mei")
	l, matter := h.call("call")
	h.accept("mei")
	if err := h.db.Write.Close(); err != nil {
		t.Fatal(err)
	}
	h.must(h.contacts.Connected(t.Context(), "mei", matter, browser("mei")))
	h.hears(l, "connected to mei")
	if err := h.contacts.Handoff(t.Context(), "b1", matter, handoff()); err == nil {
		t.Error("words that were not stored are confirmed")
	}
	l.Hangup("normal")
	h.wants("call", "mei", "ended normal")
}

func TestManyAtOnce(t *testing.T) {
	const citizens, agents = 60, 5
	h := newHouse(t, acd.DefaultRules())
	for i := range agents {
		h.agent(fmt.Sprint("a", i))
	}
	waiting := map[string]*contacttest.Line{}
	for i := range citizens {
		l, matter := h.call(fmt.Sprint(i))
		waiting[matter] = l
	}
	served := map[string]string{}
	for len(served) < citizens {
		n := <-h.desks.told
		switch n.kind {
		case "ring":
			h.must(h.queue.Do(t.Context(), acd.Event{Kind: acd.Accept, Agent: n.agent, Offer: n.ring.Offer}))
		case "assign":
			if other, twice := served[n.what]; twice {
				t.Fatalf("%s is at %s and %s", n.what, other, n.agent)
			}
			served[n.what] = n.agent
			h.must(h.contacts.Connected(t.Context(), n.agent, n.what, browser(n.agent)))
			waiting[n.what].Hangup("normal")
			h.is(n.what, httpapi.ContactWrapUp)
			h.must(h.contacts.WrapUp(t.Context(), n.agent, n.what, httpapi.Resolved, ""))
		}
	}
}

// An emergency is on record from its first moment, with what is known of it, and takes nobody's time: no queue, no agent.
func TestEmergency(t *testing.T) {
	h := newHouse(t, acd.DefaultRules())
	h.agent("mei")
	e := h.contacts.Emergency(contact.Arrival{Contact: "ignored", Booth: "b1", Lang: "en", Place: "人民广场", Number: "110", Test: true})
	h.is(e.ID(), httpapi.ContactTalking)
	e.Answered()
	e.Ended("normal")
	c := h.is(e.ID(), httpapi.ContactClosed)
	if c.Kind != httpapi.KindEmergency || c.Booth != "b1" || c.Place != "人民广场" || c.Number != "110" || !c.Test || c.Lang != "en" || c.Agent != "" {
		t.Errorf("%+v", c)
	}
	if c.CreatedMS == 0 || c.AnsweredMS < c.CreatedMS || c.EndedMS < c.AnsweredMS || c.QueuedMS != 0 {
		t.Errorf("times %+v", c)
	}
	var steps []string
	for _, s := range c.Timeline {
		steps = append(steps, s.Kind+" "+s.Text)
	}
	if got := strings.Join(steps, ", "); got != "emergency 110, operator_answered , emergency_over normal" {
		t.Errorf("timeline %s", got)
	}
	h.agentIs("mei", httpapi.AgentAvailable, "")

	cut := h.contacts.Emergency(contact.Arrival{Booth: "b1", Number: "119"})
	h.is(cut.ID(), httpapi.ContactTalking)
	h.must(h.contacts.Recover(t.Context())) // the next life
	h.is(cut.ID(), httpapi.ContactClosed)
}
