package visit

import (
	"context"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/ui/view"
)

// key takes a key of the keypad. Speech stops at once, whatever the key will mean.
func (k *Keeper) key(ctx context.Context, key byte) {
	if k.phase != Open && !k.handset {
		return // at rest only an emergency number counts, and that is not ours to watch for
	}
	if k.phase != Open {
		k.happen(ctx, hapWake)
		return
	}
	if k.onCall() && k.state.Call.Line == view.LineAnswered {
		return // keys belong to the talk
	}
	k.hush()
	k.silences, k.byKeys = 0, true
	k.timers.stop(timerMenu, timerField, timerStar, timerSilence)
	k.alive()
	k.meant(ctx)(k.keys.press(key, k.field()))
}

// pad takes a key of the pad on screen: the same digits, by touch.
func (k *Keeper) pad(ctx context.Context, digits, key string) {
	if !k.field().open {
		return
	}
	k.keys.digits = digits
	switch key {
	case "ok":
		k.meant(ctx)(k.keys.press('#', k.field()))
	case "back":
		k.keys.erase()
		k.typed(k.keys.digits)
	default:
		what, digits, _ := k.keys.press(key[0], k.field())
		k.meant(ctx)(what, digits, timerIdle) // who types on the screen ends with the key on screen
	}
}

func (k *Keeper) field() field {
	ask := k.state.Reply.Ask
	return field{open: ask.Kind == agents.AskDigits && k.calling == nil && !k.state.AtHome && !k.onCall(), min: ask.MinDigits, max: ask.MaxDigits}
}

// meant does what a key turned out to mean.
func (k *Keeper) meant(ctx context.Context) func(pressed, string, timer) {
	return func(what pressed, digits string, armed timer) {
		k.arm(armed)
		switch what {
		case pressTyped:
			k.typed(digits)
		case pressSubmit:
			k.submit(ctx, digits)
		case pressChoose:
			k.dial(ctx, digits)
		case pressConfirm:
			k.focused(ctx)
		case pressPerson:
			k.choose(ctx, agents.ChoicePerson)
		case pressBack:
			k.choose(ctx, agents.ChoiceBack)
		case pressRepeat:
			k.choose(ctx, agents.ChoiceRepeat)
		case pressShort:
			k.announce("say.short")
			k.draw()
		case pressNone:
		}
	}
}

func (k *Keeper) arm(which timer) {
	switch which {
	case timerMenu:
		k.timers.set(which, menuTime)
	case timerField:
		k.timers.set(which, fieldTime)
	case timerStar:
		k.timers.set(which, starTime)
	case timerGrace, timerSilence, timerIdle, timerClock:
	}
}

func (k *Keeper) typed(digits string) {
	k.state.Digits = digits
	k.draw()
}

func (k *Keeper) submit(ctx context.Context, digits string) {
	k.state.Turns = append(k.state.Turns, view.Caption{Who: view.Citizen, Text: digits})
	k.note(firmware.EventTurn, map[string]any{"who": view.Citizen, "text": digits})
	k.turn(ctx, agents.Input{Digits: digits})
}

// dial takes the action on screen that has this key.
func (k *Keeper) dial(ctx context.Context, key string) {
	k.state.Now = k.deps.Clock()
	v := k.deps.Present.View(k.state)
	for _, a := range v.Actions() {
		if a.Key == key {
			k.choose(ctx, a.ID)
			return
		}
	}
	k.say(append([]string{k.deps.Present.Word(k.lang(), "nokey")}, k.state.Reply.Say...))
	k.draw()
}

// focused takes what # would take.
func (k *Keeper) focused(ctx context.Context) {
	k.state.Now = k.deps.Clock()
	if focus := k.deps.Present.View(k.state).Focus; focus != "" && focus != present.ActionDigit+"ok" {
		k.choose(ctx, focus)
		return
	}
	k.say(k.state.Reply.Say)
	k.draw()
}
