package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/laoyou/laoyou/internal/config"
)

// login is which core to ask, and as whom.
type login struct {
	core, data     string
	user, password string
}

// loginUsage explains its flags.
const loginUsage = `  --core URL        the core (LAOYOU_CORE); default: the one that runs on this machine's data folder
  --data DIR        that folder (LAOYOU_DATA), default .laoyou
  --user NAME       who you are (LAOYOU_USER), default admin
  --password TEXT   its password (LAOYOU_PASSWORD, LAOYOU_ADMIN_PASSWORD); default: the one in DIR/first-run.json
`

func (a *login) flags(fs *flag.FlagSet, env func(string) string) {
	fs.StringVar(&a.core, "core", env("LAOYOU_CORE"), "")
	fs.StringVar(&a.data, "data", env("LAOYOU_DATA"), "")
	fs.StringVar(&a.user, "user", env("LAOYOU_USER"), "")
	fs.StringVar(&a.password, "password", env("LAOYOU_PASSWORD"), "")
}

// anywhere reads the flags, which may stand anywhere, and returns the other words.
func anywhere(fs *flag.FlagSet, args []string, help string) (words []string, err error) {
	fs.SetOutput(io.Discard)
	for {
		switch err := fs.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return nil, &config.Answer{Text: help}
		case err != nil:
			return nil, usageOf(fs.Name(), err.Error())
		}
		if fs.NArg() == 0 {
			return words, nil
		}
		words = append(words, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

func usageOf(command, msg string) error {
	return &config.UsageError{Msg: msg + " (see laoyou " + command + " --help)"}
}

// asUsage: a core that is not there is the operator's to mend; what it answers is not.
func asUsage(err error) error {
	var url interface{ Timeout() bool } // *url.Error, the client's own
	if errors.As(err, &url) {
		return &config.UsageError{Msg: err.Error()}
	}
	return err
}

// complete finds the core and the password where they were not given.
func (a *login) complete(command string, env func(string) string) error {
	if a.data == "" {
		a.data = ".laoyou"
	}
	if a.user == "" {
		a.user = "admin"
	}
	if a.core == "" {
		addr, err := os.ReadFile(filepath.Join(a.data, "run", "cloudd.addr"))
		if err != nil {
			return usageOf(command, "no core runs on "+a.data+"; say --core URL or --data DIR")
		}
		a.core = "http://" + strings.TrimSpace(string(addr))
	}
	if a.password == "" && a.user == "admin" {
		a.password = env("LAOYOU_ADMIN_PASSWORD")
	}
	if a.password == "" {
		a.password = firstRunPassword(a.data, a.user)
	}
	if a.password == "" {
		return usageOf(command, "no password for "+a.user+"; say --password, or set LAOYOU_PASSWORD")
	}
	return nil
}

// firstRunPassword is the one that cloudd made up at its first start, "" when there is none.
func firstRunPassword(data, user string) string {
	text, err := os.ReadFile(filepath.Join(data, "first-run.json"))
	if err != nil {
		return ""
	}
	var made map[string]struct {
		Password string `json:"password"`
	}
	if json.Unmarshal(text, &made) != nil {
		return ""
	}
	return made[user].Password
}
