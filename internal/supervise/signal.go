package supervise

import (
	"os"
	"syscall"
)

func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// killGroup ends what a program left behind in its process group; most often there is nothing.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

func wasKilled(s *os.ProcessState) bool {
	ws, ok := s.Sys().(syscall.WaitStatus)
	return ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL
}
