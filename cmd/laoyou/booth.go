package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/fleet"
	fleetapi "github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/internal/config"
)

const boothUsage = `laoyou booth: the booths of the fleet

usage: laoyou booth list [--q TEXT] [--presence P] [--standing S] [--group G] [--district D] [--drift] [--limit N]
       laoyou booth show ID
       laoyou booth command ID NAME [KEY=VALUE ...] [--force] [--expires 1h] [--no-wait]
       laoyou booth commands ID | cancel ID COMMAND
       laoyou booth twin get|diff|history ID
       laoyou booth twin set ID KEY=VALUE ... [--unset KEY,KEY] [--note TEXT]
       laoyou booth claim CODE ID [place]      let in the booth that shows the code
       laoyou booth token ID [place] [--expires 24h]   a one-time token for a booth that nobody stands before
       laoyou booth quarantine|release|retire ID [--reason TEXT]
       laoyou booth events ID [--type PREFIX] | audit [ID]
       laoyou booth watch [ID]                 news as they come

  NAME              restart, selftest, tone (hz ms dbfs), message (zh en seconds), logs (lines), mirror (seconds)
                    "command" waits for the end and shows each step; of "logs" it prints the lines
  place             --name, --place-zh, --place-en, --district, --group, --lat, --lon
  --force           even during a visit
  --expires TIME    how long a command waits for its booth, a token for its use
  --limit N         how many rows, default 100
` + loginUsage + `  --json            as the API tells it

Exit code: 0 done, 1 refused or failed, 2 bad arguments or nobody there.
`

// boothArgs is what the command line asks for.
type boothArgs struct {
	login
	words       []string // after the verb
	filter      url.Values
	place       fleetapi.NewClaim
	lat, lon    string
	force, wait bool
	expires     time.Duration
	unset, note string
	reason      string
	kind        string // of events
	limit       int
	json        bool
}

// boothCall is one run of a verb.
type boothCall struct {
	boothArgs
	staff *httpapi.Staff
	out   io.Writer
	err   io.Writer // progress
}

// boothVerb is one thing to do.
type boothVerb struct {
	name        string
	least, most int // words it takes
	run         func(ctx context.Context, b *boothCall) error
}

func boothVerbs() []boothVerb {
	const many = 100
	return []boothVerb{
		{"list", 0, 0, listBooths},
		{"show", 1, 1, showBooth},
		{"command", 2, many, commandBooth},
		{"commands", 1, 1, listCommands},
		{"cancel", 2, 2, cancelCommand},
		{"twin", 2, many, twinBooth},
		{"claim", 2, 2, claimBooth},
		{"token", 1, 1, tokenBooth},
		{"quarantine", 1, 1, standing(fleet.Quarantined)},
		{"release", 1, 1, standing(fleet.InService)},
		{"retire", 1, 1, standing(fleet.Retired)},
		{"events", 1, 1, listEvents},
		{"audit", 0, 1, listAudit},
		{"watch", 0, 1, watchBooths},
	}
}

func booths(args []string, sh shell) int {
	return config.Exit("laoyou booth", runBooths(args, sh), sh.stdout, sh.stderr)
}

func runBooths(args []string, sh shell) error {
	a, verb, err := parseBooths(args, sh.env)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// No limit on the whole: a stream and the wait for a command take as long as they take.
	staff := &httpapi.Staff{BaseURL: a.core, HTTP: &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: 15 * time.Second}}}
	if err := staff.Login(ctx, a.user, a.password); err != nil {
		return asUsage(err)
	}
	return verb.run(ctx, &boothCall{boothArgs: a, staff: staff, out: sh.stdout, err: sh.stderr})
}

func parseBooths(args []string, env func(string) string) (a boothArgs, verb boothVerb, err error) {
	a = boothArgs{filter: url.Values{}}
	fs := flag.NewFlagSet("booth", flag.ContinueOnError)
	a.login.flags(fs, env)
	for _, name := range []string{"q", "presence", "standing", "group", "district"} {
		fs.Func(name, "", func(v string) error { a.filter.Set(name, v); return nil })
	}
	fs.BoolFunc("drift", "", func(v string) error { a.filter.Set("drift", v); return nil })
	fs.StringVar(&a.place.Name, "name", "", "")
	fs.StringVar(&a.place.PlaceZh, "place-zh", "", "")
	fs.StringVar(&a.place.PlaceEn, "place-en", "", "")
	fs.StringVar(&a.lat, "lat", "", "")
	fs.StringVar(&a.lon, "lon", "", "")
	fs.BoolVar(&a.force, "force", false, "")
	noWait := fs.Bool("no-wait", false, "")
	fs.DurationVar(&a.expires, "expires", 0, "")
	fs.StringVar(&a.unset, "unset", "", "")
	fs.StringVar(&a.note, "note", "", "")
	fs.StringVar(&a.reason, "reason", "", "")
	fs.StringVar(&a.kind, "type", "", "")
	fs.IntVar(&a.limit, "limit", 100, "")
	fs.BoolVar(&a.json, "json", false, "")
	words, err := anywhere(fs, args, boothUsage)
	if err != nil {
		return a, verb, err
	}
	if len(words) == 0 {
		return a, verb, usageOf("booth", "want a verb")
	}
	a.words, a.wait = words[1:], !*noWait
	a.place.Group, a.place.District = a.filter.Get("group"), a.filter.Get("district")
	if err := a.position(); err != nil {
		return a, verb, err
	}
	if a.limit < 1 || a.limit > 500 {
		return a, verb, usageOf("booth", "--limit: must be between 1 and 500")
	}
	for _, v := range boothVerbs() {
		if v.name != words[0] {
			continue
		}
		if n := len(a.words); n < v.least || n > v.most {
			return a, verb, usageOf("booth", words[0]+": too few or too many words")
		}
		return a, v, a.complete("booth", env)
	}
	return a, verb, usageOf("booth", fmt.Sprintf("no verb %q", words[0]))
}

func (a *boothArgs) position() error {
	for _, p := range []struct {
		name, text string
		to         **float64
	}{{"lat", a.lat, &a.place.Lat}, {"lon", a.lon, &a.place.Lon}} {
		if p.text == "" {
			continue
		}
		v, err := strconv.ParseFloat(p.text, 64)
		if err != nil {
			return usageOf("booth", "--"+p.name+": must be a number of degrees")
		}
		*p.to = &v
	}
	return nil
}

// path fills the booth and the command into a path.
func path(of string, ids ...string) string {
	names := []string{"{id}", "{cmd}"}
	for i, id := range ids {
		of = strings.Replace(of, names[i], url.PathEscape(id), 1)
	}
	return of
}

// get asks for something and tells it as JSON if that is wanted; else tell does.
func get[T any](ctx context.Context, b *boothCall, path string, tell func(T) error) error {
	var v T
	if b.json {
		var raw json.RawMessage
		if err := b.staff.Do(ctx, http.MethodGet, path, nil, &raw); err != nil {
			return err
		}
		return writeJSON(b.out, raw)
	}
	if err := b.staff.Do(ctx, http.MethodGet, path, nil, &v); err != nil {
		return err
	}
	return tell(v)
}

// listBooths reads page by page until there are as many rows as were asked for.
func listBooths(ctx context.Context, b *boothCall) error {
	all := fleetapi.Booths{Booths: []fleetapi.Booth{}}
	for len(all.Booths) < b.limit {
		b.filter.Set("limit", strconv.Itoa(b.limit-len(all.Booths)))
		b.filter.Set("cursor", all.Next)
		var page fleetapi.Booths
		if err := b.staff.Do(ctx, http.MethodGet, fleetapi.PathBooths+"?"+b.filter.Encode(), nil, &page); err != nil {
			return err
		}
		all.Booths, all.Next, all.Total = append(all.Booths, page.Booths...), page.Next, page.Total
		if page.Next == "" || len(page.Booths) == 0 {
			break
		}
	}
	if b.json {
		return writeJSON(b.out, all)
	}
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tPLACE\tPRESENCE\tSINCE\tSTANDING\tFW\tDRIFT\tPENDING\tVISIT")
	for _, v := range all.Booths {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", v.ID, dash(v.Name), dash(v.PlaceEn), v.Presence, ago(v.Since),
			v.Standing, dash(v.Firmware), some(v.Drift), some(v.Pending), map[bool]string{true: "yes", false: "-"}[v.Visit])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if all.Next != "" {
		fmt.Fprintf(b.out, "%d of %d; --limit shows more\n", len(all.Booths), all.Total)
	}
	return nil
}

func showBooth(ctx context.Context, b *boothCall) error {
	return get(ctx, b, path(fleetapi.PathBooth, b.words[0]), func(v fleetapi.Booth) error {
		table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
		row := func(name, value string) { fmt.Fprintf(table, "%s\t%s\n", name, value) }
		row("booth", v.ID)
		row("name", dash(v.Name))
		row("place", dash(strings.Trim(v.PlaceZh+" / "+v.PlaceEn, " /")))
		row("district, group", dash(v.District)+", "+dash(v.Group))
		if v.Lat != nil && v.Lon != nil {
			row("position", fmt.Sprintf("%.5f, %.5f", *v.Lat, *v.Lon))
		}
		row("standing", strings.TrimSpace(string(v.Standing)+" "+v.Reason))
		row("presence", fmt.Sprintf("%s, since %s; last heard %s", v.Presence, at(v.Since), at(v.LastSeen)))
		row("firmware, board", dash(v.Firmware)+", "+dash(v.Board))
		row("clock", fmt.Sprintf("%+.1f s against ours at its last connect", float64(v.SkewMS)/1000))
		row("certificate", "until "+at(v.CertExpires))
		row("drift, pending", some(v.Drift)+", "+some(v.Pending))
		if p := v.Pulse; p != nil {
			row("pulse", fmt.Sprintf("%s: cpu %.0f %%, memory %d MiB, disk free %d MiB, %.0f °C, voice line %s, outbox %d",
				at(p.At), p.CPU, p.MemMB, p.DiskMB, p.TempC, dash(p.SIP), p.Pending))
		}
		row("claimed", at(v.Claimed)+" by "+dash(v.ClaimedBy))
		if v.Note != "" {
			row("note", v.Note)
		}
		return table.Flush()
	})
}

// at is an instant as people here read it.
func at(ms int64) string {
	if ms == 0 {
		return "-"
	}
	return time.UnixMilli(ms).Format("2006-01-02 15:04:05")
}

// ago is how long ago an instant was, in its largest unit.
func ago(ms int64) string {
	if ms == 0 {
		return "-"
	}
	switch d := time.Since(time.UnixMilli(ms)); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(int(d.Seconds()), 0))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d d", int(d.Hours()/24))
	}
}

func some(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}
