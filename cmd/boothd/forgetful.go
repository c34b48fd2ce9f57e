package main

import (
	"os"
	"strings"
	"syscall"
)

// clobber makes Go's collector overwrite what it frees. What a citizen said is strings on the heap: without it the words would stay
// readable in free memory long after the visit. The runtime reads it only at start, hence the re-exec.
const clobber = "clobberfree=1"

// forgetful makes sure that this process overwrites the memory it frees.
func forgetful() {
	debug := os.Getenv("GODEBUG")
	if strings.Contains(debug, clobber) {
		return
	}
	if debug != "" {
		debug += ","
	}
	if err := os.Setenv("GODEBUG", debug+clobber); err != nil {
		return
	}
	exe, err := os.Executable()
	if err != nil {
		return
	}
	// Exec returns only when it failed, for example under an emulator: then we run on without.
	_ = syscall.Exec(exe, os.Args, os.Environ())
}
