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

// Dial implements Operator.
func (w Ways) Dial(ctx context.Context, r Request) <-chan News {
	out := make(chan News)
	go func() {
		defer close(out)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		(&race{ways: w, request: r, merged: make(chan told), winner: -1}).run(ctx, out)
	}()
	return out
}

// race is one call over several ways.
type race struct {
	ways    Ways
	request Request
	merged  chan told
	hangUps []context.CancelFunc // of the attempts begun, in the order of ways
	open    int                  // attempts that are not over
	winner  int                  // index of the attempt that was answered, -1 before
}

// told is a piece of news with the attempt that brought it; ok is false when that attempt is over.
type told struct {
	from int
	news News
	ok   bool
}

func (r *race) run(ctx context.Context, out chan<- News) {
	r.start(ctx)
	next := time.NewTicker(Apart)
	defer next.Stop()
	for r.open > 0 {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			r.start(ctx)
		case m := <-r.merged:
			if !m.ok {
				r.ended(ctx, m.from)
				continue
			}
			if r.heeded(m) && !tell(ctx, out, m.news) {
				return
			}
		}
	}
}

// start tries the next way, unless somebody has answered or there is none left.
func (r *race) start(ctx context.Context) {
	n := len(r.hangUps)
	if r.winner >= 0 || n == len(r.ways) {
		return
	}
	mine, hangUp := context.WithCancel(ctx)
	r.hangUps = append(r.hangUps, hangUp)
	r.open++
	go forward(ctx, n, r.ways[n].Dial(mine, r.request), r.merged)
}

// ended notes that an attempt is over; the winner's end is the call's.
func (r *race) ended(ctx context.Context, from int) {
	r.hangUps[from]()
	r.open--
	if from == r.winner {
		r.open = 0
		return
	}
	r.start(ctx)
}

// heeded reports whether news count: all until somebody answers, then the winner's only.
func (r *race) heeded(m told) bool {
	if r.winner >= 0 {
		return m.from == r.winner
	}
	if m.news.Kind == NewsAnswered {
		r.winner = m.from
		for i, hangUp := range r.hangUps {
			if i != r.winner {
				hangUp()
			}
		}
	}
	return true
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
