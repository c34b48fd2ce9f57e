// Package supervise is `laoyou up`: it starts cloudd and boothd on one machine, says on stdout where they answer, starts one again that
// crashed, and stops both when it is stopped itself. It knows nothing of what they do. It may import internal/config only.
package supervise

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// Deps is what Up needs of its surroundings.
type Deps struct {
	Log    *slog.Logger
	Stdout io.Writer // the banner and nothing else
	Stderr io.Writer // what the children write, each line under its name
}

// Up keeps both programs running.
type Up struct {
	cfg  Config
	deps Deps
	data string // absolute
}

// New prepares Up; it starts nothing.
func New(cfg Config, deps Deps) *Up { return &Up{cfg: cfg, deps: deps} }

// banner is the line that tests, demos and people wait for (contracts: `make run` and its banner).
type banner struct {
	Booth    string `json:"booth"`
	Desk     string `json:"desk"`
	Fleet    string `json:"fleet"`
	API      string `json:"api"`
	Sim      string `json:"sim"`
	SIP      string `json:"sip,omitempty"`
	MQTT     string `json:"mqtt,omitempty"`
	Data     string `json:"data"`
	PID      int    `json:"pid"`
	FirstRun string `json:"first_run"`
}

// Run blocks until ctx ends, a program cannot be started or had to be killed, or the make that waits for us was interrupted.
// A *config.UsageError is one that the operator can mend.
func (u *Up) Run(ctx context.Context) error {
	release, err := u.takeData()
	if err != nil {
		return err
	}
	defer release()
	out := &lines{w: u.deps.Stderr}
	cloudd, err := u.process("cloudd", u.cfg.Cloudd, out)
	if err != nil {
		return err
	}
	boothd, err := u.process("boothd", u.cfg.Boothd, out)
	if err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return watchParent(gctx, u.deps.Log) })
	g.Go(func() error {
		err := u.bringUp(gctx, g, cloudd, boothd)
		if gctx.Err() != nil && errors.Is(err, context.Cause(gctx)) {
			return nil // stopped before all was up
		}
		return err
	})
	if err := g.Wait(); !errors.Is(err, errParentGone) {
		return err
	}
	return nil
}

// bringUp starts the core, then the booth, which wants the tokens that the core writes, and prints the banner once both answer.
func (u *Up) bringUp(ctx context.Context, g *errgroup.Group, cloudd, boothd *process) error {
	begin := time.Now()
	cloudd.args = append(cloudd.args, "--auth.dev_booth")
	g.Go(func() error { return cloudd.run(ctx) })
	core, err := cloudd.await(ctx, u.cfg.ReadyTimeout, "/readyz")
	if err != nil {
		return err
	}
	boothd.args = append(boothd.args, "--cloud.url="+core, "--cloud.token_file="+filepath.Join(u.data, "booth-token"),
		"--fleet.token_file="+filepath.Join(u.data, "claim-token"))
	g.Go(func() error { return boothd.run(ctx) })
	booth, err := boothd.await(ctx, u.cfg.ReadyTimeout, "/healthz", "/sim/v1/view")
	if err != nil {
		return err
	}
	u.deps.Log.Info("everything answers", "took", time.Since(begin).Round(time.Millisecond), "booth", booth+"/booth/")
	line, err := json.Marshal(banner{
		Booth: booth + "/booth/", Desk: core + "/desk/", Fleet: core + "/fleet/", API: core + "/api/v1", Sim: booth,
		SIP: cloudd.sip.uri("sip:"), MQTT: cloudd.mqtt.uri("mqtts://"), Data: u.data, PID: os.Getpid(),
		FirstRun: filepath.Join(u.data, "first-run.json"),
	})
	if err != nil {
		return fmt.Errorf("banner: %w", err)
	}
	_, err = fmt.Fprintf(u.deps.Stdout, "LAOYOU %s\n", line)
	return err
}

// process prepares one program: where it is, where it may listen, what it is told.
func (u *Up) process(name string, p Program, out *lines) (*process, error) {
	path, err := executable(name, p.Path)
	if err != nil {
		return nil, err
	}
	proc := &process{
		name: name, path: path, args: []string{"--data=" + u.data}, stopTimeout: u.cfg.StopTimeout, log: u.deps.Log, out: out,
		http: &door{flag: "listen", listen: p.Listen, addrFile: filepath.Join(u.data, "run", name+".addr")},
	}
	if p.SIP != "" {
		proc.sip = &door{flag: "sip.listen", listen: p.SIP, addrFile: filepath.Join(u.data, "run", "sip.addr")}
	}
	if p.MQTT != "" {
		proc.mqtt = &door{flag: "mqtt.listen", listen: p.MQTT, addrFile: filepath.Join(u.data, "run", "mqtt.addr")}
	}
	if p.Config != "" {
		proc.args = append(proc.args, "--config="+p.Config)
	}
	for _, d := range proc.doors() {
		if u.cfg.Ports == "free" {
			d.listen = "127.0.0.1:0"
		} else if err := probe(name, d.listen); err != nil {
			return nil, err
		}
		// The address of an earlier run must not be taken for this one's.
		if err := os.Remove(d.addrFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return proc, nil
}
