package supervise

import "syscall"

// ownGroup gives a child its own process group, so that Ctrl-C reaches only us and we stop the children in order, and asks the kernel to
// stop it when we are killed ourselves.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
