package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/laoyou/laoyou/internal/config"
)

// token is the booth's proof towards the core, over HTTPS and SIP: from a file, or from the fleet that claimed the booth. It may come or
// change while the booth runs; until there is one it is "".
type token struct{ value atomic.Pointer[string] }

func (t *token) get() string {
	if s := t.value.Load(); s != nil {
		return *s
	}
	return ""
}

func (t *token) set(s string) { t.value.Store(&s) }

// readToken reads the file that was named, else the one a core in laboratory mode leaves in the data folder. No such file is no error
// where a fleet can give a token instead.
func readToken(cfg Config, t *token) error {
	file := cfg.Cloud.TokenFile
	if file == "" {
		file = filepath.Join(cfg.Data, "booth-token")
	}
	text, err := os.ReadFile(file)
	switch {
	case err == nil:
		t.set(strings.TrimSpace(string(text)))
		return nil
	case errors.Is(err, fs.ErrNotExist) && cfg.Cloud.TokenFile == "" && cfg.Fleet.Mode == fleetOn:
		return nil
	}
	return &config.UsageError{Msg: fmt.Sprintf("cloud.token_file: %v (the core writes one for a laboratory booth; start it first)", err)}
}
