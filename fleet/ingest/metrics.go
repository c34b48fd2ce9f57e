package ingest

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	received  *prometheus.CounterVec // by leaf
	refused   *prometheus.CounterVec // by reason
	stored    prometheus.Counter
	failures  prometheus.Counter
	ackErrors prometheus.Counter
	commits   prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, waiting func() float64) *metrics {
	name := func(n string) string { return "laoyou_ingest_" + n }
	count := func(n, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name(n), Help: help})
	}
	by := func(n, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name(n), Help: help}, []string{label})
	}
	m := &metrics{
		received:  by("received_total", "Messages that were taken.", "leaf"),
		refused:   by("refused_total", "Messages that were not taken.", "reason"),
		stored:    count("stored_total", "Records that were committed."),
		failures:  count("failures_total", "Commits that failed and were tried again."),
		ackErrors: count("ack_errors_total", "Acknowledgments that could not be sent."),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: name("commit_seconds"), Help: "Time of a commit.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
	}
	if reg != nil {
		reg.MustRegister(m.received, m.refused, m.stored, m.failures, m.ackErrors, m.commits,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name("waiting"), Help: "Records that wait for a commit."}, waiting))
	}
	return m
}
