package link_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// stuck is a disk that answers when it pleases.
type stuck struct {
	linktest.Memory
	until chan struct{}
}

func (s *stuck) Append(ctx context.Context, rows []link.Row) error {
	<-s.until
	return s.Memory.Append(ctx, rows)
}

func TestASlowDiskDelaysNobodyBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &stuck{until: make(chan struct{})}
		l := link.New(link.Deps{Store: store, Line: line})
		for n := range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			if err := l.Event(ctx, fact(n)); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			cancel()
		}
		if s := l.State(); s.Memory != 5 {
			t.Errorf("%+v", s)
		}
		close(store.until)
		synctest.Wait()
		if s := l.State(); s.Memory != 0 || s.Pending != 5 {
			t.Errorf("%+v", s)
		}
	})
}

func TestADiskThatIsAnOldCopyStartsANewOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		defer p.stop()
		old := new(linktest.Memory)
		h, err := old.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		live := func(s link.Store, facts int) {
			l := link.New(link.Deps{Store: s, Line: line, Dial: p.dial})
			stop := run(t, l)
			for n := range facts {
				if err := l.Event(t.Context(), fact(n)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(10 * time.Minute)
			if s := l.State(); s.Pending != 0 || !s.Online {
				t.Errorf("%+v", s)
			}
			stop()
		}
		live(old, 100)
		restored := new(linktest.Memory) // as it was before the first event
		if err := restored.Renew(t.Context(), h.Outbox); err != nil {
			t.Fatal(err)
		}
		live(restored, 10)
		synctest.Wait()
		s, _ := p.fleet.Seen()
		if s.Outboxes != 2 || s.Gaps != 0 || len(s.Rows) != 110 {
			t.Errorf("%d outboxes, %d rows: the ten after the restore must come", s.Outboxes, len(s.Rows))
		}
	})
}

// The epoch is on disk before the connection is tried, so whoever runs with a copy of the disk shows itself by an epoch that is too low.
func TestEpochIsOnDiskBeforeTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(linktest.Memory)
		dials := 0
		var l *link.Link
		l = link.New(link.Deps{Store: store, Line: line, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			dials++
			h, err := store.Load(ctx)
			if err != nil || h.Epoch == 0 {
				t.Errorf("dial %d with epoch %d on disk, %v", dials, h.Epoch, err)
			}
			return nil, errors.New("no network")
		}})
		stop := run(t, l)
		time.Sleep(time.Hour)
		stop()
		before, err := store.Load(t.Context())
		if err != nil || dials < 20 {
			t.Fatalf("%d attempts, %v", dials, err)
		}
		p := newPipes(t)
		defer p.stop()
		l = link.New(link.Deps{Store: store, Line: line, Dial: p.dial})
		stop = run(t, l)
		time.Sleep(time.Minute)
		stop()
		if s, _ := p.fleet.Seen(); len(s.Births) == 0 || s.Births[0].Epoch <= before.Epoch {
			t.Errorf("births %+v after epoch %d", s.Births, before.Epoch)
		}
	})
}

func TestRefusedMessagesAreToldButNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		defer p.stop()
		l := link.New(link.Deps{Store: new(linktest.Memory), Line: line, Dial: p.dial})
		defer run(t, l)()
		time.Sleep(10 * time.Second)
		epoch := l.State().Epoch
		for _, bad := range []string{
			`{"v":9,"id":"01J00000000000000000000000","k":"cm","ts":1,"b":{}}`, `x`, `{"v":1}`, `[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]`,
		} {
			for range 10 {
				if err := p.fleet.Raw(key(), mqttapi.Commands, []byte(bad)); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(time.Minute)
		s, _ := p.fleet.Seen()
		if n := len(s.Rows); n == 0 || n > 6 {
			t.Errorf("%d events of 40 bad messages", n)
		}
		var e mqttapi.Event
		if err := s.Rows[0].Into(&e); err != nil || e.Type != mqttapi.EventRefused || e.Data["error"] == "" {
			t.Errorf("%+v %v", e, err)
		}
		if st := l.State(); !st.Online || st.Epoch != epoch {
			t.Errorf("%+v", st)
		}
	})
}

func TestCutAndClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t)
		defer p.stop()
		claimed := false
		l := link.New(link.Deps{Store: new(linktest.Memory), Dial: p.dial, Line: func() (link.Line, error) {
			if !claimed {
				return link.Line{}, link.ErrNoLine
			}
			return line()
		}})
		defer run(t, l)()
		if err := l.Event(t.Context(), fact(1)); err != nil { // before anybody wants it
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if s := l.State(); s.Online || s.Error != link.ErrNoLine.Error() {
			t.Errorf("%+v", s)
		}
		claimed = true
		l.Hurry()
		time.Sleep(time.Second)
		if s := l.State(); !s.Online || s.Pending != 0 {
			t.Errorf("claimed: %+v", s)
		}
		l.Cut(true)
		synctest.Wait()
		n := len(p.dialled())
		time.Sleep(time.Hour)
		if s := l.State(); s.Online || len(p.dialled()) != n {
			t.Errorf("cut: %+v, %d attempts", s, len(p.dialled())-n)
		}
		l.Cut(false)
		time.Sleep(time.Second)
		if s := l.State(); !s.Online {
			t.Errorf("restored: %+v", s)
		}
	})
}
