package logging

import (
	"bytes"
	"io"
	"sync"
)

// Tail passes a log on and remembers its last lines, for whoever asks for them from afar. It never writes them anywhere itself.
type Tail struct {
	next io.Writer

	mu    sync.Mutex
	lines [][]byte // a ring
	at    int      // where the next line goes
}

// NewTail returns a tail of at most n lines before w.
func NewTail(w io.Writer, n int) *Tail { return &Tail{next: w, lines: make([][]byte, 0, n)} }

// maxLine bounds what is remembered of one line.
const maxLine = 2048

// Write implements io.Writer: slog writes one line at a time.
func (t *Tail) Write(line []byte) (int, error) {
	t.mu.Lock()
	kept := bytes.Clone(line[:min(len(line), maxLine)])
	if len(t.lines) < cap(t.lines) {
		t.lines = append(t.lines, kept)
	} else {
		t.lines[t.at] = kept
		t.at = (t.at + 1) % len(t.lines)
	}
	t.mu.Unlock()
	return t.next.Write(line)
}

// Last returns the last n lines, oldest first.
func (t *Tail) Last(n int) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out bytes.Buffer
	for i := max(0, len(t.lines)-n); i < len(t.lines); i++ {
		out.Write(bytes.TrimRight(t.lines[(t.at+i)%len(t.lines)], "\n"))
		out.WriteByte('\n')
	}
	return out.Bytes()
}
