package hub_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Batches as ingest makes them of a fleet under load: facts of many booths, with the heartbeats and telemetry between them.
func BenchmarkCommit(b *testing.B) {
	for _, tt := range []struct {
		name   string
		booths int
		batch  int
		mixed  bool
	}{
		{"events/2000 booths/64", 2000, 64, false},
		{"events/2000 booths/512", 2000, 512, false},
		{"events/10 booths/512", 10, 512, false},
		{"steady/2000 booths/16", 2000, 16, true},
		{"steady/2000 booths/1", 2000, 1, true},
	} {
		b.Run(tt.name, func(b *testing.B) {
			k := newKit(b)
			seq := make([]int64, tt.booths)
			names := make([]string, tt.booths)
			for i := range names {
				names[i] = fmt.Sprintf("b%05d", i)
				k.join(names[i])
			}
			for i := 0; i < len(names); i += 256 {
				var births []ingest.Record
				for _, n := range names[i:min(i+256, len(names))] {
					births = append(births, k.birth(n, 1, "boot"))
				}
				k.commit(births...)
			}
			at := 0
			batches := make([][]ingest.Record, b.N)
			for i := range batches {
				for range tt.batch {
					n := at % tt.booths
					at += 7919
					switch {
					case tt.mixed && at%3 == 0:
						batches[i] = append(batches[i], k.said(names[n], mqttapi.Heartbeats, mqttapi.KindHeartbeat, mqttapi.Heartbeat{CPU: 3, MemMB: 90, SIP: "up"}))
					case tt.mixed && at%3 == 1:
						seq[n]++
						batches[i] = append(batches[i], k.said(names[n], mqttapi.Telemetry, mqttapi.KindTelemetry, mqttapi.Sample{Values: map[string]float64{
							"cpu_pct": 1, "mem_mb": 2, "disk_free_mb": 3, "temp_c": 4, "outbox_rows": 5, "visits": 6, "calls": 7, "rtt_ms": 8,
						}}, row("ob", seq[n])))
					default:
						seq[n]++
						batches[i] = append(batches[i], k.event(names[n], "ob", seq[n]))
					}
				}
			}
			b.ResetTimer()
			for _, batch := range batches {
				if _, err := k.hub.Commit(context.Background(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*tt.batch)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
