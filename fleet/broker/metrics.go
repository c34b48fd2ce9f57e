package broker

import "github.com/prometheus/client_golang/prometheus"

// metrics are what an operator of the embedded engine looks at.
type metrics struct {
	connects  prometheus.Counter
	refused   *prometheus.CounterVec // by reason
	ended     *prometheus.CounterVec // by reason
	denied    *prometheus.CounterVec // by what
	received  *prometheus.CounterVec // by leaf
	sent      prometheus.Counter
	dropped   prometheus.Counter
	throttled prometheus.Counter
}

// Why somebody was not let in, in words of the metric.
const (
	refusedFull      = "full"      // too many that nobody vouched for, or too many at all
	refusedEvicted   = "silent"    // said nothing and made room for another
	refusedTimeout   = "timeout"   // did not get as far as CONNECT in time
	refusedHandshake = "handshake" // of TLS
	refusedPeer      = "peer"      // its certificate is not admitted
	refusedID        = "client_id" // not the certificate's
	refusedWill      = "will"      // on a topic that is not its own
	refusedKeepAlive = "keep_alive"
	refusedProtocol  = "protocol" // no MQTT 3.1.1
)

func newMetrics(reg prometheus.Registerer, connected, strangers func() float64) *metrics {
	name := func(n string) string { return "laoyou_broker_" + n }
	count := func(n, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name(n), Help: help})
	}
	by := func(n, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name(n), Help: help}, []string{label})
	}
	m := &metrics{
		connects:  count("connects_total", "Peers that were let in."),
		refused:   by("refused_total", "Connections that were not let in.", "reason"),
		ended:     by("ended_total", "Sessions that ended.", "reason"),
		denied:    by("denied_total", "What peers wanted and may not: publish_qos0 (dropped), publish and retain (connection closed), subscribe.", "what"),
		received:  by("received_total", "Messages of booths.", "leaf"),
		sent:      count("sent_total", "Messages to peers."),
		dropped:   count("dropped_total", "Messages to peers that did not read or acknowledge."),
		throttled: count("throttled_total", "Messages that had to wait because their sender says too much."),
	}
	if reg != nil {
		reg.MustRegister(m.connects, m.refused, m.ended, m.denied, m.received, m.sent, m.dropped, m.throttled,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name("connected"), Help: "Booths that are connected."}, connected),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name("strangers"), Help: "Connections that nobody has vouched for yet."}, strangers))
	}
	return m
}
