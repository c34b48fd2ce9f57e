// Command laoyou is the operator's shell: it runs the house on one machine and plays .visit scripts against a booth.
// It links no Fyne, no PortAudio and no board code; a test watches over that.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/internal/logging"
	"github.com/laoyou/laoyou/internal/supervise"
)

// version is set by the linker.
var version = "dev"

const usage = `laoyou: the operator's shell

usage: laoyou COMMAND [--help]

  up        start cloudd and boothd on this machine and keep them running
  booth     the booths of the fleet: list, show, tell them what to do, claim new ones
  call      list calls, or show one with the ladder of its messages
  visit     play a .visit script against a virtual booth
  version   print the version
`

// shell is where a command reads and writes.
type shell struct {
	env            func(string) string
	stdout, stderr io.Writer
}

func main() {
	os.Exit(run(os.Args[1:], shell{env: os.Getenv, stdout: os.Stdout, stderr: os.Stderr}))
}

func run(args []string, sh shell) int {
	if len(args) == 0 {
		return config.Exit("laoyou", &config.UsageError{Msg: "want a command (see laoyou --help)"}, sh.stdout, sh.stderr)
	}
	switch args[0] {
	case "up":
		return up(args[1:], sh)
	case "booth":
		return booths(args[1:], sh)
	case "call":
		return calls(args[1:], sh)
	case "visit":
		return visit(args[1:], sh)
	case "version", "--version", "-version":
		fmt.Fprintf(sh.stdout, "laoyou %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
		return config.ExitOK
	case "help", "--help", "-help", "-h":
		_, _ = io.WriteString(sh.stdout, usage)
		return config.ExitOK
	default:
		err := &config.UsageError{Msg: fmt.Sprintf("no command %q (see laoyou --help)", args[0])}
		return config.Exit("laoyou", err, sh.stdout, sh.stderr)
	}
}

// upConfig is what `laoyou up` can be told.
type upConfig struct {
	supervise.Config `yaml:",inline"`

	Log logging.Config `yaml:"log" doc:"what it writes to stderr about itself"`
}

func up(args []string, sh shell) int {
	cfg := upConfig{Config: supervise.Default(), Log: logging.Default()}
	program := config.Program{Name: "laoyou up", Version: version, Summary: "start cloudd and boothd on this machine and keep them running"}
	rest, err := program.Load(&cfg, args, sh.env)
	if err == nil && len(rest) > 0 {
		err = &config.UsageError{Msg: fmt.Sprintf("unexpected %q", rest[0])}
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		// A second signal ends us at once; the kernel then stops the children.
		context.AfterFunc(ctx, stop)
		deps := supervise.Deps{Log: logging.New(cfg.Log, sh.stderr), Stdout: sh.stdout, Stderr: sh.stderr}
		err = supervise.New(cfg.Config, deps).Run(ctx)
	}
	return config.Exit("laoyou up", err, sh.stdout, sh.stderr)
}
