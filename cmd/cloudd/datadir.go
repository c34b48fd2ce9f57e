package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/laoyou/laoyou/internal/config"
)

// dataDir is the data folder of one running cloudd.
type dataDir struct {
	root string
	lock *os.File
}

// openDataDir makes the folders and claims them: the database has one writer by design, so a second cloudd must not open it.
func openDataDir(root string) (*dataDir, error) {
	d := &dataDir{root: root}
	for _, dir := range []string{root, d.path("cloud"), d.path("run")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, usage("data folder: %v", err)
		}
	}
	f, err := os.OpenFile(d.path("cloud", "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, usage("data folder: %v", err)
	}
	// The kernel drops the lock with the process, however it ends.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		cause := usage("data folder %s: %v", root, err)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			cause = usage("data folder %s is in use by another cloudd", root)
		}
		return nil, errors.Join(cause, f.Close())
	}
	d.lock = f
	// A predecessor that was killed left its address, where nobody or somebody else answers now.
	if err := d.withdraw(); err != nil {
		return nil, errors.Join(usage("data folder: %v", err), f.Close())
	}
	return d, nil
}

func (d *dataDir) path(parts ...string) string {
	return filepath.Join(append([]string{d.root}, parts...)...)
}

// Files, in run/, that say where this process listens.
const (
	httpAddress = "cloudd.addr"
	sipAddress  = "sip.addr"
	mqttAddress = "mqtt.addr"
)

// publish writes a chosen address for who started us with port 0: whole or not at all.
func (d *dataDir) publish(name, addr string) error {
	path := d.path("run", name)
	if err := os.WriteFile(path+".new", []byte(addr+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// withdraw removes the published addresses.
func (d *dataDir) withdraw() error {
	var errs []error
	for _, name := range []string{httpAddress, sipAddress, mqttAddress} {
		if err := os.Remove(d.path("run", name)); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Close removes the addresses and gives the folder free.
func (d *dataDir) Close() error { return errors.Join(d.withdraw(), d.lock.Close()) }

// usage is an error that the operator can mend: one line, exit 2.
func usage(format string, args ...any) error {
	return &config.UsageError{Msg: fmt.Sprintf(format, args...)}
}
