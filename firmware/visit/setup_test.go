package visit

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/ui/view"
)

// An operator's change shows at once on a booth at rest, and leaves a citizen alone until the visit is over.
func TestSetupWaitsForTheVisit(t *testing.T) {
	play(t, func(s *stage) {
		s.Configure(Setup{Idle: time.Minute, Rest: present.Rest{Notice: map[string]string{"zh": "今天 18 点闭亭"}}})
		synctest.Wait()
		if v := s.wall.now(); v.Screen != view.Attract || len(v.Body) != 1 || v.Body[0] != "今天 18 点闭亭" {
			t.Errorf("at rest: %+v", v)
		}
		s.lift()
		for range 3 { // none of them blocks, the last one counts
			s.Configure(Setup{Idle: time.Minute, Volume: 2, Rest: present.Rest{OutOfOrder: true}})
		}
		synctest.Wait()
		if v := s.wall.now(); v.Screen != view.Home || v.Volume != 0 {
			t.Errorf("in a visit: screen %s, volume %d", v.Screen, v.Volume)
		}
		s.hang()
		pass(graceTime)
		if v := s.wall.now(); v.Screen != view.OutOfService || v.Volume != 2 || len(v.Footer) != 1 {
			t.Errorf("after the visit: %+v", v)
		}
	})
}
