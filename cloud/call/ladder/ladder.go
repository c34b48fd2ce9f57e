// Package ladder draws the messages of a call as text: one column an end, one row a message, time downwards. It touches nothing but the
// writer it is given.
package ladder

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// Columns in characters.
const (
	margin = 14 // for the time, and half of the first end's name
	width  = 42 // between two ends
)

// Draw writes the call, its legs and its ladder. Times are local to zone.
func Draw(w io.Writer, c httpapi.CallRecord, zone *time.Location) error {
	b := bufio.NewWriter(w)
	head(b, c, zone)
	for i, l := range c.Legs {
		fmt.Fprintf(b, "leg %-4d %-3s %-6s  %s %s  %s  sent %d, received %d, lost %d packets, jitter %.1f ms  %s\n", i+1, l.Direction, orDash(l.Peer),
			l.Transport, l.Remote, orDash(l.Codec), l.Sent, l.Received, l.Lost, l.JitterMS, ended(l.Cause))
	}
	rungs(b, c)
	return b.Flush()
}

func head(b *bufio.Writer, c httpapi.CallRecord, zone *time.Location) {
	fmt.Fprintf(b, "call     %s  %s  %s -> %s\n", c.ID, c.Kind, orDash(c.From), orDash(c.To))
	if c.Booth != "" || c.Contact != "" {
		fmt.Fprintf(b, "for      booth %s, contact %s\n", orDash(c.Booth), orDash(c.Contact))
	}
	fmt.Fprintf(b, "begun    %s", time.UnixMilli(c.StartedMS).In(zone).Format("2006-01-02 15:04:05.000 -07:00"))
	if c.AnsweredMS > 0 {
		fmt.Fprintf(b, ", answered after %s", seconds(c.AnsweredMS-c.StartedMS))
	}
	if c.EndedMS > 0 {
		fmt.Fprintf(b, ", over after %s", seconds(c.EndedMS-c.StartedMS))
	}
	fmt.Fprintf(b, ": %s\n", ended(c.Cause))
	if c.Note != "" {
		fmt.Fprintf(b, "note     %s\n", plain(c.Note))
	}
}

// rung is a message with the leg it belongs to.
type rung struct {
	leg int
	httpapi.CallMessage
}

func rungs(b *bufio.Writer, c httpapi.CallRecord) {
	var all []rung
	for i, l := range c.Legs {
		for _, m := range l.Messages {
			all = append(all, rung{i, m})
		}
	}
	if len(all) == 0 {
		return
	}
	// Within one leg the order of the record is the order on the wire, also where the clock did not tick in between.
	slices.SortStableFunc(all, func(a, b rung) int { return int(a.AtMS - b.AtMS) })
	names := columns(c)
	r := newRow(len(names))
	for i, n := range names {
		r.center(margin+i*width, n)
	}
	r.write(b)
	for _, m := range all {
		from, to := column(m.leg), 1
		if m.Sent {
			from, to = to, from
		}
		r = newRow(len(names))
		r.put(0, fmt.Sprintf("%9.3f", float64(m.AtMS-c.StartedMS)/1000))
		r.posts(len(names))
		r.arrow(margin+from*width, margin+to*width, short(plain(m.Line)))
		r.write(b)
		if m.SDP != "" {
			r = newRow(len(names))
			r.posts(len(names))
			r.label(margin+from*width, margin+to*width, plain(m.SDP))
			r.write(b)
		}
	}
	if c.Dropped > 0 {
		fmt.Fprintf(b, "%d more messages were not kept\n", c.Dropped)
	}
}

// columns are the names of the ends, from the left: the first leg's, the core, the other legs'.
func columns(c httpapi.CallRecord) []string {
	names := []string{orDash(c.Legs[0].Peer), "cloudd"}
	for _, l := range c.Legs[1:] {
		names = append(names, orDash(l.Peer))
	}
	return names
}

// column of a leg's far end; the core's is 1.
func column(leg int) int {
	if leg == 0 {
		return 0
	}
	return leg + 1
}

// row is one line of characters.
type row []rune

func newRow(ends int) row {
	return []rune(strings.Repeat(" ", margin+(ends-1)*width+margin))
}

func (r row) put(at int, s string) {
	for i, c := range []rune(s) {
		if at+i >= 0 && at+i < len(r) {
			r[at+i] = c
		}
	}
}

func (r row) center(at int, s string) { r.put(at-len([]rune(s))/2, s) }

func (r row) posts(ends int) {
	for i := range ends {
		r[margin+i*width] = '|'
	}
}

func (r row) arrow(from, to int, label string) {
	left, right := min(from, to), max(from, to)
	r.put(left+1, strings.Repeat("-", right-left-1))
	if from < to {
		r.put(right-1, ">")
	} else {
		r.put(left+1, "<")
	}
	r.label(from, to, " "+clip(label, width-8)+" ")
}

// label is centered between the core and the far end, next to the far end where the arrow passes others.
func (r row) label(from, to int, s string) {
	right := max(from, to)
	r.center(right-width/2, clip(s, width-4))
}

func (r row) write(b *bufio.Writer) { fmt.Fprintln(b, strings.TrimRight(string(r), " ")) }

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// short leaves of a request what tells it apart: INVITE queue. The address is in the leg's line.
func short(line string) string {
	method, uri, ok := strings.Cut(line, " sip:")
	if !ok {
		return line
	}
	if user, _, ok := strings.Cut(uri, "@"); ok {
		return method + " " + user
	}
	return method
}

// plain keeps what a stranger wrote from steering the terminal.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return '?'
		}
		return r
	}, s)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return plain(s)
}

func ended(cause string) string {
	if cause == "" {
		return "still up"
	}
	return plain(cause)
}

func seconds(ms int64) string { return fmt.Sprintf("%.3f s", float64(ms)/1000) }
