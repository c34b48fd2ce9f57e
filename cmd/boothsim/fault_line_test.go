package main

import (
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
)

// troubled is a small herd with much to say.
func (c *core) troubled(booths int) Config {
	cfg := c.config()
	cfg.Booths, cfg.Events = booths, 120
	return cfg
}

// Whichever way is cut, the fleet sees it within a minute; what was said and ordered meanwhile arrives when the line is whole again.
func TestCutLine(t *testing.T) {
	for name, cut := range map[string]struct{ up, down float64 }{"uplink": {1, 0}, "downlink": {0, 1}, "both": {1, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t)
			c := n.startCore("--fleet.keep_alive", either("30s", "8s"))
			cfg := c.troubled(8)
			cfg.Heartbeat, cfg.Telemetry = either(time.Minute, 5*time.Second), either(time.Minute, 5*time.Second)
			if *long {
				cfg.Events = 1 // a booth that has little to say is missed late
			}
			r := c.play(cfg, func(s *scene) {
				s.until(patience, "all online", func() bool { return s.all(fleet.Online) })
				begin := time.Now()
				n.lose(c, cut.up, cut.down)
				s.order()
				s.until(2*patience, "all offline", func() bool { return s.all(fleet.Offline) })
				for _, b := range s.rows() {
					took := time.UnixMilli(b.Since).Sub(begin)
					t.Logf("%s offline after %v", b.ID, took.Round(100*time.Millisecond))
					if took > time.Minute {
						t.Errorf("%s: offline after %v", b.ID, took)
					}
				}
				n.lose(c, 0, 0)
				begin = time.Now()
				s.until(2*patience, "all back", func() bool { return s.all(fleet.Online) })
				t.Logf("all back after %v", time.Since(begin).Round(100*time.Millisecond))
			})
			if r.whole(t); r.OfflineAlarms > r.Booths { // the news of one that is back at once may be that it is online
				t.Errorf("%d booths went offline once, the fleet said so %d times", r.Booths, r.OfflineAlarms)
			}
			if r.CommandsDone != r.Booths {
				t.Errorf("%d commands were given, %d done", r.Booths, r.CommandsDone)
			}
		})
	}
}

// Of every packet one in three is lost, both ways: slow, but nobody is offline and nothing is missing.
func TestLossyLine(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	c := n.startCore()
	r := c.play(c.troubled(8), func(s *scene) {
		s.until(patience, "all online", func() bool { return s.all(fleet.Online) })
		n.lose(c, 0.3, 0.3)
		s.order()
		s.live(*lossFor, s.calm)
		if *long { // who has to begin anew there may be away for longer than a hiccup
			for _, b := range s.herd.Booths() {
				b.Drop()
			}
			s.until(5*patience, "all back through the loss", func() bool { return s.herd.Online() == s.cfg.Booths })
		}
		n.lose(c, 0, 0)
	})
	r.whole(t)
	if r.CommandsDone != r.Booths || !*long && r.OfflineAlarms != 0 {
		t.Errorf("%+v", r)
	}
}
