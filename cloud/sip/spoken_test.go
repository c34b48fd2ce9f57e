package sip_test

import (
	"testing"

	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// The desk learns what a citizen speaks before it connects an agent's browser.
func TestSpeaksOpus(t *testing.T) {
	c := start(t, nil)
	if !c.SpeaksOpus("01JD3Z000000000000000000ZZ") {
		t.Error("who will be called back may speak Opus")
	}
	for matter, codecs := range map[string][]voip.Codec{
		"01JD3Z000000000000000000AA": voip.Codecs(), "01JD3Z000000000000000000BB": voip.Narrow(),
	} {
		leg := c.dial(t, agent(t, voip.Config{Codecs: codecs}), sipapi.UserQueue, map[string]string{sipapi.HeaderContact: matter})
		until(t, leg, voip.Answered)
		a := take(t, c.arrived, "arrival")
		if got, want := c.SpeaksOpus(matter), codecs[0] == voip.Opus; got != want {
			t.Errorf("a citizen with %v: %v", codecs, got)
		}
		leg.Hangup(voip.Normal)
		take(t, a.Ended(), "end of the line")
		if !c.SpeaksOpus(matter) {
			t.Error("the end was not noticed")
		}
	}
}
