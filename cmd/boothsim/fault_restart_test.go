package main

import (
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
)

// A core that is stopped and started again and again, as somebody does who looks for a fault, loses nothing and alarms nobody.
func TestCoreRestarts(t *testing.T) {
	t.Parallel()
	c := startCore(t)
	slowest := time.Duration(0)
	r := c.play(c.troubled(20), func(s *scene) {
		s.until(patience, "all online", func() bool { return s.all(fleet.Online) })
		for range *restarts {
			s.live(*restartEvery, s.calm)
			s.order()
			c.stop()
			slowest = max(slowest, c.start())
			s.until(2*patience, "all back", func() bool { return s.herd.Online() == s.cfg.Booths })
		}
	})
	t.Logf("slowest start %v", slowest.Round(time.Millisecond))
	if r.whole(t); r.OfflineAlarms != 0 || r.CommandsDone != *restarts*r.Booths {
		t.Errorf("%d alarms, %d commands done", r.OfflineAlarms, r.CommandsDone)
	}
}
