package contact

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The table as text, so that a change of it is read in a review.
func TestTable(t *testing.T) {
	var b strings.Builder
	seen := map[situation]bool{}
	for _, r := range table() {
		if seen[situation{r.from, r.on}] {
			t.Errorf("%s on %s is there twice", r.from, r.on)
		}
		seen[situation{r.from, r.on}] = true
		var do []string
		for _, a := range r.do {
			do = append(do, a.String())
		}
		fmt.Fprintf(&b, "%-16s %-20s %-16s %s\n", r.from, r.on, r.to, strings.Join(do, ", "))
	}
	const path = "testdata/table.golden"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != b.String() {
		t.Errorf("%v; the table is now\n%s", err, b.String())
	}
}

// Whatever state the core was killed in, a restart leads to one that holds; wherever an agent may be, their leaving is heard.
func TestNoDeadEnd(t *testing.T) {
	rows := index(table())
	for s := New; s <= Calling; s++ {
		if s == Closed {
			continue
		}
		if r, ok := rows[situation{s, Restart}]; !ok || r.to != Closed && r.to != Callback {
			t.Errorf("%s does not survive a restart", s)
		}
		if _, ok := rows[situation{s, Accept}]; !ok {
			t.Errorf("%s leaves an agent who accepts it stuck", s)
		}
		if _, ok := rows[situation{s, Arrive}]; !ok {
			t.Errorf("%s has no place for a citizen who calls", s)
		}
	}
	if r := rows[situation{Operator, Restart}]; r.to != Closed {
		t.Error("an emergency does not survive a restart")
	}
	for _, s := range []State{Talking, Held, WrapUp, Calling} {
		if _, ok := rows[situation{s, Go}]; !ok {
			t.Errorf("%s outlives its agent", s)
		}
	}
}
