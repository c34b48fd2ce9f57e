package visit

import (
	"strings"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/ui/view"
)

// lines place calls. A call is under way as soon as it is returned; its news say how it goes.
type lines interface {
	Person(w call.Wish) call.Talk
	Free(number string) call.Talk
	Incoming() <-chan call.Talk // calls from the contact center to this booth
}

// person asks for a human. The call is being placed while the bot's sentence still plays.
func (k *Keeper) person(reason string, reply agents.Reply) {
	if k.talk != nil {
		k.state.Call.Away = false
		return
	}
	k.begun(k.deps.Lines.Person(k.wish(reason, reply)), "")
}

// begun makes a call the visit's call.
func (k *Keeper) begun(talk call.Talk, number string) {
	k.talk, k.told = talk, 0
	k.state.Call = &present.CallState{Kind: talk.Kind().String(), Line: view.LineRinging, Agent: number}
	k.state.AtHome = false
	k.noteCall("placed")
}

// news takes one report about the call.
func (k *Keeper) news(n call.News, ok bool) {
	if !ok {
		k.over("", call.CauseLost)
		return
	}
	c := k.state.Call
	switch n.Kind {
	case call.NewsRinging:
		k.ringsFor(agents.Lang(n.Lang))
	case call.NewsQueued:
		c.Position, c.Wait = n.Position, n.Wait
		k.noteCall("queued")
		if k.speaking == nil {
			k.queue()
		}
	case call.NewsAnswered:
		k.answered(n)
	case call.NewsHeld, call.NewsResumed:
		c.Held = n.Kind == call.NewsHeld
	case call.NewsText:
		k.state.Turns = append(k.state.Turns, view.Caption{Who: view.Agent, Text: n.Text})
		k.note(firmware.EventTurn, map[string]any{"who": view.Agent, "text": n.Text})
	case call.NewsNobody:
		k.nobody()
	case call.NewsKept:
		k.over("kept", call.CauseDone)
	case call.NewsEnded:
		k.over("", n.Cause)
	case call.NewsUnknown:
	}
	k.draw()
}

// answered gives ear and mouth to the human.
func (k *Keeper) answered(n call.News) {
	k.hush()
	k.keys.clear()
	k.timers.stop(timerMenu, timerField, timerStar, timerSilence, timerIdle)
	c := k.state.Call
	c.Line, c.Away, c.Held = view.LineAnswered, false, false
	if n.Agent != "" {
		c.Agent = n.Agent
	}
	k.state.Overlay = present.OverlayNone
	k.talk.Listen(true)
	k.lamp(true)
	k.noteCall("answered")
}

// queue lets the citizen hear the queue, and first their place in it when that has changed.
func (k *Keeper) queue() {
	c := k.state.Call
	if !k.onCall() || c.Nobody || c.Line == view.LineAnswered {
		return
	}
	if c.Position > 0 && c.Position != k.told {
		k.told = c.Position
		k.talk.Listen(false)
		k.speak([]string{k.deps.Present.Waiting(k.lang(), c)})
		return
	}
	k.talk.Listen(true)
}

// nobody keeps the waiting screen for its one question: shall we call back?
func (k *Keeper) nobody() {
	k.talk.Listen(false)
	k.state.Call.Nobody = true
	k.noteCall("nobody")
	k.announce("say.nobody")
}

// over ends the call's part of the visit and goes back to the bot with what it knew.
func (k *Keeper) over(word string, cause call.Cause) {
	if k.talk == nil {
		return
	}
	if word == "" {
		word = endWord(cause)
	}
	if word == "lost" && k.talk.Kind() == call.KindFree {
		word = "unreached"
	}
	wasBack, unanswered := k.state.Call.Kind == call.KindBack.String(), k.state.Call.Line != view.LineAnswered
	k.drop(string(cause))
	if wasBack && unanswered { // it rang and nobody lifted the handset
		k.phase, k.state.Visit = Rest, ""
		k.draw()
		return
	}
	if k.phase != Open {
		return
	}
	k.alive()
	if wasBack { // there was no bot in this visit yet
		k.bot, k.state.Reply = k.deps.Bot.Start(k.lang())
		k.state.AtHome = true
	}
	k.announce("say." + word)
	k.draw()
}

// announce says and captions words of the firmware's own.
func (k *Keeper) announce(key string) {
	text := k.deps.Present.Word(k.lang(), key)
	k.state.Turns = append(k.state.Turns, view.Caption{Who: view.Bot, Text: text})
	k.note(firmware.EventTurn, map[string]any{"who": view.Bot, "text": text, "lang": string(k.lang())})
	k.say([]string{text})
}

func endWord(cause call.Cause) string {
	switch cause {
	case call.CauseBusy, call.CauseNoReply, call.CauseRefused, call.CauseTooSoon, call.CausePaid, call.CauseLimit, call.CauseRestart, call.CauseLost:
		return string(cause)
	case call.CauseDone:
	}
	return "ended"
}

// drop lets go of the call, whatever state it is in.
func (k *Keeper) drop(why string) {
	if k.talk == nil {
		return
	}
	k.talk.Listen(false)
	k.talk.End()
	k.talk = nil
	k.lamp(false)
	k.note(firmware.EventCall, map[string]any{"kind": k.state.Call.Kind, "state": "ended", "cause": why})
	k.state.Call = nil
}

// callNews is the channel to wait on, nil without a call.
func (k *Keeper) callNews() <-chan call.News {
	if k.talk == nil {
		return nil
	}
	return k.talk.News()
}

// incoming rings the booth for a promised call. A booth in use is busy: the core tries again.
func (k *Keeper) incoming(talk call.Talk) {
	if k.phase != Rest || k.quiet || k.talk != nil {
		talk.End()
		return
	}
	k.state = k.rest(k.state.Offline)
	k.begun(talk, "")
	k.deps.Voice.Ring()
	k.draw()
}

// ringsFor makes the ringing booth speak the language of whom it was promised to, if it is one of ours.
func (k *Keeper) ringsFor(lang agents.Lang) {
	if k.rings() && (lang == agents.LangZh || lang == agents.LangEn) {
		k.state.Lang = lang
	}
}

// pickUp answers a call that rings at the booth.
func (k *Keeper) pickUp() {
	k.phase = Open
	k.state.Visit = k.deps.NewID()
	k.note(firmware.EventVisit, map[string]any{"state": "opened", "handset": k.handset})
	k.deps.Voice.Stop()
	k.talk.Answer()
	k.draw()
}

func (k *Keeper) rings() bool {
	return k.phase == Rest && k.talk != nil
}

// callAction handles what can be touched or dialled on the call's screens.
func (k *Keeper) callAction(action string) bool {
	name, mine := strings.CutPrefix(action, present.ActionCall)
	if !mine || k.talk == nil {
		return mine
	}
	switch name {
	case "answer":
		k.pickUp()
	case "callback":
		k.hush()
		k.talk.Callback()
	case "bot":
		if k.state.Call.Nobody {
			k.drop("bot")
		} else {
			k.talk.Listen(false)
			k.state.Call.Away = true
		}
		k.say(k.state.Reply.Say)
		k.draw()
	case "end":
		k.over("", call.CauseDone)
	}
	return true
}

// typedToHuman hands words to the human on the line and reports whether there is one.
func (k *Keeper) typedToHuman(text string) bool {
	if k.talk == nil || k.state.Call.Line != view.LineAnswered {
		return false
	}
	k.talk.Text(text)
	return true
}

// wish is what the human must know.
func (k *Keeper) wish(reason string, reply agents.Reply) call.Wish {
	w := call.Wish{Contact: k.deps.NewID(), Lang: string(k.lang()), Reason: reason, Task: reply.Facts.Task, Intent: reply.Facts.Intent}
	if reply.Card != nil {
		for _, r := range reply.Card.Rows {
			w.Slots = append(w.Slots, call.Slot(r))
		}
	}
	for _, t := range k.state.Turns {
		w.Turns = append(w.Turns, call.Turn{Who: t.Who, Text: t.Text, At: k.deps.Clock()})
	}
	return w
}

func (k *Keeper) lamp(on bool) {
	k.deps.Lamp(on)
}

func (k *Keeper) noteCall(state string) {
	c := k.state.Call
	k.note(firmware.EventCall, map[string]any{"kind": c.Kind, "state": state, "position": c.Position})
}

// onCall reports whether the call has the screen.
func (k *Keeper) onCall() bool {
	return k.talk != nil && !k.state.Call.Away
}
