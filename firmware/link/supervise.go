package link

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// How a connection is kept. Keep-alive and time-outs are those every engine takes, and short enough for a line that is cut, in whichever
// direction, to be known as such within a minute: an engine waits 30 s for us or we 35 s for it, then the fleet waits 20 s for our return.
const (
	keepAlive      = 20 * time.Second
	pingTimeout    = 10 * time.Second
	connectTimeout = 20 * time.Second
	writeTimeout   = 10 * time.Second
	deafAfter      = keepAlive * 7 / 4 // nothing came in for so long: the connection is dead, whatever it says
	deafEvery      = keepAlive / 8     // how often that is looked at
	steadyAfter    = time.Minute       // a connection that lasted so long ends the back-off
	maxWait        = 300 * time.Second
	unclaimedPoll  = 5 * time.Second
	startWithin    = 2 * time.Second // the first connection: a district whose power returns must not call as one
)

var errCut = errors.New("the line is cut by the test door")

// Run keeps the booth connected until ctx ends.
func (l *Link) Run(ctx context.Context) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err := l.load(ctx)
		if err == nil {
			break
		}
		l.deps.Log.ErrorContext(ctx, "outbox does not open", "error", err)
		if !sleep(ctx, wait, nil) {
			return nil
		}
	}
	var parts sync.WaitGroup
	parts.Go(func() { l.keep(ctx) })
	l.supervise(ctx)
	parts.Wait()
	return nil
}

// supervise makes one connection after the other. failures counts since the line was last steady.
func (l *Link) supervise(ctx context.Context) {
	wait := time.Duration(l.deps.Rand() * float64(min(startWithin, max(0, l.pace().Spread))))
	for failures := 0; l.ready(ctx, wait); {
		s, err := l.connect(ctx)
		switch {
		case errors.Is(err, ErrNoLine):
			l.note(err)
			wait = unclaimedPoll
			continue
		case err != nil:
			failures++
			l.note(err)
			l.deps.Log.InfoContext(ctx, "no connection to the fleet", "failures", failures, "error", err)
		default:
			up := time.Now()
			err = s.run(ctx)
			l.down(err)
			l.deps.Log.InfoContext(ctx, "connection to the fleet ended", "epoch", s.epoch, "error", err)
			if time.Since(up) >= steadyAfter {
				failures = 0
			} else {
				failures = min(failures+1, maxFlapping)
			}
		}
		wait = Backoff(failures, l.pace().Spread, l.deps.Rand)
	}
}

// maxFlapping bounds the back-off between connections that succeed but do not last: 16 s.
const maxFlapping = 3

// Backoff is the wait before an attempt: full jitter, over the spread after a steady connection was lost, then over 4, 8, … 300 s.
func Backoff(failures int, spread time.Duration, rand func() float64) time.Duration {
	most := float64(max(0, spread))
	if failures > 0 {
		most = min(float64(maxWait), float64(2*time.Second)*math.Exp2(float64(min(failures, 10))))
	}
	return time.Duration(rand() * most)
}

// ready waits until the next attempt is due. It returns false when ctx has ended.
func (l *Link) ready(ctx context.Context, wait time.Duration) bool {
	if !sleep(ctx, wait, l.hurry) {
		return false
	}
	l.mu.Lock()
	cut := l.cut
	l.mu.Unlock()
	if cut == nil {
		return true
	}
	l.note(errCut)
	select {
	case <-cut:
		return true
	case <-ctx.Done():
		return false
	}
}

// sleep waits for d or for early; it returns false when ctx has ended.
func sleep(ctx context.Context, d time.Duration, early <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-early:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// note keeps why the link is not online.
func (l *Link) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Error = err.Error()
}

func (l *Link) up(s *session) {
	l.mu.Lock()
	now, _ := l.clock.now()
	l.session = s
	l.state.Online, l.state.Since, l.state.Epoch, l.state.Error = true, now, s.epoch, ""
	cut := l.cut != nil
	l.mu.Unlock()
	if cut {
		s.fail(errCut)
	}
	l.changed()
}

func (l *Link) down(err error) {
	l.mu.Lock()
	l.session = nil
	l.state.Online = false
	if err != nil {
		l.state.Error = err.Error()
	}
	l.mu.Unlock()
	l.changed()
}

func (l *Link) changed() {
	if l.deps.OnState != nil {
		l.deps.OnState(l.State())
	}
}

// epochsAtOnce is how many epochs one write reserves: a disk that is full must not keep the booth from telling so.
const epochsAtOnce = 16

// nextEpoch returns an epoch that no earlier connection of this identity can have used, not even one made before the disk was lost: a new
// store begins at the seconds of today.
func (l *Link) nextEpoch(ctx context.Context) (int64, error) {
	now, _ := l.clock.now()
	l.mu.Lock()
	next, reserved := l.head.Epoch+1, l.reserved
	l.mu.Unlock()
	if next == 1 {
		next = max(next, now.Unix())
	}
	if next > reserved {
		reserved = next + epochsAtOnce - 1
		if err := l.deps.Store.Save(ctx, Figures{Epoch: reserved}); err != nil {
			return 0, err
		}
	}
	l.mu.Lock()
	l.head.Epoch, l.reserved = next, reserved
	l.mu.Unlock()
	return next, nil
}

// Intervals of the keeper.
const (
	clockEvery  = 10 * time.Second
	clockStep   = 2 * time.Second // a jump, not a correction
	saveEvery   = 10 * time.Minute
	firstRetry  = time.Second
	latestRetry = 30 * time.Second
)

// keep does what goes on with and without a connection: samples, the clock, bounds, rows that the disk refused.
func (l *Link) keep(ctx context.Context) {
	clock := time.NewTicker(clockEvery)
	defer clock.Stop()
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	sample := time.NewTimer(l.samplePause(l.deps.Rand()))
	defer sample.Stop()
	wait := firstRetry
	retry := time.NewTimer(wait)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			l.save(context.WithoutCancel(ctx))
			return
		case <-clock.C:
			l.watchClock(ctx)
			l.bound(ctx)
		case <-save.C:
			l.save(ctx)
		case <-sample.C:
			l.sample(ctx)
			sample.Reset(l.samplePause(1))
		case <-retry.C:
			if wait = min(2*wait, latestRetry); !l.rescue(ctx) {
				wait = firstRetry
			}
			retry.Reset(wait)
		}
	}
}

func (l *Link) samplePause(part float64) time.Duration {
	every := l.pace().Telemetry
	if every < 0 || l.deps.Sample == nil {
		return time.Hour // looked at again then
	}
	return time.Duration(part * float64(every))
}

func (l *Link) sample(ctx context.Context) {
	if l.deps.Sample == nil || l.pace().Telemetry < 0 {
		return
	}
	values := make(map[string]float64)
	for k, v := range l.deps.Sample() {
		if !math.IsNaN(v) && !math.IsInf(v, 0) { // JSON has no word for it
			values[k] = v
		}
	}
	s := l.State()
	values[mqttapi.SeriesPending] = float64(s.Pending)
	if s.RTT > 0 {
		values[mqttapi.SeriesRTT] = float64(s.RTT) / float64(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	if err := l.put(ctx, ClassSample, mqttapi.Sample{Values: values}); err != nil {
		l.deps.Log.DebugContext(ctx, "sample stays in memory", "error", err)
	}
}

func (l *Link) watchClock(ctx context.Context) {
	if step := l.clock.step(); step.Abs() >= clockStep {
		l.deps.Log.WarnContext(ctx, "wall clock jumped", "step_ms", step.Milliseconds())
		l.tell(ctx, mqttapi.EventClock, map[string]any{"step_ms": step.Milliseconds()})
	}
}

// bound keeps the outbox within its limits and tells what was dropped in memory.
func (l *Link) bound(ctx context.Context) {
	l.shed(ctx, 0)
	if n := l.ring.takeDropped(); n > 0 {
		l.mu.Lock()
		l.head.Dropped += n
		l.mu.Unlock()
		l.tell(ctx, mqttapi.EventDropped, map[string]any{"memory": n})
	}
}

// rescue tries again what the disk refused, after it made some room. It reports whether there was anything.
func (l *Link) rescue(ctx context.Context) bool {
	if !l.ring.retry() {
		return false
	}
	l.shed(ctx, spareWhenFull)
	l.write(ctx)
	return true
}

// spareWhenFull is given back when the disk is full.
const spareWhenFull = 256 << 10

func (l *Link) save(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	if err := l.deps.Store.Save(ctx, Figures{Floor: l.clock.floorMs(), Ran: l.ran()}); err != nil {
		l.deps.Log.WarnContext(ctx, "time floor is not saved", "error", err)
	}
}
