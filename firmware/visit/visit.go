// Package visit is the life of a visit: one goroutine owns it, one table decides over it. Inputs come in through Apply, the bot answers,
// and what follows (speech, a tool call, a view) is done here and nowhere else. When the handset goes down everything is forgotten.
// It may import agents, package firmware, firmware/{call,present,speaker}, internal/id and ui/view.
package visit

import (
	"context"
	"log/slog"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/dialogue"
	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/speaker"
	"github.com/laoyou/laoyou/ui/view"
)

// bot understands and decides; it is pure.
type bot interface {
	Start(lang agents.Lang) (dialogue.State, agents.Reply)
	Next(s dialogue.State, in agents.Input) (dialogue.State, agents.Reply)
}

// tools reach the city's services. Do never fails: a failure is a Result.
type tools interface {
	Do(ctx context.Context, call tool.Call) tool.Result
}

// voice is the ear as the visit uses it.
type voice interface {
	Say(sentences []speaker.Sentence) <-chan struct{}
	Stop()
	Ring()
	SetGain(step int)
}

// screen is where views go.
type screen interface {
	DrawVisit(v *view.View, cause uint64)
}

// recorder keeps events until the visit is over.
type recorder interface {
	Add(e firmware.Event)
	Scrub(visit string)
}

// Deps is what a Keeper needs.
type Deps struct {
	Bot     bot
	Lines   lines
	Tools   tools
	Voice   voice
	Screen  screen
	Journal recorder
	Present *present.Presenter
	Setup   Setup // with which it begins
	Clock   func() time.Time
	NewID   func() string
	Lamp    func(on bool) // the lamp that says a line is in use
	Forget  func()        // wipes the buffers of ear, mouth and heap; called when a visit is over
	Log     *slog.Logger
}

// Setup is what an operator can change while the booth runs. A visit that is open keeps its own until it is over.
type Setup struct {
	Booth  present.Booth
	Rest   present.Rest
	Idle   time.Duration // until a visit without any input ends
	Volume int           // step of the ear with which a visit begins
}

// request is an input with the way back to whoever waits for it.
type request struct {
	in   firmware.Input
	done chan<- struct{} // closed once it has been applied
}

// Keeper keeps the visit. All fields below the channels belong to Run's goroutine.
type Keeper struct {
	deps      Deps
	in        chan request
	emergency chan bool
	results   chan toolDone
	setups    chan Setup

	setup    Setup
	phase    Phase
	timers   timers
	keys     keypad
	bot      dialogue.State
	state    present.State
	cause    uint64 // Seq of the input behind what happens now
	handset  bool   // the handset is off the hook
	quiet    bool   // an emergency has ear and screen
	byKeys   bool   // the citizen uses the keypad: say the menu
	silences int    // in a row
	speaking <-chan struct{}
	calling  *toolRun       // the tool call that is out
	waiting  []agents.Input // what came while it was out
	talk     call.Talk      // the call to a human, nil without one
	told     int            // the place in the queue that was said last
	held     *toolDone      // its result, come while the handset was down
}

// New returns a keeper at rest.
func New(d Deps) *Keeper {
	return &Keeper{
		deps: d, in: make(chan request), emergency: make(chan bool, 8), results: make(chan toolDone, 4), setups: make(chan Setup, 1),
		setup: d.Setup, phase: Rest, timers: newTimers(d.Clock), state: present.State{Booth: d.Setup.Booth, Rest: d.Setup.Rest, Volume: d.Setup.Volume},
	}
}

// Apply implements the front's visit: it returns when the input has been applied, or ctx is done.
func (k *Keeper) Apply(ctx context.Context, in firmware.Input) error {
	done := make(chan struct{})
	select {
	case k.in <- request{in, done}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Emergency tells that an emergency takes or returns ear and screen. It never blocks.
func (k *Keeper) Emergency(active bool) {
	select {
	case k.emergency <- active:
	default: // a wedged visit learns it when it lives again; the emergency does not wait for it
	}
}

// Run keeps the visit until ctx is done.
func (k *Keeper) Run(ctx context.Context) error {
	clock := time.NewTimer(0)
	defer clock.Stop()
	k.draw()
	for {
		k.minute()
		clock.Reset(k.timers.left())
		select {
		case <-ctx.Done():
			k.deps.Voice.Stop()
			return nil
		case r := <-k.in:
			k.apply(ctx, r.in)
			close(r.done)
		case active := <-k.emergency:
			k.yield(active)
		case k.setup = <-k.setups:
			k.settle()
		case <-k.speaking:
			k.spoken()
		case n, ok := <-k.callNews():
			k.news(n, ok)
		case talk := <-k.deps.Lines.Incoming():
			k.incoming(talk)
		case done := <-k.results:
			k.result(ctx, done)
		case <-clock.C:
			for which, due := k.timers.due(); due; which, due = k.timers.due() {
				k.expire(ctx, which)
			}
		}
	}
}

// apply sorts an input.
func (k *Keeper) apply(ctx context.Context, in firmware.Input) {
	k.cause = in.Seq
	switch in.Kind {
	case firmware.InputHook:
		k.hook(ctx, in.Off)
	case firmware.InputLink:
		k.state.Offline = !in.Up
		k.draw()
	case firmware.InputKey:
		k.key(ctx, in.Key)
	case firmware.InputTouch:
		k.touch(ctx, in.Action)
	case firmware.InputSay:
		k.said(ctx, in)
	case firmware.InputSOS, firmware.InputNone:
	}
}

// hook takes the handset up or down. A handset that goes down ends a call at once, grace or not.
func (k *Keeper) hook(ctx context.Context, off bool) {
	k.handset = off
	switch {
	case off && k.rings():
		k.pickUp()
	case off:
		k.happen(ctx, hapLift)
	default:
		k.drop("hangup")
		k.happen(ctx, hapHang)
	}
}

// happen looks it up in the table and does what it says.
func (k *Keeper) happen(ctx context.Context, h happening) {
	st, ok := next(k.phase, h)
	if !ok {
		return
	}
	k.phase = st.next
	for _, fx := range st.effects {
		k.do(ctx, fx)
	}
}

func (k *Keeper) do(ctx context.Context, fx effect) {
	switch fx {
	case fxBegin:
		k.begin(ctx)
	case fxListen:
		k.timers.stop(timerGrace)
		k.alive()
		k.say(k.state.Reply.Say)
	case fxHide:
		k.hide()
	case fxResume:
		k.resume(ctx)
	case fxWipe:
		k.wipe(ctx)
	case fxNone:
	}
}

// begin opens a visit with the bilingual greeting.
func (k *Keeper) begin(ctx context.Context) {
	offline := k.state.Offline
	k.state = present.State{Booth: k.setup.Booth, Visit: k.deps.NewID(), AtHome: true, Offline: offline, Volume: k.setup.Volume}
	k.deps.Voice.SetGain(0)
	k.byKeys = false
	k.note(firmware.EventVisit, map[string]any{"state": "opened", "handset": k.handset})
	k.alive()
	var reply agents.Reply
	k.bot, reply = k.deps.Bot.Start(agents.LangUnknown)
	k.show(ctx, reply)
}

// hide silences the booth and clears the screen at once; the visit itself lives through the grace time.
func (k *Keeper) hide() {
	k.hush()
	k.timers = newTimers(k.deps.Clock)
	k.timers.set(timerGrace, graceTime)
	blank := k.deps.Present.View(present.State{Booth: k.setup.Booth, Rest: k.setup.Rest, Now: k.deps.Clock(), Lang: k.state.Lang})
	k.deps.Screen.DrawVisit(&blank, k.cause)
}

func (k *Keeper) resume(ctx context.Context) {
	k.timers.stop(timerGrace)
	k.alive()
	k.draw()
	if k.held != nil {
		held := *k.held
		k.held = nil
		k.result(ctx, held)
		return
	}
	k.say(k.state.Reply.Say)
}

// wipe forgets the visit: dialogue, words, digits, events, buffers.
func (k *Keeper) wipe(ctx context.Context) {
	visit, offline := k.state.Visit, k.state.Offline
	k.abandon(ctx)
	k.drop("idle")
	k.note(firmware.EventVisit, map[string]any{"state": "closed"})
	k.bot = dialogue.State{}
	clear(k.state.Turns)
	k.state = k.rest(offline)
	k.keys.clear()
	k.timers = newTimers(k.deps.Clock)
	k.waiting, k.silences = nil, 0
	k.deps.Voice.SetGain(k.setup.Volume)
	k.deps.Journal.Scrub(visit)
	k.draw()
	k.deps.Forget()
}

// rest is the state of a booth that nobody uses.
func (k *Keeper) rest(offline bool) present.State {
	return present.State{Booth: k.setup.Booth, Rest: k.setup.Rest, Offline: offline, Volume: k.setup.Volume}
}

// Configure changes the setup. It never blocks: of several that wait, the newest counts.
func (k *Keeper) Configure(s Setup) {
	for {
		select {
		case k.setups <- s:
			return
		default:
		}
		select {
		case <-k.setups:
		default:
		}
	}
}

// settle shows a new setup, at once on a booth at rest.
func (k *Keeper) settle() {
	if k.phase != Rest || k.talk != nil {
		return
	}
	k.state = k.rest(k.state.Offline)
	k.deps.Voice.SetGain(k.setup.Volume)
	k.draw()
}

// yield pauses the visit while an emergency has ear and screen.
func (k *Keeper) yield(active bool) {
	k.quiet = active
	if k.phase != Open {
		return
	}
	if active {
		k.hush()
		k.keys.clear()
		k.state.Digits = ""
		k.timers = newTimers(k.deps.Clock)
		return
	}
	k.alive()
	if k.onCall() {
		k.talk.Listen(true)
		return
	}
	k.say(k.state.Reply.Say)
}

// alive starts the idle time anew.
func (k *Keeper) alive() {
	k.state.IdleLeft = 0
	if k.phase == Open && !k.quiet && k.talk == nil {
		k.timers.set(timerIdle, k.setup.Idle-warnTime)
	}
}

// minute arms the clock on screen.
func (k *Keeper) minute() {
	if _, ok := k.timers.at[timerClock]; !ok {
		now := k.deps.Clock()
		k.timers.set(timerClock, now.Truncate(time.Minute).Add(time.Minute).Sub(now))
	}
}

func (k *Keeper) note(t firmware.EventType, data map[string]any) {
	k.deps.Journal.Add(firmware.Event{Type: t, CauseSeq: k.cause, Visit: k.state.Visit, Data: data})
}

func (k *Keeper) draw() {
	k.state.Now = k.deps.Clock()
	if k.phase == Grace {
		return // nothing of the visit is shown while the handset is down
	}
	v := k.deps.Present.View(k.state)
	k.deps.Screen.DrawVisit(&v, k.cause)
}
