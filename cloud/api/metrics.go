package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// metrics counts what happens. Its labels come from our own tables only.
type metrics struct {
	tools    *prometheus.HistogramVec
	bookings *prometheus.CounterVec
	requests *prometheus.HistogramVec
	handler  http.Handler
}

func newMetrics(reg *prometheus.Registry) *metrics {
	m := &metrics{
		tools: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "laoyou_tool_seconds", Help: "Time a tool call took, by tool and outcome.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3},
		}, []string{"tool", "outcome"}),
		bookings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "laoyou_bookings_total", Help: "Answers to attempts to book or cancel, by outcome; a repeated key counts again.",
		}, []string{"tool", "outcome"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "laoyou_http_request_seconds", Help: "Time a request took, by method, route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3},
		}, []string{"method", "route", "status"}),
		handler: promhttp.HandlerFor(reg, promhttp.HandlerOpts{}),
	}
	reg.MustRegister(m.tools, m.bookings, m.requests, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) serve(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

func (m *metrics) tool(name tool.Name, e *tool.Error, took time.Duration) {
	outcome := "ok"
	if e != nil {
		outcome = string(e.Kind)
	}
	m.tools.WithLabelValues(string(name), outcome).Observe(took.Seconds())
	if name.Books() || name == tool.BookingCancel {
		m.bookings.WithLabelValues(string(name), outcome).Inc()
	}
}

func (m *metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}
