// Command boothsim runs thousands of honest booths against a fleet: each with its own identity, made of the code that a real booth runs. It
// breaks what it is told to break, and at the end compares what the booths hold to have said with what the fleet has stored. This folder
// wires the herd and an operator together and does nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/internal/logging"
)

// version is set by the linker.
var version string

// Config is what a run can be told.
type Config struct {
	Core      string         `yaml:"core" doc:"base URL of the core; empty: the one that runs on the data folder"`
	Data      string         `yaml:"data" doc:"the core's data folder, for its address and the operator's password"`
	User      string         `yaml:"user" doc:"operator who lets the booths in and commands them"`
	Password  string         `yaml:"password" doc:"its password; empty: the one in <data>/first-run.json"`
	Dir       string         `yaml:"dir" doc:"identities and outboxes of the booths, kept for the next run; empty: <data>/boothsim"`
	Prefix    string         `yaml:"prefix" doc:"ids of the booths are PREFIX-00001 and so on"`
	Booths    int            `yaml:"booths" doc:"how many"`
	For       time.Duration  `yaml:"for" doc:"how long they live once they are there"`
	Settle    time.Duration  `yaml:"settle" doc:"how long they may take to come online, and at the end to say what they still have to say"`
	Heartbeat time.Duration  `yaml:"heartbeat" doc:"between two heartbeats of a booth"`
	Telemetry time.Duration  `yaml:"telemetry" doc:"between two samples of telemetry of a booth; 0s: none"`
	Spread    time.Duration  `yaml:"spread" doc:"the first reconnect after a loss comes within this time, at random"`
	Events    float64        `yaml:"events" doc:"events a minute of each booth"`
	Commands  float64        `yaml:"commands" doc:"commands a second, to any of them"`
	Faults    []string       `yaml:"faults" doc:"what goes wrong, as KIND:TIMES_A_MINUTE over all booths: drop (connection closed), swallow (lost without a sign, for 20 s), crash (program ends and starts again)"`
	Seed      uint64         `yaml:"seed" doc:"of what happens by chance; the same seed, the same booths at the same times"`
	JSON      bool           `yaml:"json" doc:"print the result as one line of JSON and nothing else on stdout"`
	Log       logging.Config `yaml:"log" doc:"the log on stderr"`
}

func defaults() Config {
	c := Config{
		Data: ".laoyou", User: "admin", Prefix: "sim", Booths: 10, For: time.Minute, Settle: 2 * time.Minute, Heartbeat: time.Minute,
		Telemetry: time.Minute, Spread: 10 * time.Second, Events: 1, Commands: 1, Seed: 1, Log: logging.Default(),
	}
	c.Log.Level = 8 // thousands of booths have much to say; errors will do
	return c
}

// mostBooths is what file descriptors allow in one program.
const mostBooths = 18_000

// Validate checks the keys.
func (c *Config) Validate() error {
	switch {
	case c.Booths < 1 || c.Booths > mostBooths:
		return fmt.Errorf("booths: must be between 1 and %d", mostBooths)
	case c.For <= 0 || c.Settle <= 0:
		return errors.New("for: for and settle must be more than 0s")
	case c.Heartbeat < time.Second || c.Telemetry < 0 || c.Spread < 0:
		return errors.New("heartbeat: must be at least 1s, telemetry and spread not negative")
	case c.Events < 0 || c.Commands < 0:
		return errors.New("events: events and commands must not be negative")
	}
	_, err := parseFaults(c.Faults)
	return err
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	cfg := defaults()
	program := config.Program{Name: "boothsim", Version: version, Summary: "thousands of honest booths against a fleet, and what became of what they said"}
	rest, err := program.Load(&cfg, args, os.Getenv)
	if err == nil && len(rest) > 0 {
		err = &config.UsageError{Msg: "unexpected argument " + strings.Join(rest, " ")}
	}
	if err != nil {
		return config.Exit("boothsim", err, os.Stdout, os.Stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := logging.New(cfg.Log, os.Stderr)
	s := &simulation{cfg: cfg, log: log, progress: os.Stderr}
	result, err := s.run(ctx)
	if err == nil {
		err = result.print(os.Stdout, cfg.JSON)
	}
	if err == nil && (result.Lost > 0 || result.Duplicated > 0 || result.CommandsTwice > 0) {
		err = errors.New("the fleet did not keep what it acknowledged, or a booth did a command twice")
	}
	return config.Exit("boothsim", err, os.Stdout, os.Stderr)
}
