package emergency

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// scripted is an operator whose news come at given times after Dial; zero times never come.
type scripted struct {
	ringAt, answerAt, failAt time.Duration
	mu                       sync.Mutex
	dialled, hungUp          bool
}

func (s *scripted) Dial(ctx context.Context, _ Request) <-chan News {
	s.mu.Lock()
	s.dialled = true
	s.mu.Unlock()
	news := make(chan News)
	go func() {
		defer close(news)
		if s.failAt > 0 {
			wait(ctx, s.failAt)
			return
		}
		if s.ringAt > 0 && wait(ctx, s.ringAt) {
			tell(ctx, news, News{Kind: NewsRinging})
		}
		if s.answerAt > 0 && wait(ctx, s.answerAt-s.ringAt) {
			tell(ctx, news, News{Kind: NewsAnswered})
		}
		<-ctx.Done()
		s.mu.Lock()
		s.hungUp = true
		s.mu.Unlock()
	}()
	return news
}

func (s *scripted) state() (dialled, hungUp bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialled, s.hungUp
}

func TestWays(t *testing.T) {
	for name, c := range map[string]struct {
		first, second *scripted
		secondDialled bool
		winner        int // 0 nobody, 1, 2
	}{
		"the first answers in time":      {&scripted{ringAt: 100 * time.Millisecond, answerAt: 1500 * time.Millisecond}, &scripted{answerAt: time.Second}, false, 1},
		"the first is slow":              {&scripted{ringAt: 100 * time.Millisecond}, &scripted{answerAt: time.Second}, true, 2},
		"the first fails at once":        {&scripted{failAt: 50 * time.Millisecond}, &scripted{answerAt: time.Second}, true, 2},
		"both are tried, the first wins": {&scripted{answerAt: 2500 * time.Millisecond}, &scripted{answerAt: time.Second}, true, 1},
		"both answer in the same moment": {&scripted{answerAt: 3 * time.Second}, &scripted{answerAt: time.Second}, true, -1},
		"nobody":                         {&scripted{failAt: time.Second}, &scripted{failAt: time.Second}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				var kinds []NewsKind
				news := Ways{c.first, c.second}.Dial(ctx, Request{})
				limit := time.After(10 * time.Second)
				for open := true; open; {
					select {
					case n, ok := <-news:
						if open = ok; ok {
							kinds = append(kinds, n.Kind)
						}
					case <-limit:
						open = false
					}
				}
				answers := len(slices.DeleteFunc(slices.Clone(kinds), func(k NewsKind) bool { return k != NewsAnswered }))
				dialled, hungSecond := c.second.state()
				_, hungFirst := c.first.state()
				if want := min(1, c.winner*c.winner); answers != want {
					t.Errorf("%d answers, want %d (%v)", answers, want, kinds)
				}
				if dialled != c.secondDialled {
					t.Errorf("second way dialled: %t", dialled)
				}
				if c.winner == 1 && (hungFirst || (dialled && !hungSecond)) || c.winner == 2 && (hungSecond || (c.first.failAt == 0 && !hungFirst)) {
					t.Errorf("hung up: first %t, second %t", hungFirst, hungSecond)
				}
				if c.winner == -1 && hungFirst == hungSecond {
					t.Error("two answered, or none")
				}
				cancel()
				synctest.Wait()
			})
		})
	}
}
