// Package hub is the one place where what comes in leads to what goes out. It decides what a message does to the database (ingest hands it
// batches, and it stores each in one transaction), and then acts: desired config and open commands go to a booth that was born, two devices
// with one identity are cut off, requests are answered, commands are sent again until their end, silent booths go offline, and whoever
// watches gets the news. It may touch its ports and the pure parts of the fleet.
package hub

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/presence"
)

// Deps is what a hub needs.
type Deps struct {
	Store    Store
	Registry Registry
	Twins    Twins
	Commands Commands
	Bus      Bus
	Renewer  Renewer // nil: booths cannot renew their certificates
	Presence presence.Policy
	Keep     Keep
	Now      func() time.Time // nil: the wall clock
	Log      *slog.Logger
	Metrics  prometheus.Registerer // nil: not counted
}

// Hub joins what comes in to what goes out. It is safe for concurrent use, but for Commit, which is ingest's alone.
type Hub struct {
	deps    Deps
	metrics *metrics
	news    news
	todo    todo

	sending sync.Mutex // held while commands are put on the line and noted as sent, so that none goes out twice at a time

	mu      sync.Mutex // guards what follows; held while a change of presence is stored, so that they are stored in their order
	tracker *presence.Tracker
	flight  map[command.ID]time.Time // commands on the line, and when each is put there again
	touched map[fleet.Key]bool       // rows with news for those who watch
	flushed time.Time                // up to when LastSeen is stored
	unsaved []presence.Change        // that the store did not take, oldest first
	ready   bool
}

// New returns a hub.
func New(d Deps) *Hub {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Presence == (presence.Policy{}) {
		d.Presence = presence.Default()
	}
	d.Keep = d.Keep.orDefault()
	return &Hub{
		deps: d, metrics: newMetrics(d.Metrics), todo: newTodo(),
		tracker: presence.NewTracker(d.Presence, nil, d.Now()),
		flight:  map[command.ID]time.Time{}, touched: map[fleet.Key]bool{},
	}
}

// start reads, once, who was there when the fleet stopped and which commands are open. From then on the grace of presence runs. It is called
// with the lock held.
func (h *Hub) start(ctx context.Context) error {
	if h.ready {
		return nil
	}
	members, err := h.deps.Store.Members(ctx)
	if err != nil {
		return err
	}
	open, err := h.deps.Commands.OpenCommands(ctx, nil)
	if err != nil {
		return err
	}
	now := h.deps.Now()
	up := !h.tracker.Down() // an engine elsewhere may be away when the fleet starts
	h.tracker = presence.NewTracker(h.deps.Presence, members, now)
	h.tracker.Line(up, now)
	h.flushed = now
	for i := range open {
		h.flight[open[i].ID] = open[i].Again()
	}
	h.ready = true
	return nil
}
