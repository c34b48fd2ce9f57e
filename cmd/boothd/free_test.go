package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/internal/voip"
)

// trunk is the telephone network of a laboratory: it answers every call and hums.
func trunk(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	agent, err := voip.New(voip.Config{Listen: "127.0.0.1:0", Name: "trunk", Accept: func(in *voip.Incoming) {
		in.Ring()
		leg, err := in.Answer(ctx)
		if err != nil {
			return
		}
		tick := time.NewTicker(voip.FrameDuration)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-leg.Done():
				return
			case <-tick.C:
				_ = leg.Media().Write(tone(n, 500))
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- agent.Run(ctx) }()
	<-agent.Ready()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return agent.Addr().String()
}

// TestAFreeCall calls a number once, hears the other end, and is told why not at once again.
func TestAFreeCall(t *testing.T) {
	p := startPairWith(t, []string{"--sip.trunk", trunk(t)}, "--line.mode=sip")
	p.registered()
	dial := func() {
		t.Helper()
		p.must("/sim/v1/say", map[string]any{"text": "打电话给02162130000", "lang": "zh"})
		p.screen("S5")
		p.must("/sim/v1/say", map[string]any{"text": "对", "lang": "zh"})
	}
	p.pickUp()
	dial()
	p.screen("S7")
	p.poll(8*time.Second, "the other end's tone", func() bool {
		samples, _ := p.heard("1")
		return pitched(samples, 16000, 500)
	})
	p.must("/sim/v1/touch", map[string]any{"action": "call.end"})
	p.poll(5*time.Second, "the bot again", func() bool { return p.view().Screen != "S7" })
	dial()
	p.poll(8*time.Second, "the reason", func() bool {
		return strings.Contains(fmt.Sprint(p.view().Captions), "半小时内只能免费打一次")
	})
}
