package voip

import (
	"context"
	"testing"
)

// call connects two agents and returns both legs, up.
func call(t *testing.T, c Call) (from, to *Leg) {
	t.Helper()
	callee, legs := answering(t, Config{})
	caller := start(t, Config{})
	c.To = uri("queue", callee, c.To)
	l, err := caller.Dial(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	await(t, l, Answered)
	other := take(t, legs)
	await(t, other, Answered)
	return l, other
}

func TestTone(t *testing.T) {
	for _, c := range []Call{{}, {To: ";transport=tcp"}, {Codecs: []Codec{PCMA}}} {
		t.Run(c.To+c.codecName(), func(t *testing.T) {
			a, b := call(t, c)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go tone(ctx, a.Media(), 440)
			go tone(ctx, b.Media(), 1000)
			hears(t, b.Media(), 440)
			hears(t, a.Media(), 1000)
			a.Hangup(Normal)
			if e := await(t, b, Ended); e.Cause != Normal || !e.Remote {
				t.Errorf("b ended %+v", e)
			}
			if e := await(t, a, Ended); e.Cause != Normal || e.Remote {
				t.Errorf("a ended %+v", e)
			}
		})
	}
}

func (c Call) codecName() string {
	if len(c.Codecs) == 0 {
		return "PCMU"
	}
	return c.Codecs[0].String()
}
