package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/laoyou/laoyou/fleet"
	fleetapi "github.com/laoyou/laoyou/fleet/httpapi"
)

// twinBooth shows or changes what a booth should be.
func twinBooth(ctx context.Context, b *boothCall) error {
	verb, booth := b.words[0], b.words[1]
	if verb != "set" && len(b.words) != 2 {
		return usageOf("booth", "twin "+verb+": too many words")
	}
	switch verb {
	case "get":
		return get(ctx, b, path(fleetapi.PathTwin, booth), b.tellTwin)
	case "diff":
		return get(ctx, b, path(fleetapi.PathTwin, booth), b.tellDrift)
	case "history":
		return get(ctx, b, fmt.Sprintf("%s?limit=%d", path(fleetapi.PathTwinHistory, booth), b.limit), b.tellHistory)
	case "set":
		return b.setTwin(ctx, booth)
	}
	return usageOf("booth", "twin: want get, set, diff or history")
}

// tellTwin shows every field that is desired or reported.
func (b *boothCall) tellTwin(t fleetapi.Twin) error {
	desired, reported, err := sides(t)
	if err != nil {
		return err
	}
	drifting := map[string]bool{}
	for _, d := range t.Drift {
		drifting[d.Field] = true
	}
	fmt.Fprintf(b.out, "desired version %d%s; the booth answered version %d at %s\n", t.Version, by(t), t.Answers, at(t.At))
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FIELD\tDESIRED\tREPORTED\t")
	fields := maps.Clone(desired)
	maps.Copy(fields, reported)
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		mark := ""
		if drifting[f] {
			mark = "drift"
		}
		if e := t.Errors[f]; e != "" {
			mark = "error: " + e
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f, dash(string(desired[f])), dash(string(reported[f])), mark)
	}
	return table.Flush()
}

func by(t fleetapi.Twin) string {
	if t.Version == 0 {
		return " (nothing was ever set)"
	}
	return fmt.Sprintf(" by %s at %s", dash(t.Actor), at(t.Changed))
}

func sides(t fleetapi.Twin) (desired, reported map[string]json.RawMessage, err error) {
	for _, side := range []struct {
		doc json.RawMessage
		to  *map[string]json.RawMessage
	}{{t.Desired, &desired}, {t.Reported, &reported}} {
		*side.to = map[string]json.RawMessage{}
		if len(side.doc) == 0 || string(side.doc) == "null" {
			continue
		}
		if err := json.Unmarshal(side.doc, side.to); err != nil {
			return nil, nil, fmt.Errorf("the core's answer: %w", err)
		}
	}
	return desired, reported, nil
}

// tellDrift shows what is not as desired.
func (b *boothCall) tellDrift(t fleetapi.Twin) error {
	if len(t.Drift) == 0 {
		fmt.Fprintf(b.out, "no drift: version %d is in force\n", t.Version)
		return nil
	}
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FIELD\tDESIRED\tREPORTED\tERROR")
	for _, d := range t.Drift {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", d.Field, dash(string(d.Desired)), dash(string(d.Reported)), dash(d.Error))
	}
	return table.Flush()
}

func (b *boothCall) tellHistory(page fleetapi.TwinVersions) error {
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "VERSION\tAT\tACTOR\tCONFIG\tNOTE")
	for _, v := range page.Versions {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", v.Version, at(v.At), dash(v.Actor), v.Config, dash(v.Note))
	}
	return table.Flush()
}

// setTwin changes some fields of the newest desired config.
func (b *boothCall) setTwin(ctx context.Context, booth string) error {
	change, err := pairs(b.words[2:], textSettings())
	if err != nil {
		return err
	}
	var drop []string
	if b.unset != "" {
		drop = strings.Split(b.unset, ",")
	}
	if len(change)+len(drop) == 0 {
		return usageOf("booth", "twin set: want KEY=VALUE or --unset KEY")
	}
	var t fleetapi.Twin
	if err := b.staff.Do(ctx, http.MethodGet, path(fleetapi.PathTwin, booth), nil, &t); err != nil {
		return err
	}
	desired, _, err := sides(t)
	if err != nil {
		return err
	}
	maps.Copy(desired, change)
	for _, f := range drop {
		delete(desired, f)
	}
	doc, err := json.Marshal(desired)
	if err != nil {
		return err
	}
	// Checked here too: a misspelt field is named without a question to the core.
	if _, err := fleet.ParseSettings(doc); err != nil {
		return usageOf("booth", err.Error())
	}
	put := fleetapi.TwinChange{IfVersion: t.Version, Config: doc, Note: b.note}
	if err := b.staff.Do(ctx, http.MethodPut, path(fleetapi.PathTwin, booth), put, &t); err != nil {
		return err
	}
	if b.json {
		return writeJSON(b.out, t)
	}
	fmt.Fprintf(b.out, "desired version %d\n", t.Version)
	return nil
}

// textSettings are the settings whose value is text, even where it looks like a number.
func textSettings() map[string]bool {
	set, t := map[string]bool{}, reflect.TypeFor[fleet.Settings]()
	for i := range t.NumField() {
		if f := t.Field(i); f.Type == reflect.TypeFor[*string]() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			set[name] = true
		}
	}
	return set
}
