package emergency

import (
	"context"
	"time"
)

// Apart is how long after one way the next is tried, while nobody has answered.
const Apart = 2 * time.Second

// Ways tries several operators, the best first, each Apart after the one before or as soon as that one has failed. The first who answers
// has the call; the others are hung up, so that never two speak.
type Ways []Operator

// way is one attempt under way.
type way struct {
	news   <-chan News
	hangUp context.CancelFunc
}

// told is a piece of news with the attempt that brought it; ok is false when that attempt is over.
type told struct {
	from int
	news News
	ok   bool
}

// Dial implements Operator.
func (w Ways) Dial(ctx context.Context, r Request) <-chan News {
	out := make(chan News)
	go func() {
		defer close(out)
		w.race(ctx, r, out)
	}()
	return out
}

func (w Ways) race(ctx context.Context, r Request, out chan<- News) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	merged := make(chan told)
	var under []way
	open, winner := 0, -1
	start := func() {
		if len(under) == len(w) {
			return
		}
		mine, hangUp := context.WithCancel(ctx)
		under = append(under, way{w[len(under)].Dial(mine, r), hangUp})
		open++
		go forward(ctx, len(under)-1, under[len(under)-1].news, merged)
	}
	start()
	next := time.NewTicker(Apart)
	defer next.Stop()
	for open > 0 {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			if winner < 0 {
				start()
			}
		case m := <-merged:
			switch {
			case !m.ok:
				open--
				under[m.from].hangUp()
				if m.from == winner {
					return
				}
				if winner < 0 {
					start()
				}
			case winner >= 0 && m.from != winner: // a loser's last words
			case m.news.Kind == NewsAnswered && winner < 0:
				winner = m.from
				for i := range under {
					if i != winner {
						under[i].hangUp()
					}
				}
				fallthrough
			default:
				if !tell(ctx, out, m.news) {
					return
				}
			}
		}
	}
}

func forward(ctx context.Context, from int, news <-chan News, merged chan<- told) {
	for {
		n, ok := <-news
		select {
		case merged <- told{from, n, ok}:
		case <-ctx.Done():
			return
		}
		if !ok {
			return
		}
	}
}
