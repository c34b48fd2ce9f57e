package rules

import (
	"testing"

	"github.com/laoyou/laoyou/agents/nlu"
)

// TestRedFlags: what must not wait is heard in whatever words, and what merely sounds like it is not.
func TestRedFlags(t *testing.T) {
	e, now := engine(t)
	for _, text := range []string{
		"我胸口疼", "胸闷得厉害", "我爸胸痛，想挂个心内科", "他喘不过气", "呼吸困难", "血止不住", "突然半边身子没力", "嘴歪了，说话不清", "我妈晕倒了", "中风了怎么办",
		"I have chest pain", "my chest really hurts", "he can't breathe", "she has trouble breathing", "my face is drooping", "he is bleeding heavily",
		"I think my father had a stroke", "she passed out", "vomiting blood", "胸口有点压着疼",
	} {
		for _, ctx := range []nlu.Context{{Now: now}, {Now: now, Task: "hospital", Expect: nlu.SlotTail}, {Now: now, Task: "attraction", Expect: nlu.SlotTickets}} {
			if u := e.Understand(ctx, text); !u.RedFlag {
				t.Errorf("%q (%s): no red flag", text, ctx.Task)
			}
		}
	}
	for _, text := range []string{
		"没有胸痛，就是咳嗽", "no chest pain, just a cough", "膝盖疼", "my knee hurts", "豫园两张票", "胸外科", "two tickets for the tower", "骨科", "头有点晕",
	} {
		if u := e.Understand(nlu.Context{Now: now}, text); u.RedFlag {
			t.Errorf("%q is a red flag", text)
		}
	}
}

// TestCareLeavesBookingsAlone: words about tickets mean what they meant, also while registering.
func TestCareLeavesBookingsAlone(t *testing.T) {
	e, now := engine(t)
	u := e.Understand(nlu.Context{Now: now, Task: "hospital"}, "算了，还是订明天上午豫园两张票")
	if a, ok := u.Act(nlu.SlotPlace, nlu.Inform, nlu.Change); !ok || a.Value.ID != "yu-garden" {
		t.Errorf("understood %+v", u)
	}
	u = e.Understand(nlu.Context{Now: now}, "我和老伴去豫园")
	if _, ok := u.Act(nlu.SlotPatient, nlu.Inform); ok {
		t.Errorf("a visitor became a patient: %+v", u)
	}
}

// TestSymptomsLeadSomewhere: every department that a symptom leads to is one of the city's.
func TestSymptomsLeadSomewhere(t *testing.T) {
	e, _ := engine(t)
	known := map[string]bool{}
	for _, a := range e.care.departments {
		known[a.id] = true
	}
	for _, lex := range e.care.words {
		for dept := range lex.Symptoms {
			if !known[dept] {
				t.Errorf("symptoms lead to %q, which the pack does not have", dept)
			}
		}
	}
}
