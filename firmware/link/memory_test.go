package link_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
)

// What a booth's link with a long outbox costs: the issue allows 25 MB for link, twin and outbox.
func TestMemoryOfALongOutbox(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("writes 100,000 rows, and means nothing with the race detector's own memory")
	}
	e := newEngine(t)
	path := filepath.Join(t.TempDir(), "link.db")
	full := openFile(t, path)
	b := openBox(t, full, "")
	const rows = 100_000
	for range rows / 1000 {
		fill(t, b, 1000, link.ClassEvent, 1, 200)
	}
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
	before := resident(t)
	file := openFile(t, path)
	l := link.New(link.Deps{Store: openBox(t, file, ""), Line: e.line(), Pace: quick})
	e.fleet.Set(true, nil, nil) // nothing is acknowledged: the whole outbox stays
	defer run(t, l)()
	if _, ok := e.fleet.Until(generous, func(s linktest.Seen) bool { return len(s.Births) > 0 }); !ok {
		t.Fatalf("not online: %+v", l.State())
	}
	for n := range 500 {
		if err := l.Event(t.Context(), fact(n)); err != nil {
			t.Fatal(err)
		}
	}
	grown := resident(t) - before
	t.Logf("%d rows wait; resident memory grew by %.1f MB", l.State().Pending, float64(grown)/1e6)
	if grown > 25_000_000 {
		t.Errorf("resident memory grew by %d bytes", grown)
	}
}

// resident is what the system counts for this program.
func resident(t testing.TB) int64 {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc: ", err)
	}
	for l := range strings.Lines(string(raw)) {
		var kb int64
		if n, _ := fmt.Sscanf(l, "VmRSS: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	t.Skip("no VmRSS")
	return 0
}

// BenchmarkEvent is one event on disk; many booths that share a file share its commits.
func BenchmarkEvent(b *testing.B) {
	for _, booths := range []int{1, 500} {
		b.Run(fmt.Sprint(booths), func(b *testing.B) {
			f := openFile(b, filepath.Join(b.TempDir(), "link.db"))
			links := make([]*link.Link, booths)
			for i := range links {
				links[i] = link.New(link.Deps{Store: openBox(b, f, fmt.Sprint(i)), Line: line})
			}
			b.ResetTimer()
			todo := make(chan int)
			done := make(chan error)
			for _, l := range links {
				go func() {
					var err error
					for n := range todo {
						err = l.Event(b.Context(), fact(n))
					}
					done <- err
				}()
			}
			start := time.Now()
			for n := range b.N {
				todo <- n
			}
			close(todo)
			for range links {
				if err := <-done; err != nil {
					b.Error(err)
				}
			}
			b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "events/s")
		})
	}
}
