// Package emergency makes 110, 119, 120 and the SOS key work whatever else happens: it has its own goroutine, its own claim on the ear
// and its own layer of the screen, and never waits for the visit. In lab mode calls reach an Operator that says it is a test.
// It may import package firmware, firmware/{present,speaker,voiceio}, device, internal/audio and ui/view.
package emergency

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/speaker"
	"github.com/laoyou/laoyou/ui/view"
)

// How long a state lasts by itself.
const (
	menuTime      = 15 * time.Second
	countdownTime = 3 * time.Second
	overTime      = 3 * time.Second
)

// voice is the ear as the emergency uses it.
type voice interface {
	Claim()
	Release()
	Ring()
	Join(p Party) // the operator's sound at ear and mouth, until Stop
	Say(sentences []speaker.Sentence) <-chan struct{}
	Stop()
}

// screen is where views go; nil takes the layer away.
type screen interface {
	DrawEmergency(v *view.View, cause uint64)
}

// lamps are the booth's lights.
type lamps interface {
	SetLamp(l device.Lamp, on bool) error
}

// visit is told that an emergency holds or returns ear and screen. It must not block.
type visit interface {
	Emergency(active bool)
}

// recorder keeps events.
type recorder interface {
	Add(e firmware.Event)
}

// Deps is what a Desk needs.
type Deps struct {
	Operator Operator
	Voice    voice
	Screen   screen
	Lamps    lamps
	Visit    visit
	Journal  recorder
	Clock    func() time.Time
	Log      *slog.Logger
	Booth    func() present.Booth
	Present  *present.Presenter
	Lab      bool             // say TEST everywhere
	Now      func() view.View // the visit's view: its language, whether a visit is on, whether digits are being typed
}

// Desk owns the booth's emergency call. One goroutine, Run, owns all but the two atomics and the watcher.
type Desk struct {
	deps    Deps
	in      chan firmware.Input
	active  atomic.Bool
	watcher watcher

	state    State
	number   string
	cause    uint64
	captions []view.Caption
	deadline time.Time
	news     <-chan News
	hangUp   context.CancelFunc
}

// New returns an idle desk.
func New(d Deps) *Desk {
	return &Desk{deps: d, in: make(chan firmware.Input, 64), state: Idle}
}

// Offer takes an input without blocking and reports whether it was for the emergency alone.
func (d *Desk) Offer(in firmware.Input) bool {
	active := d.active.Load()
	mine := false
	switch in.Kind {
	case firmware.InputSOS:
		mine = true
	case firmware.InputTouch:
		mine = strings.HasPrefix(in.Action, present.ActionSOS)
	case firmware.InputKey:
		if in.Action = d.dialled(in); in.Action != "" {
			mine = true
			break
		}
		mine = active
	case firmware.InputSay:
		mine = active
	case firmware.InputHook:
		if in.Off && !active {
			d.watcher.forget()
		}
		if !active {
			return false
		}
		d.push(in)
		return false
	case firmware.InputLink, firmware.InputNone:
	}
	if mine {
		d.push(in)
	}
	return mine
}

// dialled returns the emergency number that this key completes. Inside a digit field a digit is a digit.
func (d *Desk) dialled(in firmware.Input) string {
	v := d.deps.Now()
	if v.Pad != nil && !d.active.Load() {
		d.watcher.forget()
		return ""
	}
	return d.watcher.key(in, v.Visit == "")
}

func (d *Desk) push(in firmware.Input) {
	select {
	case d.in <- in:
	default: // 64 inputs wait already: none of them is lost, one more of a stuck key is
		d.deps.Log.Warn("emergency input dropped", "kind", int(in.Kind))
	}
}

// Run handles emergencies until ctx is done.
func (d *Desk) Run(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		d.arm(timer)
		select {
		case <-ctx.Done():
			d.do(ctx, fxHangUp)
			return nil
		case in := <-d.in:
			d.cause = in.Seq
			d.input(ctx, in)
		case n, ok := <-d.news:
			d.report(ctx, n, ok)
		case <-timer.C:
			d.tick(ctx)
		}
	}
}

// arm sets the timer to the next full second of a countdown, or the state's end.
func (d *Desk) arm(timer *time.Timer) {
	if d.deadline.IsZero() {
		timer.Reset(time.Hour)
		return
	}
	left := d.deadline.Sub(d.deps.Clock())
	if d.state == Countdown && left > time.Second {
		left = (left-1)%time.Second + 1
	}
	timer.Reset(max(left, 0))
}

func (d *Desk) tick(ctx context.Context) {
	if d.deadline.IsZero() {
		return
	}
	if d.deps.Clock().Before(d.deadline) {
		d.draw() // one second less
		return
	}
	d.happen(ctx, evTime)
}

func (d *Desk) input(ctx context.Context, in firmware.Input) {
	switch in.Kind {
	case firmware.InputSOS:
		d.number = present.OperatorSOS
		if in.Held < device.SOSHold {
			d.happen(ctx, evPress)
			return
		}
		d.happen(ctx, evHold)
	case firmware.InputTouch:
		d.touch(ctx, in.Action)
	case firmware.InputKey:
		switch {
		case slices.Contains(numbers, in.Action):
			d.number = in.Action
			d.happen(ctx, evDial)
		case in.Key == '*':
			d.happen(ctx, evCancel)
		}
	case firmware.InputHook:
		if !in.Off {
			d.happen(ctx, evHang)
		}
	case firmware.InputSay:
		d.say(view.Citizen, in.Text, in.Lang)
		d.draw()
	case firmware.InputLink, firmware.InputNone:
	}
}

func (d *Desk) touch(ctx context.Context, action string) {
	switch number := strings.TrimPrefix(action, present.ActionSOS+"."); number {
	case present.ActionSOS:
		d.number = present.OperatorSOS
		d.happen(ctx, evTouch)
	case "cancel":
		d.happen(ctx, evCancel)
	case "now":
		d.happen(ctx, evHold)
	default:
		d.number = number
		d.happen(ctx, evDial)
	}
}

func (d *Desk) report(ctx context.Context, n News, ok bool) {
	if !ok {
		d.news = nil
		d.happen(ctx, evEnded)
		return
	}
	switch n.Kind {
	case NewsRinging:
		d.call("ringing")
	case NewsAnswered:
		d.happen(ctx, evAnswered)
		if n.Party != nil && d.state == Answered {
			if d.deps.Lab { // said before the line is heard: whoever cannot see must know it too
				d.say(view.Agent, labNotice, "zh")
				d.deps.Voice.Say(labSpoken)
				d.draw()
			}
			d.deps.Voice.Join(n.Party)
		}
	case NewsSaid:
		d.say(view.Agent, n.Text, n.Lang)
		d.deps.Voice.Say([]speaker.Sentence{{Text: n.Text, Lang: n.Lang}})
		d.draw()
	case NewsUnknown:
	}
}

// happen looks the event up in the table and does what it says.
func (d *Desk) happen(ctx context.Context, e event) {
	st, ok := next(d.state, e)
	if !ok {
		return
	}
	before := d.state
	d.state = st.next
	d.deadline = d.stateEnd()
	for _, fx := range st.effects {
		d.do(ctx, fx)
	}
	d.draw()
	if before != d.state && (d.state == Answered || before == Ringing || before == Answered) {
		d.call(d.outcome())
	}
}

func (d *Desk) outcome() string {
	if d.state == Answered {
		return "answered"
	}
	return "ended"
}

func (d *Desk) stateEnd() time.Time {
	spans := map[State]time.Duration{Menu: menuTime, Countdown: countdownTime, Over: overTime}
	if span, ok := spans[d.state]; ok {
		return d.deps.Clock().Add(span)
	}
	return time.Time{}
}

func (d *Desk) do(ctx context.Context, fx effect) {
	switch fx {
	case fxOpen:
		d.active.Store(true)
		d.deps.Visit.Emergency(true)
		d.deps.Voice.Claim()
		d.lamp(true)
	case fxDial:
		d.dial(ctx)
	case fxTalk:
		d.deps.Voice.Stop()
	case fxHangUp:
		if d.hangUp != nil {
			d.hangUp()
			d.hangUp = nil
		}
		d.news = nil
		d.deps.Voice.Stop()
	case fxRelease:
		d.captions = nil
		d.number = ""
		d.active.Store(false)
		d.deps.Voice.Release()
		d.lamp(false)
		d.deps.Visit.Emergency(false)
	case fxNone:
	}
}

func (d *Desk) dial(ctx context.Context) {
	if d.number == "" {
		d.number = present.OperatorSOS
	}
	d.captions = nil
	ctx, d.hangUp = context.WithCancel(ctx)
	d.news = d.deps.Operator.Dial(ctx, Request{
		Number: d.number, Booth: d.deps.Booth().ID, Location: d.deps.Booth().Location(d.lang()), Lang: d.lang(),
	})
	d.deps.Voice.Ring()
}

func (d *Desk) lamp(on bool) {
	if err := d.deps.Lamps.SetLamp(device.LampSOS, on); err != nil {
		d.deps.Log.Error("lamp does not switch", "lamp", device.LampSOS, "error", err)
	}
}

func (d *Desk) lang() string { return d.deps.Now().Lang }

func (d *Desk) say(who, text, lang string) {
	d.captions = append(d.captions, view.Caption{Who: who, Text: text})
	d.deps.Journal.Add(firmware.Event{
		Type: firmware.EventTurn, CauseSeq: d.cause, Visit: d.deps.Now().Visit,
		Data: map[string]any{"who": who, "text": text, "lang": lang},
	})
}

func (d *Desk) call(state string) {
	d.deps.Journal.Add(firmware.Event{
		Type: firmware.EventCall, CauseSeq: d.cause, Visit: d.deps.Now().Visit,
		Data: map[string]any{"kind": "emergency", "to": d.number, "state": state, "test": d.deps.Lab},
	})
}

func (d *Desk) draw() {
	if d.state == Idle {
		d.deps.Screen.DrawEmergency(nil, d.cause)
		return
	}
	seconds := 0
	if d.state == Countdown {
		seconds = int((d.deadline.Sub(d.deps.Clock()) + time.Second - 1) / time.Second)
	}
	v := d.deps.Present.Emergency(present.EmergencyState{
		Visit: d.deps.Now(), Line: lineState(d.state), Menu: d.state == Menu, Number: d.number, Seconds: seconds,
		Captions: slices.Clone(d.captions), Booth: d.deps.Booth(), Lab: d.deps.Lab, Now: d.deps.Clock(),
	})
	d.deps.Screen.DrawEmergency(&v, d.cause)
}

func lineState(s State) view.LineState {
	switch s {
	case Countdown:
		return view.LineCountdown
	case Ringing:
		return view.LineRinging
	case Answered:
		return view.LineAnswered
	case Over:
		return view.LineEnded
	case StateUnknown, Idle, Menu:
	}
	return ""
}
