package sip_test

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/cloud/sip"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// trunk is the network beyond the trunk: each call that comes is handed to the test.
func trunk(t testing.TB) (calls chan *voip.Incoming, addr string) {
	calls = make(chan *voip.Incoming, 10)
	a := agent(t, voip.Config{Accept: func(in *voip.Incoming) { calls <- in }})
	return calls, a.Addr().String()
}

func TestFreeCall(t *testing.T) {
	calls, addr := trunk(t)
	c := start(t, func(d *sip.Deps) { d.Config.Trunk = addr })
	booth := agent(t, voip.Config{})
	leg := c.dial(t, booth, "call-13812345678", nil)
	in := take(t, calls, "call at the trunk")
	if in.To() != "13812345678" {
		t.Errorf("the trunk is asked for %q", in.To())
	}
	in.Ring()
	until(t, leg, voip.Ringing)
	far, err := in.Answer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	until(t, leg, voip.Answered)
	near, there := newTone(t, 700), newTone(t, 440)
	ends := []*media.Bridge{media.Join(leg.Media(), near, media.Options{}), media.Join(far.Media(), there, media.Options{})}
	hears(t, func() ([]byte, error) { return take(t, there.heard, "frame"), nil }, 700)
	hears(t, func() ([]byte, error) { return take(t, near.heard, "frame"), nil }, 440)

	if err := leg.SendDTMF(t.Context(), "5"); err != nil {
		t.Fatal(err)
	}
	if e := until(t, far, voip.DTMF); e.Digit != '5' {
		t.Errorf("the far end got key %q", e.Digit)
	}
	for _, e := range ends {
		e.Close()
	}
	far.Hangup(voip.Normal)
	if e := until(t, leg, voip.Ended); e.Cause != voip.Normal {
		t.Errorf("%+v", e)
	}
	r := c.records(t, 1)[0]
	if r.Kind != call.Free || r.To != "call-138xxxxxx78" || r.Cause != call.Normal || len(r.Legs) != 2 || r.Answered.IsZero() {
		t.Errorf("%+v", r)
	}
	for i, l := range r.Legs {
		codec := "PCMU" // the trunk's; a booth has the best that is built in
		if i == 0 {
			codec = voip.Codecs()[0].String()
		}
		if l.Answered.IsZero() || l.Ended.IsZero() || l.Codec != codec || l.Received == 0 || l.Sent == 0 {
			t.Errorf("leg %+v", l)
		}
	}
	for _, m := range r.Messages {
		if strings.Contains(m.Line, "13812345678") {
			t.Errorf("the number is in the ladder: %s", m.Line)
		}
	}

	// Once per number; another number is free.
	leg = c.dial(t, booth, "call-13812345678", nil)
	if e := until(t, leg, voip.Ended); e.Code != 403 || e.Reason != "Free Call Used Up For Now" {
		t.Errorf("too soon: %+v", e)
	}
	if s, err := strconv.Atoi(leg.Header(sipapi.HeaderRetry)); err != nil || s < 1700 || s > 1801 {
		t.Errorf("the next one in %q s", leg.Header(sipapi.HeaderRetry))
	}
	leg = c.dial(t, booth, "call-13812345679", nil)
	take(t, calls, "call at the trunk").Reject(486, "")
	if e := until(t, leg, voip.Ended); e.Code != 486 || e.Cause != voip.Busy {
		t.Errorf("busy: %+v", e)
	}
	// A number that was busy has not had its call.
	leg = c.dial(t, booth, "call-13812345679", nil)
	in = take(t, calls, "second call at the trunk")
	leg.Hangup(voip.Cancelled)
	take(t, in.Gone(), "CANCEL at the trunk")
	until(t, leg, voip.Ended)
	causes := ""
	for _, r := range c.records(t, 4) {
		causes += string(r.Cause) + " "
	}
	if causes != "normal not_allowed busy cancelled " {
		t.Error(causes)
	}
}

func TestFreeCallEndsInTime(t *testing.T) {
	calls, addr := trunk(t)
	c := start(t, func(d *sip.Deps) { d.Config.Trunk, d.Config.FreeLimit = addr, 300*time.Millisecond })
	leg := c.dial(t, agent(t, voip.Config{}), "call-12345", nil)
	far, err := take(t, calls, "call at the trunk").Answer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	until(t, leg, voip.Ended)
	until(t, far, voip.Ended)
	if r := c.records(t, 1)[0]; r.Cause != call.TimeLimit || r.Ended.Sub(r.Answered) > soon {
		t.Errorf("%+v", r)
	}
}

func TestRefusedNumbers(t *testing.T) {
	calls, addr := trunk(t)
	c := start(t, func(d *sip.Deps) { d.Config.Trunk = addr })
	noTrunk := start(t, nil)
	booth := agent(t, voip.Config{})
	tests := []struct {
		core   *core
		number string
		code   int
		note   string
	}{
		{c, "110", 403, "emergency"},
		{c, "119", 403, "emergency"},
		{c, "120", 403, "emergency"},
		{c, "16812345", 403, "premium"},
		{c, "1790913812345678", 403, "premium"},
		{c, "0044201234567", 403, "international"},
		{c, "12", 484, "invalid"},
		{c, "1381234567890123456", 484, "invalid"},
		{c, "138abc", 484, "invalid"},
		{noTrunk, "13812345678", 404, "no_trunk"},
	}
	for _, tt := range tests {
		t.Run(tt.number, func(t *testing.T) {
			leg := tt.core.dial(t, booth, "call-"+tt.number, nil)
			e := until(t, leg, voip.Ended)
			if e.Code != tt.code || leg.Header(sipapi.HeaderRefusal) != tt.note || !strings.HasPrefix(leg.Header(sipapi.HeaderReason), "SIP;cause=") {
				t.Errorf("%+v, %s, %s", e, leg.Header(sipapi.HeaderRefusal), leg.Header(sipapi.HeaderReason))
			}
		})
	}
	for i, r := range c.records(t, len(tests)-1) {
		if r.Cause != call.NotDialed || r.Note != tests[i].note || len(r.Legs) != 1 {
			t.Errorf("%+v", r)
		}
	}
	if len(calls) != 0 {
		t.Error("the trunk was called")
	}
}

func TestTrunkThatIsNotThere(t *testing.T) {
	l, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0") // there, and silent
	if err != nil {
		t.Fatal(err)
	}
	addr := l.LocalAddr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := start(t, func(d *sip.Deps) { d.Config.Trunk = addr })
	leg := c.dial(t, agent(t, voip.Config{}), "call-12345", nil)
	// UDP to a closed port on this machine comes back at once, or the transaction times out; the citizen hangs up first then.
	select {
	case <-leg.Done():
	case <-time.After(2 * time.Second):
		leg.Hangup(voip.Cancelled)
		until(t, leg, voip.Ended)
	}
	if r := c.records(t, 1)[0]; r.Cause == call.Normal || !r.Answered.IsZero() {
		t.Errorf("%+v", r)
	}
}
