package api

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// A command waits for its booth no longer than this.
const (
	leastExpiry = 10
	mostExpiry  = 7 * 24 * 3600
	maxLines    = 100_000
)

// logWish is what an operator says of a command "logs"; URL and token are ours to add.
type logWish struct {
	Lines int `json:"lines"`
}

// checkCommand checks a command before it is stored, so that a booth gets none that it has to reject.
func checkCommand(n *httpapi.NewCommand) error {
	if !id.Valid(n.ID) {
		return refuse(httpapi.Invalid, "id", "must be a ULID")
	}
	if n.ExpiresS != 0 && (n.ExpiresS < leastExpiry || n.ExpiresS > mostExpiry) {
		return refuse(httpapi.Invalid, "expires_s", fmt.Sprintf("must be between %d and %d", leastExpiry, mostExpiry))
	}
	if n.NotBefore < 0 || n.NotBefore > time.Now().Add(mostExpiry*time.Second).UnixMilli() {
		return refuse(httpapi.Invalid, "not_before_ms", "must be within the next 7 days")
	}
	if len(n.Args) == 0 || string(n.Args) == "null" {
		n.Args = json.RawMessage("{}")
	}
	return checkArgs(n.Cmd, n.Args)
}

// within is one number and the range it has to be in; 0 takes the booth's default.
type within struct {
	field       string
	value       int
	least, most int
}

func checkArgs(name fleet.CommandName, args json.RawMessage) error {
	switch name {
	case fleet.CommandRestart, fleet.CommandSelfTest:
		return in(args, &struct{}{})
	case fleet.CommandTone:
		var t mqttapi.Tone
		return ranged(in(args, &t), func() []within {
			return []within{{"hz", t.Hz, 200, 4000}, {"ms", t.Ms, 100, 10_000}, {"dbfs", t.DB, -60, -6}}
		})
	case fleet.CommandMessage:
		return checkMessage(args)
	case fleet.CommandLogs:
		var l logWish
		return ranged(in(args, &l), func() []within { return []within{{"lines", l.Lines, 1, maxLines}} })
	case fleet.CommandMirror:
		var m mqttapi.Mirror
		return ranged(in(args, &m), func() []within { return []within{{"seconds", m.Seconds, 5, 600}} })
	default:
		return refuse(httpapi.Invalid, "cmd", "must be restart, tone, message, selftest, logs or mirror")
	}
}

func checkMessage(args json.RawMessage) error {
	var m mqttapi.Message
	if err := ranged(in(args, &m), func() []within { return []within{{"seconds", m.Seconds, 5, 600}} }); err != nil {
		return err
	}
	if m.Zh == "" && m.En == "" {
		return refuse(httpapi.Invalid, "args.zh", "zh or en is needed")
	}
	if utf8.RuneCountInString(m.Zh) > 120 || utf8.RuneCountInString(m.En) > 200 {
		return refuse(httpapi.Invalid, "args.zh", "zh has at most 120 characters, en 200")
	}
	return nil
}

// ranged checks numbers that were read without an error.
func ranged(err error, numbers func() []within) error {
	if err != nil {
		return err
	}
	for _, r := range numbers() {
		if r.value != 0 && (r.value < r.least || r.value > r.most) {
			return refuse(httpapi.Invalid, "args."+r.field, fmt.Sprintf("must be between %d and %d", r.least, r.most))
		}
	}
	return nil
}

// in reads the arguments strictly, and names a wrong one with its place.
func in(args json.RawMessage, into any) error {
	err := strict(args, into)
	if f, ok := err.(*httpapi.Failure); ok { //nolint:errorlint // strict returns nothing else
		field := "args"
		if f.Field != "" {
			field += "." + f.Field
		}
		return refuse(f.Kind, field, f.Message)
	}
	return err
}
