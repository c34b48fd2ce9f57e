package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/laoyou/laoyou/firmware/virtual/script"
	"github.com/laoyou/laoyou/internal/config"
)

const visitUsage = `laoyou visit: play a .visit script against a virtual booth

usage: laoyou visit FILE [--sim URL] [--json]

  --sim URL   the booth, as in the banner of make run (LAOYOU_SIM)
  --json      one JSON object a step instead of lines for people

Exit code: 0 all held, 1 a step did not, 2 bad script or nobody there.
`

func visit(args []string, sh shell) int {
	return config.Exit("laoyou visit", playVisit(args, sh), sh.stdout, sh.stderr)
}

func playVisit(args []string, sh shell) error {
	file, options, err := visitArgs(args, sh)
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return &config.UsageError{Msg: err.Error()}
	}
	defer func() { _ = f.Close() }()
	s, err := script.Parse(f)
	if err != nil {
		return &config.UsageError{Msg: fmt.Sprintf("%s: %v", file, err)}
	}
	s.Name = filepath.Base(file)
	options.Dir = filepath.Dir(file)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = script.Run(ctx, s, options)
	if errors.Is(err, script.ErrBad) || errors.Is(err, script.ErrUnreachable) {
		return &config.UsageError{Msg: err.Error()}
	}
	return err
}

// visitArgs reads the arguments; flags may stand before and after the file.
func visitArgs(args []string, sh shell) (file string, o script.Options, err error) {
	o = script.Options{URL: sh.env("LAOYOU_SIM"), Out: sh.stdout}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.URL, "sim", o.URL, "")
	fs.BoolVar(&o.JSON, "json", false, "")
	var files []string
	for {
		switch err := fs.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return "", o, &config.Answer{Text: visitUsage}
		case err != nil:
			return "", o, &config.UsageError{Msg: err.Error() + " (see laoyou visit --help)"}
		}
		if fs.NArg() == 0 {
			break
		}
		files = append(files, fs.Arg(0))
		args = fs.Args()[1:]
	}
	switch {
	case len(files) != 1:
		return "", o, &config.UsageError{Msg: "want one FILE (see laoyou visit --help)"}
	case o.URL == "":
		return "", o, &config.UsageError{Msg: "which booth? set LAOYOU_SIM, or --sim URL"}
	}
	return files[0], o, nil
}
