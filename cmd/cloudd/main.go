// Command cloudd is the contact-center core and the fleet manager on a server: roles are flags. This package wires the parts together
// and does nothing else.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/internal/voip"
)

// version is set by the linker.
var version string

func main() {
	voip.MuteStack()
	os.Exit(run(os.Args[1:], os.Getenv))
}

// gcPercent trades memory for time: calls are short-lived garbage, and a core has more memory than processors. make bench-voice: 15 % less
// CPU a call.
const gcPercent = 400

// run is main without the process, so that a test can be one.
func run(args []string, env func(string) string) int {
	cfg := defaults()
	rest, err := config.Program{Name: "cloudd", Version: version, Summary: "the core: city services, staff, fleet"}.Load(&cfg, args, env)
	if err == nil && len(rest) > 0 {
		err = &config.UsageError{Msg: "unexpected argument " + rest[0]}
	}
	if err == nil {
		if env("GOGC") == "" {
			debug.SetGCPercent(gcPercent)
		}
		ctx, stop := signals(context.Background())
		defer stop()
		err = serve(ctx, cfg, env)
	}
	return config.Exit("cloudd", err, os.Stdout, os.Stderr)
}

// errDrain is why a context ended when there is time to finish what was begun.
var errDrain = errors.New("terminated: draining")

// signals returns a context that SIGTERM ends with errDrain and SIGINT with context.Canceled.
func signals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		select {
		case s := <-ch:
			if s == syscall.SIGTERM {
				cancel(errDrain)
			} else {
				cancel(nil)
			}
		case <-ctx.Done():
		}
		signal.Stop(ch) // a second signal ends the process at once
	}()
	return ctx, func() { cancel(nil) }
}
