package visit

import (
	"context"
	"strings"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/speaker"
	"github.com/laoyou/laoyou/ui/view"
)

// maxSilences is how often in a row the bot is told that nothing came.
const maxSilences = 2

// gainSteps is how many loudness steps the ear has.
const gainSteps = 4

// said takes recognised or typed words.
func (k *Keeper) said(ctx context.Context, in firmware.Input) {
	k.wake(ctx)
	k.hush()
	k.byKeys = false
	k.state.Turns = append(k.state.Turns, view.Caption{Who: view.Citizen, Text: in.Text})
	k.note(firmware.EventTurn, map[string]any{"who": view.Citizen, "text": in.Text, "lang": in.Lang})
	if k.typedToHuman(in.Text) {
		k.draw()
		return
	}
	if k.talk != nil { // who speaks to the bot while waiting goes on with the bot
		k.callAction(present.ActionCall + "bot")
		k.hush()
	}
	k.turn(ctx, agents.Input{Text: in.Text, Lang: agents.Lang(in.Lang)})
}

// wake opens a visit for somebody who is plainly there, and shows that the booth noticed them.
func (k *Keeper) wake(ctx context.Context) {
	if k.phase != Open {
		k.happen(ctx, hapWake)
	}
	k.silences = 0
	k.keys.clear()
	k.timers.stop(timerMenu, timerField, timerStar, timerSilence)
	k.alive()
}

// touch takes an action of the view on screen.
func (k *Keeper) touch(ctx context.Context, action string) {
	digits := k.state.Digits
	k.wake(ctx)
	if action == present.ActionStart {
		return
	}
	k.hush()
	k.byKeys = false
	switch {
	case strings.HasPrefix(action, present.ActionDigit):
		k.pad(ctx, digits, strings.TrimPrefix(action, present.ActionDigit))
	case k.chrome(action):
		k.draw()
	default:
		k.choose(ctx, action)
	}
}

// chrome handles what belongs to the booth and not to the dialogue.
func (k *Keeper) chrome(action string) bool {
	switch action {
	case present.ActionTalk:
		k.state.Activity = view.Listening
	case present.ActionText:
		k.state.Style = nextStyle(k.state.Style)
	case present.ActionSound:
		k.state.Volume = (k.state.Volume + 1) % gainSteps
		k.deps.Voice.SetGain(k.state.Volume)
	case present.ActionLang:
		if k.state.Overlay == present.OverlayLanguage {
			k.state.Overlay = present.OverlayNone
		} else {
			k.state.Overlay = present.OverlayLanguage
		}
	default:
		return false
	}
	return true
}

// nextStyle goes from normal over large to large and contrasting, and back.
func nextStyle(s view.Style) view.Style {
	switch {
	case !s.Large:
		return view.Style{Large: true}
	case !s.Contrast:
		return view.Style{Large: true, Contrast: true}
	}
	return view.Style{}
}

// choose gives the bot an answer that was touched or dialled.
func (k *Keeper) choose(ctx context.Context, choice string) {
	if k.state.Overlay == present.OverlayLanguage {
		k.state.Overlay = present.OverlayNone
		if choice == agents.ChoiceHome {
			k.draw()
			return
		}
	}
	if k.callAction(choice) {
		return
	}
	k.caption(choice)
	k.turn(ctx, agents.Input{Choice: choice})
}

// caption shows a chosen answer among the turns, by the words it had on screen.
func (k *Keeper) caption(choice string) {
	k.state.Now = k.deps.Clock()
	v := k.deps.Present.View(k.state)
	a, ok := v.Find(choice)
	if !ok || strings.HasPrefix(choice, agents.ChoiceLangPrefix) || choice == agents.ChoiceHome {
		return
	}
	k.state.Turns = append(k.state.Turns, view.Caption{Who: view.Citizen, Text: a.Label})
	k.note(firmware.EventTurn, map[string]any{"who": view.Citizen, "text": a.Label, "choice": choice})
}

// turn gives the bot one input. While a tool works, what the citizen does waits for its result.
func (k *Keeper) turn(ctx context.Context, in agents.Input) {
	if k.calling != nil && in.Result == nil {
		k.waiting = append(k.waiting, in)
		return
	}
	home := k.state.AtHome && strings.HasPrefix(in.Choice, agents.ChoiceLangPrefix)
	var reply agents.Reply
	k.bot, reply = k.deps.Bot.Next(k.bot, in)
	k.state.AtHome = reply.Home || home
	k.show(ctx, reply)
}

// show puts a reply on screen and into the ear, and calls the tool that it wishes for.
func (k *Keeper) show(ctx context.Context, reply agents.Reply) {
	k.state.Reply, k.state.Lang, k.state.Digits = reply, reply.Lang, ""
	if len(reply.Say) > 0 {
		text := present.Caption(strings.Join(reply.Say, joint(k.lang())))
		k.state.Turns = append(k.state.Turns, view.Caption{Who: view.Bot, Text: text})
		k.note(firmware.EventTurn, map[string]any{
			"who": view.Bot, "text": text, "lang": string(k.lang()),
			"task": reply.Facts.Task, "intent": reply.Facts.Intent, "misses": reply.Facts.Misses,
		})
	}
	if reply.Call != nil {
		k.call(ctx, *reply.Call)
	}
	switch {
	case reply.Handoff != "":
		k.person(reply.Handoff, reply)
	case reply.Dial != "" && k.talk == nil:
		k.begun(k.deps.Lines.Free(reply.Dial), reply.Dial)
	}
	k.say(reply.Say)
	k.draw()
}

func joint(l agents.Lang) string {
	if l == agents.LangZh {
		return ""
	}
	return " "
}

func (k *Keeper) lang() agents.Lang {
	if k.state.Lang == agents.LangUnknown {
		return present.Fallback
	}
	return k.state.Lang
}

// say speaks sentences, and the menu after them for whoever uses the keypad.
func (k *Keeper) say(sentences []string) {
	if k.quiet || k.phase != Open {
		return
	}
	if k.byKeys && k.calling == nil {
		sentences = append(sentences[:len(sentences):len(sentences)], k.menu()...)
	}
	k.speak(sentences)
}

// speak says sentences as they are.
func (k *Keeper) speak(sentences []string) {
	k.hush()
	if len(sentences) > 0 {
		k.speaking = k.deps.Voice.Say(speaker.Sentences(sentences, k.lang(), k.state.AtHome))
	}
	k.activity()
	k.wait()
}

func (k *Keeper) menu() []string {
	if k.onCall() {
		return k.deps.Present.CallMenu(k.lang(), k.state.Call)
	}
	if k.state.AtHome {
		if k.state.Lang == agents.LangUnknown {
			return nil // the greeting itself says the keys
		}
		return k.deps.Present.HomeMenu(k.lang(), k.state.Reply.Ask)
	}
	return k.deps.Present.Menu(k.lang(), k.state.Reply.Ask)
}

// hush silences the bot at once.
func (k *Keeper) hush() {
	k.deps.Voice.Stop()
	k.speaking = nil
	k.activity()
}

// spoken is called when everything has been heard.
func (k *Keeper) spoken() {
	k.speaking = nil
	if k.onCall() {
		k.queue() // the sentence is over: now the queue may be heard
	}
	k.activity()
	k.alive()
	k.wait()
	k.draw()
}

func (k *Keeper) activity() {
	switch {
	case k.calling != nil:
		k.state.Activity = view.Thinking
	case k.speaking != nil:
		k.state.Activity = view.Speaking
	case k.handset:
		k.state.Activity = view.Listening
	default:
		k.state.Activity = view.Idle
	}
}

// wait starts to listen for silence once the bot has finished. Who uses the screen is not hurried.
func (k *Keeper) wait() {
	if k.speaking == nil && k.calling == nil && k.handset && k.silences < maxSilences && k.state.Reply.Ticket == nil && k.talk == nil {
		k.timers.set(timerSilence, silenceTime)
		return
	}
	k.timers.stop(timerSilence)
}

// expire acts on a deadline.
func (k *Keeper) expire(ctx context.Context, which timer) {
	switch which {
	case timerGrace:
		k.happen(ctx, hapGrace)
	case timerMenu, timerField, timerStar:
		k.meant(ctx)(k.keys.timeout(which, k.field()))
	case timerSilence:
		if k.keys.digits == "" {
			k.silences++
			k.byKeys = true
			k.turn(ctx, agents.Input{Silence: true})
		}
	case timerIdle:
		k.idle(ctx)
	case timerClock:
		if k.phase != Grace {
			k.draw()
		}
	}
}

// idle warns, counts the seconds down, and ends the visit.
func (k *Keeper) idle(ctx context.Context) {
	if k.talk != nil {
		return // never while a human is on the line, or on the way
	}
	if k.speaking != nil || k.calling != nil {
		k.alive()
		return
	}
	switch k.state.IdleLeft {
	case 0:
		k.state.IdleLeft = int(warnTime.Seconds())
		k.deps.Voice.Say(speaker.Sentences([]string{k.deps.Present.View(k.state).Banner.Text}, k.lang(), false))
	case 1:
		k.happen(ctx, hapIdle)
		return
	default:
		k.state.IdleLeft--
	}
	k.timers.set(timerIdle, warnTime/20)
	k.draw()
}
