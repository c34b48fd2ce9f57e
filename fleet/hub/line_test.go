package hub_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
)

// An engine elsewhere that is away when the fleet starts makes nobody offline, however long; once it is there, booths have the grace to come.
func TestAnEngineThatIsAwayWhenTheFleetStarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fleet.db")
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlite.Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = store.Close() }()
		k := &kit{t: t, store: store, bus: newWire(), now: time.Now}
		k.join("a")
		k.hub = k.newHub() // an earlier life, which is killed
		k.commit(k.birth("a", 1, "boot"))

		k.hub = k.newHub()
		k.hub.Line(false)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- k.hub.Run(ctx) }()
		pass(time.Hour)
		if got := k.presence("a"); got != fleet.Online {
			t.Errorf("an hour without an engine: %s", got)
		}
		k.hub.Line(true)
		pass(80 * time.Second)
		if got := k.presence("a"); got != fleet.Online {
			t.Errorf("in the grace: %s", got)
		}
		pass(80 * time.Second)
		if got := k.presence("a"); got != fleet.Offline {
			t.Errorf("after the grace: %s", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
