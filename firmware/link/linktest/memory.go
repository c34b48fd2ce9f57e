// Package linktest holds what tests of the link and simulations of many booths need: an outbox and inbox in memory that keep the promises of
// the one on disk but the last, to survive the program. It may import package link only.
package linktest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/internal/id"
)

// Memory is a link.Store, an inbox and a keeper of configs. Its methods may be called from any goroutine. The zero value is ready.
type Memory struct {
	mu    sync.Mutex
	head  link.Head
	pos   int64
	rows  []link.Row
	inbox []link.Entry
	kept  map[string][]byte
	fail  error
}

var _ link.Store = (*Memory)(nil)

// Fail makes every write fail with err until it is nil again: a full disk.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// Load returns the head.
func (m *Memory) Load(context.Context) (link.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.head.Outbox == "" {
		m.head.Outbox = id.New()
	}
	return m.head, nil
}

// Append stores rows behind all others.
func (m *Memory) Append(_ context.Context, rows []link.Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	for _, r := range rows {
		m.pos++
		r.Pos = m.pos
		m.rows = append(m.rows, r)
		m.head.Rows++
		m.head.Bytes += r.Size()
	}
	return nil
}

// Read returns up to n rows behind a place, oldest first.
func (m *Memory) Read(_ context.Context, after int64, n int) ([]link.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, _ := slices.BinarySearchFunc(m.rows, after+1, func(r link.Row, pos int64) int { return int(r.Pos - pos) })
	return slices.Clone(m.rows[from:min(from+n, len(m.rows))]), nil
}

// Trim removes the n oldest rows.
func (m *Memory) Trim(_ context.Context, n int64) (bytes int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return 0, m.fail
	}
	if n > int64(len(m.rows)) {
		return 0, fmt.Errorf("only %d of %d rows are there", len(m.rows), n)
	}
	for _, r := range m.rows[:n] {
		bytes += r.Size()
	}
	if m.rows = m.rows[n:]; len(m.rows) == 0 {
		m.rows = nil
	}
	m.head.Acked += n
	m.head.Rows -= n
	m.head.Bytes -= bytes
	return bytes, nil
}

// Shed drops rows behind the mark.
func (m *Memory) Shed(_ context.Context, e link.Excess) (link.Lost, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return link.Lost{}, m.fail
	}
	var lost link.Lost
	safe := int(min(max(0, m.head.Mark-m.head.Acked), int64(len(m.rows))))
	drop := func(class link.Class, also func(link.Row) bool) {
		place := -1
		m.rows = slices.DeleteFunc(m.rows, func(r link.Row) bool {
			if place++; place < safe || r.Class != class || !also(r) {
				return false
			}
			if class == link.ClassSample {
				lost.Samples++
			} else {
				lost.Events++
			}
			lost.Bytes += r.Size()
			m.head.Bytes -= r.Size()
			return true
		})
	}
	old := func(r link.Row) bool { return r.Born < e.Before }
	drop(link.ClassSample, old)
	drop(link.ClassEvent, old)
	over := func(link.Row) bool { return m.head.Bytes > e.Bytes }
	if m.head.Bytes > e.Bytes {
		drop(link.ClassSample, func(r link.Row) bool { return r.Pos%10 != 0 })
	}
	drop(link.ClassSample, over)
	if !e.Samples {
		drop(link.ClassEvent, over)
	}
	m.head.Rows -= lost.Rows()
	m.head.Dropped += lost.Rows()
	return lost, nil
}

// Save raises figures.
func (m *Memory) Save(_ context.Context, f link.Figures) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	h := &m.head
	h.Mark, h.Epoch, h.Floor, h.Ran = max(h.Mark, f.Mark), max(h.Epoch, f.Epoch), max(h.Floor, f.Floor), max(h.Ran, f.Ran)
	return nil
}

// Renew starts a new outbox id.
func (m *Memory) Renew(_ context.Context, outbox string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.head.Outbox, m.head.Acked, m.head.Mark = outbox, 0, 0
	return nil
}

// Keep stores a value under a name.
func (m *Memory) Keep(_ context.Context, name string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if m.kept == nil {
		m.kept = make(map[string][]byte)
	}
	m.kept[name] = slices.Clone(value)
	return nil
}

// Kept returns what was last kept under a name.
func (m *Memory) Kept(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.kept[name]), nil
}

// Take stores a command that is new, or returns what is stored under its id.
func (m *Memory) Take(_ context.Context, e link.Entry) (link.Entry, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.find(e.ID); i >= 0 {
		return m.inbox[i], false, nil
	}
	if m.fail != nil {
		return e, false, m.fail
	}
	m.inbox = append(m.inbox, e)
	return e, true, nil
}

// Step stores the new state of a command.
func (m *Memory) Step(_ context.Context, e link.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.find(e.ID)
	if i < 0 {
		return fmt.Errorf("command %s is not in the inbox", e.ID)
	}
	if m.fail != nil {
		return m.fail
	}
	m.inbox[i] = e
	return nil
}

// Unfinished returns the commands that are not final.
func (m *Memory) Unfinished(context.Context) ([]link.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []link.Entry
	for _, e := range m.inbox {
		if !e.State.Final() {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *Memory) find(id string) int {
	return slices.IndexFunc(m.inbox, func(e link.Entry) bool { return e.ID == id })
}
