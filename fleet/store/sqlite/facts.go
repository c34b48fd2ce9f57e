package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/telemetry"
)

// Series implements api.Facts.
func (s *Store) Series(ctx context.Context, key fleet.Key, names []string, from, to time.Time) (httpapi.SeriesSet, error) {
	set := httpapi.SeriesSet{Series: make([]httpapi.Series, len(names)), Last: map[string]float64{}}
	if _, err := s.Standing(ctx, key); err != nil {
		return set, err
	}
	for i, n := range names {
		set.Series[i] = httpapi.Series{Name: n, Points: []httpapi.SeriesPoint{}}
	}
	var last string
	err := s.db.Read.QueryRowContext(ctx, `SELECT doc FROM series_last WHERE tenant = ? AND booth = ?`, key.Tenant, key.Booth).Scan(&last)
	switch {
	case none(err):
		return set, nil
	case err != nil:
		return set, err
	}
	if err := json.Unmarshal([]byte(last), &set.Last); err != nil || len(names) == 0 {
		return set, err
	}
	rows, err := s.db.Read.QueryContext(ctx, `SELECT at, doc FROM series_5m WHERE tenant = ? AND booth = ? AND at >= ? AND at < ? ORDER BY at`,
		key.Tenant, key.Booth, from.UnixMilli(), to.UnixMilli())
	err = each(rows, err, func(row scanner) error {
		var at int64
		var doc string
		if err := row.Scan(&at, &doc); err != nil {
			return err
		}
		var rolls telemetry.Rolls
		if err := json.Unmarshal([]byte(doc), &rolls); err != nil {
			return err
		}
		for i, n := range names {
			if r, ok := rolls[n]; ok {
				set.Series[i].Points = append(set.Series[i].Points, httpapi.SeriesPoint{At: at, Min: r.Min, Max: r.Max, Mean: r.Mean(), N: r.N})
			}
		}
		return nil
	})
	return set, err
}

// place is where an event stands among its booth's; its text is the cursor.
type place struct{ ob, seq, sub int64 }

func (p place) String() string { return fmt.Sprintf("%d.%d.%d", p.ob, p.seq, p.sub) }

func parsePlace(cursor string) (p place, err error) {
	if n, err := fmt.Sscanf(cursor, "%d.%d.%d", &p.ob, &p.seq, &p.sub); err != nil || n != 3 || p.String() != cursor {
		return p, fleet.ErrCursor
	}
	return p, nil
}

// Events implements api.Facts. They come in the order in which the booth saw them, whatever its clock said.
func (s *Store) Events(ctx context.Context, key fleet.Key, prefix string, p api.Page) (httpapi.Events, error) {
	page := httpapi.Events{Events: []httpapi.Event{}}
	if _, err := s.Standing(ctx, key); err != nil {
		return page, err
	}
	where, args := []string{`tenant = ?`, `booth = ?`}, []any{key.Tenant, key.Booth}
	if p.Cursor != "" {
		at, err := parsePlace(p.Cursor)
		if err != nil {
			return page, err
		}
		where, args = append(where, `(ob, seq, sub) < (?, ?, ?)`), append(args, at.ob, at.seq, at.sub)
	}
	if prefix != "" {
		where, args = append(where, `SUBSTR(type, 1, ?) = ?`), append(args, len(prefix), prefix)
	}
	limit := pageSize(p.Limit)
	var places []place
	rows, err := s.db.Read.QueryContext(ctx, text(`SELECT ob, seq, sub, id, at, type, visit, data FROM event WHERE`, strings.Join(where, ` AND `),
		`ORDER BY ob DESC, seq DESC, sub DESC LIMIT ?`), append(args, limit+1)...)
	err = each(rows, err, func(row scanner) error {
		e := httpapi.Event{Booth: key.Booth}
		var at place
		var data string
		err := row.Scan(&at.ob, &at.seq, &at.sub, &e.ID, &e.At, &e.Type, &e.Visit, &data)
		e.Data = json.RawMessage(data)
		page.Events, places = append(page.Events, e), append(places, at)
		return err
	})
	if len(page.Events) > limit {
		page.Events = slices.Clip(page.Events[:limit])
		page.Next = places[limit-1].String()
	}
	return page, err
}
