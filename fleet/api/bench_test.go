package api_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/issuer"
	store "github.com/laoyou/laoyou/fleet/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

// BenchmarkFleetList reads lists of 10,000 booths over HTTP from the real database, as the console does: the first page, one in the middle, a
// search, the summary, the map. Each operation is one request of each; the p95 of the slowest kind is reported.
func BenchmarkFleetList(b *testing.B) {
	const booths = 10_000
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "fleet.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	fill(b, db, booths)
	w := newWorld()
	srv, err := api.New(api.Deps{
		Booths: db, Twins: db, Commands: db, Facts: db, Hub: hub{w}, Audit: db, Who: doors{w}, Uploads: api.NewUploads(b.TempDir(), nil, ""),
		Tenant: "default", Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		At: func(*http.Request) enrol.Contact { return enrol.Contact{} },
	})
	if err != nil {
		b.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer supervisor")
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return w
	}
	cursor := ""
	for range 10 {
		cursor = read[httpapi.Booths](b, get(httpapi.PathBooths+"?limit=500&cursor="+cursor)).Next
	}
	kinds := map[string]string{
		"first": "?limit=100", "middle": "?limit=500&cursor=" + cursor, "search": "?limit=100&q=9876", "filter": "?limit=500&group=g7&presence=unknown",
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		for name, query := range kinds {
			begin := time.Now()
			get(httpapi.PathBooths + query)
			took[name] = append(took[name], time.Since(begin))
		}
		for name, path := range map[string]string{"summary": httpapi.PathSummary, "map": httpapi.PathMap} {
			begin := time.Now()
			get(path)
			took[name] = append(took[name], time.Since(begin))
		}
	}
	for name, list := range took {
		slices.Sort(list)
		p95 := list[len(list)*95/100]
		b.Logf("%-12s p50 %7.1f ms, p95 %7.1f ms of %d", name, ms(list[len(list)/2]), ms(p95), len(list))
		b.ReportMetric(ms(p95), name+"-p95-ms")
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// fill claims booths without the cost of their keys.
func fill(b *testing.B, db *store.Store, n int) {
	b.Helper()
	now := time.Now()
	for i := range n {
		key := fleet.Key{Tenant: "default", Booth: fmt.Sprintf("booth-%05d", i)}
		token, lat, lon := id.New(), 31+float64(i%100)/100, 121+float64(i/100)/100
		place := enrol.Place{Name: fmt.Sprintf("Booth %d", i), PlaceZh: "外滩", PlaceEn: "The Bund", District: fmt.Sprintf("d%d", i%16), Group: fmt.Sprintf("g%d", i%40), Lat: &lat, Lon: &lon}
		if err := db.AddInvitation(b.Context(), enrol.Invitation{TokenHash: token, Key: key, Place: place, Actor: "desk:op", Created: now, Expires: now.Add(time.Hour)}); err != nil {
			b.Fatal(err)
		}
		w := enrol.Waiting{ID: id.New(), Tenant: "default", PublicKey: id.New(), Board: "sim", Firmware: "1", Created: now, Expires: now.Add(time.Hour), Booth: key.Booth, Cert: "-"}
		cert := issuer.Certificate{Serial: id.New(), Key: key, PublicKey: w.PublicKey, Issued: now, Expires: now.Add(time.Hour)}
		line := enrol.LineSecrets{TokenSHA256: id.New(), HA1MD5: id.New(), HA1SHA256: id.New()}
		if err := db.Join(b.Context(), enrol.Join{Waiting: w, TokenHash: token, Key: key, Place: place, Actor: "desk:op", At: now, Line: line, Cert: cert}); err != nil {
			b.Fatal(err)
		}
	}
}
