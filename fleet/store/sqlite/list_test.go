package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/issuer"
	"github.com/laoyou/laoyou/fleet/presence"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

func key(booth string) fleet.Key { return fleet.Key{Tenant: fleet.DefaultTenant, Booth: booth} }

func act(action string) audit.Act { return audit.Act{Actor: "x", Action: action} }

func join(t testing.TB, s *sqlite.Store, booth string, p enrol.Place) {
	t.Helper()
	joinAs(t, s, booth, p, "key of "+booth)
}

func rejoin(t testing.TB, s *sqlite.Store, booth string) {
	t.Helper()
	joinAs(t, s, booth, enrol.Place{}, "another key of "+booth)
}

func joinAs(t testing.TB, s *sqlite.Store, booth string, p enrol.Place, public string) {
	t.Helper()
	now := time.Now()
	w := enrol.Waiting{ID: id.New(), Tenant: fleet.DefaultTenant, CodeHash: id.New(), PublicKey: public, Created: now, Expires: now.Add(time.Hour)}
	if err := s.AddWaiting(t.Context(), w, 1<<30); err != nil {
		t.Fatal(err)
	}
	w.Booth = booth
	if err := s.Join(t.Context(), enrol.Join{
		Waiting: w, Key: key(booth), Actor: "desk:op", At: now, Place: p,
		Cert: issuer.Certificate{Serial: id.New(), Key: key(booth), PublicKey: w.PublicKey, Issued: now, Expires: now.Add(time.Hour)},
	}); err != nil {
		t.Fatal(err)
	}
}

// town makes a fleet of n booths, every third online, every tenth quarantined.
func town(t testing.TB, n int) *sqlite.Store {
	t.Helper()
	s := open(t)
	var changes []presence.Change
	for i := range n {
		name := fmt.Sprintf("b%05d", i)
		lat, lon := 31+float64(i)/1e5, 121.0
		join(t, s, name, enrol.Place{
			Name: fmt.Sprintf("Corner %d", i), PlaceZh: "外滩", PlaceEn: "The Bund 100%", District: fmt.Sprintf("d%d", i%7), Group: fmt.Sprintf("g%d", i%5), Lat: &lat, Lon: &lon,
		})
		if i%3 == 0 {
			changes = append(changes, presence.Change{Key: key(name), Presence: fleet.Online, Since: time.Now()})
		}
		if i%10 == 0 {
			if _, err := s.SetStanding(t.Context(), key(name), httpapi.StandingChange{Standing: fleet.Quarantined}, act("quarantine"), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.SetPresence(t.Context(), changes, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestList(t *testing.T) {
	s := town(t, 210)
	for name, tt := range map[string]struct {
		q    api.BoothQuery
		want int
	}{
		"all":                   {api.BoothQuery{}, 210},
		"online":                {api.BoothQuery{Presence: fleet.Online}, 70},
		"quarantined":           {api.BoothQuery{Standing: fleet.Quarantined}, 21},
		"group":                 {api.BoothQuery{Group: "g1"}, 42},
		"district":              {api.BoothQuery{District: "d2"}, 30},
		"group and district":    {api.BoothQuery{District: "d2", Group: "g2"}, 6},
		"text in the id":        {api.BoothQuery{Text: "B0001"}, 10},
		"text in the name":      {api.BoothQuery{Text: "corner 20"}, 11},
		"text in Chinese":       {api.BoothQuery{Text: "外滩"}, 210},
		"a percent is no joker": {api.BoothQuery{Text: "bund 1%0"}, 0},
		"a percent":             {api.BoothQuery{Text: "100%"}, 210},
		"drift":                 {api.BoothQuery{Drift: true}, 0},
		"no quotes get out":     {api.BoothQuery{Text: `' OR 1=1 --`}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			q := tt.q
			q.Limit = 17
			last := ""
			for {
				page, err := s.Booths(t.Context(), fleet.DefaultTenant, q)
				if err != nil {
					t.Fatal(err)
				}
				if page.Total != tt.want {
					t.Fatalf("total %d, want %d", page.Total, tt.want)
				}
				for _, b := range page.Booths {
					if seen[b.ID] || b.ID <= last {
						t.Fatalf("%s after %s", b.ID, last)
					}
					seen[b.ID], last = true, b.ID
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			if len(seen) != tt.want {
				t.Errorf("%d booths, want %d", len(seen), tt.want)
			}
		})
	}
	if _, err := s.Booths(t.Context(), fleet.DefaultTenant, api.BoothQuery{Cursor: "Not an id"}); !errors.Is(err, fleet.ErrCursor) {
		t.Errorf("bad cursor: %v", err)
	}
	if page, err := s.Booths(t.Context(), "elsewhere", api.BoothQuery{}); err != nil || page.Total != 0 || len(page.Booths) != 0 {
		t.Errorf("another tenant sees %+v, %v", page, err)
	}
	sum, err := s.Summary(t.Context(), fleet.DefaultTenant)
	if err != nil || sum.Total != 210 || sum.Presence["online"] != 70 || sum.Standing["quarantined"] != 21 || len(sum.Groups) != 5 || len(sum.Districts) != 7 {
		t.Errorf("%+v, %v", sum, err)
	}
	if points, err := s.Points(t.Context(), fleet.DefaultTenant); err != nil || len(points.Points) != 210 {
		t.Errorf("%d points, %v", len(points.Points), err)
	}
}

func TestPatch(t *testing.T) {
	s := town(t, 1)
	name, lat, lon := "New", 1.5, 2.5
	b, err := s.Patch(t.Context(), key("b00000"), "desk:op", httpapi.BoothPatch{Name: &name, Lat: &lat, Lon: &lon})
	if err != nil || b.Name != "New" || *b.Lat != 1.5 || b.PlaceZh != "外滩" {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := s.Patch(t.Context(), key("nobody"), "desk:op", httpapi.BoothPatch{Name: &name}); !errors.Is(err, fleet.ErrNoBooth) {
		t.Errorf("nobody: %v", err)
	}
	log, err := s.Entries(t.Context(), fleet.DefaultTenant, "", "desk:op", api.Page{Limit: 1})
	if err != nil || len(log.Entries) != 1 || log.Entries[0].Action != "patch" || log.Next == "" {
		t.Errorf("%+v, %v", log, err)
	}
	log, err = s.Entries(t.Context(), fleet.DefaultTenant, "b00000", "", api.Page{Cursor: log.Next})
	if err != nil || len(log.Entries) != 1 || log.Entries[0].Action != "claim" || log.Next != "" {
		t.Errorf("%+v, %v", log, err)
	}
	if err := s.VerifyAudit(t.Context(), fleet.DefaultTenant); err != nil {
		t.Error(err)
	}
}

func BenchmarkList(b *testing.B) {
	s := town(b, 10_000)
	for name, q := range map[string]api.BoothQuery{
		"first page":  {Limit: 100},
		"1000 rows":   {Limit: 1000},
		"online":      {Presence: fleet.Online, Limit: 100},
		"text":        {Text: "corner 99", Limit: 100},
		"deep cursor": {Cursor: "b09000", Limit: 100},
		"none found":  {Text: "nowhere", District: "d1", Limit: 100},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Booths(context.Background(), fleet.DefaultTenant, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("summary", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Summary(context.Background(), fleet.DefaultTenant); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Points(context.Background(), fleet.DefaultTenant); err != nil {
				b.Fatal(err)
			}
		}
	})
}
