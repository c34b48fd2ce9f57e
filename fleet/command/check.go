package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// Life of a command.
const (
	DefaultLife = time.Hour
	MaxLife     = 7 * 24 * time.Hour
	MaxOpen     = 64               // of one booth
	Patience    = 30 * time.Second // after its time, before the fleet takes a silent booth's command for expired
)

// Check checks a new command and returns its arguments in the form in which they are kept. The error is a *fleet.FieldError.
func Check(n httpapi.NewCommand, now time.Time) (json.RawMessage, error) {
	if n.ID != "" && !id.Valid(n.ID) {
		return nil, &fleet.FieldError{Field: "id", Msg: "must be a ULID"}
	}
	if life := time.Duration(n.ExpiresS) * time.Second; n.ExpiresS < 0 || life > MaxLife {
		return nil, &fleet.FieldError{Field: "expires_s", Msg: fmt.Sprintf("must be between 1 and %d", int(MaxLife.Seconds()))}
	}
	if n.NotBefore != 0 && n.NotBefore >= Expiry(n, now).UnixMilli() {
		return nil, &fleet.FieldError{Field: "not_before_ms", Msg: "is later than the command's end: raise expires_s"}
	}
	return args(n)
}

// Expiry is when a new command is void.
func Expiry(n httpapi.NewCommand, now time.Time) time.Time {
	if n.ExpiresS == 0 {
		return now.Add(DefaultLife)
	}
	return now.Add(time.Duration(n.ExpiresS) * time.Second)
}

func args(n httpapi.NewCommand) (json.RawMessage, error) {
	switch n.Cmd {
	case fleet.CommandRestart, fleet.CommandSelfTest:
		return parse(n.Args, &struct{}{}, func(*struct{}) error { return nil })
	case fleet.CommandTone:
		return parse(n.Args, &mqttapi.Tone{}, checkTone)
	case fleet.CommandMessage:
		return parse(n.Args, &mqttapi.Message{}, checkMessage)
	case fleet.CommandMirror:
		return parse(n.Args, &mqttapi.Mirror{}, func(m *mqttapi.Mirror) error { return within("args.seconds", m.Seconds, 5, 600) })
	case fleet.CommandLogs:
		return parse(n.Args, &mqttapi.Logs{}, checkLogs)
	}
	return nil, &fleet.FieldError{Field: "cmd", Msg: "is no command that booths know"}
}

func parse[T any](doc json.RawMessage, into *T, check func(*T) error) (json.RawMessage, error) {
	if len(doc) > 0 && !bytes.Equal(doc, []byte("null")) {
		d := json.NewDecoder(bytes.NewReader(doc))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil || d.More() {
			return nil, &fleet.FieldError{Field: "args", Msg: "are not those of this command"}
		}
	}
	if err := check(into); err != nil {
		return nil, err
	}
	return json.Marshal(into)
}

// within passes 0: the booth's own default.
func within(field string, n, least, most int) error {
	if n != 0 && (n < least || n > most) {
		return &fleet.FieldError{Field: field, Msg: fmt.Sprintf("must be between %d and %d", least, most)}
	}
	return nil
}

func checkTone(t *mqttapi.Tone) error {
	for _, err := range []error{within("args.hz", t.Hz, 200, 4000), within("args.ms", t.Ms, 100, 10000), within("args.dbfs", t.DB, -60, -6)} {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkMessage(m *mqttapi.Message) error {
	for _, t := range []struct{ field, text string }{{"args.zh", m.Zh}, {"args.en", m.En}} {
		if !utf8.ValidString(t.text) || utf8.RuneCountInString(t.text) > 200 {
			return &fleet.FieldError{Field: t.field, Msg: "must be text of at most 200 characters"}
		}
	}
	if m.Zh == "" && m.En == "" {
		return &fleet.FieldError{Field: "args.zh", Msg: "a message needs words"}
	}
	return within("args.seconds", m.Seconds, 5, 600)
}

func checkLogs(l *mqttapi.Logs) error {
	if len(l.URL) > 2048 || len(l.Token) > 256 {
		return &fleet.FieldError{Field: "args.url", Msg: "is too long"}
	}
	return within("args.lines", l.Lines, 1, 10000)
}
