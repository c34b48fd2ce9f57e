// Package health measures what a booth says of itself in heartbeats and telemetry: load of the processor, memory, disk, temperature.
// It reads /proc and /sys and nothing else; what a machine does not have is 0. It may import nothing of ours.
package health

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Reading is one look at the machine.
type Reading struct {
	CPU    float64 // percent of all cores since the last look
	MemMB  int     // of this program, resident
	DiskMB int     // free for us where the data is
	TempC  float64 // of the hottest sensor
}

// Meter looks at the machine. Its methods may be called from any goroutine.
type Meter struct {
	root string // "/", or a made-up one in tests
	data string

	mu          sync.Mutex
	busy, total uint64 // processor time at the last look
}

// New returns a meter; data is a folder on the disk that counts.
func New(data string) *Meter { return &Meter{root: "/", data: data} }

// Read looks.
func (m *Meter) Read() Reading {
	return Reading{CPU: m.cpu(), MemMB: m.memory(), DiskMB: m.disk(), TempC: m.temperature()}
}

// cpu compares the counters of /proc/stat with those of the last look: user nice system idle iowait irq softirq steal.
func (m *Meter) cpu() float64 {
	text, err := os.ReadFile(filepath.Join(m.root, "proc/stat"))
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	var busy, total uint64
	for i, field := range strings.Fields(string(line)) {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil || i > 8 { // the name, and guests, who are counted as users already
			continue
		}
		total += n
		if i != 4 && i != 5 {
			busy += n
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	b, t := busy-m.busy, total-m.total
	first := m.total == 0
	m.busy, m.total = busy, total
	if first || t == 0 || b > t {
		return 0
	}
	return 100 * float64(b) / float64(t)
}

func (m *Meter) memory() int {
	text, err := os.ReadFile(filepath.Join(m.root, "proc/self/statm"))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return pages * os.Getpagesize() >> 20
}

func (m *Meter) disk() int {
	var s syscall.Statfs_t
	if err := syscall.Statfs(m.data, &s); err != nil {
		return 0
	}
	return int(s.Bavail * uint64(s.Bsize) >> 20)
}

func (m *Meter) temperature() float64 {
	zones, err := filepath.Glob(filepath.Join(m.root, "sys/class/thermal/thermal_zone*/temp"))
	if err != nil {
		return 0
	}
	hottest := 0.0
	for _, zone := range zones {
		text, err := os.ReadFile(zone)
		if err != nil {
			continue
		}
		if milli, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			hottest = max(hottest, float64(milli)/1000)
		}
	}
	return hottest
}
