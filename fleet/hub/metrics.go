package hub

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/fleet/ingest"
)

type metrics struct {
	records prometheus.Counter
	again   prometheus.Counter
	refused *prometheus.CounterVec // by reason
	clones  prometheus.Counter
	commit  prometheus.Histogram
	sent    *prometheus.CounterVec // by kind
	failed  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	name := func(n string) string { return "laoyou_fleet_" + n }
	count := func(n, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name(n), Help: help})
	}
	by := func(n, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name(n), Help: help}, []string{label})
	}
	m := &metrics{
		records: count("records_total", "Messages of booths that were committed, left out or known."),
		again:   count("records_again_total", "Rows of outboxes that were stored before."),
		refused: by("refused_total", "Messages of booths that had no effect.", "reason"),
		clones:  count("clones_total", "Booths quarantined because two devices had one identity."),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: name("commit_seconds"), Help: "Time of one transaction of messages.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 12),
		}),
		sent:   by("sent_total", "Messages to booths that the engine took.", "kind"),
		failed: count("send_failed_total", "Messages to booths that the engine did not take."),
	}
	if reg != nil {
		reg.MustRegister(m.records, m.again, m.refused, m.clones, m.commit, m.sent, m.failed)
	}
	return m
}

func (m *metrics) committed(batch []ingest.Record, o *outcome, took time.Duration) {
	m.records.Add(float64(len(batch)))
	m.again.Add(float64(o.again))
	m.clones.Add(float64(len(o.clones)))
	m.commit.Observe(took.Seconds())
	for reason, n := range o.refused {
		m.refused.WithLabelValues(reason).Add(float64(n))
	}
}
