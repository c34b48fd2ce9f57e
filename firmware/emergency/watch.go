package emergency

import (
	"slices"
	"sync"
	"time"

	"github.com/laoyou/laoyou/firmware"
)

// Numbers that start an emergency call when dialled.
var numbers = []string{"110", "119", "120"}

// Gaps between two keys of one number: with a menu open a digit takes effect by then; at rest there is time.
const (
	gapMenu = 1500 * time.Millisecond
	gapRest = 5 * time.Second
)

// watcher finds an emergency number among the keys. It is fed by whoever brings inputs, hence the lock.
type watcher struct {
	mu   sync.Mutex
	keys string
	last time.Time
}

// key takes one key and returns the emergency number that it completes, or "".
func (w *watcher) key(in firmware.Input, atRest bool) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	gap := gapMenu
	if atRest {
		gap = gapRest
	}
	if in.At.Sub(w.last) > gap {
		w.keys = ""
	}
	w.last = in.At
	w.keys += string(in.Key)
	if len(w.keys) > 3 {
		w.keys = w.keys[len(w.keys)-3:]
	}
	if slices.Contains(numbers, w.keys) {
		number := w.keys
		w.keys = ""
		return number
	}
	return ""
}

// forget drops what was dialled so far: the keys belong to a digit field now.
func (w *watcher) forget() {
	w.mu.Lock()
	w.keys = ""
	w.mu.Unlock()
}
