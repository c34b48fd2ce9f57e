// Command engine-espeak speaks: a Wyoming engine on stdin and stdout around espeak-ng. boothd runs it as a child process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/laoyou/laoyou/agents/speech/tts/espeak"
	"github.com/laoyou/laoyou/agents/speech/wyoming"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run returns the exit code: 2 for wrong flags or a missing espeak-ng, 1 when the peer does not speak Wyoming.
func run(args []string, in io.Reader, out, complaints io.Writer) int {
	flags := flag.NewFlagSet("engine-espeak", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.Usage = func() {
		fmt.Fprintln(complaints, "engine-espeak speaks text through espeak-ng; the Wyoming protocol on stdin and stdout.")
		flags.PrintDefaults()
	}
	program := flags.String("espeak", "espeak-ng", "program, with what wraps it in front, split at spaces")
	data := flags.String("data", "", "folder that holds espeak-ng-data; the program's own when empty")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0 || strings.TrimSpace(*program) == "":
		fmt.Fprintln(complaints, "engine-espeak: it takes flags only, and -espeak must not be empty")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	engine := espeak.New(strings.Fields(*program), *data)
	checking, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := engine.Check(checking); err != nil {
		fmt.Fprintln(complaints, "engine-espeak:", err)
		return 2
	}
	ended := make(chan error, 1)
	go func() { ended <- wyoming.Serve(ctx, in, out, engine) }() // a read of stdin cannot be interrupted: a signal just leaves it
	select {
	case err := <-ended:
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(complaints, "engine-espeak:", err)
			return 1
		}
	case <-ctx.Done():
	}
	return 0
}
