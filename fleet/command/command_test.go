package command_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

func rank(s command.State) int {
	switch s {
	case command.Queued:
		return 1
	case command.Sent:
		return 2
	case command.Accepted:
		return 3
	case command.Running:
		return 4
	case command.Lapsed:
		return 5
	case command.Done, command.Failed, command.Expired, command.Rejected, command.Cancelled:
		return 6
	}
	return 0
}

// Whatever comes, in whatever order and however often: a command never goes back, ends once, and its newest result stands.
func TestNeverBackwards(t *testing.T) {
	inputs := []command.Input{
		command.Send, command.Cancel, command.Lapse, command.IsTaken, command.IsRunning, command.IsDone, command.IsFailed, command.IsExpired,
		command.IsRefused, "nonsense",
	}
	ended := 0
	for seed := range uint64(5000) {
		r := rand.New(rand.NewPCG(seed, 2))
		now := time.UnixMilli(1_790_000_000_000)
		c := command.New(command.ID{ID: id.New()}, command.Order{Cmd: fleet.CommandTone, Created: now, Expires: now.Add(time.Hour)})
		best := 0
		for range 30 {
			before := c
			now = now.Add(time.Second)
			if in := inputs[r.IntN(len(inputs))]; r.IntN(2) == 0 {
				step := r.IntN(8)
				took := c.Report(mqttapi.Result{State: mqttapi.CommandState(in), Step: step}, now)
				if took && step != 0 && step <= best {
					t.Fatalf("seed %d: step %d was taken after %d", seed, step, best)
				}
				if took {
					best = max(best, step)
				}
			} else {
				c.Apply(in, now)
			}
			if rank(c.State) < rank(before.State) || (rank(before.State) == 6 && c.State != before.State) || rank(c.State) == 0 {
				t.Fatalf("seed %d: %s after %s", seed, c.State, before.State)
			}
			if c.State != before.State && len(c.Steps) != len(before.Steps)+1 {
				t.Fatalf("seed %d: %d steps after %d", seed, len(c.Steps), len(before.Steps))
			}
		}
		if rank(c.State) == 6 {
			ended++
		}
	}
	if ended < 1000 {
		t.Errorf("only %d of 5000 ended", ended)
	}
}

func TestTable(t *testing.T) {
	for _, tt := range []struct {
		from command.State
		in   command.Input
		to   command.State // "": nothing
	}{
		{command.Queued, command.Send, command.Sent},
		{command.Queued, command.Cancel, command.Cancelled},
		{command.Sent, command.Cancel, ""},
		{command.Sent, command.IsTaken, command.Accepted},
		{command.Accepted, command.Send, ""},
		{command.Running, command.IsTaken, ""},
		{command.Running, command.IsRunning, command.Running},
		{command.Running, command.IsRefused, ""},
		{command.Done, command.Lapse, ""},
		{command.Lapsed, command.IsDone, command.Done},
		{command.Lapsed, command.IsRunning, ""},
		{command.Cancelled, command.IsDone, ""},
		{"", command.Send, ""},
	} {
		got, ok := command.Next(tt.from, tt.in)
		if got != tt.to || ok != (tt.to != "") {
			t.Errorf("%s + %s = %s, want %s", tt.from, tt.in, got, tt.to)
		}
	}
	if command.Lapsed.Public() != "expired" || command.Lapsed.Open() || !command.Running.Open() {
		t.Error("lapsed is an end that looks like expired")
	}
}

func TestCheck(t *testing.T) {
	now := time.UnixMilli(1_790_000_000_000)
	for name, tt := range map[string]struct {
		n     httpapi.NewCommand
		field string // of the error, "" for none
	}{
		"a tone":                 {httpapi.NewCommand{Cmd: fleet.CommandTone, Args: json.RawMessage(`{"hz":440}`)}, ""},
		"no arguments":           {httpapi.NewCommand{Cmd: fleet.CommandRestart}, ""},
		"null arguments":         {httpapi.NewCommand{Cmd: fleet.CommandMirror, Args: json.RawMessage(`null`)}, ""},
		"an id":                  {httpapi.NewCommand{Cmd: fleet.CommandSelfTest, ID: id.New()}, ""},
		"a bad id":               {httpapi.NewCommand{Cmd: fleet.CommandSelfTest, ID: "x"}, "id"},
		"an unknown command":     {httpapi.NewCommand{Cmd: "selfdestruct"}, "cmd"},
		"an unknown argument":    {httpapi.NewCommand{Cmd: fleet.CommandTone, Args: json.RawMessage(`{"loud":1}`)}, "args"},
		"two documents":          {httpapi.NewCommand{Cmd: fleet.CommandTone, Args: json.RawMessage(`{}{}`)}, "args"},
		"a wrong type":           {httpapi.NewCommand{Cmd: fleet.CommandTone, Args: json.RawMessage(`{"hz":"a"}`)}, "args"},
		"too high":               {httpapi.NewCommand{Cmd: fleet.CommandTone, Args: json.RawMessage(`{"hz":9000}`)}, "args.hz"},
		"too loud":               {httpapi.NewCommand{Cmd: fleet.CommandTone, Args: json.RawMessage(`{"dbfs":-1}`)}, "args.dbfs"},
		"no words":               {httpapi.NewCommand{Cmd: fleet.CommandMessage}, "args.zh"},
		"words":                  {httpapi.NewCommand{Cmd: fleet.CommandMessage, Args: json.RawMessage(`{"zh":"维修中","seconds":30}`)}, ""},
		"too short a mirror":     {httpapi.NewCommand{Cmd: fleet.CommandMirror, Args: json.RawMessage(`{"seconds":1}`)}, "args.seconds"},
		"log lines":              {httpapi.NewCommand{Cmd: fleet.CommandLogs, Args: json.RawMessage(`{"lines":100}`)}, ""},
		"too many log lines":     {httpapi.NewCommand{Cmd: fleet.CommandLogs, Args: json.RawMessage(`{"lines":1000000}`)}, "args.lines"},
		"a life without end":     {httpapi.NewCommand{Cmd: fleet.CommandTone, ExpiresS: 1 << 30}, "expires_s"},
		"a life before its time": {httpapi.NewCommand{Cmd: fleet.CommandTone, NotBefore: now.Add(2 * time.Hour).UnixMilli()}, "not_before_ms"},
	} {
		t.Run(name, func(t *testing.T) {
			args, err := command.Check(tt.n, now)
			var fe *fleet.FieldError
			switch {
			case tt.field == "" && err != nil:
				t.Error(err)
			case tt.field == "" && !json.Valid(args):
				t.Errorf("arguments %s", args)
			case tt.field != "" && (!errors.As(err, &fe) || fe.Field != tt.field):
				t.Errorf("%v, want field %s", err, tt.field)
			}
		})
	}
}

func TestViewKeepsSecrets(t *testing.T) {
	r := command.New(command.ID{ID: id.New()}, command.Order{Cmd: fleet.CommandLogs, Args: json.RawMessage(`{"url":"https://x","token":"t0p","lines":5}`)})
	if v := r.View(); string(v.Args) != `{"lines":5}` {
		t.Errorf("operators see %s", v.Args)
	}
	other := r.Order
	other.Args = json.RawMessage(`{"url":"https://x","token":"another","lines":5}`)
	if !r.Same(other) {
		t.Error("asking again with another token is another command")
	}
}

func TestAgainWaitsLonger(t *testing.T) {
	now := time.UnixMilli(1_790_000_000_000)
	r := command.New(command.ID{ID: id.New()}, command.Order{Created: now})
	var last time.Duration
	for range 10 {
		r.Deliver(now)
		pause := r.Again().Sub(now)
		if pause < last || pause > 5*time.Minute {
			t.Fatalf("pause %s after %s", pause, last)
		}
		last, now = pause, now.Add(pause)
	}
	if last != 5*time.Minute {
		t.Errorf("the last pause is %s", last)
	}
}
