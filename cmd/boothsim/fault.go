package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/laoyou/laoyou/firmware/herd"
)

// fault is one thing that goes wrong, again and again.
type fault struct {
	kind  string
	every time.Duration
	do    func(ctx context.Context, b *herd.Booth)
}

// swallowTime is how long what a booth sends is lost without a sign.
const swallowTime = 20 * time.Second

func parseFaults(specs []string) ([]fault, error) {
	kinds := map[string]func(ctx context.Context, b *herd.Booth){
		"drop":  func(_ context.Context, b *herd.Booth) { b.Drop() },
		"crash": func(_ context.Context, b *herd.Booth) { b.Crash() },
		"swallow": func(ctx context.Context, b *herd.Booth) {
			b.Swallow(true)
			pause(ctx, swallowTime)
			b.Swallow(false)
		},
	}
	var out []fault
	for _, spec := range specs {
		kind, times, _ := strings.Cut(spec, ":")
		n, err := strconv.ParseFloat(times, 64)
		if kinds[kind] == nil || err != nil || n <= 0 {
			return nil, fmt.Errorf("faults: %q is not KIND:TIMES_A_MINUTE with drop, swallow or crash", spec)
		}
		out = append(out, fault{kind, time.Duration(float64(time.Minute) / n), kinds[kind]})
	}
	return out, nil
}

// faults lets one kind of fault happen until ctx ends, and is over when the last one is.
func (s *simulation) faults(ctx context.Context, f fault) {
	dice := rand.New(rand.NewPCG(s.cfg.Seed, uint64(len(f.kind)))) //nolint:gosec // a simulation is to be repeatable
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	booths := s.herd.Booths()
	var under sync.WaitGroup
	defer under.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b := booths[dice.IntN(len(booths))]
			under.Go(func() { f.do(ctx, b) })
		}
	}
}

// print writes the result for a program or for a person.
func (r result) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	_, err := fmt.Fprintf(w, `booths online      %d of %d, all after %.1f s
events sent        %d, lost %d, duplicated %d
commands done      %d, p50 %.0f ms, p99 %.0f ms; open %d, twice %d, other ends %v
offline alarms     %d
`, r.Online, r.Booths, float64(r.OnlineAfterMS)/1000, r.EventsSent, r.Lost, r.Duplicated,
		r.CommandsDone, r.P50CommandMS, r.P99CommandMS, r.CommandsOpen, r.CommandsTwice, r.CommandsOther, r.OfflineAlarms)
	return err
}
