package sqlite

import (
	"context"
	"database/sql"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// Summary implements api.Booths. A retired booth counts in Total and Standing only.
func (s *Store) Summary(ctx context.Context, tenant string) (httpapi.Summary, error) {
	sum := httpapi.Summary{
		Presence: map[string]int{}, Standing: map[string]int{}, Firmwares: map[string]int{}, Groups: []string{}, Districts: []string{},
	}
	// One look at every booth; the database groups, so that few rows come out.
	rows, err := s.db.Read.QueryContext(ctx, `SELECT b.standing, l.presence, l.fw, COUNT(*), SUM(CASE WHEN l.drift > 0 THEN 1 ELSE 0 END),
		SUM(CASE WHEN l.visit = 1 AND l.presence = ? THEN 1 ELSE 0 END)`+boothTables+`WHERE b.tenant = ? GROUP BY b.standing, l.presence, l.fw`,
		fleet.Online, tenant)
	err = each(rows, err, func(row scanner) error {
		var standing fleet.Standing
		var presence, fw string
		var n, drifting, visiting int
		if err := row.Scan(&standing, &presence, &fw, &n, &drifting, &visiting); err != nil {
			return err
		}
		sum.Total += n
		sum.Standing[string(standing)] += n
		if standing == fleet.Retired {
			return nil
		}
		sum.Presence[presence] += n
		if fw != "" {
			sum.Firmwares[fw] += n
		}
		sum.Drifting += drifting
		sum.Visiting += visiting
		return nil
	})
	if err != nil {
		return sum, err
	}
	if err := s.words(ctx, &sum.Groups, `SELECT DISTINCT grp FROM booth WHERE tenant = ? AND grp <> '' ORDER BY grp`, tenant); err != nil {
		return sum, err
	}
	return sum, s.words(ctx, &sum.Districts, `SELECT DISTINCT district FROM booth WHERE tenant = ? AND district <> '' ORDER BY district`, tenant)
}

func (s *Store) words(ctx context.Context, into *[]string, query, tenant string) error {
	rows, err := s.db.Read.QueryContext(ctx, query, tenant)
	return each(rows, err, func(row scanner) error {
		var word string
		err := row.Scan(&word)
		*into = append(*into, word)
		return err
	})
}

// Points implements api.Booths.
func (s *Store) Points(ctx context.Context, tenant string) (httpapi.Points, error) {
	points := httpapi.Points{Points: []httpapi.Point{}}
	rows, err := s.db.Read.QueryContext(ctx, `SELECT b.id, b.name, b.lat, b.lon, l.presence, b.standing, l.drift`+boothTables+
		`WHERE b.tenant = ? AND b.lat IS NOT NULL AND b.lon IS NOT NULL AND b.standing <> ? ORDER BY b.id`, tenant, fleet.Retired)
	err = each(rows, err, func(row scanner) error {
		var p httpapi.Point
		var lat, lon sql.NullFloat64
		err := row.Scan(&p.ID, &p.Name, &lat, &lon, &p.Presence, &p.Standing, &p.Drift)
		p.Lat, p.Lon = lat.Float64, lon.Float64
		points.Points = append(points.Points, p)
		return err
	})
	return points, err
}
