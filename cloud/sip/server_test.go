package sip_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/cloud/sip"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/voip"
)

// tone is a party that speaks a sine until it is told to leave, and keeps what it hears.
type tone struct {
	hz    float64
	n     int
	tick  *time.Ticker
	heard chan []byte
	gone  chan struct{}
}

func newTone(t testing.TB, hz float64) *tone {
	p := &tone{hz: hz, tick: time.NewTicker(media.FrameDuration), heard: make(chan []byte, 5000), gone: make(chan struct{})}
	t.Cleanup(p.tick.Stop)
	return p
}

func (p *tone) Read(ctx context.Context) ([]byte, error) {
	select {
	case <-p.tick.C:
	case <-p.gone:
		return nil, io.EOF
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return sine(p.hz, &p.n), nil
}

func (p *tone) Write(frame []byte) error {
	select {
	case p.heard <- bytes.Clone(frame):
	default:
	}
	return nil
}

// sine is the next frame of a tone.
func sine(hz float64, n *int) []byte {
	f := make([]byte, media.FrameLen)
	for i := range f {
		f[i] = g711.EncodeUlawFrame(int16(8000 * math.Sin(2*math.Pi*hz*float64(*n)/media.Rate)))
		*n++
	}
	return f
}

// level is how strong hz is in frames of µ-law: the amplitude at that frequency (Goertzel) as a part of the signal's own.
func level(frames [][]byte, hz float64) float64 {
	var re, im, power float64
	n := 0
	for _, f := range frames {
		for _, b := range f {
			x := float64(g711.DecodeUlawFrame(b))
			re += x * math.Cos(2*math.Pi*hz*float64(n)/media.Rate)
			im += x * math.Sin(2*math.Pi*hz*float64(n)/media.Rate)
			power += x * x
			n++
		}
	}
	if power == 0 {
		return 0
	}
	return math.Sqrt(2*(re*re+im*im)/float64(n)) / math.Sqrt(power)
}

// hears waits until a leg hears hz for a while.
func hears(t testing.TB, frames func() ([]byte, error), hz float64) {
	t.Helper()
	var last [][]byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		f, err := frames()
		if err != nil {
			t.Fatal(err)
		}
		if last = append(last, bytes.Clone(f)); len(last) > 10 {
			last = last[1:]
			if level(last, hz) > 0.9 {
				return
			}
		}
	}
	t.Fatalf("%v Hz was not heard; 1 kHz %.2f, 440 Hz %.2f", hz, level(last, 1000), level(last, 440))
}

func fromLeg(t testing.TB, l *voip.Leg) func() ([]byte, error) {
	return func() ([]byte, error) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return l.Media().Read(ctx)
	}
}

func TestQueue(t *testing.T) {
	c := start(t, nil)
	booth := agent(t, voip.Config{})
	matter := id.New()
	begin := time.Now()
	leg := c.dial(t, booth, sipapi.UserQueue, map[string]string{sipapi.HeaderContact: matter, sipapi.HeaderLanguage: "en-GB;q=0.9, zh"})
	until(t, leg, voip.Answered)
	a := take(t, c.arrived, "arrival")
	t.Logf("from the wish to the owner of the conversation: %v", time.Since(begin))
	if a.Contact != matter || a.Booth != "dev" || a.Lang != "en-GB" || a.Kind != "visit" {
		t.Errorf("arrived %+v", a.Arrival)
	}

	a.Hear(contact.QueueTone)
	hears(t, fromLeg(t, leg), 659.3) // E5: the first note of the bell

	agent := newTone(t, 440)
	a.Connect(agent)
	citizen := newTone(t, 1000)
	speaking := media.Join(leg.Media(), citizen, media.Options{})
	hears(t, func() ([]byte, error) { return take(t, agent.heard, "frame"), nil }, 1000)
	hears(t, func() ([]byte, error) { return take(t, citizen.heard, "frame"), nil }, 440)
	speaking.Close()

	a.Hangup("normal")
	if e := until(t, leg, voip.Ended); e.Cause != voip.Normal || !e.Remote {
		t.Errorf("ended %+v", e)
	}
	take(t, a.Ended(), "end of the line")
	a.Hear(contact.Music) // too late is no harm
	a.Connect(agent)
	r := c.records(t, 1)[0]
	if r.ID != a.ID() || r.Kind != call.Queue || r.Contact != matter || r.Cause != call.Normal || r.Answered.IsZero() || a.Cause() != "normal" {
		t.Errorf("record %+v", r)
	}
	if l := r.Legs[0]; l.Codec != voip.Codecs()[0].String() || l.Received < 10 || l.Sent < 10 || l.Direction != call.In || l.Peer != "dev" {
		t.Errorf("leg %+v", l)
	}
	if got, want := ladderOf(r), "> INVITE < 401 > ACK > INVITE "; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "< BYE > 200 ") {
		t.Errorf("ladder %s", got)
	}
}

// soon is far more than a message takes on a busy machine, and far less than the timers that would do without it.
const soon = 5 * time.Second

// Handset down ends it everywhere at once.
func TestHandsetDown(t *testing.T) {
	c := start(t, nil)
	leg := c.dial(t, agent(t, voip.Config{}), sipapi.UserQueue, nil)
	until(t, leg, voip.Answered)
	a := take(t, c.arrived, "arrival")
	agent := newTone(t, 440)
	a.Connect(agent)
	begin := time.Now()
	leg.Hangup(voip.Normal)
	take(t, a.Ended(), "end of the line")
	if took := time.Since(begin); took > soon {
		t.Errorf("took %v", took)
	}
}

func TestUUINamesTheContact(t *testing.T) {
	c := start(t, nil)
	matter := id.New()
	leg := c.dial(t, agent(t, voip.Config{}), sipapi.UserQueue, map[string]string{sipapi.HeaderUUI: sipapi.UUI(matter)})
	until(t, leg, voip.Answered)
	if a := take(t, c.arrived, "arrival"); a.Contact != matter {
		t.Errorf("arrived %+v", a.Arrival)
	}
	leg.Hangup(voip.Normal)
	until(t, leg, voip.Ended)
}

func TestEcho(t *testing.T) {
	c := start(t, nil)
	leg, err := agent(t, voip.Config{}).Dial(t.Context(), voip.Call{To: "sip:9196@" + c.Addr().String(), From: "tester"}) // no login
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	until(t, leg, voip.Answered)
	if took := time.Since(begin); took > soon {
		t.Errorf("answered after %v", took)
	}
	me := newTone(t, 700)
	speaking := media.Join(leg.Media(), me, media.Options{})
	hears(t, func() ([]byte, error) { return take(t, me.heard, "frame"), nil }, 700)
	speaking.Close()
	leg.Hangup(voip.Normal)
	until(t, leg, voip.Ended)
	if r := c.records(t, 1)[0]; r.Kind != call.Echo || r.Booth != "" || r.From != "tester" || r.Cause != call.Normal {
		t.Errorf("%+v", r)
	}
}

func TestOperator(t *testing.T) {
	c := start(t, nil)
	booth := agent(t, voip.Config{})
	header := map[string]string{sipapi.HeaderNumber: "110", sipapi.HeaderLocation: "人民广场站 1 号口"}
	begin := time.Now()
	leg := c.dial(t, booth, sipapi.UserSOS, header)
	until(t, leg, voip.Ringing)
	until(t, leg, voip.Answered)
	if took := time.Since(begin); took < 1500*time.Millisecond || took > 1500*time.Millisecond+soon {
		t.Errorf("answered after %v", took)
	}
	hears(t, fromLeg(t, leg), 1000)
	leg.Hangup(voip.Normal)
	until(t, leg, voip.Ended)

	leg = c.dial(t, booth, sipapi.UserSOS, header)
	until(t, leg, voip.Ringing)
	leg.Hangup(voip.Cancelled)
	if e := until(t, leg, voip.Ended); e.Cause != voip.Cancelled {
		t.Errorf("cancelled while it rang: %+v", e)
	}
	for _, want := range []string{"answered normal", "cancelled"} {
		a := take(t, c.alarms, "record of the emergency")
		if a.Booth != "dev" || a.Number != "110" || a.Place != header[sipapi.HeaderLocation] || !a.Test {
			t.Errorf("%+v", a.Arrival)
		}
		told := take(t, a.told, "news of the emergency")
		if told == "answered" {
			told += " " + take(t, a.told, "end of the emergency")
		}
		if told != want {
			t.Errorf("told %s, want %s", told, want)
		}
	}
	r := c.records(t, 2)
	if r[0].Contact != "01JD3Z000000000000000000SS" || len(c.arrived) > 0 {
		t.Errorf("the call is of %q, %d at the queue", r[0].Contact, len(c.arrived))
	}
	if r[0].Cause != call.Normal || r[0].Note != "TEST 110 人民广场站 1 号口" || r[0].Kind != call.Operator {
		t.Errorf("%+v", r[0])
	}
	if r[1].Cause != "cancelled" || !r[1].Answered.IsZero() || r[1].Legs[0].Ringing.IsZero() {
		t.Errorf("%+v", r[1])
	}
}

func TestOperatorOnlyInTheLab(t *testing.T) {
	c := start(t, func(d *sip.Deps) { d.Config.Lab = false })
	leg := c.dial(t, agent(t, voip.Config{}), sipapi.UserSOS, nil)
	if e := until(t, leg, voip.Ended); e.Code != 480 {
		t.Errorf("%+v", e)
	}
}

func TestStrangers(t *testing.T) {
	c := start(t, func(d *sip.Deps) { d.Contacts = nil })
	lab, live := c, start(t, func(d *sip.Deps) { d.Config.Lab = false })
	a := agent(t, voip.Config{})
	tests := []struct {
		name           string
		core           *core
		to             string
		user, password string
		code           int
	}{
		{"no login to queue", lab, "queue", "", "", 401},
		{"no login to sos", lab, "sos", "", "", 401},
		{"no login to nobody", lab, "nobody", "", "", 401},
		{"echo outside the lab", live, "9196", "", "", 401},
		{"wrong password", lab, "queue", "dev", "coffee", 401},
		{"another booth's password", lab, "queue", "b2", boothToken, 401},
		{"unknown booth", lab, "queue", "b3", boothToken, 401},
		{"nobody there", lab, "nobody", "dev", boothToken, 404},
		{"booth to booth", lab, "b2", "dev", boothToken, 403},
		{"nobody answers", lab, "queue", "dev", boothToken, 480},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leg, err := a.Dial(t.Context(), voip.Call{To: "sip:" + tt.to + "@" + tt.core.Addr().String(), User: tt.user, Password: tt.password})
			if err != nil {
				t.Fatal(err)
			}
			e := until(t, leg, voip.Ended)
			if e.Code != tt.code && !(tt.code == 401 && e.Code == 403) {
				t.Errorf("got %d (%s), want %d", e.Code, e.Reason, tt.code)
			}
		})
	}
}

func TestRegisterAndCallBack(t *testing.T) {
	c := start(t, nil)
	rang := make(chan *voip.Incoming, 10)
	booth := agent(t, voip.Config{Accept: func(in *voip.Incoming) { rang <- in }})

	var unreached *contact.Unreached
	if _, err := c.CallBooth(t.Context(), contact.Callee{Booth: "dev"}); !errors.As(err, &unreached) || unreached.Cause != "unreachable" {
		t.Errorf("not registered: %v", err)
	}
	bind(t, c, booth)

	matter := id.New()
	type result struct {
		line contact.Line
		err  error
	}
	called := make(chan result, 1)
	callBooth := func(ctx context.Context) {
		go func() {
			l, err := c.CallBooth(ctx, contact.Callee{Booth: "dev", Contact: matter, Lang: "en"})
			called <- result{l, err}
		}()
	}
	callBooth(t.Context())
	in := take(t, rang, "callback")
	if in.From() != sipapi.UserQueue || in.Header(sipapi.HeaderContact) != matter || in.Header(sipapi.HeaderLanguage) != "en" {
		t.Errorf("from %q for %q, who speaks %q", in.From(), in.Header(sipapi.HeaderContact), in.Header(sipapi.HeaderLanguage))
	}
	in.Ring()
	leg, err := in.Answer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := take(t, called, "line")
	if r.err != nil {
		t.Fatal(r.err)
	}
	r.line.Connect(newTone(t, 440))
	hears(t, fromLeg(t, leg), 440)
	leg.Hangup(voip.Normal)
	take(t, r.line.Ended(), "end of the line")

	callBooth(t.Context())
	take(t, rang, "callback").Reject(486, "")
	if r = take(t, called, "result"); !errors.As(r.err, &unreached) || unreached.Cause != "busy" {
		t.Errorf("busy: %v", r.err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	callBooth(ctx)
	in = take(t, rang, "callback")
	in.Ring()
	cancel()
	take(t, in.Gone(), "CANCEL")
	if r = take(t, called, "result"); !errors.As(r.err, &unreached) || unreached.Cause != "cancelled" {
		t.Errorf("cancelled: %v", r.err)
	}
	causes := []call.Cause{}
	for _, rec := range c.records(t, 3) {
		causes = append(causes, rec.Cause)
		if rec.Kind != call.Callback || rec.Contact != matter || rec.Legs[0].Direction != call.Out {
			t.Errorf("%+v", rec)
		}
	}
	if got := causes; got[0] != "normal" || got[1] != "busy" || got[2] != "cancelled" {
		t.Errorf("causes %v", got)
	}
}

// bind registers booth dev and waits until it is.
func bind(t testing.TB, c *core, a *voip.Agent) {
	t.Helper()
	b, err := a.Register(t.Context(), voip.Registration{Registrar: "sip:" + c.Addr().String(), User: "dev", Password: boothToken})
	if err != nil {
		t.Fatal(err)
	}
	if s := take(t, b.State(), "binding"); !s.Bound {
		t.Fatalf("not bound: %+v", s)
	}
}

// The core stops in mid-call: the booth is told, and the record says so.
func TestShutdown(t *testing.T) {
	c := start(t, nil)
	leg := c.dial(t, agent(t, voip.Config{}), sipapi.UserQueue, nil)
	until(t, leg, voip.Answered)
	a := take(t, c.arrived, "arrival")
	begin := time.Now()
	c.stop()
	if took := time.Since(begin); took > 2*time.Second { // that is how long a booth is waited for that does not answer
		t.Errorf("stopped after %v", took)
	}
	until(t, leg, voip.Ended)
	take(t, a.Ended(), "end of the line")
	if r := c.records(t, 1)[0]; r.Cause != call.Shutdown || a.Cause() != "shutdown" {
		t.Errorf("%+v", r)
	}
}

// What a killed core has left open is closed as lost before the first call.
func TestCallsOfAKilledCore(t *testing.T) {
	open := call.New(tenant, call.Queue, time.Now().Add(-time.Minute))
	open.Legs = []call.Leg{{CallID: "x", Direction: call.In, Peer: "dev", Started: open.Started}}
	c := start(t, func(d *sip.Deps) {
		if _, err := d.Calls.SaveCalls(t.Context(), []call.Call{open}); err != nil {
			t.Fatal(err)
		}
	})
	if r := c.records(t, 1)[0]; r.ID != open.ID || r.Cause != call.Lost || r.Legs[0].Cause != call.Lost {
		t.Errorf("%+v", r)
	}
}

// A call is on disk while it is up, so that a crash cannot lose it.
func TestOngoingCallIsOnRecord(t *testing.T) {
	c := start(t, nil)
	leg := c.dial(t, agent(t, voip.Config{}), sipapi.UserQueue, nil)
	until(t, leg, voip.Answered)
	a := take(t, c.arrived, "arrival")
	r, err := c.store.Call(t.Context(), tenant, a.ID())
	if err != nil || !r.Ended.IsZero() || r.Legs[0].CallID != leg.ID() {
		t.Errorf("%+v, %v", r, err)
	}
	leg.Hangup(voip.Normal)
	until(t, leg, voip.Ended)
}

// The citizen gives up at about the moment in which the operator lifts: both ends always agree on what became of it.
func TestCancelRace(t *testing.T) {
	c := start(t, nil)
	booth := agent(t, voip.Config{})
	const calls = 40
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			leg, err := booth.Dial(t.Context(), voip.Call{To: "sip:sos@" + c.Addr().String(), From: "dev", User: "dev", Password: boothToken})
			if err != nil {
				t.Error(err)
				return
			}
			<-time.After(1480*time.Millisecond + time.Duration(i)*time.Millisecond)
			leg.Hangup(voip.Cancelled)
			select {
			case <-leg.Done():
			case <-time.After(patience):
				t.Error("a call does not end")
			}
		})
	}
	wg.Wait()
	answered := 0
	for _, r := range c.records(t, calls) {
		switch {
		case !r.Answered.IsZero() && r.Cause == call.Normal:
			answered++
		case r.Answered.IsZero() && r.Cause == "cancelled":
		default:
			t.Errorf("%s answered %v\n%s", r.Cause, r.Answered, ladderOf(r))
		}
	}
	t.Logf("%d of %d were answered", answered, calls)
}

func TestReservedBoothIDs(t *testing.T) {
	for _, booth := range []string{"queue", "sos", "9196", "call-1"} {
		d := sip.Deps{Config: sip.Default(), Tenant: tenant, Log: logger(t)}
		d.Booths = map[string]login{booth: {Token: boothToken}}
		if _, err := sip.New(d); err == nil {
			t.Errorf("a booth may be named %q", booth)
		}
	}
}
