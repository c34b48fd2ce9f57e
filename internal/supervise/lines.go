package supervise

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"
)

// longestLine is where a child's line is broken, so that one that never ends cannot fill the memory.
const longestLine = 16 << 10

// lines writes what several children say, whole lines only, each under its child's name.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

// copy reads r to its end in a goroutine of its own, closes it, and closes the channel then.
func (l *lines) copy(name string, r io.ReadCloser) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = r.Close() }()
		br := bufio.NewReaderSize(r, longestLine)
		for {
			line, err := br.ReadSlice('\n')
			if len(line) > 0 {
				l.write(name, line)
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return
			}
		}
	}()
	return done
}

func (l *lines) write(name string, line []byte) {
	if line[len(line)-1] == '\n' {
		line = line[:len(line)-1]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = fmt.Fprintf(l.w, "%s | %s\n", name, line)
}
