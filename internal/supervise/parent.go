package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var errParentGone = errors.New("the make that started us was interrupted")

const parentPoll = 300 * time.Millisecond

// watchParent ends with errParentGone when we run under make and make was interrupted or is gone.
//
// SIGINT sent to make alone (kill -INT, many process managers; not Ctrl-C, which reaches the whole group) is not handed on: make sets
// the signal back to its default and then waits for its child, for ever. The reset shows in /proc as a bit that disappears from the set
// of caught signals, so that is what we look for. Where there is no /proc, nothing is watched.
func watchParent(ctx context.Context, log *slog.Logger) error {
	pid := os.Getppid()
	before, err := caughtSignals(pid)
	if err != nil || !isMake(pid) {
		<-ctx.Done()
		return nil
	}
	t := time.NewTicker(parentPoll)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		now, err := caughtSignals(pid)
		if err != nil || os.Getppid() != pid || before&^now&stopSignals != 0 {
			log.Info("make was interrupted, stopping")
			return errParentGone
		}
	}
}

// stopSignals is a mask as in /proc/PID/status: bit n-1 is signal n.
const stopSignals uint64 = 1<<(syscall.SIGINT-1) | 1<<(syscall.SIGTERM-1)

func isMake(pid int) bool {
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	name := strings.TrimSpace(string(comm))
	return err == nil && (name == "make" || name == "gmake")
}

// caughtSignals is the line SigCgt of /proc/PID/status.
func caughtSignals(pid int) (uint64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if hex, ok := strings.CutPrefix(line, "SigCgt:"); ok {
			return strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
		}
	}
	return 0, errors.New("no SigCgt")
}
