//go:build unix && !linux

package supervise

import "syscall"

// ownGroup gives a child its own process group. Only Linux can also tie its life to ours.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
