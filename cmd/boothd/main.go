// Command boothd is the program on a booth. This folder wires the parts together and does nothing else. Built as it is, its board is the
// simulated one and a browser shows it (the virtual booth); built with the tag "board" it drives the real hardware and its own window.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/internal/logging"
	"github.com/laoyou/laoyou/internal/voip"
)

// tailLines is how much of the log is kept for an operator who asks for it: some 2 MB at most.
const tailLines = 10_000

// version is set by the linker.
var version = ""

func main() {
	forgetful()
	voip.MuteStack()
	config.Fail("boothd", run())
}

func run() error {
	cfg := defaults()
	program := config.Program{Name: "boothd", Version: version, Summary: "the program on a booth: handset, screen, bot and emergency calls"}
	rest, err := program.Load(&cfg, os.Args[1:], os.Getenv)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return &config.UsageError{Msg: "unexpected argument " + rest[0] + "; see --help"}
	}
	w := written{tail: logging.NewTail(os.Stderr, tailLines), level: new(slog.LevelVar)}
	w.level.Set(cfg.Log.Level)
	w.log = logging.NewAt(cfg.Log, w.level, w.tail)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if cfg.SelfTest {
		return selftest(ctx, cfg, w.log, os.Stdout)
	}
	b, err := newBooth(ctx, cfg, w)
	if err != nil {
		return err
	}
	return b.run(ctx)
}
