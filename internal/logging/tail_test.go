package logging_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/internal/logging"
)

func TestTailKeepsTheLastLines(t *testing.T) {
	var through bytes.Buffer
	tail := logging.NewTail(&through, 3)
	if got := tail.Last(3); len(got) != 0 {
		t.Errorf("an empty tail has %q", got)
	}
	for i := range 5 {
		fmt.Fprintf(tail, "line %d\n", i)
	}
	if got := string(tail.Last(10)); got != "line 2\nline 3\nline 4\n" {
		t.Errorf("%q", got)
	}
	if got := string(tail.Last(1)); got != "line 4\n" {
		t.Errorf("%q", got)
	}
	if strings.Count(through.String(), "\n") != 5 {
		t.Errorf("passed on %q", through.String())
	}
	fmt.Fprintf(tail, "%s\n", strings.Repeat("x", 10_000))
	if got := tail.Last(1); len(got) > 2100 || got[len(got)-1] != '\n' {
		t.Errorf("a long line takes %d bytes", len(got))
	}
}
