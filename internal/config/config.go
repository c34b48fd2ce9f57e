// Package config reads a program's settings: defaults in a struct value, then a strict YAML file, then LAOYOU_* variables, then flags,
// then every section's Validate; nobody writes to them afterwards. Flags, variables, --help and the example file all derive from the
// struct, so none of them can go stale. It may import nothing of ours.
//
// A key is a field with a yaml tag and a doc tag:
//
//	type Config struct {
//		Data string     `yaml:"data" doc:"folder for everything that must survive"`
//		HTTP HTTPConfig `yaml:"http" doc:"the HTTP door"`
//	}
//
// Key http.listen is then --http.listen=ADDR on the command line and LAOYOU_HTTP_LISTEN in the environment. Lists of text are separated
// by commas there; lists of sections, maps and pointers exist in YAML only.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"unicode"
)

// Program names who is being configured, for --help, --version and messages.
type Program struct {
	Name    string // as typed: "boothd"
	Version string // as linked in: "" means a development build
	Summary string // one line for --help
}

// Load fills cfg, a pointer to a struct that holds the defaults, and returns the arguments that are not flags.
// The error is a *UsageError when the operator can mend it, or an *Answer when --help, --version or --example-config was asked for;
// Exit turns either into output and an exit code. env is os.Getenv outside tests; an empty variable counts as unset.
func (p Program) Load(cfg any, args []string, env func(string) string) (rest []string, err error) {
	keys, err := keysOf(cfg)
	if err != nil {
		return nil, err
	}
	line, err := parseFlags(keys, args)
	if err != nil {
		return nil, err
	}
	switch {
	case line.help:
		return nil, &Answer{Text: p.help(keys)}
	case line.version:
		return nil, &Answer{Text: p.version()}
	case line.example:
		return nil, &Answer{Text: p.example(cfg)}
	}
	file := line.file
	if file == "" {
		file = env("LAOYOU_CONFIG")
	}
	if err := readFile(cfg, file); err != nil {
		return nil, err
	}
	for _, k := range keys {
		if v := env(k.Env); v != "" && k.text {
			if err := k.set(v); err != nil {
				return nil, usagef("%s: %v", k.Env, err)
			}
		}
	}
	for _, s := range line.settings {
		if err := s.key.set(s.value); err != nil {
			return nil, usagef("--%s: %v", s.key.Path, err)
		}
	}
	if err := validate(cfg); err != nil {
		return nil, err
	}
	return line.rest, nil
}

// Load is Program.Load for a program without a version.
func Load(program string, cfg any, args []string, env func(string) string) (rest []string, err error) {
	return Program{Name: program}.Load(cfg, args, env)
}

func (p Program) version() string {
	v := p.Version
	if v == "" {
		v = "dev"
	}
	return fmt.Sprintf("%s %s %s/%s %s\n", p.Name, v, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// UsageError is a mistake of the operator: wrong key, bad value, port in use. Exit code 2.
type UsageError struct{ Msg string }

func (e *UsageError) Error() string { return e.Msg }

// usagef keeps to one line whatever the operator's file holds.
func usagef(format string, args ...any) error {
	return &UsageError{Msg: strings.Join(strings.FieldsFunc(fmt.Sprintf(format, args...), unicode.IsControl), " ")}
}

// Answer is no failure: the text that was asked for instead of a run. Exit code 0.
type Answer struct{ Text string }

func (a *Answer) Error() string { return "nothing to run: a text was asked for" }

// Exit codes of all programs.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// Exit writes what err means, an answer to stdout or one line to stderr, and returns the exit code. A nil err is ExitOK.
func Exit(program string, err error, stdout, stderr io.Writer) int {
	var answer *Answer
	var usage *UsageError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &answer):
		_, _ = io.WriteString(stdout, answer.Text)
		return ExitOK
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %v\n", program, err)
		return ExitUsage
	default:
		fmt.Fprintf(stderr, "%s: %v\n", program, err)
		return ExitFailed
	}
}

// Fail ends the process the way Exit describes.
func Fail(program string, err error) { os.Exit(Exit(program, err, os.Stdout, os.Stderr)) }

// commandLine is what the flags said; settings wait until the file and the environment have been read.
type commandLine struct {
	file                   string
	help, version, example bool
	settings               []setting
	rest                   []string
}

type setting struct {
	key   *key
	value string
}

func parseFlags(keys []*key, args []string) (*commandLine, error) {
	line := &commandLine{}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&line.file, "config", "", "")
	fs.BoolVar(&line.help, "help", false, "")
	fs.BoolVar(&line.help, "h", false, "")
	fs.BoolVar(&line.version, "version", false, "")
	fs.BoolVar(&line.example, "example-config", false, "")
	for _, k := range keys {
		if k.text {
			fs.Var(&flagValue{key: k, line: line}, k.Path, "")
		}
	}
	if err := fs.Parse(args); err != nil {
		return nil, usagef("%v (see --help)", err)
	}
	line.rest = fs.Args()
	return line, nil
}

// flagValue lets package flag collect one key's settings.
type flagValue struct {
	key  *key
	line *commandLine
}

func (f *flagValue) String() string { return "" }

func (f *flagValue) Set(s string) error {
	f.line.settings = append(f.line.settings, setting{key: f.key, value: s})
	return nil
}

func (f *flagValue) IsBoolFlag() bool { return f.key != nil && f.key.isBool() }
