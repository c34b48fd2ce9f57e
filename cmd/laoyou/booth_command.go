package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/laoyou/laoyou/fleet"
	fleetapi "github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// askEvery is how often a command that is waited for is looked at.
const askEvery = 200 * time.Millisecond

// commandBooth asks a booth to do something, and shows each step until the end.
func commandBooth(ctx context.Context, b *boothCall) error {
	booth := b.words[0]
	n := fleetapi.NewCommand{ID: id.New(), Cmd: fleet.CommandName(b.words[1]), Force: b.force, ExpiresS: int(b.expires.Seconds())}
	if len(b.words) > 2 {
		args, err := pairs(b.words[2:], words("zh", "en"))
		if err != nil {
			return err
		}
		if n.Args, err = json.Marshal(args); err != nil {
			return err
		}
	}
	var c fleetapi.Command
	if err := b.staff.Do(ctx, http.MethodPost, path(fleetapi.PathCommands, booth), n, &c); err != nil {
		return err
	}
	if b.wait {
		var err error
		if c, err = b.follow(ctx, c); err != nil {
			return err
		}
	}
	if b.json {
		if err := writeJSON(b.out, c); err != nil {
			return err
		}
	} else if err := b.tellCommand(ctx, c); err != nil {
		return err
	}
	if final(c.State) && c.State != "done" {
		return fmt.Errorf("the command is %s: %s", c.State, dash(c.Error))
	}
	return nil
}

func final(state string) bool {
	switch state {
	case "done", "failed", "expired", "rejected", "cancelled":
		return true
	}
	return false
}

// follow shows the steps of a command until its end. What the mirror shows comes only as news.
func (b *boothCall) follow(ctx context.Context, c fleetapi.Command) (fleetapi.Command, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if c.Cmd == fleet.CommandMirror && !b.json {
		go func() { _ = b.mirror(ctx, c) }() // ends with the command, whatever became of the stream
	}
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	shown := 0
	for {
		for _, s := range c.Steps[min(shown, len(c.Steps)):] {
			fmt.Fprintf(b.err, "%8.3f s  %s\n", float64(s.At-c.Created)/1000, s.State)
			shown++
		}
		if final(c.State) {
			return c, nil
		}
		select {
		case <-ctx.Done():
			return c, errors.New("not waited for its end: the command " + c.ID + " is " + c.State)
		case <-tick.C:
		}
		if err := b.staff.Do(ctx, http.MethodGet, path(fleetapi.PathCommand, c.Booth, c.ID), nil, &c); err != nil && ctx.Err() == nil {
			return c, err
		}
	}
}

// mirror prints what the screen of the booth shows, each time it changes.
func (b *boothCall) mirror(ctx context.Context, c fleetapi.Command) error {
	return b.staff.Follow(ctx, fleetapi.PathLive+"?booth="+c.Booth, func(data []byte) error {
		var n fleetapi.Live
		if err := json.Unmarshal(data, &n); err != nil || n.Command == nil || n.Command.ID != c.ID || final(n.Command.State) {
			return err
		}
		if r := n.Command.Result; len(r) > 0 && string(r) != "null" {
			fmt.Fprintln(b.out, string(r))
		}
		return nil
	})
}

// tellCommand shows what came of a command: of "logs" the lines.
func (b *boothCall) tellCommand(ctx context.Context, c fleetapi.Command) error {
	if c.State == "done" && c.Cmd == fleet.CommandLogs {
		return b.staff.Fetch(ctx, path(fleetapi.PathLog, c.Booth, c.ID), b.out)
	}
	fmt.Fprintf(b.out, "%s %s: %s\n", c.ID, c.Cmd, c.State)
	if len(c.Result) > 0 && string(c.Result) != "null" {
		return writeJSON(b.out, c.Result)
	}
	return nil
}

func listCommands(ctx context.Context, b *boothCall) error {
	return get(ctx, b, fmt.Sprintf("%s?limit=%d", path(fleetapi.PathCommands, b.words[0]), b.limit), func(page fleetapi.Commands) error {
		table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tCOMMAND\tSTATE\tCREATED\tTOOK\tACTOR\tERROR")
		for _, c := range page.Commands {
			end := int64(0)
			if final(c.State) {
				end = c.Changed
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Cmd, c.State, at(c.Created), after(c.Created, end), dash(c.Actor), dash(c.Error))
		}
		return table.Flush()
	})
}

func cancelCommand(ctx context.Context, b *boothCall) error {
	var c fleetapi.Command
	if err := b.staff.Do(ctx, http.MethodDelete, path(fleetapi.PathCommand, b.words[0], strings.ToUpper(b.words[1])), nil, &c); err != nil {
		return err
	}
	if b.json {
		return writeJSON(b.out, c)
	}
	fmt.Fprintf(b.out, "%s %s: %s\n", c.ID, c.Cmd, c.State)
	return nil
}

// pairs reads KEY=VALUE words. A value is JSON where it can be read so, else text; the keys in text are always text.
func pairs(list []string, text map[string]bool) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	for _, w := range list {
		key, value, ok := strings.Cut(w, "=")
		if !ok || key == "" {
			return nil, usageOf("booth", fmt.Sprintf("%q is not KEY=VALUE", w))
		}
		if !text[key] && json.Valid([]byte(value)) {
			out[key] = json.RawMessage(value)
			continue
		}
		quoted, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		out[key] = quoted
	}
	return out, nil
}

func words(list ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range list {
		set[w] = true
	}
	return set
}
