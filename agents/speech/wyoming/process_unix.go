//go:build unix

package wyoming

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the engine into a process group of its own, so that what it started dies with it and Ctrl-C at a terminal does not hit it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
