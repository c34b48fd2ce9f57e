package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"text/tabwriter"
	"time"

	fleetapi "github.com/laoyou/laoyou/fleet/httpapi"
)

// watchBooths prints news as they come, until it is interrupted. A stream that breaks is taken up again: what came meanwhile is told by the
// next row of each booth.
func watchBooths(ctx context.Context, b *boothCall) error {
	where := fleetapi.PathLive
	if len(b.words) == 1 {
		where += "?booth=" + url.QueryEscape(b.words[0])
	}
	for first := true; ; first = false {
		heard := false
		err := b.staff.Follow(ctx, where, func(data []byte) error {
			heard = true
			return b.tellNews(data)
		})
		if ctx.Err() != nil {
			return nil
		}
		if first && err != nil && !heard {
			return err
		}
		fmt.Fprintln(b.err, "the stream broke; again")
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (b *boothCall) tellNews(data []byte) error {
	if b.json {
		_, err := fmt.Fprintln(b.out, string(data))
		return err
	}
	var n fleetapi.Live
	if err := json.Unmarshal(data, &n); err != nil {
		return fmt.Errorf("the core's news: %w", err)
	}
	now := time.Now().Format("15:04:05")
	switch {
	case n.Booth != nil:
		v := n.Booth
		fmt.Fprintf(b.out, "%s  %s  %s, %s, drift %s, pending %s\n", now, v.ID, v.Presence, v.Standing, some(v.Drift), some(v.Pending))
	case n.Command != nil:
		c := n.Command
		fmt.Fprintf(b.out, "%s  %s  command %s %s: %s %s\n", now, c.Booth, c.Cmd, c.ID, c.State, c.Error)
	case n.Event != nil:
		e := n.Event
		fmt.Fprintf(b.out, "%s  %s  event %s %s\n", now, e.Booth, e.Type, e.Data)
	case n.Gone != nil:
		fmt.Fprintf(b.out, "%s  %s  is gone\n", now, n.Gone.Booth)
	}
	return nil
}

func listEvents(ctx context.Context, b *boothCall) error {
	q := url.Values{"limit": {fmt.Sprint(b.limit)}, "type": {b.kind}}
	return get(ctx, b, path(fleetapi.PathEvents, b.words[0])+"?"+q.Encode(), func(page fleetapi.Events) error {
		table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "AT\tTYPE\tVISIT\tDATA")
		for _, e := range page.Events {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", at(e.At), e.Type, dash(e.Visit), e.Data)
		}
		return table.Flush()
	})
}

func listAudit(ctx context.Context, b *boothCall) error {
	q := url.Values{"limit": {fmt.Sprint(b.limit)}}
	if len(b.words) == 1 {
		q.Set("booth", b.words[0])
	}
	return get(ctx, b, fleetapi.PathAudit+"?"+q.Encode(), func(page fleetapi.Audit) error {
		table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "AT\tACTOR\tACTION\tBOOTH\tDATA")
		for _, e := range page.Entries {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", at(e.At), e.Actor, e.Action, dash(e.Booth), e.Data)
		}
		return table.Flush()
	})
}
