package acd_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// run starts a matcher in a bubble and stops it at the end of test.
func run(t *testing.T, test func(t *testing.T, m *acd.Matcher, effects chan acd.Effect, shown chan acd.Snapshot)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		effects, shown, n := make(chan acd.Effect, 1000), make(chan acd.Snapshot, 1000), 0
		m := acd.New(acd.Deps{
			Rules: acd.DefaultRules(), NewID: func() string { n++; return fmt.Sprint("o", n) },
			Out: func(e acd.Effect) { effects <- e }, Show: func(s acd.Snapshot) { shown <- s },
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = m.Run(ctx) }()
		test(t, m, effects, shown)
		cancel()
		<-ended
	})
}

// next is the next effect of a kind.
func next(t *testing.T, effects chan acd.Effect, kind acd.EffectKind) acd.Effect {
	t.Helper()
	for {
		synctest.Wait()
		select {
		case e := <-effects:
			if e.Kind == kind {
				return e
			}
		default:
			t.Fatalf("no effect %d", kind)
		}
	}
}

func signIn(t *testing.T, m *acd.Matcher, name string) {
	t.Helper()
	m.Post(acd.Event{Kind: acd.Present, Agent: name, On: true})
	if err := m.Do(t.Context(), acd.Event{Kind: acd.SetAgent, Agent: name, State: httpapi.AgentAvailable, Langs: []string{"zh", "en"}}); err != nil {
		t.Fatal(err)
	}
}

// An offer that rings in vain goes on after exactly the time of the rules, and makes its agent away.
func TestRingsForTwentySeconds(t *testing.T) {
	run(t, func(t *testing.T, m *acd.Matcher, effects chan acd.Effect, _ chan acd.Snapshot) {
		signIn(t, m, "mei")
		signIn(t, m, "tom")
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "c1", Lang: "zh"})
		begin := time.Now()
		o := next(t, effects, acd.Offered)
		if o.Agent != "mei" || !o.At.Equal(begin.Add(20*time.Second)) {
			t.Errorf("offer %+v", o)
		}
		time.Sleep(20*time.Second - time.Millisecond) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		if len(effects) != 0 {
			t.Errorf("too early: %+v", <-effects)
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // the bubble's clock
		if w := next(t, effects, acd.Withdrawn); w.Why != httpapi.GoneTimeout || w.Offer != o.Offer {
			t.Errorf("%+v", w)
		}
		if a := next(t, effects, acd.AgentNow); a.State != httpapi.AgentAway || a.Reason != httpapi.ReasonNoAnswer {
			t.Errorf("%+v", a)
		}
		if o := next(t, effects, acd.Offered); o.Agent != "tom" {
			t.Errorf("%+v", o)
		}
		if err := m.Do(t.Context(), acd.Event{Kind: acd.Accept, Agent: "mei", Offer: o.Offer}); !errors.Is(err, acd.ErrGone) {
			t.Errorf("accepted too late: %v", err)
		}
	})
}

func TestWrapUpEnds(t *testing.T) {
	run(t, func(t *testing.T, m *acd.Matcher, effects chan acd.Effect, _ chan acd.Snapshot) {
		signIn(t, m, "mei")
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "c1", Lang: "zh"})
		o := next(t, effects, acd.Offered)
		if err := m.Do(t.Context(), acd.Event{Kind: acd.Accept, Agent: "mei", Offer: o.Offer}); err != nil {
			t.Fatal(err)
		}
		m.Post(acd.Event{Kind: acd.CallEnded, Agent: "mei", Contact: "c1", On: true})
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "c2", Lang: "zh"})
		next(t, effects, acd.AgentNow)
		time.Sleep(59 * time.Second) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		for len(effects) > 0 {
			if e := <-effects; e.Kind == acd.Offered {
				t.Error("offered to an agent who writes")
			}
		}
		time.Sleep(time.Second) //nolint:forbidigo // the bubble's clock
		if e := next(t, effects, acd.WrapEnded); e.Contact != "c1" {
			t.Errorf("%+v", e)
		}
		if e := next(t, effects, acd.Offered); e.Contact != "c2" {
			t.Errorf("%+v", e)
		}
	})
}

// The one agent who could still take a contact is asked for another, which leaves: the first must not wait for nobody.
func TestLastHopeGoes(t *testing.T) {
	run(t, func(t *testing.T, m *acd.Matcher, effects chan acd.Effect, _ chan acd.Snapshot) {
		signIn(t, m, "mei")
		signIn(t, m, "tom")
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "c1", Lang: "zh"})
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "c2", Lang: "zh"})
		decline := func(agent, contact string) {
			o := next(t, effects, acd.Offered)
			if o.Agent != agent || o.Contact != contact {
				t.Errorf("%+v, want %s at %s", o, contact, agent)
			}
			if err := m.Do(t.Context(), acd.Event{Kind: acd.Decline, Agent: agent, Offer: o.Offer}); err != nil {
				t.Error(err)
			}
		}
		decline("mei", "c1")
		decline("tom", "c2")
		if o := next(t, effects, acd.Offered); o.Agent != "mei" || o.Contact != "c2" {
			t.Errorf("%+v", o)
		}
		decline("tom", "c1") // mei has declined it too, but is asked for c2 now
		synctest.Wait()
		for len(effects) > 0 {
			if e := <-effects; e.Kind == acd.None {
				t.Errorf("given up early: %+v", e)
			}
		}
		m.Post(acd.Event{Kind: acd.Leave, Contact: "c2"})
		if e := next(t, effects, acd.None); e.Contact != "c1" {
			t.Errorf("%+v", e)
		}
	})
}

// Who has the language comes first, whoever has been idle longer; without one at work anybody serves.
func TestLanguages(t *testing.T) {
	run(t, func(t *testing.T, m *acd.Matcher, effects chan acd.Effect, _ chan acd.Snapshot) {
		set := func(name string, state acd.AgentState, langs ...string) {
			m.Post(acd.Event{Kind: acd.Present, Agent: name, On: true})
			m.Post(acd.Event{Kind: acd.SetAgent, Agent: name, State: state, Langs: langs})
		}
		set("mei", httpapi.AgentAvailable, "zh")
		set("tom", httpapi.AgentAvailable, "en")
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "c1", Lang: "en"})
		if o := next(t, effects, acd.Offered); o.Agent != "tom" {
			t.Errorf("%+v", o)
		}
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "c2", Lang: "en"}) // waits for tom, though mei is idle
		synctest.Wait()
		for len(effects) > 0 {
			if e := <-effects; e.Kind == acd.Offered {
				t.Errorf("%+v", e)
			}
		}
		set("tom", httpapi.AgentOffline, "en") // nobody speaks English any more
		if o := next(t, effects, acd.Offered); o.Agent != "mei" || o.Contact != "c1" {
			t.Errorf("%+v", o)
		}
	})
}

func TestShownTwiceASecondAtMost(t *testing.T) {
	run(t, func(t *testing.T, m *acd.Matcher, _ chan acd.Effect, shown chan acd.Snapshot) {
		signIn(t, m, "mei")
		for i := range 100 {
			m.Post(acd.Event{Kind: acd.Enqueue, Contact: fmt.Sprintf("c%03d", i), Lang: []string{"zh", "en"}[i%2], Callback: i > 90})
			time.Sleep(10 * time.Millisecond) //nolint:forbidigo // the bubble's clock
		}
		time.Sleep(time.Second) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		if n := len(shown); n < 2 || n > 4 {
			t.Errorf("shown %d times", n)
		}
		var last acd.Snapshot
		for len(shown) > 0 {
			last = <-shown
		}
		if len(last.Waiting) != 99 || last.Waiting[0].Contact != "c001" || last.Waiting[0].Position != 1 || last.Waiting[2].Position != 2 {
			t.Errorf("%d wait: %+v", len(last.Waiting), last.Waiting[:3])
		}
		if !slices.IsSortedFunc(last.Waiting, func(a, b acd.Waiting) int {
			if a.Callback != b.Callback && a.Callback {
				return 1
			}
			return 0
		}) {
			t.Error("callbacks are shown before people on the line")
		}
		if len(last.Agents) != 1 || last.Agents[0].Contact != "c000" {
			t.Errorf("%+v", last.Agents)
		}
	})
}

// 10,000 events a second into a house with 10,000 waiting contacts and 2,000 agents: how long each decision takes, the way through the
// matcher's goroutine included.
func BenchmarkDecision(b *testing.B) {
	const waiting, agents, rate = 10_000, 2_000, 10_000
	var mu sync.Mutex
	offers := map[string]string{} // agent -> offer
	m := acd.New(acd.Deps{Rules: acd.DefaultRules(), NewID: counter(), Out: func(e acd.Effect) {
		if e.Kind == acd.Offered {
			mu.Lock()
			offers[e.Agent] = e.Offer
			mu.Unlock()
		}
	}, Show: func(acd.Snapshot) {}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = m.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	langs := [][]string{{"zh", "en"}, {"zh"}, {"en"}}
	for i := range agents {
		name := fmt.Sprint("a", i)
		m.Post(acd.Event{Kind: acd.Present, Agent: name, On: true})
		m.Post(acd.Event{Kind: acd.SetAgent, Agent: name, State: httpapi.AgentAvailable, Langs: langs[i%3]})
	}
	for i := range waiting + agents {
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: fmt.Sprint("w", i), Lang: []string{"zh", "en"}[i%2]})
	}
	if err := m.Do(ctx, acd.Event{Kind: acd.Leave, Contact: "nobody"}); err != nil {
		b.Fatal(err)
	}
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	begin := time.Now()
	for i := range b.N {
		if ahead := time.Duration(i)*time.Second/rate - time.Since(begin); ahead > 0 && i%100 == 0 {
			<-time.After(ahead)
		}
		e := load(i, agents, func(agent string) string { mu.Lock(); defer mu.Unlock(); return offers[agent] })
		at := time.Now()
		_ = m.Do(ctx, e) // a refusal is a decision too
		took = append(took, time.Since(at))
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
	b.ReportMetric(float64(b.N)/time.Since(begin).Seconds(), "events/s")
}

func counter() func() string {
	n := 0
	return func() string { n++; return fmt.Sprint("o", n) }
}

// load is one event of a busy day: calls come and go, agents decline, accept and finish, some go for tea.
func load(i, agents int, offer func(string) string) acd.Event {
	agent := fmt.Sprint("a", (i*7)%agents)
	switch i % 8 {
	case 0, 1:
		return acd.Event{Kind: acd.Enqueue, Contact: fmt.Sprint("n", i), Lang: []string{"zh", "en"}[i%2]}
	case 2:
		return acd.Event{Kind: acd.Leave, Contact: fmt.Sprint("n", i-2)}
	case 3:
		return acd.Event{Kind: acd.Decline, Agent: agent, Offer: offer(agent)}
	case 4:
		return acd.Event{Kind: acd.Accept, Agent: agent, Offer: offer(agent)}
	case 5:
		return acd.Event{Kind: acd.Gone, Agent: agent}
	case 6:
		return acd.Event{Kind: acd.Present, Agent: agent, On: true}
	default:
		return acd.Event{Kind: acd.SetAgent, Agent: agent, State: httpapi.AgentAvailable, Langs: []string{"zh", "en"}}
	}
}

// A core that closes rings nobody any more: who waits on the line is told, callbacks stay for the next life, a call that is up goes on.
func TestClose(t *testing.T) {
	run(t, func(t *testing.T, m *acd.Matcher, effects chan acd.Effect, shown chan acd.Snapshot) {
		signIn(t, m, "mei")
		signIn(t, m, "tom")
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "talks", Lang: "zh"})
		o := next(t, effects, acd.Offered)
		if err := m.Do(t.Context(), acd.Event{Kind: acd.Accept, Agent: o.Agent, Offer: o.Offer}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []string{"rings", "waits"} {
			m.Post(acd.Event{Kind: acd.Enqueue, Contact: c, Lang: "zh"})
		}
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "later", Lang: "zh", Callback: true})
		next(t, effects, acd.Offered)
		m.Post(acd.Event{Kind: acd.Close})
		if w := next(t, effects, acd.Withdrawn); w.Contact != "rings" {
			t.Errorf("%+v", w)
		}
		told := []string{next(t, effects, acd.None).Contact, next(t, effects, acd.None).Contact}
		slices.Sort(told)
		if !slices.Equal(told, []string{"rings", "waits"}) {
			t.Errorf("told %v", told)
		}
		m.Post(acd.Event{Kind: acd.CallEnded, Agent: "mei", Contact: "talks", On: true})
		m.Post(acd.Event{Kind: acd.Done, Agent: "mei", Contact: "talks"})
		m.Post(acd.Event{Kind: acd.Enqueue, Contact: "new", Lang: "zh"})
		if n := next(t, effects, acd.None); n.Contact != "new" {
			t.Errorf("%+v", n)
		}
		synctest.Wait()
		for len(effects) > 0 {
			if e := <-effects; e.Kind == acd.Offered {
				t.Errorf("%+v", e)
			}
		}
		time.Sleep(time.Second) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		var last acd.Snapshot
		for len(shown) > 0 {
			last = <-shown
		}
		if len(last.Waiting) != 1 || last.Waiting[0].Contact != "later" {
			t.Errorf("%+v", last.Waiting)
		}
	})
}
