package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/laoyou/laoyou/cloud/call/ladder"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/config"
)

const callUsage = `laoyou call: what happened on the wire

usage: laoyou call list [--limit N] [--json]
       laoyou call show ID [--json]

  list              the latest calls, newest first
  show ID           one call: its legs, and the ladder of its messages; ID may be the last letters of one that list shows

` + loginUsage + `  --limit N         how many calls list shows, default 20
  --json            as the API tells it

Exit code: 0 shown, 1 refused or failed, 2 bad arguments or nobody there.
`

// callArgs is what the command line asks for.
type callArgs struct {
	login
	verb, id string
	limit    int
	json     bool
}

func calls(args []string, sh shell) int {
	return config.Exit("laoyou call", runCalls(args, sh), sh.stdout, sh.stderr)
}

func runCalls(args []string, sh shell) error {
	a, err := parseCalls(args, sh.env)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	staff := &httpapi.Staff{BaseURL: a.core, HTTP: &http.Client{Timeout: 15 * time.Second}}
	if err := staff.Login(ctx, a.user, a.password); err != nil {
		return asUsage(err)
	}
	if a.verb == "list" {
		return listCalls(ctx, staff, a, sh.stdout)
	}
	return showCall(ctx, staff, a, sh.stdout)
}

func listCalls(ctx context.Context, staff *httpapi.Staff, a callArgs, w io.Writer) error {
	page, err := staff.Calls(ctx, "", a.limit)
	if err != nil {
		return err
	}
	if a.json {
		return writeJSON(w, page)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tBEGUN\tKIND\tFROM\tTO\tANSWERED\tLASTED\tCODEC\tCAUSE")
	for _, c := range page.Calls {
		codecs := []string{}
		for _, l := range c.Legs {
			codecs = append(codecs, dash(l.Codec))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, time.UnixMilli(c.StartedMS).Format("01-02 15:04:05"),
			c.Kind, dash(c.From), dash(c.To), after(c.StartedMS, c.AnsweredMS), after(c.StartedMS, c.EndedMS), strings.Join(codecs, "/"), dash(c.Cause))
	}
	return table.Flush()
}

func showCall(ctx context.Context, staff *httpapi.Staff, a callArgs, w io.Writer) error {
	id, err := wholeID(ctx, staff, a.id)
	if err != nil {
		return err
	}
	c, err := staff.Call(ctx, id)
	if err != nil {
		return err
	}
	if a.json {
		return writeJSON(w, c)
	}
	return ladder.Draw(w, c, time.Local)
}

// wholeID finds the call whose id ends so: nobody types a ULID.
func wholeID(ctx context.Context, staff *httpapi.Staff, end string) (string, error) {
	const ulidLen, recent = 26, 200
	end = strings.ToUpper(end)
	if len(end) == ulidLen {
		return end, nil
	}
	page, err := staff.Calls(ctx, "", recent)
	if err != nil {
		return "", err
	}
	found := ""
	for _, c := range page.Calls {
		if strings.HasSuffix(c.ID, end) {
			if found != "" {
				return "", &config.UsageError{Msg: fmt.Sprintf("more than one call ends in %s", end)}
			}
			found = c.ID
		}
	}
	if found == "" {
		return "", &config.UsageError{Msg: fmt.Sprintf("none of the last %d calls ends in %s", recent, end)}
	}
	return found, nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// after is the time between two instants, "-" where the second has not come.
func after(from, to int64) string {
	if to == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f s", float64(to-from)/1000)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// parseCalls reads the arguments; flags may stand anywhere.
func parseCalls(args []string, env func(string) string) (a callArgs, err error) {
	fs := flag.NewFlagSet("call", flag.ContinueOnError)
	a.login.flags(fs, env)
	fs.IntVar(&a.limit, "limit", 20, "")
	fs.BoolVar(&a.json, "json", false, "")
	words, err := anywhere(fs, args, callUsage)
	if err != nil {
		return a, err
	}
	switch {
	case len(words) == 1 && words[0] == "list":
		a.verb = "list"
	case len(words) == 2 && words[0] == "show":
		a.verb, a.id = "show", words[1]
	default:
		return a, usageOf("call", "want list or show ID")
	}
	if a.limit < 1 || a.limit > 200 {
		return a, usageOf("call", "--limit: must be between 1 and 200")
	}
	return a, a.complete("call", env)
}
