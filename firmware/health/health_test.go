package health

import (
	"os"
	"path/filepath"
	"testing"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReadings(t *testing.T) {
	root := t.TempDir()
	m := &Meter{root: root, data: root}
	if r := m.Read(); r.CPU != 0 || r.MemMB != 0 || r.TempC != 0 || r.DiskMB <= 0 {
		t.Errorf("a machine that says nothing: %+v", r)
	}
	put(t, filepath.Join(root, "proc/stat"), "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3\n")
	put(t, filepath.Join(root, "proc/self/statm"), "9999 5120 1 1 0 1 0\n")
	put(t, filepath.Join(root, "sys/class/thermal/thermal_zone0/temp"), "48500\n")
	put(t, filepath.Join(root, "sys/class/thermal/thermal_zone1/temp"), "61250\n")
	if r := m.Read(); r.CPU != 0 || r.MemMB != 5120*os.Getpagesize()>>20 || r.TempC != 61.25 {
		t.Errorf("first look: %+v", r)
	}
	put(t, filepath.Join(root, "proc/stat"), "cpu  150 0 125 925 100 0 0 0 50 0\n")
	if r := m.Read(); r.CPU != 25 {
		t.Errorf("75 of 300 ticks were busy: %v %%", r.CPU)
	}
}

func TestThisMachine(t *testing.T) {
	m := New(t.TempDir())
	m.Read()
	if r := m.Read(); r.MemMB < 1 || r.CPU < 0 || r.CPU > 100 {
		t.Errorf("%+v", r)
	}
}
