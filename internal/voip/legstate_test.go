package voip

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLegTable writes the whole machine down and compares: a change of it must be seen. UPDATE=1 takes the change.
func TestLegTable(t *testing.T) {
	var b strings.Builder
	for s := legCalling; s < legStates; s++ {
		for i := inProvisional; i < legInputs; i++ {
			if next, do, ok := s.step(i); ok {
				fmt.Fprintf(&b, "%-10s %-11s -> %-10s %s\n", s, i, next, effects(do))
			}
		}
	}
	golden := filepath.Join("testdata", "leg.table")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the table is now\n%s", b.String())
	}
}

func effects(do legEffect) string {
	names := [...]string{"tell", "ack", "up", "cancel", "bye", "end"}
	var out []string
	for i, n := range names {
		if do&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return strings.Join(out, "+")
}

// TestLegEnds: from every state a hang-up leads to the end, whatever the far end does; and nothing leads out of it.
func TestLegEnds(t *testing.T) {
	for s := legCalling; s < legOver; s++ {
		seen := map[legState]bool{s: true}
		open := []legState{s}
		for len(open) > 0 {
			from := open[0]
			open = open[1:]
			for i := inProvisional; i < legInputs; i++ {
				if next, _, ok := from.step(i); ok && !seen[next] {
					seen[next] = true
					open = append(open, next)
				}
			}
		}
		if !seen[legOver] {
			t.Errorf("%s never ends", s)
		}
	}
	for i := inNothing; i < legInputs; i++ {
		if next, do, ok := legOver.step(i); ok {
			t.Errorf("over -> %s %d by %s", next, do, i)
		}
	}
	// Whoever gave up never hears Answered.
	for _, s := range []legState{legGivingUp, legCancelling, legHanging, legClosing} {
		for i := inNothing; i < legInputs; i++ {
			if _, do, _ := s.step(i); do&doUp != 0 {
				t.Errorf("%s goes up by %s", s, i)
			}
		}
	}
}

func TestCauses(t *testing.T) {
	for _, c := range []Cause{Busy, Declined, NoAnswer, Cancelled, NotFound, Unreachable, Timeout, Auth, Failed} {
		code, reason := c.Status()
		if CauseOf(code) != c || reason == "" {
			t.Errorf("%s is sent as %d %q, which is read as %s", c, code, reason, CauseOf(code))
		}
	}
	for code, want := range map[int]Cause{200: Normal, 486: Busy, 600: Busy, 403: Declined, 302: Failed, 599: Failed, 487: Cancelled} {
		if got := CauseOf(code); got != want {
			t.Errorf("%d is %s, want %s", code, got, want)
		}
	}
	if code, _ := Normal.Status(); code != 480 {
		t.Errorf("normal refuses with %d", code)
	}
}
