package supervise

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/laoyou/laoyou/internal/config"
)

// takeData makes the data folder and holds it for this run: two cores on one database would answer for each other's booths.
func (u *Up) takeData() (release func(), err error) {
	if u.data, err = filepath.Abs(u.cfg.Data); err != nil {
		return nil, err
	}
	run := filepath.Join(u.data, "run")
	if err := os.MkdirAll(run, 0o700); err != nil {
		return nil, &config.UsageError{Msg: fmt.Sprintf("data folder: %v", err)}
	}
	f, err := os.OpenFile(filepath.Join(run, "up.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, &config.UsageError{Msg: fmt.Sprintf("data folder: %v", err)}
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid, _ := os.ReadFile(f.Name())
		_ = f.Close()
		return nil, &config.UsageError{Msg: fmt.Sprintf("%s is in use by process %s; stop it, or set LAOYOU_DATA to another folder",
			u.data, strings.TrimSpace(string(pid)))}
	}
	if err := errors.Join(f.Truncate(0), writeAll(f, strconv.Itoa(os.Getpid())+"\n")); err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil // closing gives the lock back, as the end of the process does
}

func writeAll(f *os.File, s string) error {
	_, err := f.WriteString(s)
	return err
}

// probe reports an address that cannot be listened on, before a program is started that would find out later and less clearly.
func probe(name, addr string) error {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		return l.Close()
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		_, port, _ := net.SplitHostPort(addr)
		return &config.UsageError{Msg: fmt.Sprintf("port %s is in use (%s wants %s); stop what uses it, or run: make run PORTS=free", port, name, addr)}
	}
	return &config.UsageError{Msg: fmt.Sprintf("%s cannot listen on %s: %v", name, addr, err)}
}

// executable finds a program: where it was said to be, else beside our own.
func executable(name, path string) (string, error) {
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", err
		}
		path = filepath.Join(filepath.Dir(self), name)
	}
	if _, err := os.Stat(path); err != nil {
		return "", &config.UsageError{Msg: fmt.Sprintf("%s is missing: %v (make build makes it)", name, err)}
	}
	return path, nil
}
