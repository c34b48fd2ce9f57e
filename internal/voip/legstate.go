package voip

import "strconv"

// legState is where a leg stands.
type legState uint8

const (
	legUnknown    legState = iota
	legCalling             // INVITE sent, nothing heard
	legProceeding          // a provisional answer has come
	legGivingUp            // the caller gave up; CANCEL must wait for a provisional answer (RFC 3261 §9.1)
	legCancelling          // CANCEL sent
	legAnswered            // our 200 is sent, its ACK has not come
	legHanging             // as legAnswered, but we want to hang up; BYE must wait for the ACK (RFC 3261 §15)
	legUp                  // both ends speak
	legClosing             // BYE sent
	legOver
	legStates
)

var legStateNames = [...]string{
	"unknown", "calling", "proceeding", "giving_up", "cancelling", "answered", "hanging", "up", "closing", "over",
}

func (s legState) String() string {
	if s < legStates {
		return legStateNames[s]
	}
	return "leg(" + strconv.Itoa(int(s)) + ")"
}

// legInput is what happens to it.
type legInput uint8

const (
	inNothing     legInput = iota
	inProvisional          // 1xx to our INVITE
	inAccept               // 2xx to it
	inRefuse               // 3xx to 6xx to it
	inLost                 // nobody answered it, or it could not be sent
	inHangup               // our owner, a timer or the media want the end
	inBye                  // the far end has hung up
	inAck                  // it has our 200
	inNoAck                // it never said so
	inClosed               // our BYE was answered, or never will be
	legInputs
)

var legInputNames = [...]string{
	"nothing", "provisional", "accept", "refuse", "lost", "hangup", "bye", "ack", "no_ack", "closed",
}

func (i legInput) String() string {
	if i < legInputs {
		return legInputNames[i]
	}
	return "input(" + strconv.Itoa(int(i)) + ")"
}

// legEffect is what the owner of a leg does after a step.
type legEffect uint8

const (
	doTell   legEffect = 1 << iota // tell our side of the progress
	doAck                          // send ACK
	doUp                           // take the media up and tell Answered
	doCancel                       // send CANCEL
	doBye                          // send BYE
	doEnd                          // over: tell Ended, forget the leg
)

type legStep struct {
	next legState
	do   legEffect
}

// legTable is the life of a leg. What is not in it changes nothing.
var legTable = [legStates][legInputs]legStep{
	legCalling: {
		inProvisional: {legProceeding, doTell},
		inAccept:      {legUp, doAck | doUp},
		inRefuse:      {legOver, doEnd},
		inLost:        {legOver, doEnd},
		inHangup:      {legGivingUp, 0},
	},
	legProceeding: {
		inProvisional: {legProceeding, doTell},
		inAccept:      {legUp, doAck | doUp},
		inRefuse:      {legOver, doEnd},
		inLost:        {legOver, doEnd},
		inHangup:      {legCancelling, doCancel},
	},
	legGivingUp: {
		inProvisional: {legCancelling, doCancel},
		inAccept:      {legClosing, doAck | doBye}, // the answer was faster
		inRefuse:      {legOver, doEnd},
		inLost:        {legOver, doEnd},
	},
	legCancelling: {
		inAccept: {legClosing, doAck | doBye}, // CANCEL and answer crossed
		inRefuse: {legOver, doEnd},
		inLost:   {legOver, doEnd},
	},
	legAnswered: {
		inAck:    {legUp, doUp},
		inNoAck:  {legClosing, doBye}, // RFC 3261 §13.3.1.4
		inHangup: {legHanging, 0},
		inBye:    {legOver, doUp | doEnd}, // it hangs up what it has heard answered; the ACK was overtaken or lost
	},
	legHanging: {
		inAck:   {legClosing, doBye},
		inNoAck: {legClosing, doBye},
		inBye:   {legOver, doEnd},
	},
	legUp: {
		inAccept: {legUp, doAck}, // our ACK was lost
		inHangup: {legClosing, doBye},
		inBye:    {legOver, doEnd},
	},
	legClosing: {
		inAccept: {legClosing, doAck},
		inBye:    {legOver, doEnd}, // both at once
		inClosed: {legOver, doEnd},
	},
}

// step is the whole of the machine.
func (s legState) step(i legInput) (legState, legEffect, bool) {
	t := legTable[s][i]
	if t.next == legUnknown {
		return s, 0, false
	}
	return t.next, t.do, true
}
